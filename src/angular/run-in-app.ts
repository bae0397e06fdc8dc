import { NgZone, type PendingTasks, untracked } from '@angular/core';
import { type MonoTypeOperatorFunction, Observable, Subject, takeUntil } from 'rxjs';

import { notifyWithin } from '../util/notify-within.js';

/** The services of an app that its requests run with. */
interface RunningApp {
  readonly isServer: boolean;
  readonly pendingTasks: PendingTasks;
  readonly zone: NgZone;
}

/**
 * Runs each subscription as a request of an app.
 *
 * It is a pending task, so that a server waits for it before it serializes the page. In browsers the first value ends
 * the task: an endless stream would keep the app unstable.
 *
 * With zone.js it runs outside Angular's zone, and its notifications arrive in the zone of the subscriber. Node's fetch
 * keeps a timer for each idle connection, which would keep the zone, and with it the page, busy for seconds.
 *
 * @param isEndless - whether it is no pending task at all
 */
export function runInApp<T>(
  { isServer, pendingTasks, zone }: RunningApp,
  isEndless: boolean,
): MonoTypeOperatorFunction<T> {
  return (source) =>
    new Observable((output) => {
      const isInside = NgZone.isInAngularZone();
      // A synchronous source emits before there is a subscription that could end it.
      const stop$ = new Subject<void>();
      output.add(() => {
        zone.runOutsideAngular(() => {
          stop$.next();
        });
      });
      const stoppable = source.pipe(takeUntil(stop$));
      const endTask = isEndless ? () => undefined : pendingTasks.add();
      output.add(endTask);
      zone.runOutsideAngular(() => {
        // A request may be sent in an effect, which must not depend on the signals that interceptors read.
        untracked(() => {
          stoppable
            .pipe(
              notifyWithin((notify) => {
                if (isInside) zone.run(notify);
                else notify();
                // After the value was delivered: what it changes is rendered before the app is stable.
                if (!isServer) endTask();
              }),
            )
            .subscribe(output);
        });
      });
    });
}
