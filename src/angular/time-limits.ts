import { HttpErrorResponse } from '@angular/common/http';
import { type NgZone } from '@angular/core';
import { type MonoTypeOperatorFunction, Observable } from 'rxjs';

import { InactivityTimer } from '../util/inactivity-timer.js';

/**
 * Creates the error of a request that took too long. It is like that of Angular's own `timeout`, so that the same code
 * recognises both.
 *
 * @param option - the option that set the limit
 * @param limit - in ms
 */
export function timeoutError(url: string, option: 'timeout' | 'totalTimeout', limit: number): HttpErrorResponse {
  const error = new DOMException(`no response within ${limit} ms (${option})`, 'TimeoutError');
  return new HttpErrorResponse({ url, status: 0, statusText: 'Timeout', error });
}

/**
 * Errors when the source has emitted nothing for so long. Progress is activity, where a request reports it.
 *
 * The timer runs outside Angular's zone: it neither triggers change detection nor keeps the app unstable.
 *
 * @param limit - in ms; with `Infinity` there is no timer
 */
export function limitInactivity<T>(url: string, limit: number, zone: NgZone): MonoTypeOperatorFunction<T> {
  if (limit === Infinity) return (source) => source;
  return (source) =>
    new Observable((output) => {
      const timer = new InactivityTimer(limit, {
        onInactive: () => {
          output.error(timeoutError(url, 'timeout', limit));
        },
      });
      zone.runOutsideAngular(() => {
        timer.start();
      });
      output.add(() => {
        timer.stop();
      });
      output.add(
        source.subscribe({
          next: (value) => {
            timer.touch();
            output.next(value);
          },
          error: (error: unknown) => {
            output.error(error);
          },
          complete: () => {
            output.complete();
          },
        }),
      );
    });
}
