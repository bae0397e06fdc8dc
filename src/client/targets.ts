import { type PreparedBody, prepareBody, type RequestBody } from '../http/body.js';
import { type HeadersInput, mergeHeaders, readHeaders } from '../http/headers.js';
import { mergeParams, type ParamEntries, type Params } from '../http/params.js';
import { checkUrls, originOf, type ResolvedUrl, resolveUrl, type UrlInput } from '../http/url.js';
import type { HttpAttempt } from '../retry/attempt.js';
import { checkOptions, invalidOptionMessage } from '../util/option-rule.js';
import type { OutgoingRequest } from './exchange.js';
import { ORIGIN_BOUND_HEADERS, type FetchOptions, mergeFetchInit, type ResolvedOptions } from './options.js';
import { rejectUnknownOption } from './unknown-option.js';

/** What one attempt of `requests()` is made with: an HTTP request, and whatever else fetch takes. */
export interface RequestParams extends FetchOptions {
  /** @default 'GET' */
  readonly method?: string | undefined;
  readonly url: string | URL;
  readonly headers?: HeadersInput | undefined;
  readonly params?: Params | undefined;
  readonly body?: RequestBody | undefined;
}

/** What an attempt can be made with: each attempt takes the next of them. */
export interface Target {
  readonly method: string;
  readonly url: string;
  /** Why it can go nowhere, where it can't. */
  readonly wrong?: string | undefined;
  readonly headers: Headers | undefined;
  readonly payload: PreparedBody | undefined;
  readonly init: RequestInit;
  /** Whether it may be received twice. */
  readonly repeatable: boolean;
}

const TOKEN = /^[!#$%&'*+\-.^_`|~\w]+$/;
const STANDARD = /^(?:get|head|post|put|patch|delete|options|query|trace|connect)$/i;

/** Checks a method. HTTP's own are sent in upper case, which fetch does for some of them only; others are told apart by case. */
function checkMethod(name: string, method: unknown): string {
  if (typeof method !== 'string' || !TOKEN.test(method)) {
    throw new TypeError(invalidOptionMessage(name, method, "an HTTP method such as 'GET'"));
  }
  return STANDARD.test(method) ? method.toUpperCase() : method;
}

function checkBody(method: string, body: unknown): PreparedBody | undefined {
  const ready = prepareBody(body);
  if (ready && (method === 'GET' || method === 'HEAD')) {
    throw new TypeError(`body must be absent from a ${method} request; QUERY or POST can have one`);
  }
  return ready;
}

interface Wish {
  readonly method: string;
  readonly urls: readonly string[];
  readonly headers: Headers | undefined;
  readonly params: ParamEntries | undefined;
  readonly payload: PreparedBody | undefined;
  readonly init: RequestInit;
}

function toTargets(settings: ResolvedOptions, { method, urls, headers, params, payload, init }: Wish): Target[] {
  const { baseUrls: bases, strategy: policy } = settings;
  const repeatable = policy.methods.includes(method.toUpperCase()) || headers?.has('idempotency-key') === true;
  const toTarget = (place: ResolvedUrl): Target => {
    return {
      method,
      url: place.url,
      wrong: place.invalidReason,
      headers: placeHeaders(defaultsFor(settings, place.url), place, headers),
      payload,
      init,
      repeatable,
    };
  };
  const places =
    urls.length === 1
      ? resolveUrl(urls[0] as string, bases, params)
      : urls.flatMap((url) => resolveUrl(url, bases, params));
  // Most requests are to one place, and an array that grew has room for more.
  return places.length === 1 ? [toTarget(places[0] as ResolvedUrl)] : places.map(toTarget);
}

/** The client's headers for a URL: credentials stay with the origins that they came for. */
function defaultsFor({ defaultHeaders, headerOrigins }: ResolvedOptions, url: string): Headers | undefined {
  const stays = (name: string): boolean =>
    defaultHeaders?.has(name) === true && headerOrigins[name]?.has(originOf(url)) === false;
  const names = ORIGIN_BOUND_HEADERS.filter(stays);
  if (names.length === 0) return defaultHeaders;
  const rest = new Headers(defaultHeaders);
  for (const name of names) rest.delete(name);
  return rest;
}

/** A URL's user and password come over the client's defaults, and the request's own headers over these. */
function placeHeaders(
  defaults: Headers | undefined,
  { authorization }: ResolvedUrl,
  own: Headers | undefined,
): Headers | undefined {
  const base = authorization === undefined ? defaults : mergeHeaders(defaults, new Headers({ authorization }));
  return mergeHeaders(base, own);
}

/** The targets of a request to one URL, or several to try in turn. */
export function requestTargets(settings: ResolvedOptions, method: string, url: UrlInput, body: unknown): Target[] {
  const checked = checkMethod('method', method);
  const { headers, params, fetchInit: init } = settings;
  return toTargets(settings, {
    method: checked,
    urls: checkUrls('url', url),
    headers,
    params,
    init,
    payload: checkBody(checked, body),
  });
}

/** The targets of `requests()`: the n-th attempt is made with the n-th of them, and with the common body where it has none of its own. */
export function listedTargets(settings: ResolvedOptions, list: readonly RequestParams[], common: unknown): Target[] {
  const expected = 'an array of at least one { method, url, headers, body … }';
  if (!Array.isArray(list)) throw new TypeError(invalidOptionMessage('params', list, expected));
  if (list.length === 0) throw new RangeError(invalidOptionMessage('params', list, expected));
  return (list as readonly RequestParams[]).flatMap((params, index) => {
    const name = `params[${index}]`;
    checkOptions(name, params);
    const { method = 'GET', url, headers, params: query, body, ...init } = params;
    for (const unread of Object.keys(init)) rejectUnknownOption(unread, ['method', 'url', 'headers', 'params', 'body']);
    const checked = checkMethod(`${name}.method`, method);
    return toTargets(settings, {
      method: checked,
      urls: checkUrls(`${name}.url`, url),
      headers:
        headers === undefined
          ? settings.headers
          : mergeHeaders(settings.headers, readHeaders(`${name}.headers`, headers)),
      params: mergeParams(`${name}.params`, settings.params, query),
      payload: checkBody(checked, body ?? common),
      init: mergeFetchInit(settings.fetchInit, init),
    });
  });
}

/**
 * One attempt's request to a target: everything in it is this attempt's own.
 *
 * @param seen - whether anybody but the transport will see it, who may expect headers
 */
export function createAttemptRequest(target: Target, attempt: HttpAttempt, seen: boolean): OutgoingRequest {
  const { method, url, payload: ready } = target;
  const body = ready?.open();
  const type = body?.type;
  const headers = (target.headers ?? type ?? seen) ? new Headers(target.headers) : undefined;
  if (type !== undefined && !headers?.has('content-type')) headers?.set('content-type', type);
  // Browsers and Node want it said that a stream is sent before the answer is read.
  const init = body?.isStream ? { ...target.init, duplex: 'half' } : target.init;
  return { method, url, headers, body: body?.content ?? null, attempt, init };
}
