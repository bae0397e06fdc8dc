import { checkNumber } from '../../util/option-rule.js';
import type { Backoff } from './backoff.js';

/**
 * Returns the same delay each time.
 *
 * Many clients with the same delay return at the same moment: wrap it in {@link equalJitter} then.
 *
 * @param ms - the delay, in ms
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
