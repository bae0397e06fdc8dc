import { type Marks, marksOf, type NetworkFailure, toldBy, wordsOf } from './marks.js';

const CERTIFICATE = /^(?:CERT_|CRL_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|ERR_TLS_CERT_|INVALID_(?:CA|PURPOSE)|PATH_LENGTH_|HOSTNAME_MISMATCH)/;
/** A handshake that failed for another reason, or a timeout of undici's on the way to it. */
const HANDSHAKE = /^(?:EPROTO$|ERR_SSL_|ERR_TLS_|UND_ERR_CONNECT_TIMEOUT$)/;
const LOOPBACK_NAME = /^(?:.+\.)?localhost$/;
const LOOPBACK_ADDRESSES: readonly unknown[] = ['127.0.0.1', '::1'];

/**
 * Whether it is the URL's own host that was not reached, and not one that it redirected to: what came before a redirect was received.
 *
 * A system error tells the name that was not resolved, or the address and port that were not reached; of a name that has been resolved,
 * save a loopback one, it cannot be told whose address it was, so that is not certain.
 */
function isOwnHost(failure: Marks, url: URL): boolean {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (failure.syscall === 'getaddrinfo') return failure.hostname === host;
  const port = Number(url.port) || (url.protocol === 'https:' ? 443 : 80);
  return failure.port === port && (failure.address === host || (LOOPBACK_NAME.test(host) && LOOPBACK_ADDRESSES.includes(failure.address)));
}

/**
 * Reads what a transport's error tells.
 *
 * @param error - what the transport rejected with: its own `sent` and `permanent: true` are believed
 * @param href - the URL that was asked for
 * @param follows - whether redirects were followed
 */
export function readNetworkFailure(error: unknown, href: string, follows: boolean): NetworkFailure {
  const all = marksOf(error);
  const codes = all.map(({ code }) => code).filter((code) => typeof code === 'string');
  const words = wordsOf(all);
  const unmade = all.filter(({ syscall }) => syscall === 'connect' || syscall === 'getaddrinfo');
  const told = toldBy(all);
  // Fetch refuses the ports of other protocols, and says so in words alone.
  const bad = codes.some((code) => CERTIFICATE.test(code)) || words.includes('bad port');
  const shaking = codes.some((code) => HANDSHAKE.test(code)) || words.some((text) => text.includes('before secure TLS connection'));
  const connecting = bad || shaking || unmade.length > 0;
  return {
    summary: words.at(-1),
    phase: connecting ? 'connect' : codes.length > 0 ? 'headers' : undefined,
    sent: (told.sent === undefined ? isUnsent(unmade, href, follows) : !told.sent) ? false : undefined,
    permanent: bad || told.permanent || undefined,
  };
}

function isUnsent(unmade: readonly Marks[], href: string, follows: boolean): boolean {
  // An AggregateError of Node bears the code of its first error, but neither address nor port.
  const precise = unmade.filter(({ address, hostname }) => address !== undefined || hostname !== undefined);
  return unmade.length > 0 && (!follows || (precise.length > 0 && precise.every((failure) => isOwnHost(failure, new URL(href)))));
}
