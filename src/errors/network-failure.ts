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
import { safeCause } from './safe-cause.js';

const CERTIFICATE =
  /^(?:CERT_|CRL_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|ERR_TLS_CERT_|INVALID_(?:CA|PURPOSE)|PATH_LENGTH_|HOSTNAME_MISMATCH)/;
/** A handshake that failed for another reason, or a timeout of undici's on the way to it. */
const HANDSHAKE = /^(?:EPROTO$|ERR_SSL_|ERR_TLS_|UND_ERR_(?:CONNECT_TIMEOUT|PRX_TLS)$)/;
/** What happens to connections that are being made, and to no others. The last ones are Bun's. */
const UNMADE =
  /^(?:E(?:CONNREFUSED|HOSTUNREACH|HOSTDOWN|NETUNREACH|NETDOWN|ADDRNOTAVAIL|NOTFOUND|AI_\w+)|ConnectionRefused|FailedToOpenSocket|DNSResolveFailed)$/;
/** What else happens to connections: of Node, its parser, undici, and Bun. */
const BROKEN =
  /^(?:E(?:CONNRESET|CONNABORTED|PIPE|TIMEDOUT|SOCKETTIMEDOUT|NETRESET|MFILE|NFILE|NOBUFS)|HPE_\w+|ERR_(?:HTTP2_\w+|STREAM_PREMATURE_CLOSE|SOCKET_\w+|NETWORK)|UND_ERR_\w+|Connection(?:Closed|Reset)|Timeout)$/;
/** What a caller passed that cannot be sent. */
const MISUSE =
  /^(?:ERR_(?:INVALID_(?:ARG_\w+|CHAR|HTTP_TOKEN|PROTOCOL)|HTTP_(?:INVALID_HEADER_VALUE|TRAILER_INVALID|CONTENT_LENGTH_MISMATCH)|UNESCAPED_CHARACTERS)|UND_ERR_(?:INVALID_ARG|NOT_SUPPORTED|REQ_CONTENT_LENGTH_MISMATCH))$/;
/** What would fail in the same way again, by its code: a redirect to what is no URL, or without end; and Bun's names for these. */
const AGAIN =
  /^(?:ERR_INVALID_URL|TooManyRedirects|UnexpectedRedirect|RedirectURLInvalid|UnsupportedRedirectProtocol)$/;
/** The same in words, since fetch has no codes for it: of Node, then of Deno. */
const AGAIN_IN_WORDS =
  /^(?:bad port|redirect count exceeded|unexpected redirect|URL scheme must be|cross origin not allowed|too many content-encodings|unknown scheme|failed to fetch the data URL|about scheme is|integrity mismatch|invalid method)|^(?:Fetch failed: )?(?:Maximum number of redirects|Encountered redirect while|Can not re(?:direct|deliver)|Requests to port|Invalid URL)/;
/** A proxy that did not make the tunnel. */
const TUNNEL = /^Proxy response \((\d+)\)/;
/** A server of HTTP/2 that has not looked at the request. */
const REFUSED_STREAM = /NGHTTP2_REFUSED_STREAM|ERR_HTTP2_STREAM_REFUSED/;
/** Deno's words for a connection that was not made, with its URL. */
const DENO_UNMADE =
  /^error sending request (?:from \S+ )?for (?:url \()?(\S+?)\)?(?: \(\S+\))?: client error \(Connect\)/;
const LOOPBACK_NAME = /^(?:.+\.)?localhost$/;
const LOOPBACK_ADDRESSES: readonly unknown[] = ['127.0.0.1', '::1'];

/**
 * Whether it is the URL's own host that was not reached, and not one that it redirected to: what came before a redirect was received.
 *
 * A system error tells the name that was not resolved, or the address and port that were not reached; of a name that has been resolved,
 * except a loopback one, it cannot be told whose address it was, so that is not certain.
 */
function isOwnHost(failure: ErrorFields, url: URL): boolean {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const [, asked] = DENO_UNMADE.exec(String(failure.message)) ?? [];
  if (asked !== undefined) return tryParseUrl(asked)?.href === url.href;
  if (failure.syscall === 'getaddrinfo') return failure.hostname === host;
  const port = Number(url.port) || (url.protocol === 'https:' ? 443 : 80);
  return (
    failure.port === port &&
    (failure.address === host || (LOOPBACK_NAME.test(host) && LOOPBACK_ADDRESSES.includes(failure.address)))
  );
}

/** Whether an error is that of a connection that was not made, so that nothing can have been sent over it. */
function isUnmade({ syscall, code, message }: ErrorFields): boolean {
  if (syscall !== undefined && syscall !== null) return syscall === 'connect' || syscall === 'getaddrinfo';
  return UNMADE.test(String(code)) || TUNNEL.test(String(message)) || DENO_UNMADE.test(String(message));
}

function isShaking({ code, message }: ErrorFields): boolean {
  return HANDSHAKE.test(String(code)) || String(message).includes('before secure TLS connection');
}

/** Whether an error proves that what it is about was not sent: the connection, its handshake or its tunnel was not made. */
export function provesUnsent(error: unknown): boolean {
  return flattenErrorChain(error).some(
    (marks) => isUnmade(marks) || isShaking(marks) || CERTIFICATE.test(String(marks.code)),
  );
}

/** Whether a server of HTTP/2 says that it has not looked at the request. */
export function isRefusedStream(error: unknown): boolean {
  return flattenErrorChain(error).some(({ code, message }) =>
    REFUSED_STREAM.test(`${String(code)} ${String(message)}`),
  );
}

/**
 * Reads what a transport's error tells.
 *
 * @param error - what the transport rejected with: its own `sent` and `permanent: true` are believed
 * @param href - the URL that was asked for
 * @param follows - whether redirects were followed
 * @param streamed - whether the body was a stream, which cannot follow a redirect
 */
export function readNetworkFailure(
  error: unknown,
  href: string,
  follows: boolean,
  streamed = false,
): NetworkFailure & { readonly isNetwork: boolean } {
  const all = flattenErrorChain(error);
  const codes = all.map(({ code }) => code).filter((code) => typeof code === 'string');
  const words = messagesOf(all);
  const unmade = all.filter(isUnmade);
  const told = transportFlags(all);
  const has = (pattern: RegExp): boolean => codes.some((code) => pattern.test(code));
  // A proxy that wants a password, or forbids this host, does so again.
  const again =
    has(CERTIFICATE) ||
    has(AGAIN) ||
    words.some((text) => AGAIN_IN_WORDS.test(text) || ['401', '403', '407'].includes(TUNNEL.exec(text)?.[1] ?? '')) ||
    // Node has no words for a stream that was to follow a redirect.
    (streamed && all.length === 2 && all[1]?.message === '' && codes.length === 0);
  const connecting = has(CERTIFICATE) || words.includes('bad port') || all.some(isShaking) || unmade.length > 0;
  return {
    isNetwork:
      !has(MISUSE) &&
      (isNetworkError(all, told) ||
        codes.some((code) => [UNMADE, BROKEN, HANDSHAKE, CERTIFICATE].some((one) => one.test(code)))),
    summary: summaryOf(all),
    phase: connecting
      ? 'connect'
      : codes.length > 0 || all.some(({ name }) => name === 'HTTPParserError')
        ? 'headers'
        : undefined,
    sent: (told.sent === undefined ? isUnsent(error, unmade, href, follows) : !told.sent) ? false : undefined,
    permanent: again || told.permanent || undefined,
    cause: safeCause(error),
  };
}

function isUnsent(error: unknown, unmade: readonly ErrorFields[], href: string, follows: boolean): boolean {
  if (!follows) return unmade.length > 0 || isRefusedStream(error);
  // An AggregateError of Node has the code of its first error, but neither address nor port.
  const precise = unmade.filter(
    ({ address, hostname, message }) =>
      address !== undefined || hostname !== undefined || DENO_UNMADE.test(String(message)),
  );
  return precise.length > 0 && precise.every((failure) => isOwnHost(failure, new URL(href)));
}
