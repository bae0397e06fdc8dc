import { checkNumber, checkOptions } from '../../util/option-rule.js';
import type { Backoff } from './backoff.js';

/** Options of {@link fibonacci}. */
export interface FibonacciOptions {
  /** The first wait, and the unit of the others, in ms. @default 100 */
  readonly initial?: number;
  /** The longest wait, in ms. @default 30_000 */
  readonly max?: number;
}

/**
 * A wait that grows as the Fibonacci numbers do, more gently than {@link exponential}: min(max, initial · F), F = 1, 2, 3, 5, 8 …
 *
 * @throws RangeError if `initial` or `max` is negative
 *
 * @example
 * ```ts
 * import { fibonacci, RetryClient } from 'rxjs-retry-client';
 *
 * export const client = new RetryClient({ strategy: { backoff: fibonacci({ initial: 500 }) } });
 * ```
 */
export function fibonacci(options: FibonacciOptions = {}): Backoff {
  checkOptions('options', options);
  const { initial = 100, max = 30_000 } = options;
  checkNumber('initial', initial, 0);
  checkNumber('max', max, 0);
  return ({ retry }) => {
    let delay = initial;
    let before = initial;
    // Counted anew for each wait, so that requests share no state; it stops at max, however high n is.
    for (let n = 1; n < retry && delay < max && delay > 0; n += 1) [before, delay] = [delay, before + delay];
    return Math.min(max, delay);
  };
}
