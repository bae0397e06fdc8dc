import { concatMap, type Observable, timer } from 'rxjs';

/** The longest delay of setTimeout; what is longer would fire at once. */
export const LONGEST: number = 2 ** 31 - 1;

/** A timer that emits once after a delay in ms, however long. */
export function wait(ms: number): Observable<unknown> {
  return ms > LONGEST ? timer(LONGEST).pipe(concatMap(() => wait(ms - LONGEST))) : timer(ms);
}
