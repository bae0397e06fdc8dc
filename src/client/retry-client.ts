/// <reference lib="esnext.disposable" preserve="true" />
import { defer, type Observable } from 'rxjs';

import type { RequestBody } from '../http/body.js';
import { mergeHeaders } from '../http/headers.js';
import type { UrlInput } from '../http/url.js';
import type { AttemptEvent, HttpAttempt } from '../retry/attempt.js';
import { type Observe, runAttempts } from '../retry/retry-with-strategy.js';
import { jsonSelector } from '../selectors/json-selector.js';
import { checkKnownOptions } from '../util/known-options.js';
import { checkOptions, type OptionRule } from '../util/option-rule.js';
import { HttpDelegate } from './http-delegate.js';
import type { JsonOptions, SelectingOptions, ObserveAttemptsOptions } from './method-types.js';
import {
  type ClientOptions,
  mergeClientOptions,
  DEFAULT_OPTIONS,
  type RequestOptions,
  mergeRequestOptions,
  type ResolvedOptions,
} from './options.js';
import { closedError, RequestRegistry } from './request-registry.js';
import { listedTargets, type RequestParams, requestTargets, type Target } from './targets.js';

type AnyOptions = RequestOptions<unknown, Observe>;
type Method = (...args: unknown[]) => unknown;

const DRAIN_TIMEOUT: OptionRule = [
  undefined,
  'a number of ms above 0, or false',
  (timeout: unknown) => timeout === false || (typeof timeout === 'number' && timeout > 0),
];

/** The methods that work without their client: `const { get } = client`. */
const METHODS = ['request', 'get', 'head', 'options', 'delete', 'post', 'put', 'patch', 'getJSON', 'requests'];

/**
 * Shared and never changed: mergeHeaders() copies it. Made for the first request, because some platforms lack Headers.
 */
let acceptJson: Headers | undefined;

/**
 * An HTTP client whose requests are cold Observables: to subscribe sends the request, to unsubscribe aborts it. A
 * failed attempt is retried as the strategy says, at one URL or at several in turn.
 *
 * Without a selector a request emits the `Response`, whose body the consumer reads. All methods take {@link
 * RequestOptions}. A bad option throws a `TypeError` or `RangeError` at once, which names the option. Later failures
 * are errors of the Observable: an {@link HttpError}, or the `reason` of a `signal`.
 *
 *     open ──► closed
 *
 * The application owns a client, and closes it with {@link RetryClient.close} or {@link
 * RetryClient.closeGracefully}.
 *
 * @example
 * ```ts
 * import { RetryClient } from 'rxjs-retry-client';
 *
 * const client = new RetryClient({
 *   baseUrl: ['https://eu.example.com/', 'https://us.example.com/'],
 *   strategy: { attempts: 5 },
 *   totalTimeout: 20_000,
 * });
 *
 * client.getJSON<{ name: string }>('users/1').subscribe(({ name }) => {
 *   console.log(name);
 * });
 * ```
 */
export class RetryClient {
  readonly #options: ResolvedOptions;
  readonly #registry: RequestRegistry;

  /**
   * The events of all attempts of this client and of its extensions. It is hot, never errors, and completes when the
   * client is closed. Without subscribers no events are made.
   */
  readonly attempts$: Observable<AttemptEvent<unknown, HttpAttempt>>;

  /**
   * @param options - defaults for all requests
   * @throws TypeError or RangeError for a bad option, naming it
   */
  constructor(options?: ClientOptions);
  /** @internal for {@link RetryClient.extend} */
  // eslint-disable-next-line @typescript-eslint/unified-signatures -- one signature would make the parent public
  constructor(options: ClientOptions, parent: RetryClient);
  constructor(options: ClientOptions = {}, parent?: RetryClient) {
    this.#options = mergeClientOptions(parent ? parent.#options : DEFAULT_OPTIONS, options);
    this.#registry = new RequestRegistry(parent ? parent.#registry : undefined);
    this.attempts$ = this.#registry.events.events$;
    const methods = this as unknown as Record<string, Method>;
    for (const name of METHODS) {
      // Looked up at each call, so that the methods of a subclass and spies on the prototype are called.
      methods[name] = (...args) => (Object.getPrototypeOf(this) as Record<string, Method>)[name]?.apply(this, args);
    }
  }

  /**
   * Sends a request with any method.
   *
   * HTTP's own methods are sent in upper case. Whether it is sent again follows from the method: see {@link
   * RetryStrategy.methods}. Its Observable errors with an {@link HttpError}, with the `reason` of a `signal`, or with
   * the error of a selector or an interceptor.
   *
   * @param method - the method, such as `QUERY`
   * @param url - the URL, relative to `baseUrl` if the client has one; the URLs of a list are tried in turn
   * @param options - override the client's options
   * @returns a cold Observable: each subscription sends the request, emits the `Response` and completes
   * @throws TypeError or RangeError at once for a bad argument or option, naming it
   *
   * @example
   * ```ts
   * import { RetryClient } from 'rxjs-retry-client';
   *
   * const client = new RetryClient();
   * client.request('QUERY', 'https://api.example.com/users', { body: { name: 'Ada' } }).subscribe(({ status }) => {
   *   console.log(status);
   * });
   * ```
   */
  request(
    method: string,
    url: UrlInput,
    options?: RequestOptions & { readonly selector?: undefined },
  ): Observable<Response>;
  /**
   * Sends a request with any method, and reads the response.
   *
   * The selector reads within the attempt: a body that breaks off before the first value is fetched again.
   *
   * @param method - the method, such as `QUERY`
   * @param url - the URL, relative to `baseUrl` if the client has one; the URLs of a list are tried in turn
   * @param options - with the `selector` that reads the response
   * @returns a cold Observable of the selector's values; a status of 400 or above is an {@link HttpStatusError}
   * @throws TypeError or RangeError at once for a bad argument or option, naming it
   */
  request<T>(method: string, url: UrlInput, options: SelectingOptions<T, 'value'>): Observable<T>;
  /**
   * Sends a request with any method, and reports each attempt.
   *
   * @param method - the method, such as `QUERY`
   * @param url - the URL, relative to `baseUrl` if the client has one; the URLs of a list are tried in turn
   * @param options - with `observe: 'attempts'`
   * @returns a cold Observable of the events of all attempts, the `Response` among them; it errors when the values
   * would
   * @throws TypeError or RangeError at once for a bad argument or option, naming it
   */
  request(
    method: string,
    url: UrlInput,
    options: ObserveAttemptsOptions<Response> & { readonly selector?: undefined },
  ): Observable<AttemptEvent<Response, HttpAttempt>>;
  /**
   * Sends a request with any method, reads the response, and reports each attempt.
   *
   * @param method - the method, such as `QUERY`
   * @param url - the URL, relative to `baseUrl` if the client has one; the URLs of a list are tried in turn
   * @param options - with a `selector`, and with `observe: 'attempts'`
   * @returns a cold Observable of the events of all attempts, the selector's values among them; it errors when the
   * values would
   * @throws TypeError or RangeError at once for a bad argument or option, naming it
   */
  request<T>(
    method: string,
    url: UrlInput,
    options: SelectingOptions<T, 'attempts'> & ObserveAttemptsOptions<T>,
  ): Observable<AttemptEvent<T, HttpAttempt>>;
  /**
   * Sends a request with any method, with the options of a wrapper, which may have a selector or not.
   *
   * @param method - the method, such as `QUERY`
   * @param url - the URL, relative to `baseUrl` if the client has one; the URLs of a list are tried in turn
   * @param options - of a type that leaves open whether there is a `selector`
   * @returns a cold Observable of what the options ask for: the selector's values, the `Response`, or the events of
   * either
   * @throws TypeError or RangeError at once for a bad argument or option, naming it
   */
  request<T = Response, O extends Observe = 'value'>(
    method: string,
    url: UrlInput,
    options: RequestOptions<T, O> | undefined,
  ): Observable<T | Response | ('attempts' extends O ? AttemptEvent<T | Response, HttpAttempt> : never)>;
  request(method: string, url: UrlInput, options?: AnyOptions): Observable<unknown> {
    return this.#send(method, url, options);
  }

  /**
   * Sends a GET: fetches a resource.
   *
   * Without a selector the body is yours to read, and no timeout reaches it any more. Its Observable errors with an
   * {@link HttpError}, with the `reason` of a `signal`, or with the error of a selector or an interceptor.
   *
   * @param url - the URL, relative to `baseUrl` if the client has one; the URLs of a list are tried in turn
   * @param options - override the client's options
   * @returns a cold Observable: each subscription sends the request, emits the `Response` and completes
   * @throws TypeError or RangeError at once for a bad argument or option, naming it
   *
   * @example
   * ```ts
   * import { RetryClient, text } from 'rxjs-retry-client';
   *
   * const client = new RetryClient();
   * client.get('https://api.example.com/status').subscribe((response) => {
   *   console.log(response.status);
   * });
   * client.get('https://api.example.com/motd', { selector: text() }).subscribe((motd) => {
   *   console.log(motd);
   * });
   * ```
   */
  get(url: UrlInput, options?: RequestOptions & { readonly selector?: undefined }): Observable<Response>;
  /**
   * Sends a GET: fetches a resource, and reads the response.
   *
   * The selector reads within the attempt: a body that breaks off before the first value is fetched again.
   *
   * @param url - the URL, relative to `baseUrl` if the client has one; the URLs of a list are tried in turn
   * @param options - with the `selector` that reads the response
   * @returns a cold Observable of the selector's values; a status of 400 or above is an {@link HttpStatusError}
   * @throws TypeError or RangeError at once for a bad argument or option, naming it
   */
  get<T>(url: UrlInput, options: SelectingOptions<T, 'value'>): Observable<T>;
  /**
   * Sends a GET: fetches a resource, and reports each attempt.
   *
   * @param url - the URL, relative to `baseUrl` if the client has one; the URLs of a list are tried in turn
   * @param options - with `observe: 'attempts'`
   * @returns a cold Observable of the events of all attempts, the `Response` among them; it errors when the values
   * would
   * @throws TypeError or RangeError at once for a bad argument or option, naming it
   */
  get(
    url: UrlInput,
    options: ObserveAttemptsOptions<Response> & { readonly selector?: undefined },
  ): Observable<AttemptEvent<Response, HttpAttempt>>;
  /**
   * Sends a GET: fetches a resource, reads the response, and reports each attempt.
   *
   * @param url - the URL, relative to `baseUrl` if the client has one; the URLs of a list are tried in turn
   * @param options - with a `selector`, and with `observe: 'attempts'`
   * @returns a cold Observable of the events of all attempts, the selector's values among them; it errors when the
   * values would
   * @throws TypeError or RangeError at once for a bad argument or option, naming it
   */
  get<T>(
    url: UrlInput,
    options: SelectingOptions<T, 'attempts'> & ObserveAttemptsOptions<T>,
  ): Observable<AttemptEvent<T, HttpAttempt>>;
  /**
   * Sends a GET: fetches a resource, with the options of a wrapper, which may have a selector or not.
   *
   * @param url - the URL, relative to `baseUrl` if the client has one; the URLs of a list are tried in turn
   * @param options - of a type that leaves open whether there is a `selector`
   * @returns a cold Observable of what the options ask for: the selector's values, the `Response`, or the events of
   * either
   * @throws TypeError or RangeError at once for a bad argument or option, naming it
   */
  get<T = Response, O extends Observe = 'value'>(
    url: UrlInput,
    options: RequestOptions<T, O> | undefined,
  ): Observable<T | Response | ('attempts' extends O ? AttemptEvent<T | Response, HttpAttempt> : never)>;
  get(url: UrlInput, options?: AnyOptions): Observable<unknown> {
    return this.#send('GET', url, options);
  }

  /**
   * Sends a HEAD: asks for what GET would answer, without the body.
   *
   * Its Observable errors with an {@link HttpError}, with the `reason` of a `signal`, or with the error of a selector
   * or an interceptor.
   *
   * @param url - the URL, relative to `baseUrl` if the client has one; the URLs of a list are tried in turn
   * @param options - override the client's options
   * @returns a cold Observable: each subscription sends the request, emits the `Response` and completes
   * @throws TypeError or RangeError at once for a bad argument or option, naming it
   *
   * @example
   * ```ts
   * import { RetryClient } from 'rxjs-retry-client';
   *
   * new RetryClient().head('https://example.com/film.mp4').subscribe(({ headers }) => {
   *   console.log(headers.get('content-length'));
   * });
   * ```
   */
  head(url: UrlInput, options?: RequestOptions & { readonly selector?: undefined }): Observable<Response>;
  /**
   * Sends a HEAD: asks for what GET would answer, without the body, and reads the response.
   *
   * The selector reads within the attempt: a body that breaks off before the first value is fetched again.
   *
   * @param url - the URL, relative to `baseUrl` if the client has one; the URLs of a list are tried in turn
   * @param options - with the `selector` that reads the response
   * @returns a cold Observable of the selector's values; a status of 400 or above is an {@link HttpStatusError}
   * @throws TypeError or RangeError at once for a bad argument or option, naming it
   */
  head<T>(url: UrlInput, options: SelectingOptions<T, 'value'>): Observable<T>;
  /**
   * Sends a HEAD: asks for what GET would answer, without the body, and reports each attempt.
   *
   * @param url - the URL, relative to `baseUrl` if the client has one; the URLs of a list are tried in turn
   * @param options - with `observe: 'attempts'`
   * @returns a cold Observable of the events of all attempts, the `Response` among them; it errors when the values
   * would
   * @throws TypeError or RangeError at once for a bad argument or option, naming it
   */
  head(
    url: UrlInput,
    options: ObserveAttemptsOptions<Response> & { readonly selector?: undefined },
  ): Observable<AttemptEvent<Response, HttpAttempt>>;
  /**
   * Sends a HEAD: asks for what GET would answer, without the body, reads the response, and reports each attempt.
   *
   * @param url - the URL, relative to `baseUrl` if the client has one; the URLs of a list are tried in turn
   * @param options - with a `selector`, and with `observe: 'attempts'`
   * @returns a cold Observable of the events of all attempts, the selector's values among them; it errors when the
   * values would
   * @throws TypeError or RangeError at once for a bad argument or option, naming it
   */
  head<T>(
    url: UrlInput,
    options: SelectingOptions<T, 'attempts'> & ObserveAttemptsOptions<T>,
  ): Observable<AttemptEvent<T, HttpAttempt>>;
  /**
   * Sends a HEAD: asks for what GET would answer, without the body, with the options of a wrapper, which may have a
   * selector or not.
   *
   * @param url - the URL, relative to `baseUrl` if the client has one; the URLs of a list are tried in turn
   * @param options - of a type that leaves open whether there is a `selector`
   * @returns a cold Observable of what the options ask for: the selector's values, the `Response`, or the events of
   * either
   * @throws TypeError or RangeError at once for a bad argument or option, naming it
   */
  head<T = Response, O extends Observe = 'value'>(
    url: UrlInput,
    options: RequestOptions<T, O> | undefined,
  ): Observable<T | Response | ('attempts' extends O ? AttemptEvent<T | Response, HttpAttempt> : never)>;
  head(url: UrlInput, options?: AnyOptions): Observable<unknown> {
    return this.#send('HEAD', url, options);
  }

  /**
   * Sends an OPTIONS: asks what can be done with a resource.
   *
   * Its Observable errors with an {@link HttpError}, with the `reason` of a `signal`, or with the error of a selector
   * or an interceptor.
   *
   * @param url - the URL, relative to `baseUrl` if the client has one; the URLs of a list are tried in turn
   * @param options - override the client's options
   * @returns a cold Observable: each subscription sends the request, emits the `Response` and completes
   * @throws TypeError or RangeError at once for a bad argument or option, naming it
   *
   * @example
   * ```ts
   * import { RetryClient } from 'rxjs-retry-client';
   *
   * new RetryClient().options('https://api.example.com/users').subscribe(({ headers }) => {
   *   console.log(headers.get('allow'));
   * });
   * ```
   */
  options(url: UrlInput, options?: RequestOptions & { readonly selector?: undefined }): Observable<Response>;
  /**
   * Sends an OPTIONS: asks what can be done with a resource, and reads the response.
   *
   * The selector reads within the attempt: a body that breaks off before the first value is fetched again.
   *
   * @param url - the URL, relative to `baseUrl` if the client has one; the URLs of a list are tried in turn
   * @param options - with the `selector` that reads the response
   * @returns a cold Observable of the selector's values; a status of 400 or above is an {@link HttpStatusError}
   * @throws TypeError or RangeError at once for a bad argument or option, naming it
   */
  options<T>(url: UrlInput, options: SelectingOptions<T, 'value'>): Observable<T>;
  /**
   * Sends an OPTIONS: asks what can be done with a resource, and reports each attempt.
   *
   * @param url - the URL, relative to `baseUrl` if the client has one; the URLs of a list are tried in turn
   * @param options - with `observe: 'attempts'`
   * @returns a cold Observable of the events of all attempts, the `Response` among them; it errors when the values
   * would
   * @throws TypeError or RangeError at once for a bad argument or option, naming it
   */
  options(
    url: UrlInput,
    options: ObserveAttemptsOptions<Response> & { readonly selector?: undefined },
  ): Observable<AttemptEvent<Response, HttpAttempt>>;
  /**
   * Sends an OPTIONS: asks what can be done with a resource, reads the response, and reports each attempt.
   *
   * @param url - the URL, relative to `baseUrl` if the client has one; the URLs of a list are tried in turn
   * @param options - with a `selector`, and with `observe: 'attempts'`
   * @returns a cold Observable of the events of all attempts, the selector's values among them; it errors when the
   * values would
   * @throws TypeError or RangeError at once for a bad argument or option, naming it
   */
  options<T>(
    url: UrlInput,
    options: SelectingOptions<T, 'attempts'> & ObserveAttemptsOptions<T>,
  ): Observable<AttemptEvent<T, HttpAttempt>>;
  /**
   * Sends an OPTIONS: asks what can be done with a resource, with the options of a wrapper, which may have a selector
   * or not.
   *
   * @param url - the URL, relative to `baseUrl` if the client has one; the URLs of a list are tried in turn
   * @param options - of a type that leaves open whether there is a `selector`
   * @returns a cold Observable of what the options ask for: the selector's values, the `Response`, or the events of
   * either
   * @throws TypeError or RangeError at once for a bad argument or option, naming it
   */
  options<T = Response, O extends Observe = 'value'>(
    url: UrlInput,
    options: RequestOptions<T, O> | undefined,
  ): Observable<T | Response | ('attempts' extends O ? AttemptEvent<T | Response, HttpAttempt> : never)>;
  options(url: UrlInput, options?: AnyOptions): Observable<unknown> {
    return this.#send('OPTIONS', url, options);
  }

  /**
   * Sends a DELETE: removes a resource.
   *
   * The first attempt may have removed it before its answer was lost: then the next one is answered with 404. Its
   * Observable errors with an {@link HttpError}, with the `reason` of a `signal`, or with the error of a selector or an
   * interceptor.
   *
   * @param url - the URL, relative to `baseUrl` if the client has one; the URLs of a list are tried in turn
   * @param options - override the client's options
   * @returns a cold Observable: each subscription sends the request, emits the `Response` and completes
   * @throws TypeError or RangeError at once for a bad argument or option, naming it
   *
   * @example
   * ```ts
   * import { RetryClient } from 'rxjs-retry-client';
   *
   * new RetryClient().delete('https://api.example.com/users/1').subscribe(({ ok, status }) => {
   *   console.log(ok || status === 404 ? 'gone' : `still there: ${status}`);
   * });
   * ```
   */
  delete(url: UrlInput, options?: RequestOptions & { readonly selector?: undefined }): Observable<Response>;
  /**
   * Sends a DELETE: removes a resource, and reads the response.
   *
   * The selector reads within the attempt: a body that breaks off before the first value is fetched again.
   *
   * @param url - the URL, relative to `baseUrl` if the client has one; the URLs of a list are tried in turn
   * @param options - with the `selector` that reads the response
   * @returns a cold Observable of the selector's values; a status of 400 or above is an {@link HttpStatusError}
   * @throws TypeError or RangeError at once for a bad argument or option, naming it
   */
  delete<T>(url: UrlInput, options: SelectingOptions<T, 'value'>): Observable<T>;
  /**
   * Sends a DELETE: removes a resource, and reports each attempt.
   *
   * @param url - the URL, relative to `baseUrl` if the client has one; the URLs of a list are tried in turn
   * @param options - with `observe: 'attempts'`
   * @returns a cold Observable of the events of all attempts, the `Response` among them; it errors when the values
   * would
   * @throws TypeError or RangeError at once for a bad argument or option, naming it
   */
  delete(
    url: UrlInput,
    options: ObserveAttemptsOptions<Response> & { readonly selector?: undefined },
  ): Observable<AttemptEvent<Response, HttpAttempt>>;
  /**
   * Sends a DELETE: removes a resource, reads the response, and reports each attempt.
   *
   * @param url - the URL, relative to `baseUrl` if the client has one; the URLs of a list are tried in turn
   * @param options - with a `selector`, and with `observe: 'attempts'`
   * @returns a cold Observable of the events of all attempts, the selector's values among them; it errors when the
   * values would
   * @throws TypeError or RangeError at once for a bad argument or option, naming it
   */
  delete<T>(
    url: UrlInput,
    options: SelectingOptions<T, 'attempts'> & ObserveAttemptsOptions<T>,
  ): Observable<AttemptEvent<T, HttpAttempt>>;
  /**
   * Sends a DELETE: removes a resource, with the options of a wrapper, which may have a selector or not.
   *
   * @param url - the URL, relative to `baseUrl` if the client has one; the URLs of a list are tried in turn
   * @param options - of a type that leaves open whether there is a `selector`
   * @returns a cold Observable of what the options ask for: the selector's values, the `Response`, or the events of
   * either
   * @throws TypeError or RangeError at once for a bad argument or option, naming it
   */
  delete<T = Response, O extends Observe = 'value'>(
    url: UrlInput,
    options: RequestOptions<T, O> | undefined,
  ): Observable<T | Response | ('attempts' extends O ? AttemptEvent<T | Response, HttpAttempt> : never)>;
  delete(url: UrlInput, options?: AnyOptions): Observable<unknown> {
    return this.#send('DELETE', url, options);
  }

  /**
   * Sends a POST: has something processed.
   *
   * It is sent again only where that is safe: see {@link RetryStrategy.methods}. A header `idempotency-key` makes it
   * safe. Its Observable errors with an {@link HttpError}, with the `reason` of a `signal`, or with the error of a
   * selector or an interceptor.
   *
   * @param url - the URL, relative to `baseUrl` if the client has one; the URLs of a list are tried in turn
   * @param body - what fetch takes; a plain object or array is sent as JSON; a factory makes a stream anew for each
   * attempt
   * @param options - override the client's options
   * @returns a cold Observable: each subscription sends the request, emits the `Response` and completes
   * @throws TypeError or RangeError at once for a bad argument or option, naming it
   *
   * @example
   * ```ts
   * import { json, RetryClient } from 'rxjs-retry-client';
   *
   * const headers = { 'idempotency-key': crypto.randomUUID() };
   * const selector = json<{ id: number }>();
   * new RetryClient().post('https://api.example.com/orders', { tea: 2 }, { headers, selector }).subscribe(({ id }) => {
   *   console.log(id);
   * });
   * ```
   */
  post(
    url: UrlInput,
    body?: RequestBody,
    options?: RequestOptions & { readonly selector?: undefined },
  ): Observable<Response>;
  /**
   * Sends a POST: has something processed, and reads the response.
   *
   * The selector reads within the attempt: a body that breaks off before the first value is fetched again.
   *
   * @param url - the URL, relative to `baseUrl` if the client has one; the URLs of a list are tried in turn
   * @param body - what fetch takes; a plain object or array is sent as JSON; a factory makes a stream anew for each
   * attempt
   * @param options - with the `selector` that reads the response
   * @returns a cold Observable of the selector's values; a status of 400 or above is an {@link HttpStatusError}
   * @throws TypeError or RangeError at once for a bad argument or option, naming it
   */
  post<T>(url: UrlInput, body: RequestBody | undefined, options: SelectingOptions<T, 'value'>): Observable<T>;
  /**
   * Sends a POST: has something processed, and reports each attempt.
   *
   * @param url - the URL, relative to `baseUrl` if the client has one; the URLs of a list are tried in turn
   * @param body - what fetch takes; a plain object or array is sent as JSON; a factory makes a stream anew for each
   * attempt
   * @param options - with `observe: 'attempts'`
   * @returns a cold Observable of the events of all attempts, the `Response` among them; it errors when the values
   * would
   * @throws TypeError or RangeError at once for a bad argument or option, naming it
   */
  post(
    url: UrlInput,
    body: RequestBody | undefined,
    options: ObserveAttemptsOptions<Response> & { readonly selector?: undefined },
  ): Observable<AttemptEvent<Response, HttpAttempt>>;
  /**
   * Sends a POST: has something processed, reads the response, and reports each attempt.
   *
   * @param url - the URL, relative to `baseUrl` if the client has one; the URLs of a list are tried in turn
   * @param body - what fetch takes; a plain object or array is sent as JSON; a factory makes a stream anew for each
   * attempt
   * @param options - with a `selector`, and with `observe: 'attempts'`
   * @returns a cold Observable of the events of all attempts, the selector's values among them; it errors when the
   * values would
   * @throws TypeError or RangeError at once for a bad argument or option, naming it
   */
  post<T>(
    url: UrlInput,
    body: RequestBody | undefined,
    options: SelectingOptions<T, 'attempts'> & ObserveAttemptsOptions<T>,
  ): Observable<AttemptEvent<T, HttpAttempt>>;
  /**
   * Sends a POST: has something processed, with the options of a wrapper, which may have a selector or not.
   *
   * @param url - the URL, relative to `baseUrl` if the client has one; the URLs of a list are tried in turn
   * @param body - what fetch takes; a plain object or array is sent as JSON; a factory makes a stream anew for each
   * attempt
   * @param options - of a type that leaves open whether there is a `selector`
   * @returns a cold Observable of what the options ask for: the selector's values, the `Response`, or the events of
   * either
   * @throws TypeError or RangeError at once for a bad argument or option, naming it
   */
  post<T = Response, O extends Observe = 'value'>(
    url: UrlInput,
    body: RequestBody | undefined,
    options: RequestOptions<T, O> | undefined,
  ): Observable<T | Response | ('attempts' extends O ? AttemptEvent<T | Response, HttpAttempt> : never)>;
  post(url: UrlInput, body?: RequestBody, options?: AnyOptions): Observable<unknown> {
    return this.#send('POST', url, options, body);
  }

  /**
   * Sends a PUT: puts a resource in another's place.
   *
   * Its Observable errors with an {@link HttpError}, with the `reason` of a `signal`, or with the error of a selector
   * or an interceptor.
   *
   * @param url - the URL, relative to `baseUrl` if the client has one; the URLs of a list are tried in turn
   * @param body - what fetch takes; a plain object or array is sent as JSON; a factory makes a stream anew for each
   * attempt
   * @param options - override the client's options
   * @returns a cold Observable: each subscription sends the request, emits the `Response` and completes
   * @throws TypeError or RangeError at once for a bad argument or option, naming it
   *
   * @example
   * ```ts
   * import { RetryClient } from 'rxjs-retry-client';
   *
   * new RetryClient().put('https://api.example.com/users/1', { name: 'Ada' }).subscribe(({ status }) => {
   *   console.log(status);
   * });
   * ```
   */
  put(
    url: UrlInput,
    body?: RequestBody,
    options?: RequestOptions & { readonly selector?: undefined },
  ): Observable<Response>;
  /**
   * Sends a PUT: puts a resource in another's place, and reads the response.
   *
   * The selector reads within the attempt: a body that breaks off before the first value is fetched again.
   *
   * @param url - the URL, relative to `baseUrl` if the client has one; the URLs of a list are tried in turn
   * @param body - what fetch takes; a plain object or array is sent as JSON; a factory makes a stream anew for each
   * attempt
   * @param options - with the `selector` that reads the response
   * @returns a cold Observable of the selector's values; a status of 400 or above is an {@link HttpStatusError}
   * @throws TypeError or RangeError at once for a bad argument or option, naming it
   */
  put<T>(url: UrlInput, body: RequestBody | undefined, options: SelectingOptions<T, 'value'>): Observable<T>;
  /**
   * Sends a PUT: puts a resource in another's place, and reports each attempt.
   *
   * @param url - the URL, relative to `baseUrl` if the client has one; the URLs of a list are tried in turn
   * @param body - what fetch takes; a plain object or array is sent as JSON; a factory makes a stream anew for each
   * attempt
   * @param options - with `observe: 'attempts'`
   * @returns a cold Observable of the events of all attempts, the `Response` among them; it errors when the values
   * would
   * @throws TypeError or RangeError at once for a bad argument or option, naming it
   */
  put(
    url: UrlInput,
    body: RequestBody | undefined,
    options: ObserveAttemptsOptions<Response> & { readonly selector?: undefined },
  ): Observable<AttemptEvent<Response, HttpAttempt>>;
  /**
   * Sends a PUT: puts a resource in another's place, reads the response, and reports each attempt.
   *
   * @param url - the URL, relative to `baseUrl` if the client has one; the URLs of a list are tried in turn
   * @param body - what fetch takes; a plain object or array is sent as JSON; a factory makes a stream anew for each
   * attempt
   * @param options - with a `selector`, and with `observe: 'attempts'`
   * @returns a cold Observable of the events of all attempts, the selector's values among them; it errors when the
   * values would
   * @throws TypeError or RangeError at once for a bad argument or option, naming it
   */
  put<T>(
    url: UrlInput,
    body: RequestBody | undefined,
    options: SelectingOptions<T, 'attempts'> & ObserveAttemptsOptions<T>,
  ): Observable<AttemptEvent<T, HttpAttempt>>;
  /**
   * Sends a PUT: puts a resource in another's place, with the options of a wrapper, which may have a selector or not.
   *
   * @param url - the URL, relative to `baseUrl` if the client has one; the URLs of a list are tried in turn
   * @param body - what fetch takes; a plain object or array is sent as JSON; a factory makes a stream anew for each
   * attempt
   * @param options - of a type that leaves open whether there is a `selector`
   * @returns a cold Observable of what the options ask for: the selector's values, the `Response`, or the events of
   * either
   * @throws TypeError or RangeError at once for a bad argument or option, naming it
   */
  put<T = Response, O extends Observe = 'value'>(
    url: UrlInput,
    body: RequestBody | undefined,
    options: RequestOptions<T, O> | undefined,
  ): Observable<T | Response | ('attempts' extends O ? AttemptEvent<T | Response, HttpAttempt> : never)>;
  put(url: UrlInput, body?: RequestBody, options?: AnyOptions): Observable<unknown> {
    return this.#send('PUT', url, options, body);
  }

  /**
   * Sends a PATCH: changes a resource in part.
   *
   * It is sent again only where that is safe: see {@link RetryStrategy.methods}. A header `idempotency-key` makes it
   * safe. Its Observable errors with an {@link HttpError}, with the `reason` of a `signal`, or with the error of a
   * selector or an interceptor.
   *
   * @param url - the URL, relative to `baseUrl` if the client has one; the URLs of a list are tried in turn
   * @param body - what fetch takes; a plain object or array is sent as JSON; a factory makes a stream anew for each
   * attempt
   * @param options - override the client's options
   * @returns a cold Observable: each subscription sends the request, emits the `Response` and completes
   * @throws TypeError or RangeError at once for a bad argument or option, naming it
   *
   * @example
   * ```ts
   * import { RetryClient } from 'rxjs-retry-client';
   *
   * const headers = { 'if-match': '"v7"' };
   * new RetryClient().patch('https://api.example.com/users/1', { name: 'Ada' }, { headers }).subscribe(({ status }) => {
   *   console.log(status);
   * });
   * ```
   */
  patch(
    url: UrlInput,
    body?: RequestBody,
    options?: RequestOptions & { readonly selector?: undefined },
  ): Observable<Response>;
  /**
   * Sends a PATCH: changes a resource in part, and reads the response.
   *
   * The selector reads within the attempt: a body that breaks off before the first value is fetched again.
   *
   * @param url - the URL, relative to `baseUrl` if the client has one; the URLs of a list are tried in turn
   * @param body - what fetch takes; a plain object or array is sent as JSON; a factory makes a stream anew for each
   * attempt
   * @param options - with the `selector` that reads the response
   * @returns a cold Observable of the selector's values; a status of 400 or above is an {@link HttpStatusError}
   * @throws TypeError or RangeError at once for a bad argument or option, naming it
   */
  patch<T>(url: UrlInput, body: RequestBody | undefined, options: SelectingOptions<T, 'value'>): Observable<T>;
  /**
   * Sends a PATCH: changes a resource in part, and reports each attempt.
   *
   * @param url - the URL, relative to `baseUrl` if the client has one; the URLs of a list are tried in turn
   * @param body - what fetch takes; a plain object or array is sent as JSON; a factory makes a stream anew for each
   * attempt
   * @param options - with `observe: 'attempts'`
   * @returns a cold Observable of the events of all attempts, the `Response` among them; it errors when the values
   * would
   * @throws TypeError or RangeError at once for a bad argument or option, naming it
   */
  patch(
    url: UrlInput,
    body: RequestBody | undefined,
    options: ObserveAttemptsOptions<Response> & { readonly selector?: undefined },
  ): Observable<AttemptEvent<Response, HttpAttempt>>;
  /**
   * Sends a PATCH: changes a resource in part, reads the response, and reports each attempt.
   *
   * @param url - the URL, relative to `baseUrl` if the client has one; the URLs of a list are tried in turn
   * @param body - what fetch takes; a plain object or array is sent as JSON; a factory makes a stream anew for each
   * attempt
   * @param options - with a `selector`, and with `observe: 'attempts'`
   * @returns a cold Observable of the events of all attempts, the selector's values among them; it errors when the
   * values would
   * @throws TypeError or RangeError at once for a bad argument or option, naming it
   */
  patch<T>(
    url: UrlInput,
    body: RequestBody | undefined,
    options: SelectingOptions<T, 'attempts'> & ObserveAttemptsOptions<T>,
  ): Observable<AttemptEvent<T, HttpAttempt>>;
  /**
   * Sends a PATCH: changes a resource in part, with the options of a wrapper, which may have a selector or not.
   *
   * @param url - the URL, relative to `baseUrl` if the client has one; the URLs of a list are tried in turn
   * @param body - what fetch takes; a plain object or array is sent as JSON; a factory makes a stream anew for each
   * attempt
   * @param options - of a type that leaves open whether there is a `selector`
   * @returns a cold Observable of what the options ask for: the selector's values, the `Response`, or the events of
   * either
   * @throws TypeError or RangeError at once for a bad argument or option, naming it
   */
  patch<T = Response, O extends Observe = 'value'>(
    url: UrlInput,
    body: RequestBody | undefined,
    options: RequestOptions<T, O> | undefined,
  ): Observable<T | Response | ('attempts' extends O ? AttemptEvent<T | Response, HttpAttempt> : never)>;
  patch(url: UrlInput, body?: RequestBody, options?: AnyOptions): Observable<unknown> {
    return this.#send('PATCH', url, options, body);
  }

  /**
   * Sends a GET, and reads the response as JSON.
   *
   * It is {@link RetryClient.get} with the {@link json} selector, and with `Accept: application/json` unless the
   * headers say otherwise. A status of 400 or above is an {@link HttpStatusError}, what is no JSON an {@link
   * HttpParseError}.
   *
   * @typeParam T - the data's type: believed without a `schema`, and checked with one
   * @param url - the URL, relative to `baseUrl` if the client has one; the URLs of a list are tried in turn
   * @param options - override the client's options; a `schema` (any Standard Schema) checks the data, or it is an
   * {@link HttpValidationError}
   * @returns a cold Observable: each subscription sends the request, emits the data and completes
   * @throws TypeError or RangeError at once for a bad argument or option, naming it
   *
   * @example
   * ```ts
   * import { RetryClient } from 'rxjs-retry-client';
   *
   * new RetryClient().getJSON<{ name: string }>('https://api.example.com/users/1').subscribe(({ name }) => {
   *   console.log(name);
   * });
   * ```
   */
  getJSON<T = unknown>(url: UrlInput, options?: JsonOptions<T>): Observable<T>;
  /**
   * Sends a GET, reads the response as JSON, and reports each attempt.
   *
   * @typeParam T - the data's type: believed without a `schema`, and checked with one
   * @param url - the URL, relative to `baseUrl` if the client has one; the URLs of a list are tried in turn
   * @param options - with `observe: 'attempts'`
   * @returns a cold Observable of the events of all attempts, the data among them; it errors where the data would
   * @throws TypeError or RangeError at once for a bad argument or option, naming it
   */
  getJSON<T = unknown>(
    url: UrlInput,
    options: JsonOptions<T, 'attempts'> & { readonly observe: 'attempts' },
  ): Observable<AttemptEvent<T, HttpAttempt>>;
  /**
   * Sends a GET, and reads the response as JSON, with the options of a wrapper, which may have a selector or not.
   *
   * @typeParam T - the data's type: believed without a `schema`, and checked with one
   * @param url - the URL, relative to `baseUrl` if the client has one; the URLs of a list are tried in turn
   * @param options - of a type that leaves open what they ask for
   * @returns a cold Observable of what the options ask for: the data, or the events of all attempts
   * @throws TypeError or RangeError at once for a bad argument or option, naming it
   */
  getJSON<T = unknown>(
    url: UrlInput,
    options: JsonOptions<T, Observe> | undefined,
  ): Observable<T | AttemptEvent<T, HttpAttempt>>;
  getJSON(url: UrlInput, options?: JsonOptions<unknown, Observe>): Observable<unknown> {
    if (options !== undefined) checkOptions('options', options);
    const { schema, ...rest } = { ...options };
    const resolved = mergeRequestOptions(this.#options, options && rest);
    const accept = resolved.defaultHeaders?.has('accept')
      ? undefined
      : (acceptJson ??= new Headers({ accept: 'application/json' }));
    return this.#createRequest(
      { ...resolved, headers: mergeHeaders(accept, resolved.headers), selector: jsonSelector(schema) },
      (merged) => requestTargets(merged, 'GET', url, options?.body),
    );
  }

  /**
   * Sends attempt n as entry n of a list says, and further attempts by `strategy.rotation`.
   *
   * Each entry has its own method, URL, headers and body. A relative `url` is tried on each base in turn. Its
   * Observable errors with an {@link HttpError}, with the `reason` of a `signal`, or with the error of a selector or an
   * interceptor.
   *
   * @param params - the list, of at least one entry
   * @param options - override the client's options
   * @returns a cold Observable: each subscription sends the request, emits the `Response` and completes
   * @throws TypeError or RangeError at once for a bad argument or option, naming it
   *
   * @example
   * ```ts
   * import { RetryClient } from 'rxjs-retry-client';
   *
   * new RetryClient()
   *   .requests([
   *     { url: 'https://api.example.com/search', method: 'QUERY', body: { name: 'Ada' } },
   *     { url: 'https://old.example.com/search', params: { name: 'Ada' } },
   *   ])
   *   .subscribe(({ url }) => {
   *     console.log(`answered by ${url}`);
   *   });
   * ```
   */
  requests(
    params: readonly RequestParams[],
    options?: RequestOptions & { readonly selector?: undefined },
  ): Observable<Response>;
  /**
   * Sends attempt n as entry n of a list says, and further attempts by `strategy.rotation`, and reads the response.
   *
   * The selector reads within the attempt: a body that breaks off before the first value is fetched again.
   *
   * @param params - the list, of at least one entry
   * @param options - with the `selector` that reads the response
   * @returns a cold Observable of the selector's values; a status of 400 or above is an {@link HttpStatusError}
   * @throws TypeError or RangeError at once for a bad argument or option, naming it
   */
  requests<T>(params: readonly RequestParams[], options: SelectingOptions<T, 'value'>): Observable<T>;
  /**
   * Sends attempt n as entry n of a list says, and further attempts by `strategy.rotation`, and reports each attempt.
   *
   * @param params - the list, of at least one entry
   * @param options - with `observe: 'attempts'`
   * @returns a cold Observable of the events of all attempts, the `Response` among them; it errors when the values
   * would
   * @throws TypeError or RangeError at once for a bad argument or option, naming it
   */
  requests(
    params: readonly RequestParams[],
    options: ObserveAttemptsOptions<Response> & { readonly selector?: undefined },
  ): Observable<AttemptEvent<Response, HttpAttempt>>;
  /**
   * Sends attempt n as entry n of a list says, and further attempts by `strategy.rotation`, reads the response, and
   * reports each attempt.
   *
   * @param params - the list, of at least one entry
   * @param options - with a `selector`, and with `observe: 'attempts'`
   * @returns a cold Observable of the events of all attempts, the selector's values among them; it errors when the
   * values would
   * @throws TypeError or RangeError at once for a bad argument or option, naming it
   */
  requests<T>(
    params: readonly RequestParams[],
    options: SelectingOptions<T, 'attempts'> & ObserveAttemptsOptions<T>,
  ): Observable<AttemptEvent<T, HttpAttempt>>;
  /**
   * Sends attempt n as entry n of a list says, and further attempts by `strategy.rotation`, with the options of a
   * wrapper, which may have a selector or not.
   *
   * @param params - the list, of at least one entry
   * @param options - of a type that leaves open whether there is a `selector`
   * @returns a cold Observable of what the options ask for: the selector's values, the `Response`, or the events of
   * either
   * @throws TypeError or RangeError at once for a bad argument or option, naming it
   */
  requests<T = Response, O extends Observe = 'value'>(
    params: readonly RequestParams[],
    options: RequestOptions<T, O> | undefined,
  ): Observable<T | Response | ('attempts' extends O ? AttemptEvent<T | Response, HttpAttempt> : never)>;
  requests(params: readonly RequestParams[], options?: AnyOptions): Observable<unknown> {
    return this.#createRequest(mergeRequestOptions(this.#options, options), (resolved) =>
      listedTargets(resolved, params, options?.body),
    );
  }

  /**
   * Returns a client whose options override this client's, and whose interceptors come after this client's. Both share
   * `attempts$`. To close this client closes the extension as well, and not the other way round.
   */
  extend(options: ClientOptions): RetryClient {
    return new RetryClient(options, this);
  }

  /**
   * Aborts all requests of this client and of its extensions, and completes `attempts$`. Running requests and later
   * ones error with an `AbortError`.
   */
  close(): void {
    this.#registry.close(closedError());
  }

  /**
   * Closes the client without aborting what is under way. It begins at the call, also without a subscriber.
   *
   * New requests of this client and of its extensions error as those of a closed client do. Those that were subscribed
   * to before go on, also while they wait for a retry or are held by a gate. When the last one has ended, `attempts$`
   * completes. The body of a `Response` that a request has emitted is the consumer's, and is not waited for.
   *
   * Called again, it waits for the same end, and the shortest `timeout` applies. {@link RetryClient.close} ends it at
   * once.
   *
   * @param options - `timeout`: after so many ms the requests that are left are ended as by `close()`, or `false`
   * for no limit, which is the default
   * @returns an Observable that emits once and completes when the last request has ended, also for late subscribers
   * @throws TypeError or RangeError for a bad option, naming it
   *
   * @example
   * ```ts
   * import { RetryClient } from 'rxjs-retry-client';
   *
   * const client = new RetryClient();
   * client.closeGracefully({ timeout: 10_000 }).subscribe(() => {
   *   console.log('all requests have ended');
   * });
   * ```
   */
  closeGracefully(options: { readonly timeout?: number | false | undefined } = {}): Observable<void> {
    checkKnownOptions(options, { timeout: DRAIN_TIMEOUT });
    const { timeout = false } = options;
    return this.#registry.drain(timeout === false ? Infinity : timeout);
  }

  /** The same as {@link RetryClient.close}: `using client = new RetryClient()`. */
  [Symbol.dispose](): void {
    this.close();
  }

  #send(method: string, url: UrlInput, options?: AnyOptions, body?: RequestBody): Observable<unknown> {
    return this.#createRequest(mergeRequestOptions(this.#options, options), (resolved) =>
      requestTargets(resolved, method, url, body === undefined ? options?.body : body),
    );
  }

  /** Creates a request. Its type follows from the options, as the overloads say. */
  #createRequest(options: ResolvedOptions, targetsOf: (options: ResolvedOptions) => Target[]): Observable<unknown> {
    const targets = targetsOf(options);
    return defer(() => {
      const delegate = new HttpDelegate(targets, options, this.#registry);
      return delegate
        .attemptPerSubscription()
        .pipe(runAttempts(options.strategy, targets.length, delegate, options.observe));
    });
  }
}
