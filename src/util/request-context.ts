import { concatAll, defer, lastValueFrom, type Observable, Subscription, toArray } from 'rxjs';

import { now } from './clock.js';
import { longTimer } from './long-timer.js';
import { runAndReportErrors } from './report-errors.js';
import { isWorkerd } from './runtime.js';

// In workerd, timers and connections belong to the incoming request whose code made them. They end with it, and another
// request can neither use nor clear them. But all requests have the memory in common, and so the gates.
// https://developers.cloudflare.com/workers/observability/errors/#cannot-perform-io-on-behalf-of-a-different-request

/** The longest sleep of a held attempt, in ms: what another request does can make a timer due earlier. */
const MAX_SLEEP_MS = 100;

/** A timer of a gate in workerd. The attempts that gates hold look whether it is due. */
interface SharedTimer {
  /** On the monotonic clock. */
  readonly due: number;
  readonly callback: () => void;
}

/** The timers of all gates in workerd. There are a few: one for each key for which attempts wait. */
const sharedTimers = new Set<SharedTimer>();

/**
 * Calls back once after a delay in ms, for all attempts that a gate holds. In workerd the {@link HoldContext} of one of
 * them does so.
 */
export function sharedTimer(ms: number, callback: () => void): Subscription {
  // eslint-disable-next-line rxjs-x/no-ignored-error -- a timer cannot fail
  if (!isWorkerd()) return longTimer(ms).subscribe(callback);
  const timer: SharedTimer = { due: now() + ms, callback };
  sharedTimers.add(timer);
  return new Subscription(() => sharedTimers.delete(timer));
}

/**
 * The incoming request in which an attempt is held: it waits for the timers of gates, and continues there.
 *
 *     waiting ──► continued
 *        └──────► ended
 */
export interface HoldContext {
  /** Runs what follows the hold, once. */
  readonly proceed: (next: () => void) => void;
  /** Ends the wait for timers. */
  readonly end: () => void;
}

/**
 * Opens the context of an attempt that is held; `undefined` where any code may continue it: everywhere but in workerd.
 */
export function openHoldContext(): HoldContext | undefined {
  if (!isWorkerd()) return undefined;
  let timer: Subscription | undefined;
  const wait = (): void => {
    const due = Math.min(...[...sharedTimers].map((shared) => shared.due));
    // eslint-disable-next-line rxjs-x/no-ignored-error -- a timer cannot fail
    timer = longTimer(Math.min(Math.max(1, due - now()), MAX_SLEEP_MS)).subscribe(() => {
      wait();
      runDueTimers();
    });
  };
  wait();
  // What follows a promise runs in the request that made it.
  let resolve: ((next: () => void) => void) | undefined;
  const continued = new Promise<() => void>((resolvePromise) => {
    resolve = resolvePromise;
  });
  void continued.then(runAndReportErrors);
  return {
    proceed: (next) => {
      resolve?.(next);
    },
    end: () => timer?.unsubscribe(),
  };
}

function runDueTimers(): void {
  const time = now();
  for (const timer of [...sharedTimers]) {
    if (timer.due > time || !sharedTimers.delete(timer)) continue;
    runAndReportErrors(timer.callback);
  }
}

/** Delivers a result in the incoming request that subscribes to it, even if another one has asked for it. */
export function inOwnRequest<T>(result$: Observable<T>): Observable<T> {
  return isWorkerd()
    ? defer(() => lastValueFrom(result$.pipe(toArray()), { defaultValue: [] })).pipe(concatAll())
    : result$;
}
