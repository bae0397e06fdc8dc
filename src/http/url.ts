import { invalidOptionMessage } from '../util/option-rule.js';
import { safeUrl } from '../util/safe-text.js';
import type { ParamEntries } from './params.js';

/** One URL, or several to try in turn. */
export type UrlInput = string | URL | readonly (string | URL)[];

/** The URL of an attempt without user and password, and these as a header; or the reason why it is invalid. */
export interface ResolvedUrl {
  readonly url: string;
  readonly authorization?: string;
  readonly invalidReason?: string;
}

/**
 * Checks the types of URLs and returns them as strings. A URL that does not parse becomes an error of the stream.
 *
 * @throws TypeError or RangeError that names the option
 */
export function checkUrls(name: string, urls: unknown): string[] {
  const list: readonly unknown[] = Array.isArray(urls) ? urls : [urls];
  if (list.length === 0) throw new RangeError(invalidOptionMessage(name, urls, 'at least one URL'));
  // `map` skips holes; the spread makes them `undefined`, which is no URL.
  return [...list].map((url, index) => {
    if (typeof url === 'string') return url;
    if (url instanceof URL) return url.href;
    throw new TypeError(
      invalidOptionMessage(
        Array.isArray(urls) ? `${name}[${index}]` : name,
        url,
        'a string, a URL, or an array of these',
      ),
    );
  });
}

const ASCII = /^[\0-\x7f]*$/;

/** The URL of the page, if there is one: the base of relative URLs without a `baseUrl`. */
function pageUrl(): string | undefined {
  return (
    (globalThis as { document?: { baseURI?: string } }).document?.baseURI ??
    (globalThis as { location?: { href?: string } }).location?.href
  );
}

/**
 * Checks base URLs; a relative one is resolved against the page.
 *
 * @throws TypeError or RangeError that names the option
 */
export function checkBaseUrls(name: string, bases: unknown): URL[] {
  return checkUrls(name, bases).map((base) => {
    const url = tryParseUrl(base, pageUrl());
    if (!url) {
      throw new RangeError(invalidOptionMessage(name, safeUrl(base), 'an absolute URL, or one relative to the page'));
    }
    return url;
  });
}

/** Parses a URL; `undefined` if it is invalid. */
export function tryParseUrl(url: string, base?: string | URL): URL | undefined {
  // An exception would cost more than the rest of a request. In Node 20 and 22 an optimized canParse returns false for
  // hosts that are not ASCII, so only ASCII is asked.
  if (ASCII.test(url) && !URL.canParse(url, base)) return undefined;
  try {
    return new URL(url, base);
  } catch {
    return undefined;
  }
}

/** Returns the Basic authorization for a URL's user and password. The URL has their UTF-8 bytes, percent-encoded. */
function basicAuthorization({ username, password }: URL): string {
  return `Basic ${btoa(`${username}:${password}`.replace(/%([\da-f]{2})/gi, (_, byte: string) => String.fromCharCode(parseInt(byte, 16))))}`;
}

/** An absolute URL without credentials, and without characters that a parser would change: it is sent as it is. */
const SIMPLE_ABSOLUTE_URL = /^https?:\/\/[^@\\\0-\x20\x7f-\uffff]+$/i;

/**
 * Resolves a URL: a relative one against every base in turn, an absolute one to itself.
 *
 * With bases, a relative URL that names another host (`//host`, in any spelling) is invalid. Such a URL mostly comes
 * from data, and would send credentials for the base's host elsewhere.
 */
export function resolveUrl(
  url: string,
  bases: readonly URL[] | undefined,
  params: ParamEntries | undefined,
): ResolvedUrl[] {
  if (!params && SIMPLE_ABSOLUTE_URL.test(url) && URL.canParse(url)) return [{ url }];
  const absolute = tryParseUrl(url);
  // With a base of the same scheme even `http:users` is relative.
  if (absolute && (!bases || bases.every((base) => tryParseUrl(url, base)?.href === absolute.href))) {
    return [toResolvedUrl(absolute, params)];
  }
  if (!bases) {
    const resolved = tryParseUrl(url, pageUrl());
    if (resolved) return [toResolvedUrl(resolved, params)];
    return [
      {
        url: safeUrl(url),
        invalidReason: tryParseUrl(url, 'http://a')
          ? 'the URL is relative, and there is no baseUrl'
          : 'the URL does not parse',
      },
    ];
  }
  const changesHost = /^[\0-\x20]*[/\\][\t\n\r]*[/\\]/.test(url);
  return bases.map((base) => {
    const resolved = changesHost ? undefined : tryParseUrl(url, base);
    if (resolved?.host === base.host) return toResolvedUrl(resolved, params);
    return {
      url: safeUrl(url),
      invalidReason: resolved || changesHost ? 'a relative URL must not name a host' : 'the URL does not parse',
    };
  });
}

/** @param url - a URL that no other code uses: it is changed */
function toResolvedUrl(url: URL, params: ParamEntries | undefined): ResolvedUrl {
  // Without `//` there is no host, and the apparent scheme may be a user: `me:secret@example.com`.
  if (!/^(?:data|blob|about):|^[^:]+:\/\//.test(url.href)) {
    return { url: safeUrl(url.href), invalidReason: 'the URL cannot be fetched' };
  }
  // Appended as text: `searchParams` would serialize the URL's own query again.
  if (params?.length) url.search += (url.search && '&') + new URLSearchParams(params as [string, string][]).toString();
  return withoutCredentials(url);
}

/** Returns a URL without its user and password, and these as a header. */
export function withoutCredentials(url: URL): ResolvedUrl {
  if (url.username === '' && url.password === '') return { url: url.href };
  const authorization = basicAuthorization(url);
  const stripped = new URL(url);
  stripped.username = stripped.password = '';
  return { url: stripped.href, authorization };
}

/** Moves a URL's user and password to the headers as Basic authorization, unless the headers have an authorization. */
export function splitCredentials(
  url: string,
  headers: Headers | undefined,
): { readonly url: string; readonly headers: Headers | undefined } {
  const parsed = url.includes('@') ? tryParseUrl(url) : undefined;
  const { url: stripped, authorization } = parsed ? withoutCredentials(parsed) : { url };
  if (authorization === undefined) return { url, headers };
  const merged = new Headers(headers);
  if (!merged.has('authorization')) merged.set('authorization', authorization);
  return { url: stripped, headers: merged };
}

/** Returns the origin of a URL; the URL itself if it does not parse. */
export function originOf(url: string): string {
  return tryParseUrl(url)?.origin ?? url;
}
