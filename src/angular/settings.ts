import { HttpClient, HttpErrorResponse } from '@angular/common/http';
import {
  EnvironmentInjector,
  type EnvironmentProviders,
  inject,
  InjectionToken,
  makeEnvironmentProviders,
  provideEnvironmentInitializer,
} from '@angular/core';

import {
  DEFAULT_STRATEGY,
  mergeStrategy,
  type ResolvedStrategy,
  type RetryStrategy,
  STRATEGY_RULES,
} from '../retry/strategy.js';
import { check, checkOptions, type OptionRule } from '../util/option-rule.js';

/** What only a strategy of Angular's HttpClient has: a `RetryClient` has limits beside its strategy. */
export interface HttpRetryLimits {
  /**
   * The longest time from the first attempt to the start of the last one while a server renders a page, in ms. If the
   * next attempt would start later, the request ends at once with the outcome of its last attempt. In browsers this
   * field has no effect.
   *
   * @default 2_000
   */
  readonly maxServerWait?: number | undefined;
  /**
   * How long an attempt may go without an event, in ms: with `observe: 'events'` and `reportProgress`, progress counts.
   * The attempt then fails with an `HttpErrorResponse` of status 0 whose `error` is a `TimeoutError`, and is retried. A
   * request that has Angular's own `timeout` has that one instead.
   *
   * @default 5_000 on a server, `false` in browsers: without progress, a large response is silent for long
   */
  readonly timeout?: number | false | undefined;
  /**
   * The longest time for the whole request, in ms: attempts, waits, and holds of gates. It then fails with such an
   * error.
   *
   * @default 10_000 on a server, `false` in browsers
   */
  readonly totalTimeout?: number | false | undefined;
}

/**
 * A {@link RetryStrategy} for Angular's HttpClient. It judges an `HttpErrorResponse` by its status; one of status 0 is
 * a network error or a timeout.
 */
export interface HttpRetryStrategy extends RetryStrategy, HttpRetryLimits {
  /**
   * The classes of errors to retry. `HttpNetworkError` also matches an `HttpErrorResponse` of status 0, and
   * `HttpTimeoutError` one whose `timeout` ran out. The same strategy can thus serve a `RetryClient`.
   *
   * @default HttpErrorResponse: no response came, or its body broke off
   */
  readonly errors?: RetryStrategy['errors'];
}

/** The limits of a request's time, in ms. */
export interface TimeLimits {
  readonly maxServerWait: number;
  readonly timeout: number;
  readonly totalTimeout: number;
}

/** The merged settings of a request: those that are set. */
export interface HttpSettings {
  readonly strategy: ResolvedStrategy;
  readonly limits: Partial<TimeLimits>;
}

const TIMEOUT: OptionRule = [0, 'a number above 0, or false', (ms: number) => ms > 0];

const LIMIT_RULES: Readonly<Record<keyof TimeLimits, OptionRule>> = {
  maxServerWait: [0, 'a number of at least 0', (ms: number) => ms >= 0],
  timeout: TIMEOUT,
  totalTimeout: TIMEOUT,
};

/** The settings of a request for which nothing else is set. */
export const DEFAULT_SETTINGS: HttpSettings = {
  strategy: { ...DEFAULT_STRATEGY, errors: [HttpErrorResponse] },
  limits: {},
};

/** A request without a limit would keep a whole page from being rendered. */
const SERVER_LIMITS: TimeLimits = { maxServerWait: 2_000, timeout: 5_000, totalTimeout: 10_000 };
const BROWSER_LIMITS: TimeLimits = { maxServerWait: Infinity, timeout: Infinity, totalTimeout: Infinity };

/** Returns the limits of a request: those that are set, and the defaults of the platform. */
export function resolveLimits({ limits }: HttpSettings, isServer: boolean): TimeLimits {
  return isServer ? { ...SERVER_LIMITS, ...limits } : { ...BROWSER_LIMITS, ...limits, maxServerWait: Infinity };
}

/** The app's default strategy, as {@link provideRetryStrategy} sets it. */
export const APP_STRATEGY: InjectionToken<HttpRetryStrategy | undefined> = /* @__PURE__ */ new InjectionToken<
  HttpRetryStrategy | undefined
>('the default retry strategy', { providedIn: 'root', factory: () => undefined });

/** A strategy that takes precedence over that of each request: `provideRetryTesting` sets it. */
export const FORCED_STRATEGY: InjectionToken<RetryStrategy | undefined> = /* @__PURE__ */ new InjectionToken<
  RetryStrategy | undefined
>('the retry strategy of tests', { providedIn: 'root', factory: () => undefined });

/** Is in each injector that has a client of `provideRetryClient`. */
export const HAS_CLIENT: InjectionToken<true> = /* @__PURE__ */ new InjectionToken<true>('has a RetryClient');

/** The options that a request's `retryContext` has besides those of a strategy. */
export const CONTEXT_OPTIONS: readonly string[] = ['urls', 'nested'];

/**
 * Rejects unknown fields of a strategy.
 *
 * @param of - what messages put before the name of a field
 * @param others - options that stand beside the fields
 * @throws TypeError that lists all names
 */
export function rejectUnknownFields(of: string, strategy: object, others: readonly string[] = []): void {
  for (const name of Object.keys(strategy)) {
    if (Object.hasOwn(STRATEGY_RULES, name) || Object.hasOwn(LIMIT_RULES, name) || others.includes(name)) continue;
    if (CONTEXT_OPTIONS.includes(name)) {
      throw new TypeError(`${of}${name} is an option of retryContext(), for one request`);
    }
    const known = [...Object.keys(STRATEGY_RULES), ...Object.keys(LIMIT_RULES), ...others];
    throw new TypeError(`unknown option "${of}${name}"; known options: ${known.join(', ')}`);
  }
}

/**
 * Merges a strategy into settings: each field that it has takes precedence.
 *
 * @throws TypeError or RangeError that names the field, its value and what was expected
 */
export function mergeSettings(base: HttpSettings, layer: HttpRetryStrategy | undefined): HttpSettings {
  if (layer === undefined) return base;
  checkOptions('strategy', layer);
  rejectUnknownFields('strategy.', layer);
  const { limits, strategy } = splitLimits(layer);
  for (const name of Object.keys(limits) as (keyof TimeLimits)[]) {
    check(`strategy.${name}`, limits[name], LIMIT_RULES[name]);
  }
  return { strategy: mergeStrategy(base.strategy, strategy), limits: { ...base.limits, ...limits } };
}

/** Splits a strategy into its limits that are set, and the fields that a RetryClient's strategy has, too. */
export function splitLimits({ maxServerWait, timeout, totalTimeout, ...strategy }: HttpRetryStrategy): {
  readonly limits: Partial<TimeLimits>;
  readonly strategy: RetryStrategy;
} {
  const limits = {
    ...(maxServerWait !== undefined && { maxServerWait }),
    ...(timeout !== undefined && { timeout: timeout === false ? Infinity : timeout }),
    ...(totalTimeout !== undefined && { totalTimeout: totalTimeout === false ? Infinity : totalTimeout }),
  };
  return { limits, strategy };
}

/** Checks a strategy where it is passed; returns a copy, so that later changes to the object have no effect. */
export function checkStrategy(strategy: HttpRetryStrategy | undefined): HttpRetryStrategy | undefined {
  mergeSettings(DEFAULT_SETTINGS, strategy);
  return strategy && { ...strategy };
}

/**
 * Refuses a strategy that would have no effect. HttpClient calls its interceptors in the injector that has HttpClient:
 * one that is inherited does not see what is provided below.
 */
function checkHasEffect(): void {
  const isAppInjector = inject(EnvironmentInjector, { skipSelf: true, optional: true }) === null;
  if (
    isAppInjector ||
    inject(HAS_CLIENT, { self: true, optional: true }) ||
    inject(HttpClient, { self: true, optional: true })
  ) {
    return;
  }
  throw new Error(
    'provideRetryStrategy() has no effect here: it is in the providers of a route, or of another injector below that ' +
      'of the app, and HttpClient is inherited. Its interceptors only see the strategy of the injector that has ' +
      'HttpClient. Move the strategy there, or pass it with each request: retryContext(strategy). Or provide here what ' +
      'uses it: provideRetryClient(), or provideHttpClient(withInterceptors([retryInterceptor()])).',
  );
}

/**
 * Provides the app's default strategy, for {@link retryInterceptor} and for the clients of {@link provideRetryClient}.
 * Each field that their own strategies set, or that of a request, takes precedence.
 *
 * In the providers of a route it is for the clients that the same providers have: a RetryClient, or an HttpClient with
 * the interceptor. An HttpClient that the route inherits does not see it. An injector with neither throws an error.
 *
 * @param strategy - the strategy, or a function that returns it, in which `inject` can be used
 * @throws TypeError or RangeError that names the bad field
 *
 * @example
 * ```ts no-run: needs Angular
 * import { provideHttpClient, withInterceptors } from '@angular/common/http';
 * import type { ApplicationConfig } from '@angular/core';
 * import { provideRetryStrategy, retryInterceptor } from 'rxjs-retry-client/angular';
 *
 * export const appConfig: ApplicationConfig = {
 *   providers: [provideHttpClient(withInterceptors([retryInterceptor()])), provideRetryStrategy({ attempts: 5 })],
 * };
 * ```
 */
export function provideRetryStrategy(strategy: HttpRetryStrategy | (() => HttpRetryStrategy)): EnvironmentProviders {
  const defaultStrategy = typeof strategy === 'function' ? strategy : checkStrategy(strategy);
  return makeEnvironmentProviders([
    provideEnvironmentInitializer(checkHasEffect),
    {
      provide: APP_STRATEGY,
      useFactory: () => (typeof defaultStrategy === 'function' ? checkStrategy(defaultStrategy()) : defaultStrategy),
    },
  ]);
}
