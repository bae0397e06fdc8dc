import { type MonoTypeOperatorFunction, Observable, type OperatorFunction } from 'rxjs';

import { check, checkOptions, oneOf, type OptionRule } from '../util/option-rule.js';
import type { Attempt, AttemptEvent } from './attempt.js';
import type { RetryDelegate } from './retry-delegate.js';
import { RetryRun } from './retry-run.js';
import { DEFAULT_STRATEGY, mergeStrategy, type ResolvedStrategy, type RetryStrategy } from './strategy.js';

/** Whether one wants the values, or the events of all attempts. */
export type Observe = 'value' | 'attempts';

/**
 * The operator's core, for whatever is retried: subscribes to the source once per attempt, as the policy and the host say.
 *
 * @param places - how many places the source tries in turn
 * @internal shared with the client
 */
export function runAttempts<A extends Attempt>(
  policy: ResolvedStrategy,
  places: number,
  host: RetryDelegate<A>,
  observe: Observe | undefined,
): OperatorFunction<unknown, unknown> {
  return (source) =>
    new Observable((output) => {
      new RetryRun(
        source,
        policy,
        policy.attempts ?? Math.max(3, places),
        host,
        output,
        observe === 'attempts',
      ).start();
    });
}

/**
 * Tries an Observable again, as a strategy says: after an error, or a value that is not accepted. It works on any source, and does what
 * RxJS's own `retry` does, with the waits, limits and judgement of a {@link RetryStrategy}.
 *
 * Each subscription counts its own attempts. A value that is to be retried is never emitted. When the attempts are spent, the last value
 * is emitted, or the last error thrown, as it is. Waits are `timer`s on asyncScheduler, also those of 0 ms, so a TestScheduler runs all of
 * it in virtual time.
 *
 * Values and errors that look like HTTP (a `status` and `headers.get`; values also a `body`) are judged by their status, so that Angular's
 * HttpClient, ky and others need nothing more. **The operator does not know the request's method**: a POST under it is repeated like
 * a GET, unless `shouldRetry` says otherwise.
 *
 * @param strategy - when and how often to try again; by default three attempts, after every error but an AbortError
 * @param config - `observe: 'attempts'` emits the {@link AttemptEvent}s of the run instead of its values; it errors where that would
 * @throws TypeError or RangeError for a bad option, at once, naming it
 *
 * @example
 * ```ts
 * import { webSocket } from 'rxjs/webSocket';
 * import { retryWithStrategy } from 'rxjs-retry-client';
 *
 * export const prices$ = webSocket<{ price: number }>('wss://example.com/prices').pipe(
 *   retryWithStrategy({ attempts: Infinity, resetOnSuccess: true }),
 * );
 * ```
 */
export function retryWithStrategy<T>(
  strategy?: RetryStrategy,
  config?: { readonly observe?: 'value' },
): MonoTypeOperatorFunction<T>;
export function retryWithStrategy<T>(
  strategy: RetryStrategy | undefined,
  config: { readonly observe: 'attempts' },
): OperatorFunction<T, AttemptEvent<T>>;
export function retryWithStrategy(
  strategy?: RetryStrategy,
  config: { readonly observe?: Observe } = {},
): OperatorFunction<unknown, unknown> {
  checkOptions('config', config);
  check('config.observe', config.observe ?? 'value', OBSERVE);
  return runAttempts(mergeStrategy(DEFAULT_STRATEGY, strategy), 1, {}, config.observe);
}

/** What `observe` must be. */
export const OBSERVE: OptionRule = oneOf('value', 'attempts');
