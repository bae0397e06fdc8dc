import { checkKnownOptions } from '../../util/known-options.js';
import { FUNCTION, type OptionRule } from '../../util/option-rule.js';
import { type AdaptiveLimit, clamp, MIN_RTT_MS, resolveBounds, SMOOTHING, WHOLE_NUMBER } from './limit.js';

/** Options of {@link vegas}. */
export interface VegasOptions {
  /** The limit at the start. @default 20 */
  readonly initial?: number;
  /** The highest limit. @default 1_000, or `initial` if that is higher */
  readonly max?: number;
  /** How much of each change is made: above 0, at most 1. @default 1 */
  readonly smoothing?: number;
  /** Returns the number of queued attempts below which the limit grows. @default 3 · log10(limit) */
  readonly alpha?: (limit: number) => number;
  /** Returns the number of queued attempts above which the limit shrinks. @default 6 · log10(limit) */
  readonly beta?: (limit: number) => number;
  /** Returns the limit after a drop, or when too many attempts are queued. @default limit − log10(limit) */
  readonly decrease?: (limit: number) => number;
  /** The fastest round trip is sought anew after so many times `limit` attempts. @default 30 */
  readonly probe?: number;
}

const RULES: { readonly [Option in keyof VegasOptions]-?: OptionRule } = {
  initial: WHOLE_NUMBER,
  max: WHOLE_NUMBER,
  smoothing: SMOOTHING,
  alpha: FUNCTION,
  beta: FUNCTION,
  decrease: FUNCTION,
  probe: WHOLE_NUMBER,
};

/** What {@link vegas} knows. */
export interface VegasState {
  /** The limit, with its fraction. */
  readonly limit: number;
  /** The round trip without load, in ms; `Infinity` as long as none was measured. */
  readonly base: number;
  /** The fastest round trip since the last probe, in ms. */
  readonly fastest: number;
  /** The number of round trips since the last probe. */
  readonly samples: number;
}

/** The whole part of log10, at least 1. */
function log10(limit: number): number {
  return Math.max(1, Math.trunc(Math.log10(limit)));
}

/**
 * Finds a limit as TCP Vegas does: from the fastest round trip and the present one it estimates how many attempts the
 * server has queued. A short queue lets the limit grow, a long one makes it shrink, and so does a drop.
 *
 * It differs from the original in two points:
 *
 * - A drop shrinks the limit and is no measurement. The original takes the 1 ms of a refused request as the fastest
 *   round trip, or the 30 s of a timeout when it probes, and does not shrink then. A round trip below 0.1 ms is no
 *   measurement either.
 * - A probe takes the fastest round trip since the last probe, and not the present one: else one busy moment would be
 *   the measure of thousands of attempts. It comes after `probe` · limit round trips. The original adds chance to that.
 *
 * It suits endpoints whose answers take about the same time. Keep fast and slow endpoints apart with the gate's `by`.
 *
 * @returns the algorithm, for the `max` of `concurrencyLimit`
 * @throws TypeError or RangeError that names the bad option
 *
 * @example
 * ```ts
 * import { concurrencyLimit, RetryClient, vegas } from 'rxjs-retry-client';
 *
 * const limit = concurrencyLimit({ max: vegas({ initial: 10, max: 100 }) });
 *
 * export const client = new RetryClient({ strategy: { gates: [limit] } });
 * ```
 * @see {@link https://github.com/Netflix/concurrency-limits | Netflix's concurrency-limits}, VegasLimit
 */
export function vegas(options: VegasOptions = {}): AdaptiveLimit<VegasState> {
  checkKnownOptions(options, RULES);
  const {
    smoothing = 1,
    alpha = (limit: number) => 3 * log10(limit),
    beta = (limit: number) => 6 * log10(limit),
    decrease = (limit: number) => limit - log10(limit),
    probe = 30,
  } = options;
  const bounds = { ...resolveBounds(options, { initial: 20, min: 1, max: 1_000 }), min: 1 };

  const moveTo = (limit: number, state: VegasState): VegasState => ({
    ...state,
    limit: (1 - smoothing) * state.limit + smoothing * clamp(limit, bounds),
  });

  /** The limit that the estimated queue asks for. */
  const next = ({ limit, base }: VegasState, rtt: number): number => {
    const queue = Math.ceil(limit * (1 - base / rtt));
    const whole = Math.trunc(limit);
    if (queue <= log10(whole)) return limit + beta(whole);
    if (queue < alpha(whole)) return limit + log10(whole);
    return queue > beta(whole) ? decrease(limit) : limit;
  };

  return {
    initial: { limit: bounds.initial, base: Infinity, fastest: Infinity, samples: 0 },
    update: (state, { rtt, inflight, dropped }) => {
      if (dropped) return moveTo(decrease(state.limit), state);
      if (rtt < MIN_RTT_MS) return state;
      const samples = state.samples + 1;
      const fastest = Math.min(rtt, state.fastest);
      if (samples >= probe * state.limit) return { ...state, base: fastest, fastest: Infinity, samples: 0 };
      const measured = { ...state, base: Math.min(rtt, state.base), fastest, samples };
      return rtt < state.base || inflight * 2 < state.limit ? measured : moveTo(next(measured, rtt), measured);
    },
    limit: ({ limit }) => limit,
  };
}
