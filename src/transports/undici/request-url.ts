import { invalidArgument } from '../invalid-argument.js';

/** Where a request goes, in the parts that undici wants, and the URL that the response tells. */
export interface RequestUrl {
  readonly origin: string;
  readonly path: string;
  readonly url: string;
}

/** The origin that was parsed last: most requests go where the one before went, and parsing costs more than all the rest of sending. */
let lastOrigin = '';

/**
 * A path, with its query or without, that parsing would leave as it is: no dots at a segment's beginning, nothing to escape, no empty query,
 * no fragment.
 */
const NORMALIZED_PATH = /^(?:\/(?![.%])[\w!$&()*+,;=:@%.~-]*)+(?:\?[\w!$&()*+,;=:@%.~/?-]+)?$/;

/**
 * Takes a URL apart.
 *
 * @throws TypeError where it is none, where it is neither http nor https, or has a user or a password, which fetch refuses, too
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
    throw invalidArgument('a URL with a user or a password is not sent to; pass them as a header');
  }
  lastOrigin = origin;
  // Not the path and the search, which say nothing of a query that is empty: `/?` is another resource than `/`.
  const urlWithoutFragment = href.slice(0, href.length - Math.max(hash.length, href.endsWith('#') ? 1 : 0));
  return { origin, path: urlWithoutFragment.slice(origin.length), url: urlWithoutFragment };
}
