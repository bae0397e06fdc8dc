import { retryAfter } from '../http/retry-after.js';
import { wallClock } from '../util/clock.js';
import { type Outcome, httpOf } from './outcome.js';
import type { ResolvedStrategy } from './strategy.js';

/** A crowd that was told the same second comes back within this share of its wait, and within so many ms. */
const SPREAD_SHARE = 10;
const MAX_SPREAD = 1_000;

/** How long a response asks to be left alone, in ms, where the policy heeds that. */
export function serverDelay({ maxRetryAfter }: ResolvedStrategy, outcome: Outcome): number | undefined {
  const headers = (httpOf(outcome) ?? outcome.response)?.headers;
  return maxRetryAfter > 0 && headers ? retryAfter((name) => headers.get(name), wallClock()) : undefined;
}

/** Whether a server asks for more patience than the policy has. */
export function exceedsMaxRetryAfter({ maxRetryAfter }: ResolvedStrategy, retryAfter: number): boolean {
  // One that asks for Infinity would be waited for in vain.
  return retryAfter > Math.min(maxRetryAfter, Number.MAX_VALUE);
}

/**
 * The wait before the next attempt, in ms: the backoff, and never less than what the server asks for. A random part is added to the latter,
 * since all that a server refused in one moment would otherwise come back in one moment.
 *
 * @param backoff - the backoff, or the selector's delay
 * @param retryAfter - how long the server is still to be left alone; 0 must not switch the backoff off
 */
export function combineDelays({ random }: ResolvedStrategy, backoff: number, retryAfter: number): number {
  return retryAfter > 0
    ? Math.max(backoff, retryAfter + random() * Math.min(retryAfter / SPREAD_SHARE, MAX_SPREAD))
    : backoff;
}
