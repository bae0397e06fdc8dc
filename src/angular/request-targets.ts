import type { PlatformLocation } from '@angular/common';
import type { HttpRequest, HttpXsrfTokenExtractor } from '@angular/common/http';

import { originOf, tryParseUrl, withoutCredentials } from '../http/url.js';
import { safeUrl } from '../util/safe-text.js';

/** Where an attempt goes. */
export interface RequestTarget {
  readonly request: HttpRequest<unknown>;
  /** In full, without user and password. */
  readonly url: string;
}

function toRequestTarget(request: HttpRequest<unknown>, location: PlatformLocation): RequestTarget {
  const url =
    tryParseUrl(request.urlWithParams) ??
    tryParseUrl(request.urlWithParams, tryParseUrl(location.getBaseHrefFromDOM(), location.href));
  return { request, url: url ? withoutCredentials(url).url : safeUrl(request.urlWithParams) };
}

/** The token against request forgery, which Angular sets before any interceptor runs, is for the request's own origin only. */
function withoutXsrfToken(request: HttpRequest<unknown>, token: string | null | undefined): HttpRequest<unknown> {
  const names = token ? request.headers.keys().filter((name) => request.headers.get(name) === token) : [];
  return names.length > 0
    ? request.clone({ headers: names.reduce((headers, name) => headers.delete(name), request.headers) })
    : request;
}

/** Where the attempts of a request go: to its own URL, then to each of the others. */
export function requestTargets(
  request: HttpRequest<unknown>,
  others: readonly string[],
  location: PlatformLocation,
  xsrf: HttpXsrfTokenExtractor | null,
): readonly [RequestTarget, ...RequestTarget[]] {
  const own = toRequestTarget(request, location);
  const rest = others
    .filter((url) => url !== request.url)
    .map((url) => toRequestTarget(request.clone({ url }), location))
    .map((place) =>
      originOf(place.url) === originOf(own.url)
        ? place
        : { ...place, request: withoutXsrfToken(place.request, xsrf?.getToken()) },
    );
  return [own, ...rest];
}
