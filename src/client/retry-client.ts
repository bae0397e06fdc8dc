/// <reference lib="esnext.disposable" preserve="true" />
import { defer, type Observable } from 'rxjs';

import type { RequestBody } from '../http/body.js';
import { mergeHeaders } from '../http/headers.js';
import type { UrlInput } from '../http/url.js';
import type { AttemptEvent, HttpAttempt } from '../retry/attempt.js';
import { type Observe, runAttempts } from '../retry/retry-with-strategy.js';
import { jsonOf } from '../selectors/json-of.js';
import { checkOptions } from '../util/option-rule.js';
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

/** What can be taken off a client and still works: `const { get } = client`. */
const METHODS = ['request', 'get', 'head', 'options', 'delete', 'post', 'put', 'patch', 'getJSON', 'requests'];

/** Copied before it is sent, so nobody changes it. Made for the first request, not at load: not every platform has Headers. */
let acceptJson: Headers | undefined;

/**
 * An HTTP client whose every request is a cold Observable that survives a bad network: subscribing sends it, unsubscribing aborts it, and
 * in between it is tried again as its strategy says, on one URL or on several in turn.
 *
 * Without a selector the `Response` is emitted, and its body is the caller's to read. All methods take {@link RequestOptions}; bad options
 * throw a `TypeError` or `RangeError` at once, naming the option. What goes wrong later is in the stream: an {@link HttpError}, or the
 * `reason` of an outer `signal`.
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
  readonly #settings: ResolvedOptions;
  readonly #hub: RequestRegistry;

  /**
   * What happens to every attempt of this client's requests and of its extensions': hot, never errors, completes when the client is
   * closed. Nothing is built for it while nobody listens.
   */
  readonly attempts$: Observable<AttemptEvent<unknown, HttpAttempt>>;

  /**
   * @param options - defaults for all requests
   * @throws TypeError or RangeError for a bad option, naming it
   */
  constructor(options?: ClientOptions);
  /** @internal what {@link RetryClient.extend} makes */
  // eslint-disable-next-line @typescript-eslint/unified-signatures -- one signature would show the parent to everybody
  constructor(options: ClientOptions, parent: RetryClient);
  constructor(options: ClientOptions = {}, parent?: RetryClient) {
    this.#settings = mergeClientOptions(parent ? parent.#settings : DEFAULT_OPTIONS, options);
    this.#hub = new RequestRegistry(parent ? parent.#hub : undefined);
    this.attempts$ = this.#hub.events.events$;
    const own = this as unknown as Record<string, Method>;
    for (const name of METHODS) {
      // Looked up at each call: a subclass, or a spy on the prototype, has its own.
      own[name] = (...args) => (Object.getPrototypeOf(this) as Record<string, Method>)[name]?.apply(this, args);
    }
  }

  /**
   * Sends a request with any method.
   *
   * HTTP's own methods are sent in upper case. Whether it is sent again follows from the method: see {@link RetryStrategy.methods}.
   * Its Observable errors with an {@link HttpError}, with the `reason` of a `signal`, or with what a selector or interceptor throws.
   *
   * @param method - the method, such as `QUERY`
   * @param url - where it is sent: relative to `baseUrl`; of a list, each is tried in turn
   * @param options - what holds for this request, over the client's own
   * @returns a cold Observable: each subscription sends the request, emits the `Response` and completes
   * @throws TypeError or RangeError at once for a bad argument or option, naming it
   *
   * @example
   * ```ts
   * import { RetryClient } from 'rxjs-retry-client';
   *
   * new RetryClient().request('QUERY', 'https://api.example.com/users', { body: { name: 'Ada' } }).subscribe((response) => {
   *   console.log(response.status);
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
   * @param url - where it is sent: relative to `baseUrl`; of a list, each is tried in turn
   * @param options - with the `selector` that reads the response
   * @returns a cold Observable of the selector's values; a status of 400 or above is an {@link HttpStatusError}
   * @throws TypeError or RangeError at once for a bad argument or option, naming it
   */
  request<T>(method: string, url: UrlInput, options: SelectingOptions<T, 'value'>): Observable<T>;
  /**
   * Sends a request with any method, and reports each attempt.
   *
   * @param method - the method, such as `QUERY`
   * @param url - where it is sent: relative to `baseUrl`; of a list, each is tried in turn
   * @param options - with `observe: 'attempts'`
   * @returns a cold Observable of the events of all attempts, the `Response` among them; it errors where the values would
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
   * @param url - where it is sent: relative to `baseUrl`; of a list, each is tried in turn
   * @param options - with a `selector`, and with `observe: 'attempts'`
   * @returns a cold Observable of the events of all attempts, the selector's values among them; it errors where the values would
   * @throws TypeError or RangeError at once for a bad argument or option, naming it
   */
  request<T>(
    method: string,
    url: UrlInput,
    options: SelectingOptions<T, 'attempts'> & ObserveAttemptsOptions<T>,
  ): Observable<AttemptEvent<T, HttpAttempt>>;
  /**
   * Sends a request with any method, with options that were made elsewhere: a wrapper hands on its own.
   *
   * @param method - the method, such as `QUERY`
   * @param url - where it is sent: relative to `baseUrl`; of a list, each is tried in turn
   * @param options - whose type leaves open whether they have a `selector`
   * @returns a cold Observable of what the options may ask for: the selector's values, the `Response`, or the events of either
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
   * Without a selector the body is yours to read, and no timeout reaches it any more.
   * Its Observable errors with an {@link HttpError}, with the `reason` of a `signal`, or with what a selector or interceptor throws.
   *
   * @param url - where it is sent: relative to `baseUrl`; of a list, each is tried in turn
   * @param options - what holds for this request, over the client's own
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
   * @param url - where it is sent: relative to `baseUrl`; of a list, each is tried in turn
   * @param options - with the `selector` that reads the response
   * @returns a cold Observable of the selector's values; a status of 400 or above is an {@link HttpStatusError}
   * @throws TypeError or RangeError at once for a bad argument or option, naming it
   */
  get<T>(url: UrlInput, options: SelectingOptions<T, 'value'>): Observable<T>;
  /**
   * Sends a GET: fetches a resource, and reports each attempt.
   *
   * @param url - where it is sent: relative to `baseUrl`; of a list, each is tried in turn
   * @param options - with `observe: 'attempts'`
   * @returns a cold Observable of the events of all attempts, the `Response` among them; it errors where the values would
   * @throws TypeError or RangeError at once for a bad argument or option, naming it
   */
  get(
    url: UrlInput,
    options: ObserveAttemptsOptions<Response> & { readonly selector?: undefined },
  ): Observable<AttemptEvent<Response, HttpAttempt>>;
  /**
   * Sends a GET: fetches a resource, reads the response, and reports each attempt.
   *
   * @param url - where it is sent: relative to `baseUrl`; of a list, each is tried in turn
   * @param options - with a `selector`, and with `observe: 'attempts'`
   * @returns a cold Observable of the events of all attempts, the selector's values among them; it errors where the values would
   * @throws TypeError or RangeError at once for a bad argument or option, naming it
   */
  get<T>(
    url: UrlInput,
    options: SelectingOptions<T, 'attempts'> & ObserveAttemptsOptions<T>,
  ): Observable<AttemptEvent<T, HttpAttempt>>;
  /**
   * Sends a GET: fetches a resource, with options that were made elsewhere: a wrapper hands on its own.
   *
   * @param url - where it is sent: relative to `baseUrl`; of a list, each is tried in turn
   * @param options - whose type leaves open whether they have a `selector`
   * @returns a cold Observable of what the options may ask for: the selector's values, the `Response`, or the events of either
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
   * Its Observable errors with an {@link HttpError}, with the `reason` of a `signal`, or with what a selector or interceptor throws.
   *
   * @param url - where it is sent: relative to `baseUrl`; of a list, each is tried in turn
   * @param options - what holds for this request, over the client's own
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
   * @param url - where it is sent: relative to `baseUrl`; of a list, each is tried in turn
   * @param options - with the `selector` that reads the response
   * @returns a cold Observable of the selector's values; a status of 400 or above is an {@link HttpStatusError}
   * @throws TypeError or RangeError at once for a bad argument or option, naming it
   */
  head<T>(url: UrlInput, options: SelectingOptions<T, 'value'>): Observable<T>;
  /**
   * Sends a HEAD: asks for what GET would answer, without the body, and reports each attempt.
   *
   * @param url - where it is sent: relative to `baseUrl`; of a list, each is tried in turn
   * @param options - with `observe: 'attempts'`
   * @returns a cold Observable of the events of all attempts, the `Response` among them; it errors where the values would
   * @throws TypeError or RangeError at once for a bad argument or option, naming it
   */
  head(
    url: UrlInput,
    options: ObserveAttemptsOptions<Response> & { readonly selector?: undefined },
  ): Observable<AttemptEvent<Response, HttpAttempt>>;
  /**
   * Sends a HEAD: asks for what GET would answer, without the body, reads the response, and reports each attempt.
   *
   * @param url - where it is sent: relative to `baseUrl`; of a list, each is tried in turn
   * @param options - with a `selector`, and with `observe: 'attempts'`
   * @returns a cold Observable of the events of all attempts, the selector's values among them; it errors where the values would
   * @throws TypeError or RangeError at once for a bad argument or option, naming it
   */
  head<T>(
    url: UrlInput,
    options: SelectingOptions<T, 'attempts'> & ObserveAttemptsOptions<T>,
  ): Observable<AttemptEvent<T, HttpAttempt>>;
  /**
   * Sends a HEAD: asks for what GET would answer, without the body, with options that were made elsewhere: a wrapper hands on its own.
   *
   * @param url - where it is sent: relative to `baseUrl`; of a list, each is tried in turn
   * @param options - whose type leaves open whether they have a `selector`
   * @returns a cold Observable of what the options may ask for: the selector's values, the `Response`, or the events of either
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
   * Its Observable errors with an {@link HttpError}, with the `reason` of a `signal`, or with what a selector or interceptor throws.
   *
   * @param url - where it is sent: relative to `baseUrl`; of a list, each is tried in turn
   * @param options - what holds for this request, over the client's own
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
   * @param url - where it is sent: relative to `baseUrl`; of a list, each is tried in turn
   * @param options - with the `selector` that reads the response
   * @returns a cold Observable of the selector's values; a status of 400 or above is an {@link HttpStatusError}
   * @throws TypeError or RangeError at once for a bad argument or option, naming it
   */
  options<T>(url: UrlInput, options: SelectingOptions<T, 'value'>): Observable<T>;
  /**
   * Sends an OPTIONS: asks what can be done with a resource, and reports each attempt.
   *
   * @param url - where it is sent: relative to `baseUrl`; of a list, each is tried in turn
   * @param options - with `observe: 'attempts'`
   * @returns a cold Observable of the events of all attempts, the `Response` among them; it errors where the values would
   * @throws TypeError or RangeError at once for a bad argument or option, naming it
   */
  options(
    url: UrlInput,
    options: ObserveAttemptsOptions<Response> & { readonly selector?: undefined },
  ): Observable<AttemptEvent<Response, HttpAttempt>>;
  /**
   * Sends an OPTIONS: asks what can be done with a resource, reads the response, and reports each attempt.
   *
   * @param url - where it is sent: relative to `baseUrl`; of a list, each is tried in turn
   * @param options - with a `selector`, and with `observe: 'attempts'`
   * @returns a cold Observable of the events of all attempts, the selector's values among them; it errors where the values would
   * @throws TypeError or RangeError at once for a bad argument or option, naming it
   */
  options<T>(
    url: UrlInput,
    options: SelectingOptions<T, 'attempts'> & ObserveAttemptsOptions<T>,
  ): Observable<AttemptEvent<T, HttpAttempt>>;
  /**
   * Sends an OPTIONS: asks what can be done with a resource, with options that were made elsewhere: a wrapper hands on its own.
   *
   * @param url - where it is sent: relative to `baseUrl`; of a list, each is tried in turn
   * @param options - whose type leaves open whether they have a `selector`
   * @returns a cold Observable of what the options may ask for: the selector's values, the `Response`, or the events of either
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
   * The first attempt may have removed it before its answer was lost: then the next one is answered with 404.
   * Its Observable errors with an {@link HttpError}, with the `reason` of a `signal`, or with what a selector or interceptor throws.
   *
   * @param url - where it is sent: relative to `baseUrl`; of a list, each is tried in turn
   * @param options - what holds for this request, over the client's own
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
   * @param url - where it is sent: relative to `baseUrl`; of a list, each is tried in turn
   * @param options - with the `selector` that reads the response
   * @returns a cold Observable of the selector's values; a status of 400 or above is an {@link HttpStatusError}
   * @throws TypeError or RangeError at once for a bad argument or option, naming it
   */
  delete<T>(url: UrlInput, options: SelectingOptions<T, 'value'>): Observable<T>;
  /**
   * Sends a DELETE: removes a resource, and reports each attempt.
   *
   * @param url - where it is sent: relative to `baseUrl`; of a list, each is tried in turn
   * @param options - with `observe: 'attempts'`
   * @returns a cold Observable of the events of all attempts, the `Response` among them; it errors where the values would
   * @throws TypeError or RangeError at once for a bad argument or option, naming it
   */
  delete(
    url: UrlInput,
    options: ObserveAttemptsOptions<Response> & { readonly selector?: undefined },
  ): Observable<AttemptEvent<Response, HttpAttempt>>;
  /**
   * Sends a DELETE: removes a resource, reads the response, and reports each attempt.
   *
   * @param url - where it is sent: relative to `baseUrl`; of a list, each is tried in turn
   * @param options - with a `selector`, and with `observe: 'attempts'`
   * @returns a cold Observable of the events of all attempts, the selector's values among them; it errors where the values would
   * @throws TypeError or RangeError at once for a bad argument or option, naming it
   */
  delete<T>(
    url: UrlInput,
    options: SelectingOptions<T, 'attempts'> & ObserveAttemptsOptions<T>,
  ): Observable<AttemptEvent<T, HttpAttempt>>;
  /**
   * Sends a DELETE: removes a resource, with options that were made elsewhere: a wrapper hands on its own.
   *
   * @param url - where it is sent: relative to `baseUrl`; of a list, each is tried in turn
   * @param options - whose type leaves open whether they have a `selector`
   * @returns a cold Observable of what the options may ask for: the selector's values, the `Response`, or the events of either
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
   * It is sent again only where that is safe: see {@link RetryStrategy.methods}. A header `idempotency-key` makes it safe.
   * Its Observable errors with an {@link HttpError}, with the `reason` of a `signal`, or with what a selector or interceptor throws.
   *
   * @param url - where it is sent: relative to `baseUrl`; of a list, each is tried in turn
   * @param body - what fetch takes; a plain object or array is sent as JSON; a factory makes a stream anew for each attempt
   * @param options - what holds for this request, over the client's own
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
   * @param url - where it is sent: relative to `baseUrl`; of a list, each is tried in turn
   * @param body - what fetch takes; a plain object or array is sent as JSON; a factory makes a stream anew for each attempt
   * @param options - with the `selector` that reads the response
   * @returns a cold Observable of the selector's values; a status of 400 or above is an {@link HttpStatusError}
   * @throws TypeError or RangeError at once for a bad argument or option, naming it
   */
  post<T>(url: UrlInput, body: RequestBody | undefined, options: SelectingOptions<T, 'value'>): Observable<T>;
  /**
   * Sends a POST: has something processed, and reports each attempt.
   *
   * @param url - where it is sent: relative to `baseUrl`; of a list, each is tried in turn
   * @param body - what fetch takes; a plain object or array is sent as JSON; a factory makes a stream anew for each attempt
   * @param options - with `observe: 'attempts'`
   * @returns a cold Observable of the events of all attempts, the `Response` among them; it errors where the values would
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
   * @param url - where it is sent: relative to `baseUrl`; of a list, each is tried in turn
   * @param body - what fetch takes; a plain object or array is sent as JSON; a factory makes a stream anew for each attempt
   * @param options - with a `selector`, and with `observe: 'attempts'`
   * @returns a cold Observable of the events of all attempts, the selector's values among them; it errors where the values would
   * @throws TypeError or RangeError at once for a bad argument or option, naming it
   */
  post<T>(
    url: UrlInput,
    body: RequestBody | undefined,
    options: SelectingOptions<T, 'attempts'> & ObserveAttemptsOptions<T>,
  ): Observable<AttemptEvent<T, HttpAttempt>>;
  /**
   * Sends a POST: has something processed, with options that were made elsewhere: a wrapper hands on its own.
   *
   * @param url - where it is sent: relative to `baseUrl`; of a list, each is tried in turn
   * @param body - what fetch takes; a plain object or array is sent as JSON; a factory makes a stream anew for each attempt
   * @param options - whose type leaves open whether they have a `selector`
   * @returns a cold Observable of what the options may ask for: the selector's values, the `Response`, or the events of either
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
   * Its Observable errors with an {@link HttpError}, with the `reason` of a `signal`, or with what a selector or interceptor throws.
   *
   * @param url - where it is sent: relative to `baseUrl`; of a list, each is tried in turn
   * @param body - what fetch takes; a plain object or array is sent as JSON; a factory makes a stream anew for each attempt
   * @param options - what holds for this request, over the client's own
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
   * @param url - where it is sent: relative to `baseUrl`; of a list, each is tried in turn
   * @param body - what fetch takes; a plain object or array is sent as JSON; a factory makes a stream anew for each attempt
   * @param options - with the `selector` that reads the response
   * @returns a cold Observable of the selector's values; a status of 400 or above is an {@link HttpStatusError}
   * @throws TypeError or RangeError at once for a bad argument or option, naming it
   */
  put<T>(url: UrlInput, body: RequestBody | undefined, options: SelectingOptions<T, 'value'>): Observable<T>;
  /**
   * Sends a PUT: puts a resource in another's place, and reports each attempt.
   *
   * @param url - where it is sent: relative to `baseUrl`; of a list, each is tried in turn
   * @param body - what fetch takes; a plain object or array is sent as JSON; a factory makes a stream anew for each attempt
   * @param options - with `observe: 'attempts'`
   * @returns a cold Observable of the events of all attempts, the `Response` among them; it errors where the values would
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
   * @param url - where it is sent: relative to `baseUrl`; of a list, each is tried in turn
   * @param body - what fetch takes; a plain object or array is sent as JSON; a factory makes a stream anew for each attempt
   * @param options - with a `selector`, and with `observe: 'attempts'`
   * @returns a cold Observable of the events of all attempts, the selector's values among them; it errors where the values would
   * @throws TypeError or RangeError at once for a bad argument or option, naming it
   */
  put<T>(
    url: UrlInput,
    body: RequestBody | undefined,
    options: SelectingOptions<T, 'attempts'> & ObserveAttemptsOptions<T>,
  ): Observable<AttemptEvent<T, HttpAttempt>>;
  /**
   * Sends a PUT: puts a resource in another's place, with options that were made elsewhere: a wrapper hands on its own.
   *
   * @param url - where it is sent: relative to `baseUrl`; of a list, each is tried in turn
   * @param body - what fetch takes; a plain object or array is sent as JSON; a factory makes a stream anew for each attempt
   * @param options - whose type leaves open whether they have a `selector`
   * @returns a cold Observable of what the options may ask for: the selector's values, the `Response`, or the events of either
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
   * It is sent again only where that is safe: see {@link RetryStrategy.methods}. A header `idempotency-key` makes it safe.
   * Its Observable errors with an {@link HttpError}, with the `reason` of a `signal`, or with what a selector or interceptor throws.
   *
   * @param url - where it is sent: relative to `baseUrl`; of a list, each is tried in turn
   * @param body - what fetch takes; a plain object or array is sent as JSON; a factory makes a stream anew for each attempt
   * @param options - what holds for this request, over the client's own
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
   * @param url - where it is sent: relative to `baseUrl`; of a list, each is tried in turn
   * @param body - what fetch takes; a plain object or array is sent as JSON; a factory makes a stream anew for each attempt
   * @param options - with the `selector` that reads the response
   * @returns a cold Observable of the selector's values; a status of 400 or above is an {@link HttpStatusError}
   * @throws TypeError or RangeError at once for a bad argument or option, naming it
   */
  patch<T>(url: UrlInput, body: RequestBody | undefined, options: SelectingOptions<T, 'value'>): Observable<T>;
  /**
   * Sends a PATCH: changes a resource in part, and reports each attempt.
   *
   * @param url - where it is sent: relative to `baseUrl`; of a list, each is tried in turn
   * @param body - what fetch takes; a plain object or array is sent as JSON; a factory makes a stream anew for each attempt
   * @param options - with `observe: 'attempts'`
   * @returns a cold Observable of the events of all attempts, the `Response` among them; it errors where the values would
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
   * @param url - where it is sent: relative to `baseUrl`; of a list, each is tried in turn
   * @param body - what fetch takes; a plain object or array is sent as JSON; a factory makes a stream anew for each attempt
   * @param options - with a `selector`, and with `observe: 'attempts'`
   * @returns a cold Observable of the events of all attempts, the selector's values among them; it errors where the values would
   * @throws TypeError or RangeError at once for a bad argument or option, naming it
   */
  patch<T>(
    url: UrlInput,
    body: RequestBody | undefined,
    options: SelectingOptions<T, 'attempts'> & ObserveAttemptsOptions<T>,
  ): Observable<AttemptEvent<T, HttpAttempt>>;
  /**
   * Sends a PATCH: changes a resource in part, with options that were made elsewhere: a wrapper hands on its own.
   *
   * @param url - where it is sent: relative to `baseUrl`; of a list, each is tried in turn
   * @param body - what fetch takes; a plain object or array is sent as JSON; a factory makes a stream anew for each attempt
   * @param options - whose type leaves open whether they have a `selector`
   * @returns a cold Observable of what the options may ask for: the selector's values, the `Response`, or the events of either
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
   * It is {@link RetryClient.get} with the {@link json} selector, and with `Accept: application/json` unless the headers say otherwise.
   * A status of 400 or above is an {@link HttpStatusError}, what is no JSON an {@link HttpParseError}.
   *
   * @typeParam T - the data's type: believed without a `schema`, and checked with one
   * @param url - where it is sent: relative to `baseUrl`; of a list, each is tried in turn
   * @param options - what holds for this request, over the client's own; a `schema` (any Standard Schema) checks the data, or it is an {@link HttpValidationError}
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
   * @param url - where it is sent: relative to `baseUrl`; of a list, each is tried in turn
   * @param options - with `observe: 'attempts'`
   * @returns a cold Observable of the events of all attempts, the data among them; it errors where the data would
   * @throws TypeError or RangeError at once for a bad argument or option, naming it
   */
  getJSON<T = unknown>(
    url: UrlInput,
    options: JsonOptions<T, 'attempts'> & { readonly observe: 'attempts' },
  ): Observable<AttemptEvent<T, HttpAttempt>>;
  /**
   * Sends a GET, and reads the response as JSON, with options that were made elsewhere: a wrapper hands on its own.
   *
   * @typeParam T - the data's type: believed without a `schema`, and checked with one
   * @param url - where it is sent: relative to `baseUrl`; of a list, each is tried in turn
   * @param options - whose type leaves open what they ask for
   * @returns a cold Observable of what the options may ask for: the data, or the events of all attempts
   * @throws TypeError or RangeError at once for a bad argument or option, naming it
   */
  getJSON<T = unknown>(
    url: UrlInput,
    options: JsonOptions<T, Observe> | undefined,
  ): Observable<T | AttemptEvent<T, HttpAttempt>>;
  getJSON(url: UrlInput, options?: JsonOptions<unknown, Observe>): Observable<unknown> {
    if (options !== undefined) checkOptions('options', options);
    const { schema, ...rest } = { ...options };
    const settings = mergeRequestOptions(this.#settings, options && rest);
    const accept = settings.defaultHeaders?.has('accept')
      ? undefined
      : (acceptJson ??= new Headers({ accept: 'application/json' }));
    return this.#observe(
      { ...settings, headers: mergeHeaders(accept, settings.headers), selector: jsonOf(schema) },
      (merged) => requestTargets(merged, 'GET', url, options?.body),
    );
  }

  /**
   * Sends one request in several wordings: attempt n with the n-th of them, then as `strategy.rotation` says.
   *
   * Each wording has its own method, URL, headers and body. A relative `url` is tried on each base in turn.
   * Its Observable errors with an {@link HttpError}, with the `reason` of a `signal`, or with what a selector or interceptor throws.
   *
   * @param params - the wordings, at least one
   * @param options - what holds for this request, over the client's own
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
   * Sends one request in several wordings: attempt n with the n-th of them, then as `strategy.rotation` says, and reads the response.
   *
   * The selector reads within the attempt: a body that breaks off before the first value is fetched again.
   *
   * @param params - the wordings, at least one
   * @param options - with the `selector` that reads the response
   * @returns a cold Observable of the selector's values; a status of 400 or above is an {@link HttpStatusError}
   * @throws TypeError or RangeError at once for a bad argument or option, naming it
   */
  requests<T>(params: readonly RequestParams[], options: SelectingOptions<T, 'value'>): Observable<T>;
  /**
   * Sends one request in several wordings: attempt n with the n-th of them, then as `strategy.rotation` says, and reports each attempt.
   *
   * @param params - the wordings, at least one
   * @param options - with `observe: 'attempts'`
   * @returns a cold Observable of the events of all attempts, the `Response` among them; it errors where the values would
   * @throws TypeError or RangeError at once for a bad argument or option, naming it
   */
  requests(
    params: readonly RequestParams[],
    options: ObserveAttemptsOptions<Response> & { readonly selector?: undefined },
  ): Observable<AttemptEvent<Response, HttpAttempt>>;
  /**
   * Sends one request in several wordings: attempt n with the n-th of them, then as `strategy.rotation` says, reads the response, and reports each attempt.
   *
   * @param params - the wordings, at least one
   * @param options - with a `selector`, and with `observe: 'attempts'`
   * @returns a cold Observable of the events of all attempts, the selector's values among them; it errors where the values would
   * @throws TypeError or RangeError at once for a bad argument or option, naming it
   */
  requests<T>(
    params: readonly RequestParams[],
    options: SelectingOptions<T, 'attempts'> & ObserveAttemptsOptions<T>,
  ): Observable<AttemptEvent<T, HttpAttempt>>;
  /**
   * Sends one request in several wordings: attempt n with the n-th of them, then as `strategy.rotation` says, with options that were made elsewhere: a wrapper hands on its own.
   *
   * @param params - the wordings, at least one
   * @param options - whose type leaves open whether they have a `selector`
   * @returns a cold Observable of what the options may ask for: the selector's values, the `Response`, or the events of either
   * @throws TypeError or RangeError at once for a bad argument or option, naming it
   */
  requests<T = Response, O extends Observe = 'value'>(
    params: readonly RequestParams[],
    options: RequestOptions<T, O> | undefined,
  ): Observable<T | Response | ('attempts' extends O ? AttemptEvent<T | Response, HttpAttempt> : never)>;
  requests(params: readonly RequestParams[], options?: AnyOptions): Observable<unknown> {
    return this.#observe(mergeRequestOptions(this.#settings, options), (settings) =>
      listedTargets(settings, params, options?.body),
    );
  }

  /**
   * A client with further options, laid over this one's; interceptors are appended. It shares this one's `attempts$`, and is closed with
   * it; closing the extension ends the extension's own requests only.
   */
  extend(options: ClientOptions): RetryClient {
    return new RetryClient(options, this);
  }

  /**
   * Aborts what is in flight, in extensions too, and completes `attempts$`. Requests under way, and later ones, error with an `AbortError`.
   */
  close(): void {
    this.#hub.close(closedError());
  }

  /** The same as {@link RetryClient.close}: `using client = new RetryClient()`. */
  [Symbol.dispose](): void {
    this.close();
  }

  #send(method: string, url: UrlInput, options?: AnyOptions, body?: RequestBody): Observable<unknown> {
    const given = body === undefined ? options?.body : body;
    return this.#observe(mergeRequestOptions(this.#settings, options), (settings) =>
      requestTargets(settings, method, url, given),
    );
  }

  /** The whole of a request. What it emits follows from the options, as the overloads say; here it is left open. */
  #observe(settings: ResolvedOptions, targetsOf: (settings: ResolvedOptions) => Target[]): Observable<unknown> {
    const targets = targetsOf(settings);
    return defer(() => {
      const host = new HttpDelegate(targets, settings, this.#hub);
      return host.attempts().pipe(runAttempts(settings.strategy, targets.length, host, settings.observe));
    });
  }
}
