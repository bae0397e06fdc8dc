import { firstValueFrom } from 'rxjs';

import type { FetchBody } from '../http/body.js';
import { check } from '../util/option-rule.js';
import type { RequestOptions } from './options.js';
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
 * As with `fetch`, a status of 400 or above is a response, and `signal` aborts the request; the body is the caller's,
 * and nothing limits the time of reading it. Other than `fetch`, it rejects with an {@link HttpError}. The body of a
 * `Request` is read first, so that it can be sent again: pass a stream beside a URL instead.
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
  return async (input, init = {}) => {
    const { method, url, options } =
      typeof input === 'object' && 'url' in input
        ? await readRequest(Object.keys(init).length > 0 ? new Request(input, init) : input)
        : { method: init.method ?? 'GET', url: input, options: readInit(init) };
    // eslint-disable-next-line rxjs-x/no-ignored-default-value -- only an interceptor can emit nothing, an error
    return firstValueFrom(client.request(method, url, { ...options, throwHttpErrors: false }));
  };
}

type SentOptions = RequestOptions & { readonly selector?: undefined };

function readInit({ method: _method, window: _window, ...init }: RequestInit): SentOptions {
  return init;
}

/** Only what differs from the defaults is passed on: not every platform knows every field. */
async function readRequest(
  request: Request,
): Promise<{ readonly method: string; readonly url: string; readonly options: SentOptions }> {
  const { headers, method, url } = request;
  const defaults = new Request(url);
  const init: Record<string, unknown> = {};
  for (const name of REQUEST_INIT) if (request[name] !== defaults[name]) init[name] = request[name];
  // Firefox has no `body` here.
  const hasBody = method !== 'GET' && method !== 'HEAD' && (request.body as FetchBody | null | undefined) !== null;
  const body = hasBody ? await request.arrayBuffer() : undefined;
  return { method, url, options: { ...init, headers, ...(body?.byteLength && { body }) } };
}
