import { check } from '../../util/option-rule.js';
import type { Server } from '../server.js';

/**
 * A server that fails at random: it answers at once, and with 503 as often as `ratio` says.
 *
 * @param ratio - from 0 to 1, or a function of the time (in ms since the simulation began) that returns it
 * @throws TypeError or RangeError if it is no ratio
 *
 * @example It fails half of the time in the second minute.
 * ```ts
 * import { failing, simulate } from 'rxjs-retry-client/simulate';
 *
 * const server = failing((at) => (at >= 60_000 && at < 120_000 ? 0.5 : 0));
 * const { careful } = simulate({ duration: 180_000, rate: 5, server }, { careful: { attempts: 4 } });
 * console.log(careful.success);
 * ```
 */
export function failing(ratio: number | ((at: number) => number)): Server {
  const name = typeof ratio === 'function' ? 'what the ratio of failing() returns' : 'the ratio of failing()';
  const checked = (value: unknown): number => {
    check(name, value, [0, 'a number from 0 to 1', (number: number) => number >= 0 && number <= 1]);
    return value as number;
  };
  const ratioAt = typeof ratio === 'function' ? (at: number) => checked(ratio(at)) : undefined;
  if (!ratioAt) checked(ratio);
  return ({ at, random }) => ({ delay: 0, status: random() < (ratioAt?.(at) ?? (ratio as number)) ? 503 : 200 });
}
