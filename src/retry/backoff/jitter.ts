import { checkNumber } from '../../util/option-rule.js';
import type { Backoff } from './backoff.js';
import { exponential, type ExponentialOptions } from './exponential.js';

/** Options of {@link jitter}. */
export interface JitterOptions extends ExponentialOptions {
  /** The upper bound of the random time that is added to each delay, in ms, itself excluded. @default 2_000 */
  readonly interval?: number;
}

/**
 * Returns an exponential delay with a random time added: min(max, exponential + uniform in [0, interval)).
 *
 * @throws RangeError if `interval`, `initial` or `max` is negative, or `factor` less than 1
 *
 * @example
 * ```ts
 * import { jitter, RetryClient } from 'rxjs-retry-client';
 *
 * export const client = new RetryClient({ strategy: { backoff: jitter({ initial: 1_000, interval: 500 }) } });
 * ```
 * @see {@link fullJitter}, which spreads many clients better
 */
export function jitter(options: JitterOptions = {}): Backoff {
  const exponentialDelay = exponential(options);
  const { max = 30_000, interval = 2_000 } = options;
  checkNumber('interval', interval, 0);
  return (context) => Math.min(max, exponentialDelay(context) + context.random() * interval);
}
