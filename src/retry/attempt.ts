import type { Outcome } from './outcome.js';

/**
 * One try of a request or, with the bare operator, of any Observable.
 *
 * @see {@link AttemptEvent} for what is told of it.
 */
export interface Attempt {
  /** 1 for the first. With `resetOnSuccess` it falls back: the attempt after one that emitted is number 2. */
  readonly number: number;
  /** How many there may be in all, the first included; may be `Infinity`. */
  readonly of: number;
  /** The same for every attempt of one subscription, and for no other. */
  readonly requestId: string;
  /** When it began, in ms of `asyncScheduler`'s clock (the epoch's, save in virtual time). */
  readonly startedAt: number;
}

/** What a caller wants to find again in every attempt and event of a request: a trace span, a user, a reason. */
export type Context = Readonly<Record<string, unknown>>;

/** One try of an HTTP request. */
export interface HttpAttempt extends Attempt {
  /** The method, in upper case where it is one of HTTP's own. */
  readonly method: string;
  /** The URL that this attempt is sent to, to be shown: without user and password, and without the signature of a presigned URL. */
  readonly url: string;
  /** The request's `context` option; an empty object where there was none. */
  readonly context: Context;
}

/**
 * Why nothing more is tried.
 *
 * - `attempts`: they are spent.
 * - `permanent`: the strategy does not retry this.
 * - `method`: the method is not idempotent, and the request may have been received.
 * - `body`: the request's body can be sent only once.
 * - `partial`: values were emitted already, and the selector cannot resume.
 * - `retry-after`: the server asks for a longer wait than `maxRetryAfter`.
 * - `deadline`: the total timeout is over, or would be before the next attempt.
 * - `aborted`: an outer `signal` was aborted.
 * - `closed`: the client was closed.
 */
export type FailureReason =
  'attempts' | 'permanent' | 'method' | 'body' | 'partial' | 'retry-after' | 'deadline' | 'aborted' | 'closed';

/**
 * What happens to an attempt, as it happens. Every `start` is settled exactly once, by `retry`, `success`, `failure` or `cancel`; a
 * request that ends while it waits adds one `cancel` or `failure` with the last attempt, so that a listener always learns the end.
 *
 * `elapsed` is the time since the attempt began, in ms.
 *
 * @example
 * ```ts
 * import { RetryClient } from 'rxjs-retry-client';
 *
 * const client = new RetryClient();
 * client.attempts$.subscribe((event) => {
 *   if (event.type === 'retry') console.warn(`${event.attempt.url} failed, again in ${event.delay} ms`);
 * });
 * ```
 */
export type AttemptEvent<T = unknown, A extends Attempt = Attempt> =
  /** About to be sent. */
  | { readonly type: 'start'; readonly attempt: A }
  /** A value was accepted and is emitted. */
  | { readonly type: 'value'; readonly attempt: A; readonly value: T; readonly elapsed: number }
  /** The attempt failed; the next one starts in `delay` ms. */
  | {
      readonly type: 'retry';
      readonly attempt: A;
      readonly outcome: Outcome;
      readonly elapsed: number;
      readonly delay: number;
    }
  /** The source completed, or the consumer left after a value. */
  | { readonly type: 'success'; readonly attempt: A; readonly elapsed: number }
  /** Nothing more will be tried. */
  | {
      readonly type: 'failure';
      readonly attempt: A;
      readonly outcome: Outcome;
      readonly elapsed: number;
      readonly reason: FailureReason;
    }
  /** Unsubscribed before the attempt emitted anything. */
  | { readonly type: 'cancel'; readonly attempt: A; readonly elapsed: number };
