import { concatMap, defer, of, type Observable, timer } from 'rxjs';

import { now } from './util/clock.js';

/** The longest delay of setTimeout; what is longer would fire at once. */
export const LONGEST: number = 2 ** 31 - 1;

/** How late a timer may fire before it tells more of a process that stood still than of the network, in ms. */
export const LATE = 100;

/** A timer that emits once after a delay in ms, however long. */
export function wait(ms: number): Observable<unknown> {
  return ms > LONGEST ? timer(LONGEST).pipe(concatMap(() => wait(ms - LONGEST))) : timer(ms);
}

/**
 * A timer for a limit in ms. Where the process stood still, an answer may have come in time and lie unread: then it fires only after what has
 * come was read.
 */
export function limitTimer(ms: number): Observable<unknown> {
  return defer(() => {
    const due = now() + ms;
    return wait(ms).pipe(concatMap(() => (now() - due > LATE ? timer(0) : of(undefined))));
  });
}
