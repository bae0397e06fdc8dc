import { concatMap, type Observable, timer } from 'rxjs';

/** The longest delay of `setTimeout`, in ms; with a longer one it fires at once. */
export const MAX_TIMEOUT_MS: number = 2 ** 31 - 1;

/** A timer that emits once after a delay of any length, in ms. */
export function longTimer(ms: number): Observable<unknown> {
  return ms > MAX_TIMEOUT_MS ? timer(MAX_TIMEOUT_MS).pipe(concatMap(() => longTimer(ms - MAX_TIMEOUT_MS))) : timer(ms);
}
