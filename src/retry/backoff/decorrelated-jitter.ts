import { checkNumber, checkOptions } from '../../util/option-rule.js';
import type { Backoff } from './backoff.js';

/** Options of {@link decorrelatedJitter}. */
export interface DecorrelatedJitterOptions {
  /** The shortest delay, in ms. @default 100 */
  readonly initial?: number;
  /** The longest delay, in ms. @default 30_000 */
  readonly max?: number;
}

/**
 * Returns a random delay from a range that grows with the previous delay: min(max, uniform in [initial, 3 · previous)).
 * The first delay has previous = initial.
 *
 * @throws RangeError if `initial` or `max` is negative
 *
 * @example
 * ```ts
 * import { decorrelatedJitter, RetryClient } from 'rxjs-retry-client';
 *
 * export const client = new RetryClient({ strategy: { attempts: 6, backoff: decorrelatedJitter({ max: 10_000 }) } });
 * ```
 * @see {@link https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/ | Marc Brooker, Exponential
 * Backoff and Jitter}
 */
export function decorrelatedJitter(options: DecorrelatedJitterOptions = {}): Backoff {
  checkOptions('options', options);
  const { initial = 100, max = 30_000 } = options;
  checkNumber('initial', initial, 0);
  checkNumber('max', max, 0);
  return ({ random, previousDelay }) => {
    const width = 3 * (previousDelay || initial) - initial;
    // With a max below initial the range would be negative: every delay is max then.
    return Math.min(max, initial + random() * Math.max(0, width));
  };
}
