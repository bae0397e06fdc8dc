import { invalidArgument } from '../invalid-argument.js';

/** A request's URL in the parts that undici takes, and the URL that the response reports. */
export interface RequestUrl {
  readonly origin: string;
  readonly path: string;
  readonly url: string;
}

/**
 * The origin of the last parsed URL. Most requests go to the same origin again, and parsing costs more than all other
 * work of sending.
 */
let lastOrigin = '';

/**
 * Matches a path, with or without a query, that parsing would not change. It has no dot or percent sign at the start of
 * a segment, no character to escape, no empty query and no fragment.
 */
const NORMALIZED_PATH = /^(?:\/(?![.%])[\w!$&()*+,;=:@%.~-]*)+(?:\?[\w!$&()*+,;=:@%.~/?-]+)?$/;

/**
 * Splits a URL.
 *
 * @throws TypeError for an invalid URL, for a scheme other than http and https, and for a user or password, which fetch
 * refuses too
 */
export function splitUrl(url: string): RequestUrl {
  if (lastOrigin !== '' && url.startsWith(lastOrigin)) {
    const path = url.slice(lastOrigin.length);
    if (NORMALIZED_PATH.test(path)) return { origin: lastOrigin, path, url };
  }
  const { protocol, username, password, origin, href, hash } = new URL(url);
  if (protocol !== 'http:' && protocol !== 'https:') {
    throw invalidArgument(`undiciFetch() sends to http: and https:, not to ${protocol}`);
  }
  if (username !== '' || password !== '') {
    throw invalidArgument('a URL must not have a user or password; pass them in the header authorization');
  }
  lastOrigin = origin;
  // Not pathname and search, which drop the `?` of an empty query: `/?` is another resource than `/`.
  const urlWithoutFragment = href.slice(0, href.length - Math.max(hash.length, href.endsWith('#') ? 1 : 0));
  return { origin, path: urlWithoutFragment.slice(origin.length), url: urlWithoutFragment };
}
