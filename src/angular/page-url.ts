import type { PlatformLocation } from '@angular/common';
import { throwError } from 'rxjs';

import { HttpNetworkError } from '../errors/http-network-error.js';
import { checkBaseUrls, checkUrls, tryParseUrl, type UrlInput } from '../http/url.js';
import type { Interceptor } from '../transports/interceptor.js';

/** A page whose URL is not known has this one. Nothing answers it: RFC 6761 reserves the name. */
const UNKNOWN_PAGE = 'http://page-without-url.invalid/';

/**
 * Returns the URL that relative URLs are relative to, as for HttpClient; `undefined` if the page has none: on a server
 * that renders without a URL.
 */
export function pageBase(location: PlatformLocation): URL | undefined {
  // It is null without a `<base>`, whatever its type says.
  const baseHref = location.getBaseHrefFromDOM() as string | null;
  return tryParseUrl(baseHref ?? '', tryParseUrl(location.href));
}

/** Whether a URL is relative to the page. */
function isRelative(url: string): boolean {
  return tryParseUrl(url) === undefined;
}

/**
 * Resolves relative base URLs against the page. Of a page without a URL it makes one that cannot be reached: the client
 * then still sends its credentials to no other origin.
 *
 * @throws TypeError or RangeError that names the option
 */
export function resolveBaseUrls(name: string, urls: UrlInput, page: URL | undefined): string[] {
  return checkBaseUrls(
    name,
    checkUrls(name, urls).map((url) => (isRelative(url) ? (tryParseUrl(url, page ?? UNKNOWN_PAGE)?.href ?? url) : url)),
  ).map(({ href }) => href);
}

/** Fails the requests whose base URL is relative to a page without a URL. Outside a server each page has one. */
export const failOnUnknownPage: Interceptor = (request, next) =>
  request.url.startsWith(UNKNOWN_PAGE)
    ? throwError(
        () =>
          new HttpNetworkError({
            attempt: request.attempt,
            summary: 'baseUrl is relative, and the page that is rendered has no URL to resolve it against',
            phase: 'connect',
            sent: false,
            permanent: true,
          }),
      )
    : next(request);

/** Resolves the relative ones of a request's URLs against the page. Everything else is left as it is. */
export function resolveUrls(urls: unknown, page: URL): unknown {
  if (Array.isArray(urls)) return urls.map((url) => resolveUrls(url, page));
  return typeof urls === 'string' && isRelative(urls) ? (tryParseUrl(urls, page)?.href ?? urls) : urls;
}
