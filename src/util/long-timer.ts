import { concatMap, type Observable, timer } from 'rxjs';

/** The longest delay of setTimeout; what is longer would fire at once. */
export const MAX_TIMEOUT_MS: number = 2 ** 31 - 1;

/** A timer that emits once after a delay in ms, however long. */
export function longTimer(ms: number): Observable<unknown> {
  return ms > MAX_TIMEOUT_MS ? timer(MAX_TIMEOUT_MS).pipe(concatMap(() => longTimer(ms - MAX_TIMEOUT_MS))) : timer(ms);
}
