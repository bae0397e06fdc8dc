import type { Backoff } from './backoff.js';
import { wrap } from './wrap.js';

/**
 * Spreads a backoff's wait over its whole length: uniform in [0, d). Of the usual ways it makes many clients that failed together
 * interfere least when they come back; {@link equalJitter} keeps at least half of the wait.
 *
 * @param backoff - gives d; its `attempts` is handed on
 * @throws TypeError if `backoff` is no function
 *
 * @example
 * ```ts
 * import { fibonacci, fullJitter, RetryClient } from 'rxjs-retry-client';
 *
 * export const client = new RetryClient({ strategy: { backoff: fullJitter(fibonacci()) } });
 * ```
 * @see {@link https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/ | Marc Brooker, Exponential Backoff and Jitter}
 */
export function fullJitter(backoff: Backoff): Backoff {
  return wrap(backoff, (delay, chance) => delay * chance);
}
