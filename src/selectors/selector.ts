import type { ObservableInput } from 'rxjs';

import type { HttpAttempt } from '../retry/attempt.js';
import type { AttemptRequest } from '../transports/interceptor.js';

/**
 * Reads a response as part of the attempt: a body that breaks off before the first value is retried like any other
 * failure.
 *
 * It gets only a response that is not retried. An error that it throws itself is not retried. The body of the response
 * can be read until the returned values end.
 */
export type SelectorFunction<T> = (response: Response, attempt: HttpAttempt) => ObservableInput<T>;

/** The reading of one subscription, which can resume where the last attempt broke off. */
export interface ResumableReading<T> {
  /**
   * Returns the request of the next attempt, with a header that names the position to resume from. It is called for
   * each sending of a hedged attempt, and once more for the one that wins.
   *
   * @default the request as it is
   */
  prepare?(request: AttemptRequest): AttemptRequest;
  /**
   * Whether `select` reads this response of status 400 or above, which is an error otherwise.
   *
   * @default false
   */
  handlesErrorStatus?(response: Response): boolean;
  /** Reads the response of one attempt. */
  select(response: Response, attempt: HttpAttempt): ObservableInput<T>;
  /**
   * Returns the delay before the next attempt in ms, instead of the backoff's; `undefined` leaves it to the backoff.
   *
   * @default undefined
   */
  delay?(): number | undefined;
  /**
   * Whether the attempt that has just failed made progress, though it emitted nothing. With `resetOnSuccess` the count
   * of attempts then starts over, as after a value.
   *
   * @default false
   */
  madeProgress?(): boolean;
  /** Releases what the reading holds. It is called once, when the subscription has ended in whatever way. */
  close?(): void;
}

/** A selector that is retried even after it has emitted, since it can resume. */
export interface ResumableSelector<T> {
  /** Opens the reading of one subscription. */
  open(): ResumableReading<T>;
  /**
   * Whether the body may be idle for long. The default `timeout` then applies until the headers only; a `timeout`
   * option applies to the body too.
   *
   * @default false
   */
  readonly allowsIdle?: boolean | undefined;
}

/** Reads a response into values. */
export type Selector<T> = SelectorFunction<T> | ResumableSelector<T>;

/** A selector whose values are read on demand, as from an async generator, so that {@link each} can hold it back. */
export type OnDemandSelector<T> = (response: Response, attempt: HttpAttempt) => AsyncIterable<T>;

/** A {@link ResumableReading} whose values are read on demand. */
export interface PulledReading<T> extends ResumableReading<T> {
  select(response: Response, attempt: HttpAttempt): AsyncIterable<T>;
}

/** A {@link ResumableSelector} whose values are read on demand, so that {@link each} can hold it back. */
export interface ResumableOnDemandSelector<T> extends ResumableSelector<T> {
  open(): PulledReading<T>;
}
