import { firstValueFrom, from, Observable, takeUntil } from 'rxjs';

import type { FetchBody } from '../http/body.js';
import { addAbortListener, removeAbortListener } from '../util/abort-listeners.js';
import { check } from '../util/option-rule.js';
import { BodySignal } from './body-signal.js';
import { type FetchOptions, isTransportOption, mergeFetchInit } from './options.js';
import type { RetryClient } from './retry-client.js';

/** What a Request has besides method, URL, headers and body. */
const REQUEST_INIT = [
  'cache',
  'credentials',
  'integrity',
  'keepalive',
  'mode',
  'redirect',
  'referrer',
  'referrerPolicy',
  'signal',
] as const;

/**
 * Returns a `fetch` that sends by a client: with its retries, gates, interceptors and time limits. It is for a library
 * that takes a `fetch` of yours: openapi-fetch, the SDK of OpenAI, Octokit. Its attempts are found in the client's
 * `attempts$`.
 *
 * As with `fetch`, a status of 400 or above is a response, `signal` aborts the request and the reading of the body, and
 * what `fetch` does not know in `init` is ignored. The body is the caller's, and no timeout reaches it. Other than
 * `fetch`, it rejects with an {@link HttpError}. The body of a `Request` is read first, so that it can be sent again:
 * pass a stream beside a URL instead.
 *
 * A library that retries by itself should be told not to: attempts would multiply.
 *
 * @param client - the client that sends
 * @throws TypeError for what is no client
 *
 * @example
 * ```ts
 * import { RetryClient, toFetch } from 'rxjs-retry-client';
 *
 * const fetch = toFetch(new RetryClient({ strategy: { attempts: 5 } }));
 *
 * const response = await fetch('https://api.example.com/users/1');
 * console.log(response.status);
 * ```
 */
export function toFetch(client: RetryClient): (input: string | URL | Request, init?: RequestInit) => Promise<Response> {
  check('client', client, [
    undefined,
    'a RetryClient',
    (value: Partial<RetryClient> | null | undefined) => typeof value?.request === 'function',
  ]);
  return async (input, init) => {
    // What init says overrides what a Request says; each may be a Request.
    const {
      method = 'GET',
      body: given,
      signal,
      window: _window,
      ...options
    } = mergeFetchInit(
      isRequest(input) ? readRequest(input) : {},
      isRequest(init) ? readRequest(init) : readInit(init),
    );
    const body = given ?? (await readBody([init, input].filter(isRequest), signal));
    const url = isRequest(input) ? input.url : String(input);
    const bodySignal = isSignal(signal) ? new BodySignal(signal, [init, input]) : undefined;
    // eslint-disable-next-line rxjs-x/no-ignored-default-value -- a request without a response is an EmptyError
    const response = await firstValueFrom(
      client.request(method, url, {
        ...options,
        body,
        signal: (bodySignal as AbortSignal | undefined) ?? signal,
        throwHttpErrors: false,
      }),
    );
    return bodySignal?.follow(response) ?? response;
  };
}

/** Whether it is a Request, of any library or realm. */
function isRequest(value: unknown): value is Request {
  return typeof value === 'object' && value !== null && 'url' in value && 'arrayBuffer' in value;
}

/** Whether it is one; what is none, the client refuses. */
function isSignal(value: AbortSignal | null | undefined): value is AbortSignal {
  return typeof value?.aborted === 'boolean';
}

/**
 * The most important fields can be inherited, too. Libraries also pass their own options on, such as `retry` and
 * `timeout`, which `fetch` ignores.
 */
function readInit(init: RequestInit | null | undefined): RequestInit {
  const { body, headers, method, signal } = init ?? {};
  const others = Object.entries<unknown>({ ...init }).filter(([name]) => isTransportOption(name));
  return { ...Object.fromEntries(others), body, headers, method, signal } as RequestInit;
}

/** Only what differs from the defaults is passed on: not every platform knows every field. */
function readRequest(request: Request): FetchOptions & RequestInit {
  const { headers, method, url } = request;
  const defaults = new Request(url);
  const init: Record<string, unknown> = { headers, method };
  for (const name of REQUEST_INIT) if (request[name] !== defaults[name]) init[name] = request[name];
  // What a service worker gets; no other request can have this mode.
  if (init.mode === 'navigate') init.mode = 'same-origin';
  return init;
}

/** Reads the body of the first Request that has one, unless the signal aborts. */
async function readBody(
  requests: readonly Request[],
  signal: AbortSignal | null | undefined,
): Promise<ArrayBuffer | undefined> {
  const request = requests.find(
    // Firefox has no `body` here.
    ({ body, method }) => method !== 'GET' && method !== 'HEAD' && (body as FetchBody | null | undefined) !== null,
  );
  // Then the client rejects with its reason.
  if (!request || signal?.aborted) return undefined;
  const body$ = from(request.arrayBuffer());
  const body = await firstValueFrom(signal ? body$.pipe(takeUntil(abortOf(signal))) : body$, {
    defaultValue: undefined,
  });
  return body?.byteLength ? body : undefined;
}

/** Emits when a signal aborts. Many requests may share it, and Node warns of many listeners. */
function abortOf(signal: AbortSignal): Observable<void> {
  return new Observable((subscriber) => {
    const abort = (): void => {
      subscriber.next();
    };
    addAbortListener(signal, abort);
    return () => {
      removeAbortListener(signal, abort);
    };
  });
}
