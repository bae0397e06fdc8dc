/// <reference lib="esnext.disposable" preserve="true" />
import { defer, type Observable } from 'rxjs';

import type { AttemptEvent, HttpAttempt } from './attempt.js';
import type { RequestBody } from './body.js';
import type { BodyCall, JsonCall, JsonOptions, ListCall, MethodCall, UrlCall } from './calls.js';
import { checkOptions } from './check.js';
import { HttpHost } from './http-host.js';
import { closedError, Hub } from './hub.js';
import { mergeHeaders } from './headers.js';
import { type ClientOptions, clientSettings, DEFAULT_SETTINGS, type RequestOptions, requestSettings, type Settings } from './options.js';
import { type Observe, runAttempts } from './retry-with-strategy.js';
import { jsonOf } from './selectors/json-of.js';
import { listedTargets, type RequestParams, requestTargets, type Target } from './request.js';
import type { UrlInput } from './url.js';

type AnyOptions = RequestOptions<unknown, Observe>;

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
  readonly #settings: Settings;
  readonly #hub: Hub;

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
    this.#settings = clientSettings(parent ? parent.#settings : DEFAULT_SETTINGS, options);
    this.#hub = new Hub(parent ? parent.#hub : undefined);
    this.attempts$ = this.#hub.events.events$;
  }

  /** A request with any method. */
  readonly request: MethodCall = (method: string, url: UrlInput, options?: AnyOptions) => this.#send(method, url, options?.body, options);

  /** GET: fetches a resource. */
  readonly get: UrlCall = (url: UrlInput, options?: AnyOptions) => this.#send('GET', url, options?.body, options);

  /** HEAD: what GET would answer, without the body. */
  readonly head: UrlCall = (url: UrlInput, options?: AnyOptions) => this.#send('HEAD', url, options?.body, options);

  /** OPTIONS: what can be done with a resource. */
  readonly options: UrlCall = (url: UrlInput, options?: AnyOptions) => this.#send('OPTIONS', url, options?.body, options);

  /** DELETE: removes a resource. */
  readonly delete: UrlCall = (url: UrlInput, options?: AnyOptions) => this.#send('DELETE', url, options?.body, options);

  /** POST: has something processed. Not repeated unless that is safe: see {@link RetryStrategy.methods}. */
  readonly post: BodyCall = (url: UrlInput, body?: RequestBody, options?: AnyOptions) => this.#send('POST', url, body, options);

  /** PUT: puts a resource in another's place. */
  readonly put: BodyCall = (url: UrlInput, body?: RequestBody, options?: AnyOptions) => this.#send('PUT', url, body, options);

  /** PATCH: changes a resource in part. Not repeated unless that is safe: see {@link RetryStrategy.methods}. */
  readonly patch: BodyCall = (url: UrlInput, body?: RequestBody, options?: AnyOptions) => this.#send('PATCH', url, body, options);

  /**
   * GET, read as JSON: {@link RetryClient.get} with the {@link json} selector, and `Accept: application/json` unless the headers say
   * otherwise. The option `schema` is any Standard Schema, which gives the data its type.
   */
  readonly getJSON: JsonCall = (url: UrlInput, options?: JsonOptions<unknown, Observe>) => {
    if (options !== undefined) checkOptions('options', options);
    const { schema, ...rest } = { ...options };
    const settings = requestSettings(this.#settings, options && rest);
    const accept = settings.defaultHeaders?.has('accept') ? undefined : (acceptJson ??= new Headers({ accept: 'application/json' }));
    return this.#observe({ ...settings, headers: mergeHeaders(accept, settings.headers), selector: jsonOf(schema) }, (merged) =>
      requestTargets(merged, 'GET', url, options?.body),
    );
  };

  /**
   * One request in several wordings: attempt n is made with the n-th of them, then as `strategy.rotation` says.
   *
   * @param params - at least one; a relative `url` is tried on each base in turn
   */
  readonly requests: ListCall = (params: readonly RequestParams[], options?: AnyOptions) =>
    this.#observe(requestSettings(this.#settings, options), (settings) => listedTargets(settings, params, options?.body));

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

  #send(method: string, url: UrlInput, body: unknown, options: AnyOptions | undefined): Observable<never> {
    const given = body === undefined ? options?.body : body;
    return this.#observe(requestSettings(this.#settings, options), (settings) => requestTargets(settings, method, url, given));
  }

  /** The whole of a request. What it emits follows from the options, as the call's own type says; here it is left open. */
  #observe(settings: Settings, targetsOf: (settings: Settings) => Target[]): Observable<never> {
    const targets = targetsOf(settings);
    return defer(() => {
      const host = new HttpHost(targets, settings, this.#hub);
      return host.attempts().pipe(runAttempts(settings.policy, targets.length, host, settings.observe));
    }) as Observable<never>;
  }
}
