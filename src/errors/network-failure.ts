import { tryParseUrl } from '../http/url.js';
import {
  isNetworkError,
  type ErrorFields,
  flattenErrorChain,
  isWorkerdRedirectLoop,
  type NetworkFailure,
  summaryOf,
  transportFlags,
  messagesOf,
} from './error-chain.js';
import type { ErrorCodeKind } from './node-error-codes.js';
import {
  denoUrlOf,
  isConnectFailure,
  isHandshakeFailure,
  isOfKind,
  isRefusedStream,
  proxyStatusOf,
} from './proves-unsent.js';
import { safeCause } from './safe-cause.js';

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
/** Statuses with which a proxy would refuse the tunnel again: it wants a password, or forbids this host. */
const PERMANENT_PROXY_STATUSES: readonly unknown[] = ['401', '403', '407'];
const LOOPBACK_NAME = /^(?:.+\.)?localhost$/;
const LOOPBACK_ADDRESSES: readonly unknown[] = ['127.0.0.1', '::1'];

/**
 * Whether the connection that failed was to the requested URL's own host. If it was to the host of a redirect, the
 * first host has received the request.
 *
 * A system error has the name that was not resolved, or the address and port that were not reached. An address does not
 * show which name it was resolved from, except a loopback address, so any other address of a name proves nothing.
 */
function isRequestedHost(failure: ErrorFields, url: URL): boolean {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const denoUrl = denoUrlOf(failure.message);
  if (denoUrl !== undefined) return tryParseUrl(denoUrl)?.href === url.href;
  if (failure.syscall === 'getaddrinfo') return failure.hostname === host;
  const port = Number(url.port) || (url.protocol === 'https:' ? 443 : 80);
  return (
    failure.port === port &&
    (failure.address === host || (LOOPBACK_NAME.test(host) && LOOPBACK_ADDRESSES.includes(failure.address)))
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
        PERMANENT_MESSAGE.test(message) ||
        isWorkerdRedirectLoop(message) ||
        PERMANENT_PROXY_STATUSES.includes(proxyStatusOf(message)),
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
      address !== undefined || hostname !== undefined || denoUrlOf(message) !== undefined,
  );
  return located.length > 0 && located.every((failure) => isRequestedHost(failure, new URL(href)));
}
