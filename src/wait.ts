import { concatMap, type Observable, timer } from 'rxjs';

/** The longest delay of setTimeout; what is longer would fire at once. */
const LONGEST = 2 ** 31 - 1;

/** Emits once after a delay, however long. */
export function wait(ms: number): Observable<unknown> {
  return ms <= LONGEST ? timer(ms) : timer(LONGEST).pipe(concatMap(() => wait(ms - LONGEST)));
}
