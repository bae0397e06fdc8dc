import { HttpContext, HttpContextToken } from '@angular/common/http';

import { checkUrls, type UrlInput } from '../http/url.js';
import type { Attempt } from '../retry/attempt.js';
import { checkOptions } from '../util/option-rule.js';
import { DEFAULT_SETTINGS, type HttpRetryStrategy, mergeSettings } from './settings.js';

/** What one request says of its retries. */
export interface RetryContextOptions extends HttpRetryStrategy {
  /**
   * Where else to turn: after the request's own URL these are tried, each in its turn, with the same params, headers and body. The request's
   * own may stand among them.
   */
  readonly urls?: UrlInput | undefined;
}

/** What `retryContext` was told, the innermost last; `false` where the request is to be left alone. */
export interface RetryOverrides {
  readonly layers: readonly HttpRetryStrategy[];
  readonly urls: readonly string[];
}

const NO_OVERRIDES: RetryOverrides = { layers: [], urls: [] };

export const RETRY: HttpContextToken<RetryOverrides | false> = /* @__PURE__ */ new HttpContextToken<
  RetryOverrides | false
>(() => NO_OVERRIDES);

/**
 * A context by which one request of Angular's HttpClient says how it is retried: it comes over what {@link retryInterceptor} and
 * {@link provideRetryStrategy} were given, field by field. `false` leaves the request alone: it is sent once, and no event tells of it.
 *
 * @param options - a strategy, or a part of one, and where else to turn
 * @param context - a context whose other tokens are to be kept; it is not changed. What it says of retries already is laid under the new
 * @returns a new context: further tokens can be `set` on it
 * @throws TypeError or RangeError for a bad option, naming it
 *
 * @example
 * ```ts
 * import { HttpClient } from '@angular/common/http';
 * import { inject } from '@angular/core';
 * import { retryContext } from 'rxjs-retry-client/angular';
 *
 * export class Reports {
 *   readonly #http = inject(HttpClient);
 *
 *   readonly once$ = this.#http.get('/api/reports', { context: retryContext({ attempts: 1 }) });
 *   readonly anywhere$ = this.#http.get('https://eu.example.com/reports', {
 *     context: retryContext({ urls: ['https://us.example.com/reports'] }),
 *   });
 *   readonly left$ = this.#http.get('/api/reports', { context: retryContext(false) });
 * }
 * ```
 */
export function retryContext(options: RetryContextOptions | false, context?: HttpContext): HttpContext {
  const copy = new HttpContext();
  for (const token of context?.keys() ?? []) copy.set(token, context?.get(token));
  if (options === false) return copy.set(RETRY, false);
  checkOptions("retryContext's options", options);
  const before = copy.get(RETRY) || NO_OVERRIDES;
  const { urls, ...strategy } = options;
  mergeSettings(DEFAULT_SETTINGS, strategy);
  return copy.set(RETRY, {
    layers: [...before.layers, strategy],
    urls: urls === undefined ? before.urls : checkUrls('urls', urls),
  });
}

/**
 * The `HttpContext` of the request that an attempt belongs to: to tell requests apart by a token of yours. That of an attempt that is none
 * of HttpClient's is empty.
 *
 * @example A banner that does not tell of requests in the background.
 * ```ts
 * import { HttpContextToken } from '@angular/common/http';
 * import { computed } from '@angular/core';
 * import { httpContextOf, injectAttemptsSignal } from 'rxjs-retry-client/angular';
 *
 * export const BACKGROUND = new HttpContextToken(() => false);
 *
 * export class Banner {
 *   readonly #running = injectAttemptsSignal();
 *   readonly requests = computed(() => this.#running().filter(({ attempt }) => !httpContextOf(attempt).get(BACKGROUND)));
 * }
 * ```
 */
export function httpContextOf(attempt: Attempt): HttpContext {
  const { context } = attempt as Partial<{ readonly context: { readonly http?: unknown } }> & Attempt;
  return context?.http instanceof HttpContext ? context.http : new HttpContext();
}
