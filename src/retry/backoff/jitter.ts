import { checkNumber } from '../../util/option-rule.js';
import type { Backoff } from './backoff.js';
import { exponential, type ExponentialOptions } from './exponential.js';

/** Options of {@link jitter}. */
export interface JitterOptions extends ExponentialOptions {
  /** The chance that is added to each wait stays below this, in ms. @default 2_000 */
  readonly interval?: number;
}

/**
 * An exponential wait with some chance added: min(max, exponential + uniform in [0, interval)).
 *
 * @throws RangeError if `interval`, `initial` or `max` is negative, or `factor` less than 1
 *
 * @example
 * ```ts
 * import { jitter, RetryClient } from 'rxjs-retry-client';
 *
 * export const client = new RetryClient({ strategy: { backoff: jitter({ initial: 1_000, interval: 500 }) } });
 * ```
 * @see {@link fullJitter}, which spreads the load of many clients better
 */
export function jitter(options: JitterOptions = {}): Backoff {
  const grown = exponential(options);
  const { max = 30_000, interval = 2_000 } = options;
  checkNumber('interval', interval, 0);
  return (context) => Math.min(max, grown(context) + context.random() * interval);
}
