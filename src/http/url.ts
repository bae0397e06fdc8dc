import { invalidOptionMessage } from '../util/option-rule.js';
import { safeUrl } from '../util/safe-text.js';
import type { ParamEntries } from './params.js';

/** One place to send to, or several to try in turn. */
export type UrlInput = string | URL | readonly (string | URL)[];

/** Where one attempt goes: the URL without user and password, and these as a header; or why it can go nowhere. */
export interface ResolvedUrl {
  readonly url: string;
  readonly authorization?: string;
  readonly invalidReason?: string;
}

/** Checks URLs and returns them as strings; whether they parse is found out in the stream. */
export function checkUrls(name: string, urls: unknown): string[] {
  const list: readonly unknown[] = Array.isArray(urls) ? urls : [urls];
  if (list.length === 0) throw new RangeError(invalidOptionMessage(name, urls, 'at least one URL'));
  // Spread, since a hole is no URL either.
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

/** Where relative URLs start from without a `baseUrl`: the page, where there is one. */
function pageUrl(): string | undefined {
  return (
    (globalThis as { document?: { baseURI?: string } }).document?.baseURI ??
    (globalThis as { location?: { href?: string } }).location?.href
  );
}

/** Checks base URLs; a relative one starts from the page. */
export function checkBaseUrls(name: string, bases: unknown): URL[] {
  return checkUrls(name, bases).map((base) => {
    const url = tryParseUrl(base, pageUrl());
    if (!url) {
      throw new RangeError(invalidOptionMessage(name, safeUrl(base), 'an absolute URL, or one relative to the page'));
    }
    return url;
  });
}

/** Parses a URL; `undefined` where it is none. */
export function tryParseUrl(url: string, base?: string | URL): URL | undefined {
  // An exception would cost more than all the rest. Of hosts that are not ASCII canParse says no in Node 20 and 22, once it is optimized.
  if (ASCII.test(url) && !URL.canParse(url, base)) return undefined;
  try {
    return new URL(url, base);
  } catch {
    return undefined;
  }
}

/** Basic authentication of a URL's user and password: the URL has their bytes, in UTF-8, behind percent signs. */
function basicAuthorization({ username, password }: URL): string {
  return `Basic ${btoa(`${username}:${password}`.replace(/%([\da-f]{2})/gi, (_, byte: string) => String.fromCharCode(parseInt(byte, 16))))}`;
}

/** An absolute URL that needs nothing done to it. */
const SIMPLE_ABSOLUTE_URL = /^https?:\/\/[^@\\\0-\x20\x7f-\uffff]+$/i;

/**
 * Resolves a URL: every base in turn for a relative one, itself for an absolute one.
 *
 * With bases, a relative URL that leaves for another host (`//host`, in any spelling) is refused: it mostly comes from data, and would
 * take what is meant for the base's host elsewhere.
 */
export function resolveUrl(
  url: string,
  bases: readonly URL[] | undefined,
  params: ParamEntries | undefined,
): ResolvedUrl[] {
  if (!params && SIMPLE_ABSOLUTE_URL.test(url) && URL.canParse(url)) return [{ url }];
  const absolute = tryParseUrl(url);
  // With a base of its own scheme even `http:users` is relative.
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

/** @param url - a new one, which may be changed */
function toResolvedUrl(url: URL, params: ParamEntries | undefined): ResolvedUrl {
  // Without `//` there is no host, and what looks like a scheme may be a user: `me:secret@example.com`.
  if (!/^(?:data|blob|about):|^[^:]+:\/\//.test(url.href)) {
    return { url: safeUrl(url.href), invalidReason: 'the URL cannot be fetched' };
  }
  // Added as text: searchParams would write the URL's own query anew.
  if (params?.length) url.search += (url.search && '&') + new URLSearchParams(params as [string, string][]).toString();
  return withoutCredentials(url);
}

/** A URL without its user and password, and these as a header. */
export function withoutCredentials(url: URL): ResolvedUrl {
  if (url.username === '' && url.password === '') return { url: url.href };
  const authorization = basicAuthorization(url);
  const bare = new URL(url);
  bare.username = bare.password = '';
  return { url: bare.href, authorization };
}

/** A URL with a user and password, and headers, as they are sent: with these as basic authentication, unless the headers have their own. */
export function splitCredentials(
  url: string,
  headers: Headers | undefined,
): { readonly url: string; readonly headers: Headers | undefined } {
  const parsed = url.includes('@') ? tryParseUrl(url) : undefined;
  const { url: bare, authorization } = parsed ? withoutCredentials(parsed) : { url };
  if (authorization === undefined) return { url, headers };
  const added = new Headers(headers);
  if (!added.has('authorization')) added.set('authorization', authorization);
  return { url: bare, headers: added };
}

/** The origin of a URL that parses; the URL itself of one that does not. */
export function originOf(url: string): string {
  return tryParseUrl(url)?.origin ?? url;
}
