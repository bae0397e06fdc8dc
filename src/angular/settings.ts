import { HttpErrorResponse } from '@angular/common/http';
import { type EnvironmentProviders, InjectionToken, makeEnvironmentProviders } from '@angular/core';

import { DEFAULT_STRATEGY, mergeStrategy, type ResolvedStrategy, type RetryStrategy } from '../retry/strategy.js';
import { check, checkOptions } from '../util/option-rule.js';

/**
 * A {@link RetryStrategy} for Angular's HttpClient. It judges an `HttpErrorResponse` by its status; one of status 0 is
 * a network error or a timeout.
 */
export interface HttpRetryStrategy extends RetryStrategy {
  /**
   * The classes of errors to retry. `HttpNetworkError` also matches an `HttpErrorResponse` of status 0, and
   * `HttpTimeoutError` one whose `timeout` ran out. The same strategy can thus serve a `RetryClient`.
   *
   * @default HttpErrorResponse: no response came, or its body broke off
   */
  readonly errors?: RetryStrategy['errors'];
  /**
   * The longest time from the first attempt to the start of the last one while a server renders a page, in ms. If the
   * next attempt would start later, the request ends at once with the outcome of its last attempt. In browsers this
   * field has no effect.
   *
   * @default 2_000
   */
  readonly maxServerWait?: number | undefined;
}

/** The merged settings of a request. */
export interface HttpSettings {
  readonly strategy: ResolvedStrategy;
  readonly maxServerWait: number;
}

/** The settings of a request for which nothing else is set. */
export const DEFAULT_SETTINGS: HttpSettings = {
  strategy: { ...DEFAULT_STRATEGY, errors: [HttpErrorResponse] },
  maxServerWait: 2_000,
};

/** The app's default strategy, as {@link provideRetryStrategy} sets it. */
export const APP_STRATEGY: InjectionToken<HttpRetryStrategy | undefined> = /* @__PURE__ */ new InjectionToken<
  HttpRetryStrategy | undefined
>('the default retry strategy', { providedIn: 'root', factory: () => undefined });

/**
 * Merges a strategy into settings: each field that it has takes precedence.
 *
 * @throws TypeError or RangeError that names the field, its value and what was expected
 */
export function mergeSettings(base: HttpSettings, layer: HttpRetryStrategy | undefined): HttpSettings {
  if (layer === undefined) return base;
  checkOptions('strategy', layer);
  const { maxServerWait = base.maxServerWait, ...strategy } = layer;
  check('strategy.maxServerWait', maxServerWait, [0, 'a number of at least 0', (ms: number) => ms >= 0]);
  return { strategy: mergeStrategy(base.strategy, strategy), maxServerWait };
}

/** Checks a strategy where it is passed; returns a copy, so that later changes to the object have no effect. */
export function checkStrategy(strategy: HttpRetryStrategy | undefined): HttpRetryStrategy | undefined {
  mergeSettings(DEFAULT_SETTINGS, strategy);
  return strategy && { ...strategy };
}

/**
 * Provides the app's default strategy, for {@link retryInterceptor} and for the client of {@link provideRetryClient}.
 * Each field that their own strategies set, or that of a request, takes precedence.
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
    {
      provide: APP_STRATEGY,
      useFactory: () => (typeof defaultStrategy === 'function' ? checkStrategy(defaultStrategy()) : defaultStrategy),
    },
  ]);
}
