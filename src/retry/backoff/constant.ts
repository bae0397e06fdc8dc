import { checkNumber } from '../../util/option-rule.js';
import type { Backoff } from './backoff.js';

/**
 * The same wait every time.
 *
 * Many clients that wait alike come back together: wrap it in {@link equalJitter} where there are many.
 *
 * @param ms - the wait, in ms
 * @throws RangeError if `ms` is negative, NaN or infinite
 *
 * @example
 * ```ts
 * import { constant, retryWithStrategy } from 'rxjs-retry-client';
 *
 * export const everySecond = retryWithStrategy<string>({ backoff: constant(1_000) });
 * ```
 */
export function constant(ms: number): Backoff {
  checkNumber('ms', ms, 0);
  return () => ms;
}
