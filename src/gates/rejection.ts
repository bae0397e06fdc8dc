import { type Observable, throwError } from 'rxjs';

/**
 * Rejects an attempt: what `admit` returns then.
 *
 * @param because - why, as a clause: `the circuit is open`
 * @param retryAfter - how long the gate expects to go on rejecting, in ms
 */
export function reject(because: string, retryAfter?: number): Observable<never> {
  return throwError(() => Object.assign(new Error(because), retryAfter === undefined ? {} : { retryAfter }));
}
