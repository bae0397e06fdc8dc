import { isStream } from '../http/stream-body.js';
import { withoutCredentials } from '../http/url.js';
import { invalidArgument } from './invalid-argument.js';

/** One request without redirects: what it answers, as far as redirects are concerned. */
export interface Hop {
  readonly status: number;
  readonly headers: Headers;
  /** Lets go of the body, which nobody will read. */
  discard(): void;
}

/** The most redirects that are followed, as in fetch. */
const MAX_REDIRECTS = 20;
/** What is meant for the first origin alone. */
const CREDENTIAL_HEADERS = ['authorization', 'cookie', 'host', 'proxy-authorization'];
/** What describes a body that is not sent on. */
const BODY_HEADERS = [
  'content-encoding',
  'content-language',
  'content-length',
  'content-location',
  'content-type',
  'transfer-encoding',
];

/** Where there is no following: the same URL would lead there again, and what it was sent to has received it. */
function redirectError(message: string): TypeError {
  return Object.assign(new TypeError(message), { permanent: true, sent: true });
}

/** @throws TypeError for an option `redirect` that is none of fetch's */
export function checkRedirect({ redirect }: RequestInit): void {
  if (redirect !== undefined && !/^(?:follow|manual|error)$/.test(redirect)) {
    throw invalidArgument(`redirect must be 'follow', 'manual' or 'error', not '${redirect}'`);
  }
}

/** Whether a status tells that the answer is elsewhere. */
export function isRedirect(status: number): boolean {
  return status === 301 || status === 302 || status === 303 || status === 307 || status === 308;
}

/**
 * Follows redirects as fetch does: a POST becomes a GET after 301 and 302, anything but HEAD after 303; credentials stay with their origin; a
 * streamed body cannot be sent again.
 *
 * @param fetchHop - sends one request, without following
 * @returns the last answer, and the URL that gave it
 * @throws TypeError where there is no following
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
      throw redirectError('there was a redirect, and redirect is "error"');
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
    // Headers are read byte by byte; where they are no ASCII they mean UTF-8.
    target = new URL(new TextDecoder().decode(Uint8Array.from(location, (byte) => byte.charCodeAt(0))), baseUrl);
  } catch {
    // Without the cause, which shows what may hold a password.
    throw redirectError('a redirect leads to what is no URL');
  }
  if (target.protocol !== 'http:' && target.protocol !== 'https:') {
    throw redirectError(`a redirect leads to a URL of scheme ${target.protocol}`);
  }
  // A fragment belongs to whoever asked.
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
  if (isStream(init.body)) throw redirectError('a streamed body cannot be sent again to where a redirect leads');
  return { ...init, headers };
}
