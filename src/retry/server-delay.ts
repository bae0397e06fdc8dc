import { retryAfter } from '../http/retry-after.js';
import { wallClock } from '../util/clock.js';
import { httpOf, type Outcome } from './outcome.js';
import type { ResolvedStrategy } from './strategy.js';

/**
 * Clients that got the same `Retry-After` in the same second return spread over a tenth of their wait, and over at most
 * so many ms.
 */
const SPREAD_DIVISOR = 10;
const MAX_SPREAD_MS = 1_000;

/**
 * Reads the delay that a response asks for, in ms; `undefined` if it asks for none, or if `maxRetryAfter` is 0, which
 * ignores the header.
 */
export function serverDelay({ maxRetryAfter }: ResolvedStrategy, outcome: Outcome): number | undefined {
  const headers = (httpOf(outcome) ?? outcome.response)?.headers;
  return maxRetryAfter > 0 && headers ? retryAfter((name) => headers.get(name), wallClock()) : undefined;
}

/** Whether a server asks for a longer delay than the strategy allows. */
export function exceedsMaxRetryAfter({ maxRetryAfter }: ResolvedStrategy, delay: number): boolean {
  // With maxRetryAfter: Infinity a delay of Infinity would be waited for and never end.
  return delay > Math.min(maxRetryAfter, Number.MAX_VALUE);
}

/**
 * Combines the backoff and a server's delay, both in ms: the longer one. The server's delay gets a random addition, so
 * that the clients that it refused in one moment do not return in one moment.
 *
 * @param cooldown - the delay that the server, or a gate, still asks for; 0 leaves the backoff as it is
 */
export function combineDelays({ random }: ResolvedStrategy, backoff: number, cooldown: number): number {
  return cooldown > 0
    ? Math.max(backoff, cooldown + random() * Math.min(cooldown / SPREAD_DIVISOR, MAX_SPREAD_MS))
    : backoff;
}
