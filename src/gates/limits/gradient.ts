import { checkKnownOptions } from '../../util/known-options.js';
import type { OptionRule } from '../../util/option-rule.js';
import { addSample, type ExponentialAverage, NO_AVERAGE } from './exponential-average.js';
import { type AdaptiveLimit, clamp, MIN_RTT_MS, resolveBounds, SMOOTHING, WHOLE_NUMBER } from './limit.js';

/** Options of {@link gradient}. */
export interface GradientOptions {
  /** The limit at the start. @default 20 */
  readonly initial?: number;
  /** The lowest limit. @default 5, or `initial` if that is lower */
  readonly min?: number;
  /** The highest limit. @default 200, or `initial` if that is higher */
  readonly max?: number;
  /** How much of each change is made: above 0, at most 1. @default 0.2 */
  readonly smoothing?: number;
  /** By how much the limit may grow in one step, before smoothing. @default 4 */
  readonly queue?: number;
  /** The number of round trips in the long-term average. @default 600 */
  readonly longWindow?: number;
  /** How many times the long-term average a round trip may take before the limit shrinks. @default 1.5 */
  readonly tolerance?: number;
}

const RULES: { readonly [Option in keyof GradientOptions]-?: OptionRule } = {
  initial: WHOLE_NUMBER,
  min: WHOLE_NUMBER,
  max: WHOLE_NUMBER,
  smoothing: SMOOTHING,
  queue: [1, 'a finite number of at least 0', (queue: number) => queue >= 0 && queue < Infinity],
  longWindow: WHOLE_NUMBER,
  tolerance: [1, 'a finite number of at least 1', (tolerance: number) => tolerance >= 1 && tolerance < Infinity],
};

/** The number of round trips whose mean the long-term average is at first. */
const WARM_UP = 10;

/** The steepest slope, so that one slow answer does not shed most of the load. A drop has it. */
const MIN_GRADIENT = 0.5;

/** What {@link gradient} knows. */
export interface GradientState {
  /** The limit, with its fraction. */
  readonly limit: number;
  /** The long-term average of round trips, in ms. */
  readonly average: ExponentialAverage;
}

/**
 * Finds a limit from the slope of latency: a round trip that takes more than `tolerance` times the long-term average
 * makes it shrink, any other makes it grow.
 *
 * It differs from the original in three points:
 *
 * - A drop shrinks the limit, by a tenth with the default `smoothing`, and is no measurement. To the original, requests
 *   that all time out after the same time are a steady latency: its limit grows to `max`.
 * - A round trip beyond the tolerance never makes the limit grow. In the original it does, as long as `queue` is more
 *   than what the slope takes away.
 * - A round trip below 0.1 ms is no measurement, as in the original's WindowedLimit.
 *
 * It adapts to a latency that stays, so it yields to a server that slows down, but not for ever. By default it goes
 * down to 5. The original was made for servers, and stops at 20: ten clients with 20 requests each can keep a server
 * down.
 *
 * @returns the algorithm, for the `max` of `concurrencyLimit`
 * @throws TypeError or RangeError that names the bad option
 *
 * @example
 * ```ts
 * import { concurrencyLimit, gradient, RetryClient } from 'rxjs-retry-client';
 *
 * const limit = concurrencyLimit({ max: gradient({ initial: 10, min: 2, max: 100 }) });
 *
 * export const client = new RetryClient({ strategy: { gates: [limit] } });
 * ```
 * @see {@link https://github.com/Netflix/concurrency-limits | Netflix's concurrency-limits}, Gradient2Limit
 */
export function gradient(options: GradientOptions = {}): AdaptiveLimit<GradientState> {
  checkKnownOptions(options, RULES);
  const { smoothing = 0.2, queue = 4, longWindow = 600, tolerance = 1.5 } = options;
  const bounds = resolveBounds(options, { initial: 20, min: 5, max: 200 });

  const moveTo = (limit: number, from: number): number => clamp(from * (1 - smoothing) + limit * smoothing, bounds);

  return {
    initial: { limit: bounds.initial, average: NO_AVERAGE },
    update: (state, { rtt, inflight, dropped }) => {
      const { limit } = state;
      if (dropped) return { ...state, limit: moveTo(limit * MIN_GRADIENT, limit) };
      if (rtt < MIN_RTT_MS) return state;
      const average = addSample(state.average, rtt, longWindow, WARM_UP);
      const long = average.value;
      // After a time of high latency the average comes down faster than by its window.
      const kept = long / rtt > 2 ? { ...average, value: long * 0.95 } : average;
      if (inflight < limit / 2) return { limit, average: kept };
      const slope = Math.max(MIN_GRADIENT, Math.min(1, (tolerance * long) / rtt));
      const target = limit * slope + queue;
      return { limit: moveTo(slope < 1 ? Math.min(limit, target) : target, limit), average: kept };
    },
    limit: ({ limit }) => limit,
  };
}
