import type { Outcome } from '../outcome.js';

/** What a backoff may know of the wait that it is asked for. */
export interface BackoffContext {
  /** Which wait this is: 1 before the second attempt. */
  readonly retry: number;
  /** This backoff's own last result in ms, 0 before the first; a `Retry-After` that took its place does not count. */
  readonly previousDelay: number;
  /** The strategy's source of chance, uniform in [0, 1). */
  readonly random: () => number;
  /** What the attempt came to. */
  readonly outcome: Outcome;
}

/**
 * How long to wait before the next attempt, in ms: a pure function of its context. Nothing is kept between calls, so one backoff serves
 * any number of requests at once.
 *
 * A result that is NaN, negative or infinite ends the request with a `RangeError`.
 *
 * @example A backoff of one's own: double the wait for as long as the server is overloaded.
 * ```ts
 * import type { Backoff } from 'rxjs-retry-client';
 *
 * export const patient: Backoff = ({ retry, outcome }) => (outcome.response?.status === 503 ? 2_000 : 1_000) * retry;
 * ```
 */
export interface Backoff {
  (context: BackoffContext): number;
  /** How many attempts this schedule is made for, where it says so by itself; the strategy's `attempts` comes first. */
  readonly attempts?: number;
}
