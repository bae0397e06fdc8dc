import { PlatformLocation } from '@angular/common';
import {
  type HttpContext,
  HttpErrorResponse,
  type HttpEvent,
  type HttpHandlerFn,
  type HttpInterceptorFn,
  type HttpRequest,
} from '@angular/common/http';
import { DestroyRef, inject, InjectionToken, Injector, NgZone, runInInjectionContext, untracked } from '@angular/core';
import { catchError, concatMap, Observable, Subject, throwError } from 'rxjs';

import { APPLIES_TO, type AppliesTo, askApplies, checkHttp } from '../client/bearer/applies-to.js';
import { checkTokenOptions, TOKEN_RULES, type TokenOptions } from '../client/bearer/token-options.js';
import { type Caller, TokenSource } from '../client/bearer/token-source.js';
import { checkUrls, tryParseUrl } from '../http/url.js';
import type { OptionRules } from '../util/known-options.js';
import { invalidOptionMessage } from '../util/option-rule.js';
import { ownContextOf } from './attempt-of.js';
import { resolveAppUrl } from './request-targets.js';
import { inZoneOfSubscriber } from './zones.js';

/** Options of {@link bearerTokenInterceptor}. `inject` can be used in all of its functions. */
export interface BearerTokenInterceptorOptions extends TokenOptions {
  /**
   * Which requests get the token: those to the origins of these URLs (a path in them counts for nothing), or those for
   * which a function returns `true`. `'/'` is the origin of the app.
   */
  readonly appliesTo: AppliesTo<HttpRequest<unknown>>;
}

const RULES: OptionRules<BearerTokenInterceptorOptions> = { ...TOKEN_RULES, appliesTo: APPLIES_TO };

/** The token sources of one app, by the options of their interceptors. */
class AppTokens {
  readonly #sources = new Map<object, TokenSource<HttpContext>>();
  readonly #stop = new Subject<void>();
  /** Emits when the app ends. */
  readonly stop$: Observable<void> = this.#stop.asObservable();

  of(options: TokenOptions): TokenSource<HttpContext> {
    let source = this.#sources.get(options);
    if (!source) this.#sources.set(options, (source = new TokenSource(options, this.stop$)));
    return source;
  }

  stop(): void {
    this.#stop.next();
  }
}

/** Each app has its own, and so has each page that a server renders: the next page may be another user's. */
const APP_TOKENS: InjectionToken<AppTokens> = /* @__PURE__ */ new InjectionToken<AppTokens>('the bearer tokens', {
  providedIn: 'root',
  factory: () => {
    const tokens = new AppTokens();
    inject(DestroyRef).onDestroy(() => {
      tokens.stop();
    });
    return tokens;
  },
});

/** What one request needs of its app. */
interface RequestScope {
  readonly source: TokenSource<HttpContext>;
  readonly zone: NgZone;
  readonly call: Caller;
  /** Resolves a URL of the request, which may be relative. */
  readonly originOf: (url: string) => string | undefined;
}

/**
 * Creates an interceptor that sends a bearer token with the requests of Angular's HttpClient, and refreshes it after a
 * 401.
 *
 * - **One refresh for all that wait.** Requests that begin meanwhile wait for it, too, unless `token` already gives
 *   another token. A late 401 of a request that was sent with an older token causes no refresh.
 * - **Each request is sent again once**, also a POST: a server that answers 401 has not processed it. With `observe:
 *   'events'` the events of both sendings pass, so that there are two `Sent` events.
 * - **If the refresh fails**, all that wait fail with its error, which {@link retryInterceptor} does not retry. The
 *   next 401 refreshes anew. Where `refresh` gives `null`, the 401 stands.
 * - **The refresh runs to its end**, even if nobody waits for it any more, unless the app ends: servers accept most
 *   refresh tokens once. `refreshTimeout` limits it.
 * - **The requests that `token` and `refresh` send at once** are left alone: they have no token, wait for nothing, and
 *   their 401 refreshes nothing. Where these functions wait for something before they send a request, `appliesTo` must
 *   except it.
 *
 * A request that has a header `Authorization` of its own is left alone. So is a 401 that a redirect to another origin
 * led to.
 *
 * Each app has a state of its own, and so has each page that a server renders: no token reaches the page of another
 * user. Put it after {@link retryInterceptor}, so that each attempt has a fresh token, and after interceptors that
 * change the URL.
 *
 * @throws TypeError or RangeError that names the option, its value and what was expected
 *
 * @example
 * ```ts no-run: needs Angular
 * import { HttpClient, provideHttpClient, withInterceptors } from '@angular/common/http';
 * import { type ApplicationConfig, inject, Injectable, signal } from '@angular/core';
 * import { map, type Observable, tap } from 'rxjs';
 * import { bearerTokenInterceptor, retryContext, retryInterceptor } from 'rxjs-retry-client/angular';
 *
 * @Injectable({ providedIn: 'root' })
 * export class Session {
 *   readonly #http = inject(HttpClient);
 *   readonly token = signal<string | undefined>(undefined);
 *
 *   refresh(): Observable<string> {
 *     // A gate could hold it until a request that waits for it has ended.
 *     const context = retryContext({ gates: [] });
 *     return this.#http.post<{ token: string }>('/api/refresh', null, { context }).pipe(
 *       map(({ token }) => token),
 *       tap((token) => {
 *         this.token.set(token);
 *       }),
 *     );
 *   }
 * }
 *
 * const bearer = bearerTokenInterceptor({
 *   token: () => inject(Session).token(),
 *   refresh: () => inject(Session).refresh(),
 *   appliesTo: '/',
 * });
 *
 * export const appConfig: ApplicationConfig = {
 *   providers: [provideHttpClient(withInterceptors([retryInterceptor(), bearer]))],
 * };
 * ```
 */
export function bearerTokenInterceptor(options: BearerTokenInterceptorOptions): HttpInterceptorFn {
  checkTokenOptions(options, RULES);
  const { appliesTo, ...tokenOptions } = options;
  const urls = typeof appliesTo === 'function' ? [] : checkAppUrls(appliesTo);
  return (request, next) => {
    const location = inject(PlatformLocation);
    const injector = inject(Injector);
    const scope: RequestScope = {
      source: inject(APP_TOKENS).of(tokenOptions),
      zone: inject(NgZone),
      call: (work) => untracked(() => runInInjectionContext(injector, work)),
      originOf: (url) => resolveAppUrl(url, location)?.origin,
    };
    const applies = (): boolean => {
      if (typeof appliesTo === 'function') return scope.call(() => askApplies(appliesTo, request));
      const origin = scope.originOf(request.url);
      return origin !== undefined && origin !== 'null' && urls.some((url) => scope.originOf(url) === origin);
    };
    // Asked for each request, since it also records those that are the source's own.
    const isOwn = scope.source.isOwnRequest(ownContextOf(request));
    return isOwn || request.headers.has('Authorization') || !applies()
      ? next(request)
      : sendWithToken(scope, request, next);
  };
}

/** Checks URLs, which may be relative: where they lead, the app knows. */
function checkAppUrls(appliesTo: Parameters<typeof checkUrls>[1]): readonly string[] {
  const urls = checkUrls('appliesTo', appliesTo);
  checkHttp(
    urls.map((text) => {
      const url = tryParseUrl(text, 'http://app');
      if (!url) throw new RangeError(invalidOptionMessage('appliesTo', text, 'a URL, or an array of URLs'));
      return url;
    }),
  );
  return urls;
}

function sendWithToken(
  { source, zone, call, originOf }: RequestScope,
  request: HttpRequest<unknown>,
  next: HttpHandlerFn,
): Observable<HttpEvent<unknown>> {
  // A refresh ends in the zone of the request that began it, while others wait in theirs.
  const inOwnZone = inZoneOfSubscriber<string | undefined>(zone);
  const isRefused = (error: unknown): boolean =>
    error instanceof HttpErrorResponse &&
    error.status === 401 &&
    // Platforms send a token to no other origin that a redirect leads to.
    (error.url === null || originOf(error.url) === originOf(request.url));
  const sendAgain = (error: unknown, sent: string | undefined): Observable<HttpEvent<unknown>> =>
    source.renew(sent, call).pipe(
      inOwnZone,
      concatMap((token) => (token === undefined ? throwError(() => error as Error) : next(withToken(request, token)))),
    );
  const response$ = source.current(call).pipe(
    inOwnZone,
    concatMap((sent) =>
      next(withToken(request, sent)).pipe(
        catchError((error: unknown) => (isRefused(error) ? sendAgain(error, sent) : throwError(() => error as Error))),
      ),
    ),
  );
  // A request may be sent in an effect, which must not depend on the signals that these functions read.
  return new Observable((output) => untracked(() => response$.subscribe(output)));
}

function withToken(request: HttpRequest<unknown>, token: string | undefined): HttpRequest<unknown> {
  return token === undefined ? request : request.clone({ setHeaders: { Authorization: `Bearer ${token}` } });
}
