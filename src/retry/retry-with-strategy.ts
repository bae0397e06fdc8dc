import { type MonoTypeOperatorFunction, Observable, type OperatorFunction } from 'rxjs';

import { check, checkOptions, oneOf, type OptionRule } from '../util/option-rule.js';
import type { Attempt, AttemptEvent } from './attempt.js';
import type { RetryDelegate } from './retry-delegate.js';
import { RetryRun } from './retry-run.js';
import { DEFAULT_STRATEGY, mergeStrategy, type ResolvedStrategy, type RetryStrategy } from './strategy.js';

/** What a request emits: its values, or the events of all attempts. */
export type Observe = 'value' | 'attempts';

/**
 * The operator's core: subscribes to the source once per attempt.
 *
 * @param targetCount - the number of targets, all of which get an attempt by default
 * @internal shared with the client
 */
export function runAttempts<A extends Attempt>(
  strategy: ResolvedStrategy,
  targetCount: number,
  delegate: RetryDelegate<A>,
  observe: Observe | undefined,
): OperatorFunction<unknown, unknown> {
  return (source) =>
    new Observable((output) => {
      new RetryRun(
        source,
        strategy,
        strategy.attempts ?? Math.max(3, targetCount),
        delegate,
        output,
        observe === 'attempts',
      ).start();
    });
}

/**
 * Retries an Observable after an error, or after a value that the strategy does not accept. It works on any source,
 * like RxJS's `retry`, with the delays, limits and decisions of a {@link RetryStrategy}.
 *
 * Each subscription counts its own attempts. A value that is retried is never emitted. After the last attempt the last
 * value is emitted, or the last error thrown, unchanged. Every delay is a `timer` on `asyncScheduler`, even one of 0
 * ms, so a TestScheduler runs it in virtual time.
 *
 * Values and errors that look like HTTP (a `status` and `headers.get`; values also a `body`) are decided by their
 * status. So Angular's HttpClient, ky and others work without an adapter. **The operator does not know the request's
 * method**: it repeats a POST like a GET, unless `shouldRetry` says otherwise.
 *
 * @param strategy - when and how often to retry; by default three attempts, after every error except an AbortError
 * @param config - `observe: 'attempts'` emits {@link AttemptEvent}s instead of values; it errors when the values would
 * @throws TypeError or RangeError at once for a bad option, which it names
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

/** The rule for `observe`. */
export const OBSERVE: OptionRule = oneOf('value', 'attempts');
