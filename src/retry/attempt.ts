import type { Outcome } from './outcome.js';

/**
 * One attempt of a request or, with the bare operator, of any Observable.
 *
 * @see {@link AttemptEvent} for what happens to it
 */
export interface Attempt {
  /** 1 for the first. With `resetOnSuccess` the attempt after one that emitted is number 2. */
  readonly number: number;
  /** The number of attempts in all, the first included; can be `Infinity`. */
  readonly of: number;
  /** Identifies the subscription: the same in all of its attempts, and unique. */
  readonly requestId: string;
  /** When it started, in ms since the epoch; in virtual time on the scheduler's clock. */
  readonly startedAt: number;
}

/** Data that is found in every attempt and event of a request: a trace span, a user, a reason. */
export type Context = Readonly<Record<string, unknown>>;

/** One attempt of an HTTP request. */
export interface HttpAttempt extends Attempt {
  /** The method; HTTP's own are in upper case. */
  readonly method: string;
  /** The URL of this attempt, safe to show: without user, password, and the signature of a presigned URL. */
  readonly url: string;
  /** The request's `context` option; an empty object without one. */
  readonly context: Context;
  /** The `name` of its client, if it has one. */
  readonly client?: string;
}

/**
 * Why an outcome is final.
 *
 * - `attempts`: no attempt is left.
 * - `permanent`: the strategy does not retry it.
 * - `method`: the method is not idempotent, and the server may have received the request.
 * - `body`: the request's body can be sent only once.
 * - `partial`: values were emitted already, and the selector cannot resume.
 * - `retry-after`: the server asks for a longer delay than `maxRetryAfter`.
 * - `deadline`: the total timeout is over, or would be before the next attempt.
 * - `aborted`: a `signal` was aborted.
 * - `closed`: the client was closed.
 * - `rejected`: a gate lets no further attempt in.
 */
export type FailureReason =
  | 'attempts'
  | 'permanent'
  | 'method'
  | 'body'
  | 'partial'
  | 'retry-after'
  | 'deadline'
  | 'aborted'
  | 'closed'
  | 'rejected';

/**
 * An event of an attempt. Every `start` is settled exactly once, by `retry`, `success`, `failure` or `cancel`. A
 * request that ends during a wait adds one `failure` or `cancel` of the last attempt, so a listener always gets the
 * end. One that ends while a gate holds an attempt, or because a gate rejects it, has that event of this attempt.
 *
 * `elapsed` is the time since the attempt started, in ms. `total`, on the last event of a request, is the time since it
 * was subscribed to, in ms.
 *
 * @example
 * ```ts
 * import { RetryClient } from 'rxjs-retry-client';
 *
 * export const client = new RetryClient();
 * client.attempts$.subscribe((event) => {
 *   if (event.type === 'retry') console.warn(`${event.attempt.url} failed, again in ${event.delay} ms`);
 * });
 * ```
 */
export type AttemptEvent<T = unknown, A extends Attempt = Attempt> =
  /** A gate holds the attempt back; told once for each gate and attempt, before its `start`. */
  | { readonly type: 'hold'; readonly attempt: A; readonly gate: string }
  /** The attempt is about to be sent. */
  | { readonly type: 'start'; readonly attempt: A }
  /** The attempt is sent once more, to `url`, because no response has come for long: see `hedging`. */
  | { readonly type: 'hedge'; readonly attempt: A; readonly url: string; readonly elapsed: number }
  /**
   * A `Response` came, and is decided: it is accepted, or not. At most one for each attempt, before its `value`,
   * `retry` or `failure`. `url` is that of the attempt, or of its hedge. Do not read the body: the request does.
   */
  | {
      readonly type: 'response';
      readonly attempt: A;
      readonly response: Response;
      readonly url: string;
      readonly elapsed: number;
    }
  /** A value was accepted, and is emitted. */
  | { readonly type: 'value'; readonly attempt: A; readonly value: T; readonly elapsed: number }
  /** The attempt failed; the next one starts in `delay` ms. */
  | {
      readonly type: 'retry';
      readonly attempt: A;
      readonly outcome: Outcome;
      readonly elapsed: number;
      readonly delay: number;
    }
  /** The source completed, or the consumer unsubscribed after a value. */
  | { readonly type: 'success'; readonly attempt: A; readonly elapsed: number; readonly total: number }
  /** The outcome is final. */
  | {
      readonly type: 'failure';
      readonly attempt: A;
      readonly outcome: Outcome;
      readonly elapsed: number;
      readonly total: number;
      readonly reason: FailureReason;
      /** The gate that let no further attempt in, if the reason is `rejected`. */
      readonly gate?: string;
    }
  /** The consumer unsubscribed before the attempt emitted a value. */
  | { readonly type: 'cancel'; readonly attempt: A; readonly elapsed: number; readonly total: number };
