import type { Cycle } from './cycle.js';
import { isTooLong } from './pacing.js';
import type { Policy } from './strategy.js';
import { originOf } from './url.js';
import type { FailureReason } from './attempt.js';

/** Until when each origin asked to be left alone, on the clock for durations. */
export type Holds = Map<string, number>;

/**
 * Turns to the next target whose origin need not be left alone for too long.
 *
 * @param deadline - when the request must be over
 * @returns how long that origin is still to be left alone, in ms; or why there is none to turn to
 */
export function turn(targets: Cycle<{ readonly url: string }>, holds: Holds, policy: Policy, now: number, deadline: number): number | FailureReason {
  let found: FailureReason = 'retry-after';
  for (let tried = 0; tried < targets.size; tried += 1) {
    // A sum and a difference of fractions may come to less than was asked for, by a hair: up to the next nanosecond.
    const rest = Math.ceil(((holds.get(originOf(targets.peek().url)) ?? now) - now) * 1e6) / 1e6;
    if (!isTooLong(policy, rest)) {
      if (now + rest < deadline) return rest;
      found = 'deadline';
    }
    targets.skip();
  }
  return found;
}
