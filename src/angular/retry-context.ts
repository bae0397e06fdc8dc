import { HttpContext, HttpContextToken } from '@angular/common/http';

import { checkUrls, type UrlInput } from '../http/url.js';
import type { Attempt } from '../retry/attempt.js';
import { BOOLEAN, check, checkOptions } from '../util/option-rule.js';
import {
  CONTEXT_OPTIONS,
  DEFAULT_SETTINGS,
  type HttpRetryStrategy,
  mergeSettings,
  rejectUnknownFields,
} from './settings.js';

/** The retry options of one request. */
export interface RetryContextOptions extends HttpRetryStrategy {
  /**
   * The URLs for failover. After the request's own URL each is tried in its turn, with the same params, headers and
   * body. The request's own URL may be among them.
   *
   * @default the request's own URL alone
   */
  readonly urls?: UrlInput | undefined;
  /**
   * Whether a request that retries may retry this one again after it has given up: where another `retryInterceptor`
   * stands around its own, or an interceptor makes this request within another one. Attempts then multiply.
   *
   * @default false
   */
  readonly nested?: boolean | undefined;
}

/** The options that `retryContext` has put on a request. */
export interface RetryOverrides {
  /** The strategies of nested `retryContext` calls; a later one takes precedence. */
  readonly layers: readonly HttpRetryStrategy[];
  readonly urls: readonly string[];
  readonly nested: boolean;
}

const NO_OVERRIDES: RetryOverrides = { layers: [], urls: [], nested: false };

/** The overrides of a request; `false` bypasses the interceptor. */
export const RETRY: HttpContextToken<RetryOverrides | false> = /* @__PURE__ */ new HttpContextToken<
  RetryOverrides | false
>(() => NO_OVERRIDES);

/**
 * Creates a context that sets how one request of Angular's HttpClient is retried. Each field that it sets takes
 * precedence over the same field of {@link retryInterceptor} and {@link provideRetryStrategy}.
 *
 * With `false` the request bypasses the interceptor: it is sent once, and emits no attempt events.
 *
 * @param options - a strategy, or some fields of one, and the URLs for failover
 * @param context - a context to copy, with all its tokens; it is not changed. The new options take precedence over its
 * own retry options
 * @returns a new context, on which further tokens can be `set`
 * @throws TypeError or RangeError that names the bad option
 *
 * @example
 * ```ts no-run: needs Angular
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
  rejectUnknownFields('', options, CONTEXT_OPTIONS);
  const previous = copy.get(RETRY) || NO_OVERRIDES;
  const { urls, nested = previous.nested, ...strategy } = options;
  check('nested', nested, BOOLEAN);
  mergeSettings(DEFAULT_SETTINGS, strategy);
  return copy.set(RETRY, {
    layers: [...previous.layers, strategy],
    urls: urls === undefined ? previous.urls : checkUrls('urls', urls),
    nested,
  });
}

/**
 * Returns the `HttpContext` of the request that an attempt belongs to, so that a token of yours can mark requests.
 *
 * It is empty for an attempt of a RetryClient.
 *
 * @example A banner that ignores requests in the background.
 * ```ts no-run: needs Angular
 * import { HttpContextToken } from '@angular/common/http';
 * import { computed } from '@angular/core';
 * import { httpContextOf, injectAttemptsSignal } from 'rxjs-retry-client/angular';
 *
 * export const BACKGROUND = new HttpContextToken(() => false);
 *
 * export class Banner {
 *   readonly #running = injectAttemptsSignal();
 *   readonly requests = computed(() =>
 *     this.#running().filter(({ attempt }) => !httpContextOf(attempt).get(BACKGROUND)),
 *   );
 * }
 * ```
 */
export function httpContextOf(attempt: Attempt): HttpContext {
  const { context } = attempt as Partial<{ readonly context: { readonly http?: unknown } }> & Attempt;
  return context?.http instanceof HttpContext ? context.http : new HttpContext();
}
