import type { Backoff } from './backoff.js';
import { wrap } from './wrap.js';

/**
 * Makes the whole of a backoff's delay d random: uniform in [0, d). Of the usual kinds of jitter it spreads clients
 * that failed together best. {@link equalJitter} keeps at least half of the delay.
 *
 * @param backoff - computes d; its `attempts` is kept
 * @throws TypeError if `backoff` is not a function
 *
 * @example
 * ```ts
 * import { fibonacci, fullJitter, RetryClient } from 'rxjs-retry-client';
 *
 * export const client = new RetryClient({ strategy: { backoff: fullJitter(fibonacci()) } });
 * ```
 * @see {@link https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/ | Marc Brooker, Exponential
 * Backoff and Jitter}
 */
export function fullJitter(backoff: Backoff): Backoff {
  return wrap(backoff, (delay, chance) => delay * chance);
}
