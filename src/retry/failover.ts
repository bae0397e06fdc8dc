import { originOf } from '../http/url.js';
import type { FailureReason } from './attempt.js';
import type { TargetRotation } from './cycle.js';
import { exceedsMaxRetryAfter } from './server-delay.js';
import type { ResolvedStrategy } from './strategy.js';

/** For how long an origin asked to be left alone, in ms, and when it did, on the clock for durations: a sum of the two would be rounded. */
export interface Cooldown {
  readonly duration: number;
  readonly since: number;
}

/** What each origin asked for. */
export type Cooldowns = Map<string, Cooldown>;

/**
 * Turns to the next target whose origin need not be left alone for too long.
 *
 * @param deadline - when the request must be over
 * @returns how long that origin is still to be left alone, in ms; or why there is none to turn to
 */
export function advanceToAvailable(
  targets: TargetRotation<{ readonly url: string }>,
  cooldowns: Cooldowns,
  strategy: ResolvedStrategy,
  now: number,
  deadline: number,
): number | FailureReason {
  let found: FailureReason = 'retry-after';
  for (let tried = 0; tried < targets.size; tried += 1) {
    const cooldown = cooldowns.get(originOf(targets.peek().url));
    const remaining = cooldown ? cooldown.duration - (now - cooldown.since) : 0;
    if (!exceedsMaxRetryAfter(strategy, remaining)) {
      if (now + remaining < deadline) return remaining;
      found = 'deadline';
    }
    targets.skip();
  }
  return found;
}
