import type { ObservableInput } from 'rxjs';

import type { HttpAttempt } from '../retry/attempt.js';
import type { AttemptRequest } from '../transports/interceptor.js';

/**
 * Reads a response, within the attempt: a body that breaks off before the first value is retried like any other failure.
 *
 * Only a response that is not retried reaches it. An error of its own making is not retried. The response's body lives as long as the
 * reading does.
 */
export type SelectorFunction<T> = (response: Response, attempt: HttpAttempt) => ObservableInput<T>;

/** One subscription's reading, which can go on where the last attempt broke off. */
export interface ResumableReading<T> {
  /** Shapes the next attempt: adds a header that says where to go on. */
  prepare?(request: AttemptRequest): AttemptRequest;
  /** Whether a response with a status from 400 is for `select` to read, and not the error that it is by default. */
  accepts?(response: Response): boolean;
  /** Reads one attempt's response. */
  select(response: Response, attempt: HttpAttempt): ObservableInput<T>;
  /** The wait before the next attempt in ms, in the backoff's place; `undefined` leaves it to the backoff. */
  delay?(): number | undefined;
  /**
   * Whether the attempt that has just failed came further, though it emitted nothing: with `resetOnSuccess` it then counts as one that
   * emitted, and the count of attempts starts over.
   */
  madeProgress?(): boolean;
  /** Lets go of what it holds: the subscription is over, however it ended. Called once. */
  close?(): void;
}

/** A selector that is retried also after it has emitted, since it can go on where it was: each subscription opens one reading. */
export interface ResumableSelector<T> {
  open(): ResumableReading<T>;
  /**
   * Whether what it reads may be silent for long. The default `timeout` then ends with the headers; one that the caller gave watches the
   * reading too.
   *
   * @default false
   */
  readonly patient?: boolean | undefined;
}

/** What reads a response into values. */
export type Selector<T> = SelectorFunction<T> | ResumableSelector<T>;

/** A selector whose values are read on demand, as those of an async generator are: one that {@link each} can hold back. */
export type OnDemandSelector<T> = (response: Response, attempt: HttpAttempt) => AsyncIterable<T>;

/** The same, of one subscription's reading that resumes. */
export interface PulledReading<T> extends ResumableReading<T> {
  select(response: Response, attempt: HttpAttempt): AsyncIterable<T>;
}

/** The same, of a selector that resumes. */
export interface ResumableOnDemandSelector<T> extends ResumableSelector<T> {
  open(): PulledReading<T>;
}
