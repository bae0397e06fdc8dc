import { isStream } from '../http/stream-body.js';
import { withoutCredentials } from '../http/url.js';
import { invalidArgument } from './invalid-argument.js';

/** The response to one request of a chain of redirects. */
export interface Hop {
  readonly status: number;
  readonly headers: Headers;
  /** Discards the body, which will not be read. */
  discard(): void;
}

/** How many redirects are followed at most, as in fetch. */
const MAX_REDIRECTS = 20;
/** Headers that must not reach another origin. */
const CREDENTIAL_HEADERS = ['authorization', 'cookie', 'host', 'proxy-authorization'];
/** Headers of the body, removed together with it. */
const BODY_HEADERS = [
  'content-encoding',
  'content-language',
  'content-length',
  'content-location',
  'content-type',
  'transfer-encoding',
];

/**
 * Creates the error for a redirect that is not followed. It is permanent, since the URL would redirect again; the
 * request was received.
 */
function redirectError(message: string): TypeError {
  return Object.assign(new TypeError(message), { permanent: true, sent: true });
}

/** @throws TypeError if `redirect` is not a value that fetch has */
export function checkRedirect({ redirect }: RequestInit): void {
  if (redirect !== undefined && !/^(?:follow|manual|error)$/.test(redirect)) {
    throw invalidArgument(`redirect must be 'follow', 'manual' or 'error', not '${redirect}'`);
  }
}

/** Whether a status is one of the redirects that fetch follows. */
export function isRedirect(status: number): boolean {
  return status === 301 || status === 302 || status === 303 || status === 307 || status === 308;
}

/**
 * Follows redirects as fetch does.
 *
 * A POST becomes a GET after 301 and 302, every method except HEAD after 303. Credentials are not sent to another
 * origin. A streamed body cannot be sent again.
 *
 * @param fetchHop - sends one request without following its redirect
 * @returns the last response, and the URL that gave it
 * @throws TypeError for a redirect that cannot be followed, and for any redirect if `redirect` is 'error'
 * @see {@link https://fetch.spec.whatwg.org/#http-redirect-fetch | Fetch, HTTP-redirect fetch}
 */
export async function followRedirects<T extends Hop>(
  url: string,
  init: RequestInit,
  fetchHop: (url: string, init: RequestInit) => Promise<T>,
): Promise<{ readonly hop: T; readonly url: string; readonly redirected: boolean }> {
  let request = init;
  let currentUrl = url;
  for (let redirectCount = 0; ; redirectCount += 1) {
    const hop = await fetchHop(currentUrl, request);
    const isFollowed = isRedirect(hop.status) && init.redirect !== 'manual';
    const location = hop.headers.get('location');
    if (isFollowed && init.redirect === 'error') {
      hop.discard();
      throw redirectError('the response is a redirect, and redirect is "error"');
    }
    if (!isFollowed || location === null) return { hop, url: currentUrl, redirected: redirectCount > 0 };
    hop.discard();
    if (redirectCount === MAX_REDIRECTS) throw redirectError(`there were more than ${String(MAX_REDIRECTS)} redirects`);
    const target = resolveLocation(location, currentUrl);
    const next = withoutCredentials(target);
    request = nextRequest(request, hop.status, target.origin !== new URL(currentUrl).origin, next.authorization);
    currentUrl = next.url;
  }
}

function resolveLocation(location: string, baseUrl: string): URL {
  let target: URL;
  try {
    // HTTP clients decode headers as Latin-1, but servers send UTF-8 outside ASCII.
    target = new URL(new TextDecoder().decode(Uint8Array.from(location, (byte) => byte.charCodeAt(0))), baseUrl);
  } catch {
    // Without the cause: it has the URL in its message, which may contain a password.
    throw redirectError('a redirect leads to an invalid URL');
  }
  if (target.protocol !== 'http:' && target.protocol !== 'https:') {
    throw redirectError(`a redirect must lead to http: or https:, not to ${target.protocol}`);
  }
  // The fragment of the requested URL stays, unless the redirect has its own.
  if (target.hash === '') target.hash = new URL(baseUrl).hash;
  return target;
}

function nextRequest(
  init: RequestInit,
  status: number,
  leavesOrigin: boolean,
  authorization: string | undefined,
): RequestInit {
  const method = init.method ?? 'GET';
  const headers = new Headers(init.headers);
  if (leavesOrigin) for (const name of CREDENTIAL_HEADERS) headers.delete(name);
  if (authorization !== undefined) headers.set('authorization', authorization);
  if (status === 303 ? method !== 'GET' && method !== 'HEAD' : status < 303 && method === 'POST') {
    for (const name of BODY_HEADERS) headers.delete(name);
    return { ...init, method: 'GET', headers, body: null };
  }
  if (isStream(init.body)) throw redirectError('a streamed body cannot be sent again to follow a redirect');
  return { ...init, headers };
}
