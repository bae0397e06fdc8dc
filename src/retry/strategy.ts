import type { ObservableInput } from 'rxjs';

import { BOOLEAN, check, checkOptions, FUNCTION, type OptionRule } from '../util/option-rule.js';
import type { Backoff } from './backoff/backoff.js';
import { exponential } from './backoff/exponential.js';
import { fullJitter } from './backoff/full-jitter.js';
import type { Outcome } from './outcome.js';
import { ROTATION, type Rotation } from './rotation.js';

/** A class of errors, abstract ones included. */
export type ErrorClass = abstract new (...args: never[]) => unknown;

/**
 * When to try again, how often, and how long to wait: the same object serves the operator, a client, one request and Angular's
 * interceptor. Strategies merge field by field, the request's over the client's; `undefined` counts as absent.
 *
 * @example
 * ```ts
 * import { equalJitter, exponential, type RetryStrategy } from 'rxjs-retry-client';
 *
 * export const patient: RetryStrategy = {
 *   attempts: 6,
 *   backoff: equalJitter(exponential({ initial: 500 })),
 *   statuses: [408, 409, 425, 429],
 *   shouldRetry: ({ response }) => (response?.headers.has('x-do-not-retry') ? false : undefined),
 * };
 * ```
 */
export interface RetryStrategy {
  /**
   * How many attempts there are in all, the first included; `Infinity` is allowed.
   *
   * @default the backoff's own number, else the larger of 3 and the number of URLs
   */
  readonly attempts?: number | undefined;
  /** How long to wait before each retry. @default fullJitter(exponential()) */
  readonly backoff?: Backoff | undefined;
  /**
   * The methods that may be sent again after a failure, in any case. Others are only where nothing was sent, or the request's options
   * bear an `Idempotency-Key` header. The bare operator does not know the method: there it is no guard.
   *
   * @default GET HEAD OPTIONS TRACE PUT DELETE QUERY, the idempotent ones
   * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-9.2.2 | RFC 9110, section 9.2.2}
   */
  readonly methods?: readonly string[] | undefined;
  /** The statuses to retry, besides the server errors. @default [408, 425, 429] */
  readonly statuses?: readonly number[] | undefined;
  /** Whether every status of 500 and above is retried; with `false` only those in `statuses`. @default true */
  readonly retryAllServerErrors?: boolean | undefined;
  /**
   * The classes of errors to retry.
   *
   * @default in RetryClient HttpNetworkError and HttpTimeoutError, in the bare operator every error but an AbortError, or what other libraries call one
   */
  readonly errors?: readonly ErrorClass[] | undefined;
  /**
   * Sees each outcome first: `true` retries, whatever statuses, errors and methods say; `false` accepts; `undefined` leaves it to the
   * other fields. An asynchronous one answers by its first value. It never overrides `attempts`, a deadline, `maxRetryAfter`, or a body
   * that cannot be sent twice. To look into a response's body, read a `clone()` of it.
   */
  readonly shouldRetry?: ((outcome: Outcome) => boolean | undefined | ObservableInput<boolean | undefined>) | undefined;
  /** The longest `Retry-After` that is waited for, in ms; a longer one ends the request. 0 ignores the header. @default 60_000 */
  readonly maxRetryAfter?: number | undefined;
  /** After the last URL: start over with the first (`'cycle'`), or stay on it (`'hold'`). @default 'cycle' */
  readonly rotation?: Rotation | undefined;
  /** The source of chance, uniform in [0, 1); a seeded one makes a run reproducible. @default Math.random */
  readonly random?: (() => number) | undefined;
  /** Whether an emitted value resets the count of attempts and the backoff: for streams that live long. @default false */
  readonly resetOnSuccess?: boolean | undefined;
}

/** A strategy whose every field is known, save those whose default is not the same everywhere. */
export type ResolvedStrategy = Pick<RetryStrategy, FieldsWithoutDefault> & {
  readonly [Field in Exclude<keyof RetryStrategy, FieldsWithoutDefault>]-?: NonNullable<RetryStrategy[Field]>;
};

type FieldsWithoutDefault = 'attempts' | 'errors' | 'shouldRetry';

/** What a strategy leaves open. */
export const DEFAULT_STRATEGY: ResolvedStrategy = {
  backoff: /* @__PURE__ */ fullJitter(/* @__PURE__ */ exponential()),
  methods: ['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE', 'QUERY'],
  statuses: [408, 425, 429],
  retryAllServerErrors: true,
  maxRetryAfter: 60_000,
  rotation: 'cycle',
  random: () => Math.random(),
  resetOnSuccess: false,
};

/** Says of each field what it must be. */
export const STRATEGY_RULES: { readonly [Field in keyof RetryStrategy]-?: OptionRule } = {
  // What is left of a whole number is 0, and of Infinity NaN.
  attempts: [1, 'a whole number of at least 1, or Infinity', (count: number) => count >= 1 && !(count % 1)],
  backoff: FUNCTION,
  methods: [[''], 'the name of a method', (name: string) => name !== ''],
  statuses: [[0], 'a status code', Number.isInteger],
  retryAllServerErrors: BOOLEAN,
  // An arrow function has no prototype, and `instanceof` would throw.
  errors: [[String], 'a class of errors', (type: ErrorClass) => typeof type.prototype === 'object'],
  shouldRetry: FUNCTION,
  maxRetryAfter: [0, 'a number of at least 0', (ms: number) => ms >= 0],
  rotation: ROTATION,
  random: FUNCTION,
  resetOnSuccess: BOOLEAN,
};

/**
 * Lays one strategy over another. A layer that brings a backoff with `attempts` of its own brings these too.
 *
 * @throws TypeError or RangeError that names the field, its value and what was expected
 */
export function mergeStrategy(base: ResolvedStrategy, layer: RetryStrategy | undefined): ResolvedStrategy {
  if (layer === undefined) return base;
  checkOptions('strategy', layer);
  const merged: { -readonly [Field in keyof RetryStrategy]: unknown } = { ...base };
  for (const [field, value] of Object.entries(layer) as [keyof RetryStrategy, unknown][]) {
    if (!Object.hasOwn(STRATEGY_RULES, field)) {
      throw new TypeError(`strategy.${field} is no option; there are ${Object.keys(STRATEGY_RULES).join(', ')}`);
    }
    if (value === undefined) continue;
    check(`strategy.${field}`, value, STRATEGY_RULES[field]);
    merged[field] =
      field === 'methods'
        ? layer.methods?.map((method) => method.toUpperCase())
        : Array.isArray(value)
          ? [...(value as unknown[])]
          : value;
  }
  const attempts = layer.backoff?.attempts;
  if (attempts !== undefined) check('strategy.backoff.attempts', attempts, STRATEGY_RULES.attempts);
  merged.attempts = layer.attempts ?? attempts ?? base.attempts;
  return merged as ResolvedStrategy;
}
