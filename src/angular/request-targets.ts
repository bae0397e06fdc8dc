import type { PlatformLocation } from '@angular/common';
import type { HttpRequest, HttpXsrfTokenExtractor } from '@angular/common/http';

import { originOf, tryParseUrl, withoutCredentials } from '../http/url.js';
import { safeUrl } from '../util/safe-text.js';

/** The request that an attempt sends, and the URL of it that events show. */
export interface RequestTarget {
  readonly request: HttpRequest<unknown>;
  /** The absolute URL, without user and password. */
  readonly url: string;
}

/** Resolves a URL as Angular does, against the page's base; `undefined` if it is invalid. */
export function resolveAppUrl(url: string, location: PlatformLocation): URL | undefined {
  return tryParseUrl(url) ?? tryParseUrl(url, tryParseUrl(location.getBaseHrefFromDOM(), location.href));
}

function toRequestTarget(request: HttpRequest<unknown>, location: PlatformLocation): RequestTarget {
  const url = resolveAppUrl(request.urlWithParams, location);
  return { request, url: url ? withoutCredentials(url).url : safeUrl(request.urlWithParams) };
}

/**
 * Removes Angular's XSRF token. Angular sets it before any interceptor runs, and it is for the request's own origin
 * only: another origin must not get it.
 */
function withoutXsrfToken(request: HttpRequest<unknown>, token: string | null | undefined): HttpRequest<unknown> {
  const names = token ? request.headers.keys().filter((name) => request.headers.get(name) === token) : [];
  return names.length > 0
    ? request.clone({ headers: names.reduce((headers, name) => headers.delete(name), request.headers) })
    : request;
}

/** Returns the targets of a request's attempts: its own URL first, then each of the other URLs. */
export function toRequestTargets(
  request: HttpRequest<unknown>,
  others: readonly string[],
  location: PlatformLocation,
  tokenExtractor: HttpXsrfTokenExtractor | null,
): readonly [RequestTarget, ...RequestTarget[]] {
  const primary = toRequestTarget(request, location);
  const alternatives = others
    .filter((url) => url !== request.url)
    .map((url) => toRequestTarget(request.clone({ url }), location))
    .map((target) =>
      originOf(target.url) === originOf(primary.url)
        ? target
        : { ...target, request: withoutXsrfToken(target.request, tokenExtractor?.getToken()) },
    );
  return [primary, ...alternatives];
}
