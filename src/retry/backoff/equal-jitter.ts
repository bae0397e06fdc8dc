import type { Backoff } from './backoff.js';
import { wrap } from './wrap.js';

/**
 * Keeps half of a backoff's delay d and makes the other half random: d/2 + uniform in [0, d/2).
 *
 * @param backoff - computes d; its `attempts` is kept
 * @throws TypeError if `backoff` is not a function
 *
 * @example
 * ```ts
 * import { constant, equalJitter, RetryClient } from 'rxjs-retry-client';
 *
 * // between half a second and a second
 * export const client = new RetryClient({ strategy: { backoff: equalJitter(constant(1_000)) } });
 * ```
 * @see {@link https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/ | Marc Brooker, Exponential
 * Backoff and Jitter}
 */
export function equalJitter(backoff: Backoff): Backoff {
  return wrap(backoff, (delay, chance) => delay / 2 + (delay / 2) * chance);
}
