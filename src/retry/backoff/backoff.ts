import type { Outcome } from '../outcome.js';

/** What a backoff computes its delay from. */
export interface BackoffContext {
  /** The number of the retry: 1 before the second attempt. */
  readonly retry: number;
  /** This backoff's previous result in ms, 0 before the first. A `Retry-After` that was longer does not count. */
  readonly previousDelay: number;
  /** The strategy's source of randomness, uniform in [0, 1). */
  readonly random: () => number;
  /** The outcome of the attempt that failed. */
  readonly outcome: Outcome;
}

/**
 * Computes the delay before the next attempt, in ms. It is a pure function of its context: it keeps nothing between
 * calls, so any number of requests can share it.
 *
 * A result that is NaN, negative or infinite ends the request with a `RangeError`.
 *
 * @example A custom backoff that doubles the delay while the server is overloaded.
 * ```ts
 * import type { Backoff } from 'rxjs-retry-client';
 *
 * export const untilRelieved: Backoff = ({ retry, outcome }) =>
 *   (outcome.response?.status === 503 ? 2_000 : 1_000) * retry;
 * ```
 */
export interface Backoff {
  (context: BackoffContext): number;
  /** The number of attempts that the schedule is made for. The strategy's own `attempts` overrides it. */
  readonly attempts?: number;
}
