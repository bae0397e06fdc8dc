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
const CREDENTIALS = ['authorization', 'cookie', 'host', 'proxy-authorization'];
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
 * @param fetchLeg - sends one request, without following
 * @returns the last answer, and the URL that gave it
 * @throws TypeError where there is no following
 * @see {@link https://fetch.spec.whatwg.org/#http-redirect-fetch | Fetch, HTTP-redirect fetch}
 */
export async function followRedirects<T extends Hop>(
  url: string,
  init: RequestInit,
  fetchLeg: (url: string, init: RequestInit) => Promise<T>,
): Promise<{ readonly leg: T; readonly url: string; readonly redirected: boolean }> {
  let request = init;
  let from = url;
  for (let count = 0; ; count += 1) {
    const leg = await fetchLeg(from, request);
    const leads = isRedirect(leg.status) && init.redirect !== 'manual';
    const location = leg.headers.get('location');
    if (leads && init.redirect === 'error') {
      leg.discard();
      throw redirectError('there was a redirect, and redirect is "error"');
    }
    if (!leads || location === null) return { leg, url: from, redirected: count > 0 };
    leg.discard();
    if (count === MAX_REDIRECTS) throw redirectError(`there were more than ${String(MAX_REDIRECTS)} redirects`);
    const to = target(location, from);
    const place = withoutCredentials(to);
    request = nextRequest(request, leg.status, to.origin !== new URL(from).origin, place.authorization);
    from = place.url;
  }
}

function target(location: string, from: string): URL {
  let to: URL;
  try {
    // Headers are read byte by byte; where they are no ASCII they mean UTF-8.
    to = new URL(new TextDecoder().decode(Uint8Array.from(location, (byte) => byte.charCodeAt(0))), from);
  } catch {
    // Without the cause, which shows what may hold a password.
    throw redirectError('a redirect leads to what is no URL');
  }
  if (to.protocol !== 'http:' && to.protocol !== 'https:') {
    throw redirectError(`a redirect leads to a URL of scheme ${to.protocol}`);
  }
  // A fragment belongs to whoever asked.
  if (to.hash === '') to.hash = new URL(from).hash;
  return to;
}

function nextRequest(
  init: RequestInit,
  status: number,
  leavesOrigin: boolean,
  authorization: string | undefined,
): RequestInit {
  const method = init.method ?? 'GET';
  const headers = new Headers(init.headers);
  if (leavesOrigin) for (const name of CREDENTIALS) headers.delete(name);
  if (authorization !== undefined) headers.set('authorization', authorization);
  if (status === 303 ? method !== 'GET' && method !== 'HEAD' : status < 303 && method === 'POST') {
    for (const name of BODY_HEADERS) headers.delete(name);
    return { ...init, method: 'GET', headers, body: null };
  }
  if (isStream(init.body)) throw redirectError('a streamed body cannot be sent again to where a redirect leads');
  return { ...init, headers };
}
