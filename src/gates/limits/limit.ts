import { check, type OptionRule } from '../../util/option-rule.js';

/** What one attempt showed. */
export interface LimitSample {
  /** The time from the attempt's start to its first outcome: headers, a first value, or a failure. In ms. */
  readonly rtt: number;
  /** The number of attempts in flight when this one was let in, itself included. */
  readonly inflight: number;
  /** Whether it failed as it would because of too much load: rejected by a limit, unreachable, or timed out. */
  readonly dropped: boolean;
}

/**
 * An algorithm that finds the `max` of a `concurrencyLimit`. Its functions are pure, so that one object can serve many
 * origins: each has a state of its own.
 *
 * Ready-made are `aimd`, `vegas` and `gradient`.
 *
 * @example At most 10 at a time, and a single one after a drop, until an attempt succeeds.
 * ```ts
 * import { type AdaptiveLimit, concurrencyLimit, RetryClient } from 'rxjs-retry-client';
 *
 * const cautious: AdaptiveLimit<number> = {
 *   initial: 10,
 *   update: (_limit, { dropped }) => (dropped ? 1 : 10),
 *   limit: (limit) => limit,
 * };
 *
 * export const client = new RetryClient({ strategy: { gates: [concurrencyLimit({ max: cautious })] } });
 * ```
 */
export interface AdaptiveLimit<State = unknown> {
  /** The state at the start. */
  readonly initial: State;
  /** Returns the state after one more attempt. It must not change the state that it gets. */
  update(state: State, sample: LimitSample): State;
  /** Returns the number of attempts that may be in flight, at least 1. Fractions are cut off. */
  limit(state: State): number;
}

/** The rule for a limit. */
export const WHOLE_NUMBER: OptionRule = [
  1,
  'a whole number of at least 1',
  (limit: number) => Number.isInteger(limit) && limit >= 1,
];

/** The rule for a smoothing factor. */
export const SMOOTHING: OptionRule = [
  1,
  'a number above 0, at most 1',
  (smoothing: number) => smoothing > 0 && smoothing <= 1,
];

/** A round trip shorter than this, in ms, is no measurement: Netflix's WindowedLimit leaves those out, too. */
export const MIN_RTT_MS = 0.1;

/** Between which limits an algorithm moves. */
export interface LimitBounds {
  readonly initial: number;
  readonly min: number;
  readonly max: number;
}

/**
 * Resolves an algorithm's bounds. A default never contradicts what is given: `{ initial: 10 }` has a `min` of 10 where
 * it would be 20.
 *
 * @throws RangeError if `initial` is not between `min` and `max`
 */
export function resolveBounds(given: Partial<LimitBounds>, defaults: LimitBounds): LimitBounds {
  const initial = given.initial ?? Math.max(given.min ?? 1, Math.min(defaults.initial, given.max ?? Infinity));
  const min = given.min ?? Math.min(defaults.min, initial);
  const max = given.max ?? Math.max(defaults.max, initial);
  const isWithin = (limit: number): boolean => limit >= min && limit <= max;
  check('initial', initial, [1, `at least min (${min}) and at most max (${max})`, isWithin]);
  return { initial, min, max };
}

export function clamp(limit: number, { min, max }: LimitBounds): number {
  return Math.max(min, Math.min(max, limit));
}
