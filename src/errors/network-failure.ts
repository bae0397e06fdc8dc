import { tryParseUrl } from '../http/url.js';
import {
  isNetworkError,
  type ErrorFields,
  flattenErrorChain,
  type NetworkFailure,
  summaryOf,
  transportFlags,
  messagesOf,
} from './error-chain.js';
import { type ErrorCodeKind, NODE_ERROR_CODES } from './node-error-codes.js';
import { safeCause } from './safe-cause.js';

/** A connection was not made: no other failure has these codes. */
const CONNECT_KINDS: readonly ErrorCodeKind[] = ['name', 'refused', 'unreachable'];
const HANDSHAKE_KINDS: readonly ErrorCodeKind[] = ['handshake', 'connectTimeout'];
const NETWORK_KINDS: readonly ErrorCodeKind[] = [
  'name',
  'refused',
  'unreachable',
  'certificate',
  'handshake',
  'timeout',
  'reset',
  'closed',
  'connection',
];
/** The same URL would fail again. */
const PERMANENT_KINDS: readonly ErrorCodeKind[] = ['certificate', 'url', 'redirect'];
/** Messages of such a failure in Node, then in Deno: fetch gives it no code. */
const PERMANENT_MESSAGE =
  /^(?:bad port|redirect count exceeded|unexpected redirect|URL scheme must be|cross origin not allowed|too many content-encodings|unknown scheme|failed to fetch the data URL|about scheme is|integrity mismatch|invalid method)|^(?:Fetch failed: )?(?:Maximum number of redirects|Encountered redirect while|Can not re(?:direct|deliver)|Requests to port|Invalid URL)/;
/** undici's message for a proxy that refused the tunnel, with the proxy's status. */
const PROXY_RESPONSE = /^Proxy response \((\d+)\)/;
/** Statuses with which a proxy would refuse the tunnel again: it wants a password, or forbids this host. */
const PERMANENT_PROXY_STATUSES: readonly unknown[] = ['401', '403', '407'];
/** The name or code of the HTTP/2 error with which a server refuses a stream before it has processed the request. */
const REFUSED_STREAM = /NGHTTP2_REFUSED_STREAM|ERR_HTTP2_STREAM_REFUSED/;
/** Deno's message for a connection that was not made, with the URL of the request. */
const DENO_CONNECT_ERROR =
  /^error sending request (?:from \S+ )?for (?:url \()?(\S+?)\)?(?: \(\S+\))?: client error \(Connect\)/;
const LOOPBACK_NAME = /^(?:.+\.)?localhost$/;
const LOOPBACK_ADDRESSES: readonly unknown[] = ['127.0.0.1', '::1'];

function isOfKind(code: unknown, kinds: readonly ErrorCodeKind[]): boolean {
  return kinds.some((kind) => NODE_ERROR_CODES[kind].test(String(code)));
}

/**
 * Whether the connection that failed was to the requested URL's own host. If it was to the host of a redirect, the
 * first host has received the request.
 *
 * A system error has the name that was not resolved, or the address and port that were not reached. An address does not
 * show which name it was resolved from, except a loopback address, so any other address of a name proves nothing.
 */
function isRequestedHost(failure: ErrorFields, url: URL): boolean {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const [, denoUrl] = DENO_CONNECT_ERROR.exec(String(failure.message)) ?? [];
  if (denoUrl !== undefined) return tryParseUrl(denoUrl)?.href === url.href;
  if (failure.syscall === 'getaddrinfo') return failure.hostname === host;
  const port = Number(url.port) || (url.protocol === 'https:' ? 443 : 80);
  return (
    failure.port === port &&
    (failure.address === host || (LOOPBACK_NAME.test(host) && LOOPBACK_ADDRESSES.includes(failure.address)))
  );
}

/** Whether an error is about a connection that was not made, over which nothing can have been sent. */
function isConnectFailure({ syscall, code, message }: ErrorFields): boolean {
  if (syscall !== undefined && syscall !== null) return syscall === 'connect' || syscall === 'getaddrinfo';
  return (
    isOfKind(code, CONNECT_KINDS) || PROXY_RESPONSE.test(String(message)) || DENO_CONNECT_ERROR.test(String(message))
  );
}

function isHandshakeFailure({ code, message }: ErrorFields): boolean {
  return isOfKind(code, HANDSHAKE_KINDS) || String(message).includes('before secure TLS connection');
}

/**
 * Whether an error proves that its request was not sent: the connection, the TLS handshake or the proxy's tunnel
 * failed.
 */
export function provesUnsent(error: unknown): boolean {
  return flattenErrorChain(error).some(
    (fields) =>
      isConnectFailure(fields) || isHandshakeFailure(fields) || NODE_ERROR_CODES.certificate.test(String(fields.code)),
  );
}

/**
 * Whether an HTTP/2 server refused the stream, which guarantees that it has not processed the request.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9113#section-8.7 | RFC 9113, section 8.7}
 */
export function isRefusedStream(error: unknown): boolean {
  return flattenErrorChain(error).some(({ code, message }) =>
    REFUSED_STREAM.test(`${String(code)} ${String(message)}`),
  );
}

/**
 * Reads a transport's error.
 *
 * @param error - the transport's rejection; its own fields `sent` and `permanent: true` take precedence over what codes
 *   suggest
 * @param href - the requested URL
 * @param redirectsFollowed - whether the transport follows redirects
 * @param isStreamBody - whether the body was a stream, which cannot be sent again after a redirect
 */
export function readNetworkFailure(
  error: unknown,
  href: string,
  redirectsFollowed: boolean,
  isStreamBody = false,
): NetworkFailure & { readonly isNetwork: boolean } {
  const chain = flattenErrorChain(error);
  const codes = chain.map(({ code }) => code).filter((code) => typeof code === 'string');
  const messages = messagesOf(chain);
  const connectFailures = chain.filter(isConnectFailure);
  const flags = transportFlags(chain);
  const hasCode = (...kinds: readonly ErrorCodeKind[]): boolean => codes.some((code) => isOfKind(code, kinds));
  const isPermanent =
    hasCode(...PERMANENT_KINDS) ||
    messages.some(
      (message) =>
        PERMANENT_MESSAGE.test(message) || PERMANENT_PROXY_STATUSES.includes(PROXY_RESPONSE.exec(message)?.[1]),
    ) ||
    // Node's error for a stream that a redirect would send again has a cause without message and code.
    (isStreamBody && chain.length === 2 && chain[1]?.message === '' && codes.length === 0);
  const isConnectPhase =
    hasCode('certificate') ||
    messages.includes('bad port') ||
    chain.some(isHandshakeFailure) ||
    connectFailures.length > 0;
  return {
    isNetwork: !hasCode('argument') && (isNetworkError(chain, flags) || hasCode(...NETWORK_KINDS)),
    summary: summaryOf(chain),
    phase: isConnectPhase
      ? 'connect'
      : codes.length > 0 || chain.some(({ name }) => name === 'HTTPParserError')
        ? 'headers'
        : undefined,
    sent: (flags.sent === undefined ? isUnsent(error, connectFailures, href, redirectsFollowed) : !flags.sent)
      ? false
      : undefined,
    permanent: isPermanent || flags.permanent || undefined,
    cause: safeCause(error),
  };
}

function isUnsent(
  error: unknown,
  connectFailures: readonly ErrorFields[],
  href: string,
  redirectsFollowed: boolean,
): boolean {
  if (!redirectsFollowed) return connectFailures.length > 0 || isRefusedStream(error);
  // Node's AggregateError has the code of its first error, but neither address nor port: it proves nothing.
  const located = connectFailures.filter(
    ({ address, hostname, message }) =>
      address !== undefined || hostname !== undefined || DENO_CONNECT_ERROR.test(String(message)),
  );
  return located.length > 0 && located.every((failure) => isRequestedHost(failure, new URL(href)));
}
