import { type PreparedBody, prepareBody, type RequestBody } from '../http/body.js';
import { type HeadersInput, mergeHeaders, readHeaders } from '../http/headers.js';
import { mergeParams, type ParamEntries, type Params } from '../http/params.js';
import { checkUrls, originOf, type ResolvedUrl, resolveUrl, type UrlInput } from '../http/url.js';
import type { HttpAttempt } from '../retry/attempt.js';
import { isRepeatable } from '../retry/decide-retry.js';
import { checkOptions, invalidOptionMessage } from '../util/option-rule.js';
import type { OutgoingRequest } from './exchange.js';
import { ORIGIN_BOUND_HEADERS, type FetchOptions, mergeFetchInit, type ResolvedOptions } from './options.js';
import { rejectUnknownOption } from './unknown-option.js';

/** One request of `requests()`: its HTTP parts, and fetch's other options. */
export interface RequestParams extends FetchOptions {
  /** @default 'GET' */
  readonly method?: string | undefined;
  readonly url: string | URL;
  readonly headers?: HeadersInput | undefined;
  readonly params?: Params | undefined;
  readonly body?: RequestBody | undefined;
}

/**
 * A destination of a request, with everything that an attempt there is made of. Each attempt goes to the next target.
 */
export interface Target {
  readonly method: string;
  readonly url: string;
  /** Why no request can be sent to the URL; absent for a valid one. */
  readonly invalidReason?: string | undefined;
  readonly headers: Headers | undefined;
  readonly body: PreparedBody | undefined;
  readonly fetchInit: RequestInit;
  /** Whether the request may be received twice. */
  readonly repeatable: boolean;
  /** Whether the option `idempotencyKey` makes its key. */
  readonly needsKey: boolean;
}

const TOKEN = /^[!#$%&'*+\-.^_`|~\w]+$/;
const STANDARD_METHOD = /^(?:get|head|post|put|patch|delete|options|query|trace|connect)$/i;

/**
 * Checks a method. HTTP's own are sent in upper case, which fetch does for some of them only; others are
 * case-sensitive.
 */
function checkMethod(name: string, method: unknown): string {
  if (typeof method !== 'string' || !TOKEN.test(method)) {
    throw new TypeError(invalidOptionMessage(name, method, "an HTTP method such as 'GET'"));
  }
  return STANDARD_METHOD.test(method) ? method.toUpperCase() : method;
}

function checkBody(method: string, body: unknown): PreparedBody | undefined {
  const prepared = prepareBody(body);
  if (prepared && (method === 'GET' || method === 'HEAD')) {
    throw new TypeError(`body must be absent from a ${method} request; QUERY or POST can have one`);
  }
  return prepared;
}

/** What the targets of one request have in common, and its URLs. */
interface TargetSpec {
  readonly method: string;
  readonly urls: readonly string[];
  readonly headers: Headers | undefined;
  readonly params: ParamEntries | undefined;
  readonly body: PreparedBody | undefined;
  readonly fetchInit: RequestInit;
}

function toTargets(options: ResolvedOptions, { method, urls, headers, params, body, fetchInit }: TargetSpec): Target[] {
  const { baseUrls, strategy } = options;
  const repeatable = isRepeatable(strategy, method, headers?.has('idempotency-key') === true);
  const takesKey = options.idempotencyKey !== false && (method === 'POST' || method === 'PATCH');
  const toTarget = (resolved: ResolvedUrl): Target => {
    const merged = targetHeaders(defaultHeadersFor(options, resolved.url), resolved, headers);
    const needsKey = takesKey && !merged?.has('idempotency-key');
    return {
      method,
      url: resolved.url,
      invalidReason: resolved.invalidReason,
      headers: merged,
      body,
      fetchInit,
      repeatable: repeatable || needsKey,
      needsKey,
    };
  };
  const resolvedUrls =
    urls.length === 1
      ? resolveUrl(urls[0] as string, baseUrls, params)
      : urls.flatMap((url) => resolveUrl(url, baseUrls, params));
  // Most requests have one target. map() and push() would reserve memory for more.
  return resolvedUrls.length === 1 ? [toTarget(resolvedUrls[0] as ResolvedUrl)] : resolvedUrls.map(toTarget);
}

/** Returns the client's headers for a URL. Credentials go only to the origins of the `baseUrl` that they came with. */
function defaultHeadersFor({ defaultHeaders, headerOrigins }: ResolvedOptions, url: string): Headers | undefined {
  const isForOtherOrigin = (name: string): boolean =>
    defaultHeaders?.has(name) === true && headerOrigins[name]?.has(originOf(url)) === false;
  const names = ORIGIN_BOUND_HEADERS.filter(isForOtherOrigin);
  if (names.length === 0) return defaultHeaders;
  const rest = new Headers(defaultHeaders);
  for (const name of names) rest.delete(name);
  return rest;
}

/** Merges headers: the URL's user and password over the client's headers, and the request's headers over both. */
function targetHeaders(
  clientHeaders: Headers | undefined,
  { authorization }: ResolvedUrl,
  requestHeaders: Headers | undefined,
): Headers | undefined {
  const base =
    authorization === undefined ? clientHeaders : mergeHeaders(clientHeaders, new Headers({ authorization }));
  return mergeHeaders(base, requestHeaders);
}

/** Returns the targets of a request: one per URL and base URL. */
export function requestTargets(options: ResolvedOptions, method: string, url: UrlInput, body: unknown): Target[] {
  const checkedMethod = checkMethod('method', method);
  const { headers, params, fetchInit } = options;
  return toTargets(options, {
    method: checkedMethod,
    urls: checkUrls('url', url),
    headers,
    params,
    fetchInit,
    body: checkBody(checkedMethod, body),
  });
}

/**
 * Returns the targets of `requests()`: attempt n is made with entry n of the list.
 *
 * @param commonBody - the body of entries without one
 */
export function listedTargets(options: ResolvedOptions, list: readonly RequestParams[], commonBody: unknown): Target[] {
  const expected = 'an array of at least one { method, url, headers, body … }';
  if (!Array.isArray(list)) throw new TypeError(invalidOptionMessage('params', list, expected));
  if (list.length === 0) throw new RangeError(invalidOptionMessage('params', list, expected));
  return (list as readonly RequestParams[]).flatMap((entry, index) => {
    const name = `params[${index}]`;
    checkOptions(name, entry);
    const { method = 'GET', url, headers, params, body, ...fetchInit } = entry;
    for (const option of Object.keys(fetchInit)) {
      rejectUnknownOption(option, ['method', 'url', 'headers', 'params', 'body']);
    }
    const checkedMethod = checkMethod(`${name}.method`, method);
    return toTargets(options, {
      method: checkedMethod,
      urls: checkUrls(`${name}.url`, url),
      headers:
        headers === undefined
          ? options.headers
          : mergeHeaders(options.headers, readHeaders(`${name}.headers`, headers)),
      params: mergeParams(`${name}.params`, options.params, params),
      body: checkBody(checkedMethod, body ?? commonBody),
      fetchInit: mergeFetchInit(options.fetchInit, fetchInit),
    });
  });
}

/**
 * Makes an attempt's request to a target. Nothing in it is shared with other attempts.
 *
 * @param key - the idempotency key, if it has one
 * @param needsHeaders - whether an interceptor or a selector reads the headers; a transport does without empty ones
 */
export function createAttemptRequest(
  target: Target,
  attempt: HttpAttempt,
  key: string | undefined,
  needsHeaders: boolean,
): OutgoingRequest {
  const { method, url, fetchInit } = target;
  const body = target.body?.open();
  const type = body?.type;
  const headers = (target.headers ?? type ?? key ?? needsHeaders) ? new Headers(target.headers) : undefined;
  if (type !== undefined && !headers?.has('content-type')) headers?.set('content-type', type);
  if (key !== undefined) headers?.set('idempotency-key', key);
  // Browsers and Node refuse a stream as the body without this option.
  const init = body?.isStream ? { ...fetchInit, duplex: 'half' } : fetchInit;
  return { method, url, headers, body: body?.content ?? null, attempt, init };
}
