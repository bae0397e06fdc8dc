import { retryAfter } from '../http/retry-after.js';
import { wallClock } from '../util/clock.js';
import { type Outcome, httpOf } from './outcome.js';
import type { Policy } from './strategy.js';

/** A crowd that was told the same second comes back within this share of its wait, and within so many ms. */
const SPREAD_SHARE = 10;
const MAX_SPREAD = 1_000;

/** How long a response asks to be left alone, in ms, where the policy heeds that. */
export function askedFor({ maxRetryAfter }: Policy, outcome: Outcome): number | undefined {
  const headers = (httpOf(outcome) ?? outcome.response)?.headers;
  return maxRetryAfter > 0 && headers ? retryAfter((name) => headers.get(name), wallClock()) : undefined;
}

/** Whether a server asks for more patience than the policy has. */
export function isTooLong({ maxRetryAfter }: Policy, asked: number): boolean {
  // One that asks for Infinity would be waited for in vain.
  return asked > Math.min(maxRetryAfter, Number.MAX_VALUE);
}

/**
 * The wait before the next attempt, in ms: the backoff, and never less than what the server asks for. A random part is added to the latter,
 * since all that a server refused in one moment would otherwise come back in one moment.
 *
 * @param wanted - the backoff, or the selector's delay
 * @param asked - how long the server is still to be left alone; 0 must not switch the backoff off
 */
export function waitFor({ random }: Policy, wanted: number, asked: number): number {
  return asked > 0 ? Math.max(wanted, asked + random() * Math.min(asked / SPREAD_SHARE, MAX_SPREAD)) : wanted;
}
