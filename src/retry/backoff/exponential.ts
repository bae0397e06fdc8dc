import { checkNumber, checkOptions } from '../../util/option-rule.js';
import type { Backoff } from './backoff.js';

/** Options of {@link exponential}. */
export interface ExponentialOptions {
  /** The first delay, in ms. @default 100 */
  readonly initial?: number;
  /** The ratio of each delay to the one before. @default 2 */
  readonly factor?: number;
  /** The longest delay, in ms. @default 30_000 */
  readonly max?: number;
}

/**
 * Returns a delay that grows by a factor: min(max, initial · factor^(n−1)) before retry n.
 *
 * @throws RangeError if `initial` or `max` is negative, or `factor` less than 1
 *
 * @example
 * ```ts
 * import { exponential, fullJitter, RetryClient } from 'rxjs-retry-client';
 *
 * // up to 200, 600, 1800, 5400, 10 000, 10 000 … ms
 * export const client = new RetryClient({
 *   strategy: { attempts: 8, backoff: fullJitter(exponential({ initial: 200, factor: 3, max: 10_000 })) },
 * });
 * ```
 * @see {@link https://www.rfc-editor.org/rfc/rfc8961#section-4 | RFC 8961, section 4}, on backing off exponentially
 */
export function exponential(options: ExponentialOptions = {}): Backoff {
  checkOptions('options', options);
  const { initial = 100, factor = 2, max = 30_000 } = options;
  checkNumber('initial', initial, 0);
  checkNumber('factor', factor, 1);
  checkNumber('max', max, 0);
  // 0 times an overflown power would be NaN; the smaller of an overflown product and max is max.
  return ({ retry }) => (initial === 0 ? 0 : Math.min(max, initial * factor ** (retry - 1)));
}
