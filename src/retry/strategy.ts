import type { ObservableInput } from 'rxjs';

import { BOOLEAN, check, checkOptions, FUNCTION, type OptionRule } from '../util/option-rule.js';
import type { Backoff } from './backoff/backoff.js';
import { exponential } from './backoff/exponential.js';
import { fullJitter } from './backoff/full-jitter.js';
import { type Gate, GATES } from './gate.js';
import { HEDGE_RULE, type Hedging } from './hedge.js';
import type { Outcome } from './outcome.js';
import { ROTATION, type Rotation } from './rotation.js';

/** A class of errors, abstract ones included. */
export type ErrorClass = abstract new (...args: never[]) => unknown;

/**
 * When to retry, how often, and after which delay. The operator, a client, one request and Angular's interceptor take
 * the same object. Strategies merge field by field: the request's fields override the client's. `undefined` counts as
 * absent.
 *
 * @example
 * ```ts
 * import { equalJitter, exponential, type RetryStrategy } from 'rxjs-retry-client';
 *
 * export const persistent: RetryStrategy = {
 *   attempts: 6,
 *   backoff: equalJitter(exponential({ initial: 500 })),
 *   statuses: [408, 409, 425, 429],
 *   shouldRetry: ({ response }) => (response?.headers.has('x-do-not-retry') ? false : undefined),
 * };
 * ```
 */
export interface RetryStrategy {
  /**
   * The number of attempts in all, the first included; can be `Infinity`.
   *
   * @default the backoff's own number, else the larger of 3 and the number of URLs
   */
  readonly attempts?: number | undefined;
  /** The delay before each retry. @default fullJitter(exponential()) */
  readonly backoff?: Backoff | undefined;
  /**
   * The methods that may be sent again after a failure, in any case. Requests with other methods are retried only if
   * nothing was sent, if their options have an `Idempotency-Key` header, or if `shouldRetry` answers `true`. The bare
   * operator does not know the method, and ignores this field.
   *
   * @default GET HEAD OPTIONS TRACE PUT DELETE QUERY, the idempotent methods
   * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-9.2.2 | RFC 9110, section 9.2.2}
   */
  readonly methods?: readonly string[] | undefined;
  /** The statuses that are retried besides server errors. @default [408, 425, 429] */
  readonly statuses?: readonly number[] | undefined;
  /** Whether every status of 500 and above is retried; with `false` only those in `statuses`. @default true */
  readonly retryAllServerErrors?: boolean | undefined;
  /**
   * The classes of errors that are retried.
   *
   * @default HttpNetworkError and HttpTimeoutError in RetryClient; in the bare operator every error except an
   * AbortError, and its equivalents of other libraries
   */
  readonly errors?: readonly ErrorClass[] | undefined;
  /**
   * Decides each outcome first: `true` retries it, whatever statuses, errors and methods say; `false` accepts it;
   * `undefined` leaves the decision to the other fields. An asynchronous one answers with its first value. It never
   * overrides `attempts`, a deadline, `maxRetryAfter`, or a body that cannot be sent twice. To read a response's body,
   * read a `clone()` of it.
   */
  readonly shouldRetry?: ((outcome: Outcome) => boolean | undefined | ObservableInput<boolean | undefined>) | undefined;
  /** The longest `Retry-After` that is obeyed, in ms. A longer one ends the request; 0 ignores it. @default 60_000 */
  readonly maxRetryAfter?: number | undefined;
  /** What follows the last URL: the first one (`'cycle'`), or the last one again (`'hold'`). @default 'cycle' */
  readonly rotation?: Rotation | undefined;
  /** The source of randomness, uniform in [0, 1). A seeded one makes a run reproducible. @default Math.random */
  readonly random?: (() => number) | undefined;
  /** Whether an emitted value resets attempts and backoff: for streams that live long. @default false */
  readonly resetOnSuccess?: boolean | undefined;
  /**
   * The gates that each attempt passes, outermost first: budgets, breakers, limits. They are made once, beside the
   * client, since the requests share them. A request's list replaces the client's: `[...base, mine]` adds one, `[]` has
   * none.
   *
   * @default []
   */
  readonly gates?: readonly Gate[] | undefined;
  /**
   * Sends an attempt once more, to the next URL if there is one, if no response has come after a while: see `hedging`.
   * Only requests that may be sent twice are. `false` turns the client's off. The bare operator ignores it.
   *
   * @default false
   */
  readonly hedge?: Hedging | false | undefined;
}

/** A merged strategy. Fields whose default differs between the operator, the client and Angular can be absent. */
export type ResolvedStrategy = Pick<RetryStrategy, FieldsWithoutDefault> & {
  readonly [Field in Exclude<keyof RetryStrategy, FieldsWithoutDefault>]-?: NonNullable<RetryStrategy[Field]>;
};

type FieldsWithoutDefault = 'attempts' | 'errors' | 'gates' | 'hedge' | 'shouldRetry';

/** The strategy without options. */
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

/** The rule for each field. */
export const STRATEGY_RULES: { readonly [Field in keyof RetryStrategy]-?: OptionRule } = {
  // The remainder of a whole number is 0, and that of Infinity is NaN.
  attempts: [1, 'a whole number of at least 1, or Infinity', (count: number) => count >= 1 && !(count % 1)],
  backoff: FUNCTION,
  methods: [[''], 'the name of a method', (name: string) => name !== ''],
  statuses: [[0], 'a status code', Number.isInteger],
  retryAllServerErrors: BOOLEAN,
  // `instanceof` throws for a function without a prototype, such as an arrow function.
  errors: [[String], 'a class of errors', (type: ErrorClass) => typeof type.prototype === 'object'],
  shouldRetry: FUNCTION,
  maxRetryAfter: [0, 'a number of at least 0', (ms: number) => ms >= 0],
  rotation: ROTATION,
  random: FUNCTION,
  resetOnSuccess: BOOLEAN,
  gates: GATES,
  hedge: HEDGE_RULE,
};

/**
 * Merges a strategy over another. A backoff with `attempts` of its own brings these too, unless the strategy has some.
 *
 * @throws TypeError or RangeError that names the field, its value and what was expected
 */
export function mergeStrategy(base: ResolvedStrategy, strategy: RetryStrategy | undefined): ResolvedStrategy {
  if (strategy === undefined) return base;
  checkOptions('strategy', strategy);
  const merged: { -readonly [Field in keyof RetryStrategy]: unknown } = { ...base };
  for (const [field, value] of Object.entries(strategy) as [keyof RetryStrategy, unknown][]) {
    if (!Object.hasOwn(STRATEGY_RULES, field)) {
      throw new TypeError(
        `unknown option "strategy.${field}"; known options: ${Object.keys(STRATEGY_RULES).join(', ')}`,
      );
    }
    if (value === undefined) continue;
    check(`strategy.${field}`, value, STRATEGY_RULES[field]);
    merged[field] =
      field === 'methods'
        ? strategy.methods?.map((method) => method.toUpperCase())
        : Array.isArray(value)
          ? [...new Set(value as unknown[])]
          : value;
  }
  const attempts = strategy.backoff?.attempts;
  if (attempts !== undefined) check('strategy.backoff.attempts', attempts, STRATEGY_RULES.attempts);
  merged.attempts = strategy.attempts ?? attempts ?? base.attempts;
  return merged as ResolvedStrategy;
}
