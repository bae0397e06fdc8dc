import { checkNumber, invalidOptionMessage } from '../../util/option-rule.js';
import type { Backoff } from './backoff.js';

/**
 * Returns delay n of the list before retry n, and the last one after that. Unless the strategy has `attempts`, there
 * are as many retries as delays.
 *
 * @param delays - the delays, in ms; at least one
 * @throws TypeError if it is not an array; RangeError if it is empty, or one of them is negative, NaN or infinite
 *
 * @example
 * ```ts
 * import { list, RetryClient } from 'rxjs-retry-client';
 *
 * // four attempts
 * export const client = new RetryClient({ strategy: { backoff: list([100, 1_000, 5_000]) } });
 * ```
 */
export function list(delays: readonly number[]): Backoff {
  const expected = 'an array of at least one delay in ms';
  if (!Array.isArray(delays)) throw new TypeError(invalidOptionMessage('delays', delays, expected));
  const waits = delays.map((delay, index) => checkNumber(`delays[${index}]`, delay, 0));
  const last = waits.at(-1);
  if (last === undefined) throw new RangeError(invalidOptionMessage('delays', delays, expected));
  return Object.assign(({ retry }: { retry: number }) => waits[retry - 1] ?? last, { attempts: waits.length + 1 });
}
