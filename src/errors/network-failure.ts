import type { NetworkPhase } from './http-network-error.js';

/** What can be read from the error that a transport gave. */
export interface NetworkFailure {
  readonly reason?: string | undefined;
  readonly phase?: NetworkPhase | undefined;
  readonly sent?: false | undefined;
  readonly permanent?: true | undefined;
}

/** The marks of a system error, and those that a transport may put on its own. */
interface Marks {
  readonly code?: unknown;
  readonly syscall?: unknown;
  readonly address?: unknown;
  readonly port?: unknown;
  readonly hostname?: unknown;
  readonly message?: unknown;
  readonly sent?: unknown;
  readonly permanent?: unknown;
  readonly cause?: unknown;
  readonly errors?: unknown;
}

const CERTIFICATE = /^(?:CERT_|CRL_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|ERR_TLS_CERT_|INVALID_(?:CA|PURPOSE)|PATH_LENGTH_|HOSTNAME_MISMATCH)/;
/** A handshake that failed for another reason, or a timeout of undici's on the way to it. */
const HANDSHAKE = /^(?:EPROTO$|ERR_SSL_|ERR_TLS_|UND_ERR_CONNECT_TIMEOUT$)/;
const LOOPBACK_NAME = /^(?:.+\.)?localhost$/;
const LOOPBACK_ADDRESSES: readonly unknown[] = ['127.0.0.1', '::1'];

/** An error, its causes, and the attempts that an AggregateError gathers (one for each address of a name). */
function* withCauses(error: unknown, depth = 0): Generator<Marks> {
  if (typeof error !== 'object' || error === null || depth > 5) return;
  const marks: Marks = error;
  yield marks;
  yield* withCauses(marks.cause, depth + 1);
  if (Array.isArray(marks.errors)) for (const one of marks.errors) yield* withCauses(one, depth + 1);
}

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
  const all = [...withCauses(error)];
  const codes = all.map(({ code }) => code).filter((code) => typeof code === 'string');
  const reasons = all.map(({ message }) => message).filter((message) => typeof message === 'string' && message !== '');
  const unmade = all.filter(({ syscall }) => syscall === 'connect' || syscall === 'getaddrinfo');
  // Fetch refuses the ports of other protocols, and says so in words alone.
  const bad = codes.some((code) => CERTIFICATE.test(code)) || reasons.includes('bad port');
  const shaking = codes.some((code) => HANDSHAKE.test(code)) || reasons.some((text) => String(text).includes('before secure TLS connection'));
  const told = all.find(({ sent }) => typeof sent === 'boolean');
  const connecting = bad || shaking || unmade.length > 0;
  return {
    reason: reasons.at(-1) as string | undefined,
    phase: connecting ? 'connect' : codes.length > 0 ? 'headers' : undefined,
    sent: (told ? told.sent === false : isUnsent(unmade, href, follows)) ? false : undefined,
    permanent: bad || all.some(({ permanent }) => permanent === true) || undefined,
  };
}

function isUnsent(unmade: readonly Marks[], href: string, follows: boolean): boolean {
  // An AggregateError of Node bears the code of its first error, but neither address nor port.
  const precise = unmade.filter(({ address, hostname }) => address !== undefined || hostname !== undefined);
  return unmade.length > 0 && (!follows || (precise.length > 0 && precise.every((failure) => isOwnHost(failure, new URL(href)))));
}
