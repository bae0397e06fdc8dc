import { originOf } from '../http/url.js';
import type { FailureReason } from './attempt.js';
import type { Cycle } from './cycle.js';
import { isTooLong } from './server-delay.js';
import type { Policy } from './strategy.js';

/** For how long an origin asked to be left alone, in ms, and when it did, on the clock for durations: a sum of the two would be rounded. */
export interface Hold {
  readonly asked: number;
  readonly since: number;
}

/** What each origin asked for. */
export type Holds = Map<string, Hold>;

/**
 * Turns to the next target whose origin need not be left alone for too long.
 *
 * @param deadline - when the request must be over
 * @returns how long that origin is still to be left alone, in ms; or why there is none to turn to
 */
export function turn(
  targets: Cycle<{ readonly url: string }>,
  holds: Holds,
  policy: Policy,
  now: number,
  deadline: number,
): number | FailureReason {
  let found: FailureReason = 'retry-after';
  for (let tried = 0; tried < targets.size; tried += 1) {
    const hold = holds.get(originOf(targets.peek().url));
    const rest = hold ? hold.asked - (now - hold.since) : 0;
    if (!isTooLong(policy, rest)) {
      if (now + rest < deadline) return rest;
      found = 'deadline';
    }
    targets.skip();
  }
  return found;
}
