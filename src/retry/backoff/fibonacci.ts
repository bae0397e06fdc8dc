import { checkNumber, checkOptions } from '../../util/option-rule.js';
import type { Backoff } from './backoff.js';

/** Options of {@link fibonacci}. */
export interface FibonacciOptions {
  /** The first delay, and the unit of the others, in ms. @default 100 */
  readonly initial?: number;
  /** The longest delay, in ms. @default 30_000 */
  readonly max?: number;
}

/**
 * Returns a delay that grows like the Fibonacci numbers, more slowly than {@link exponential}: min(max, initial · F)
 * with F = 1, 2, 3, 5, 8 …
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
    // Computed from the start each time, so that requests share no state. It stops at max, so a large n costs nothing.
    for (let n = 1; n < retry && delay < max && delay > 0; n += 1) [before, delay] = [delay, before + delay];
    return Math.min(max, delay);
  };
}
