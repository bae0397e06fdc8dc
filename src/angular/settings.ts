import { HttpErrorResponse } from '@angular/common/http';
import { type EnvironmentProviders, InjectionToken, makeEnvironmentProviders } from '@angular/core';

import { DEFAULT_STRATEGY, mergeStrategy, type ResolvedStrategy, type RetryStrategy } from '../retry/strategy.js';
import { check, checkOptions } from '../util/option-rule.js';

/**
 * A {@link RetryStrategy} for Angular's HttpClient. What it says of errors is said of `HttpErrorResponse`s: by their status, where a server
 * answered; one of status 0 is a network error, or a timeout.
 */
export interface HttpRetryStrategy extends RetryStrategy {
  /**
   * The classes of errors to retry. An `HttpErrorResponse` of status 0 is also found under `HttpNetworkError`, one whose `timeout`
   * ran out under `HttpTimeoutError`, so that a strategy can serve a `RetryClient` as well.
   *
   * @default HttpErrorResponse: no answer came, or it broke off
   */
  readonly errors?: RetryStrategy['errors'];
  /**
   * While a page is rendered on a server, the last attempt begins at the latest so many ms after the first; a longer wait ends the request
   * at once with what its last attempt came to. It does nothing in browsers.
   *
   * @default 2_000
   */
  readonly maxServerWait?: number | undefined;
}

/** What holds for a request. */
export interface HttpSettings {
  readonly strategy: ResolvedStrategy;
  readonly maxServerWait: number;
}

/** What holds where nobody says otherwise. */
export const DEFAULT_SETTINGS: HttpSettings = {
  strategy: { ...DEFAULT_STRATEGY, errors: [HttpErrorResponse] },
  maxServerWait: 2_000,
};

/** The app's default. */
export const APP_STRATEGY: InjectionToken<HttpRetryStrategy | undefined> = /* @__PURE__ */ new InjectionToken<
  HttpRetryStrategy | undefined
>('the default retry strategy', { providedIn: 'root', factory: () => undefined });

/**
 * Lays a strategy over what held until now.
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

/** Checks a strategy where it is passed, and returns a copy. */
export function checkStrategy(strategy: HttpRetryStrategy | undefined): HttpRetryStrategy | undefined {
  mergeSettings(DEFAULT_SETTINGS, strategy);
  return strategy && { ...strategy };
}

/**
 * Provides the app's default strategy, for {@link retryInterceptor} and for the client of {@link provideRetryClient}. What they are given
 * themselves, and what a request says, comes over it field by field.
 *
 * @param strategy - it, or a function that makes it, in which `inject` can be used
 * @throws TypeError or RangeError for a bad field, naming it
 *
 * @example
 * ```ts
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
  const given = typeof strategy === 'function' ? strategy : checkStrategy(strategy);
  return makeEnvironmentProviders([
    { provide: APP_STRATEGY, useFactory: () => (typeof given === 'function' ? checkStrategy(given()) : given) },
  ]);
}
