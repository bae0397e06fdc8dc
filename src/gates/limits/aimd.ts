import { checkKnownOptions } from '../../util/known-options.js';
import type { OptionRule } from '../../util/option-rule.js';
import { type AdaptiveLimit, clamp, resolveBounds, WHOLE_NUMBER } from './limit.js';

/** Options of {@link aimd}. */
export interface AimdOptions {
  /** The limit at the start. @default 20 */
  readonly initial?: number;
  /** The lowest limit. @default 5, or `initial` if that is lower */
  readonly min?: number;
  /** The highest limit. @default 200, or `initial` if that is higher */
  readonly max?: number;
  /** The part of the limit that is left after a drop: at least 0.5, below 1. @default 0.9 */
  readonly ratio?: number;
  /** An attempt that takes longer counts as dropped, in ms. @default 5_000 */
  readonly timeout?: number;
}

const RULES: { readonly [Option in keyof AimdOptions]-?: OptionRule } = {
  initial: WHOLE_NUMBER,
  min: WHOLE_NUMBER,
  max: WHOLE_NUMBER,
  ratio: [1, 'a number of at least 0.5 and below 1', (ratio: number) => ratio >= 0.5 && ratio < 1],
  timeout: [1, 'a number above 0', (ms: number) => ms > 0],
};

/**
 * Finds a limit by additive increase and multiplicative decrease, as TCP does: one more after each attempt that
 * succeeds while at least half of the limit is in use, a tenth less after each that is dropped or takes too long.
 *
 * It learns from drops alone. That suits a client: a server that is overloaded answers 429 or 503, or not in time.
 *
 * By default it goes down to 5. The original was made for servers, and stops at 20: ten clients with 20 requests each
 * can keep a server down.
 *
 * @returns the algorithm, for the `max` of `concurrencyLimit`
 * @throws TypeError or RangeError that names the bad option
 *
 * @example
 * ```ts
 * import { aimd, concurrencyLimit, RetryClient } from 'rxjs-retry-client';
 *
 * const limit = concurrencyLimit({ max: aimd({ min: 1, max: 100 }) });
 *
 * export const client = new RetryClient({ strategy: { gates: [limit] } });
 * ```
 * @see {@link https://github.com/Netflix/concurrency-limits | Netflix's concurrency-limits}, AIMDLimit
 */
export function aimd(options: AimdOptions = {}): AdaptiveLimit<number> {
  checkKnownOptions(options, RULES);
  const { ratio = 0.9, timeout = 5_000 } = options;
  const bounds = resolveBounds(options, { initial: 20, min: 5, max: 200 });
  return {
    initial: bounds.initial,
    update: (limit, { rtt, inflight, dropped }) => {
      if (dropped || rtt > timeout) return clamp(Math.trunc(limit * ratio), bounds);
      return inflight * 2 >= limit ? clamp(limit + 1, bounds) : limit;
    },
    limit: (limit) => limit,
  };
}
