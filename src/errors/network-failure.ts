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
 * @param error - what the transport rejected with: its own `sent: false` and `permanent: true` are believed
 * @param href - the URL that was asked for
 * @param follows - whether redirects were followed
 */
export function readNetworkFailure(error: unknown, href: string, follows: boolean): NetworkFailure {
  const all = [...withCauses(error)];
  const reason = all.map(({ message }) => message).findLast((message) => typeof message === 'string' && message !== '');
  const unmade = all.filter(({ syscall }) => syscall === 'connect' || syscall === 'getaddrinfo');
  const bad = all.some(({ code, message }) => (typeof code === 'string' && CERTIFICATE.test(code)) || message === 'bad port');
  const permanent = bad || all.some((marks) => marks.permanent === true);
  const connecting = bad || unmade.length > 0 || all.some(({ code }) => code === 'UND_ERR_CONNECT_TIMEOUT');
  const coded = all.some(({ code }) => typeof code === 'string');
  return {
    reason: reason as string | undefined,
    phase: connecting ? 'connect' : coded ? 'headers' : undefined,
    sent: all.some(({ sent }) => sent === false) || isUnsent(unmade, href, follows) ? false : undefined,
    permanent: permanent || undefined,
  };
}

function isUnsent(unmade: readonly Marks[], href: string, follows: boolean): boolean {
  // An AggregateError of Node bears the code of its first error, but neither address nor port.
  const precise = unmade.filter(({ address, hostname }) => address !== undefined || hostname !== undefined);
  return unmade.length > 0 && (!follows || (precise.length > 0 && precise.every((failure) => isOwnHost(failure, new URL(href)))));
}
