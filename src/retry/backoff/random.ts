import { checkNumber, checkOptions, invalidOptionMessage } from '../../util/option-rule.js';
import type { Backoff } from './backoff.js';

/** Options of {@link random}. */
export interface RandomOptions {
  /** The shortest delay, in ms. @default 100 */
  readonly min?: number;
  /** The upper bound of the delay, in ms, itself excluded. @default 3_000 */
  readonly max?: number;
}

/**
 * Returns a random delay each time: uniform in [min, max).
 *
 * @throws RangeError if `min` is negative, or `max` less than `min`
 *
 * @example
 * ```ts
 * import { random, RetryClient } from 'rxjs-retry-client';
 *
 * export const client = new RetryClient({ strategy: { backoff: random({ min: 500, max: 1_500 }) } });
 * ```
 */
export function random(options: RandomOptions = {}): Backoff {
  checkOptions('options', options);
  const { min = 100, max = 3_000 } = options;
  checkNumber('min', min, 0);
  checkNumber('max', max, 0);
  if (max < min) throw new RangeError(invalidOptionMessage('max', max, `at least min, which is ${min}`));
  return (context) => min + context.random() * (max - min);
}
