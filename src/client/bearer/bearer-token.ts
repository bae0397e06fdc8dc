import { concatMap, type Observable, of } from 'rxjs';

import { isStream } from '../../http/stream-body.js';
import { checkBaseUrls, originOf } from '../../http/url.js';
import type { AttemptRequest, Interceptor } from '../../transports/interceptor.js';
import type { OptionRules } from '../../util/known-options.js';
import type { HookedInterceptor, InterceptorExchange } from '../interceptor-hooks.js';
import { APPLIES_TO, type AppliesTo, askApplies, checkHttp } from './applies-to.js';
import { checkTokenOptions, TOKEN_RULES, type TokenOptions } from './token-options.js';
import { TokenSource } from './token-source.js';

/** Options of {@link bearerToken}. */
export interface BearerTokenOptions extends TokenOptions {
  /**
   * Which requests get the token: those to the origins of these URLs (a path in them counts for nothing), or those for
   * which a function returns `true`. It is asked for each sending, so failover to another origin sends no token there.
   *
   * @default the origins of the client's `baseUrl`; required for a client without one
   */
  readonly appliesTo?: AppliesTo<AttemptRequest> | undefined;
}

const RULES: OptionRules<BearerTokenOptions> = { ...TOKEN_RULES, appliesTo: APPLIES_TO };

const MISSING_ORIGINS =
  'appliesTo is required in bearerToken() for a client without a baseUrl: the token must not go to every server. ' +
  "Pass the origins that it is for, such as 'https://api.example.com', or a function of the request";

/** Whether a token is for a request. */
type Predicate = (request: AttemptRequest) => boolean;

/**
 * Creates an interceptor that sends a bearer token with each request, and refreshes it after a 401.
 *
 * - **One refresh for all that wait.** Requests that begin meanwhile wait for it, too, unless `token` already gives
 *   another token. A late 401 of a request that was sent with an older token causes no refresh.
 * - **Each request is sent again once** in an attempt, also a POST: a server that answers 401 has not processed it.
 *   The second response is the attempt's. A stream as the body cannot be sent again, unless a factory makes it. The 401
 *   is then the response, with the reason `body`, after the refresh.
 * - **If the refresh fails**, all that wait fail with its error, which is not retried. The next 401 refreshes anew.
 * - **The refresh runs to its end**, even if nobody waits for it any more: servers accept most refresh tokens once.
 *   `refreshTimeout` limits it. Unsubscribing, `totalTimeout` and `timeout` end the waiting of one request.
 * - **The requests that `token` and `refresh` send at once**, through the same client, are left alone: they have no
 *   token, wait for nothing, and their 401 refreshes nothing. Give them `strategy: { gates: [] }`: a gate could hold
 *   them until a request that waits for them has ended. A function that waits for something before it sends needs a
 *   client without this interceptor: the one that `extend()` was called on, for example.
 *
 * A request that has a header `authorization` of its own, or by its client, is left alone. So is a 401 that a redirect
 * to another origin led to.
 *
 * Make it once, beside the client: it holds the state of one session. In a server that acts for several users, each of
 * them needs a client of their own. List it after interceptors that change the URL.
 *
 * @returns the interceptor, for the option `interceptors`
 * @throws TypeError or RangeError that names the option, its value and what was expected. The constructor of a client
 * without a `baseUrl` throws a TypeError if `appliesTo` is missing
 *
 * @example The refresh is sent by the client itself.
 * ```ts
 * import { map, tap, type Observable } from 'rxjs';
 * import { bearerToken, json, RetryClient } from 'rxjs-retry-client';
 *
 * const session = { access: 'abc', refresh: 'def' };
 *
 * const refresh = (): Observable<string> =>
 *   client
 *     .post('token', { refresh: session.refresh }, { selector: json<typeof session>(), strategy: { gates: [] } })
 *     .pipe(
 *       tap((tokens) => Object.assign(session, tokens)),
 *       map(({ access }) => access),
 *     );
 *
 * export const client: RetryClient = new RetryClient({
 *   baseUrl: 'https://api.example.com/',
 *   interceptors: [bearerToken({ token: () => session.access, refresh })],
 * });
 * ```
 *
 * @example A refresh that first waits for something else is sent by a client without the interceptor.
 * ```ts
 * import { firstValueFrom } from 'rxjs';
 * import { bearerToken, RetryClient } from 'rxjs-retry-client';
 *
 * const stored = new Map([['access', 'abc'], ['refresh', 'def']]);
 * // A store that answers by promises.
 * const read = (name: string): Promise<string> => Promise.resolve(stored.get(name) ?? '');
 *
 * const plain = new RetryClient({ baseUrl: 'https://api.example.com/' });
 *
 * async function refresh(): Promise<string> {
 *   const url = `token?refresh=${encodeURIComponent(await read('refresh'))}`;
 *   const { access } = await firstValueFrom(plain.getJSON<{ access: string }>(url));
 *   stored.set('access', access);
 *   return access;
 * }
 *
 * const token = bearerToken({ token: () => read('access'), refresh });
 * export const client = plain.extend({ interceptors: [token] });
 * ```
 * @see {@link https://www.rfc-editor.org/rfc/rfc6750 | RFC 6750}, on bearer tokens
 */
export function bearerToken(options: BearerTokenOptions): Interceptor {
  checkTokenOptions(options, RULES);
  const { appliesTo } = options;
  const source = new TokenSource<string>(options);
  const create =
    (applies: Predicate): HookedInterceptor =>
    (request, next, exchange) => {
      // Asked for each request, since it also records those that are the source's own.
      const isOwn = source.isOwnRequest(request.attempt.requestId);
      return isOwn || request.headers.has('authorization') || !applies(request)
        ? next(request)
        : sendWithToken(source, request, next, exchange);
    };

  if (typeof appliesTo === 'function') return create((request) => askApplies(appliesTo, request));
  if (appliesTo !== undefined) {
    const urls = checkBaseUrls('appliesTo', appliesTo);
    checkHttp(urls);
    return create(isTo(new Set(urls.map(({ origin }) => origin))));
  }
  const refuse = (): never => {
    throw new TypeError(MISSING_ORIGINS);
  };
  // Without a client that binds it to its origins, as in an interceptor of the app that calls this one, it refuses.
  return Object.assign(create(refuse), {
    forOrigins: (origins: ReadonlySet<string> | undefined) => create(origins ? isTo(origins) : refuse()),
  });
}

/** Whether a request goes to one of these origins. `null` is the origin of all URLs that have none of their own. */
function isTo(origins: ReadonlySet<string>): Predicate {
  return ({ url }) => {
    const origin = originOf(url);
    return origin !== 'null' && origins.has(origin);
  };
}

function sendWithToken(
  source: TokenSource<string>,
  request: AttemptRequest,
  next: (request: AttemptRequest) => Observable<Response>,
  exchange: InterceptorExchange | undefined,
): Observable<Response> {
  const sendAgain = (response: Response, sent: string | undefined): Observable<Response> => {
    // Its connection may be the one that the refresh needs.
    exchange?.releaseSuperseded();
    return source.renew(sent).pipe(
      concatMap((token) => {
        if (token === undefined) return of(response);
        const again = toSendableAgain(request, exchange);
        if (again) return next(withToken(again, token));
        if (exchange) exchange.finalResponse = response;
        return of(response);
      }),
    );
  };
  return source
    .current()
    .pipe(
      concatMap((token) =>
        next(withToken(request, token)).pipe(
          concatMap((response) => (isRefused(response, request) ? sendAgain(response, token) : of(response))),
        ),
      ),
    );
}

function withToken(request: AttemptRequest, token: string | undefined): AttemptRequest {
  if (token === undefined) return request;
  const headers = new Headers(request.headers);
  headers.set('authorization', `Bearer ${token}`);
  return { ...request, headers };
}

/** Whether the server refused the token. Platforms send it to no other origin that a redirect leads to. */
function isRefused({ status, redirected, url }: Response, request: AttemptRequest): boolean {
  return status === 401 && !(redirected && originOf(url) !== originOf(request.url));
}

/** Returns the request with a body that can be sent again; `undefined` if the body can be sent only once. */
function toSendableAgain(
  request: AttemptRequest,
  exchange: InterceptorExchange | undefined,
): AttemptRequest | undefined {
  if (!isStream(request.body)) return request;
  // An interceptor can have replaced the body.
  const factory = exchange?.request?.body === request.body ? exchange.body : undefined;
  if (!factory || factory.singleUseStream) return undefined;
  const { content } = factory.open();
  exchange?.ownBody(content);
  return { ...request, body: content };
}
