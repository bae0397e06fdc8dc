import { causesOf } from './causes.js';

/** The codes that an error and its causes bear, the outermost first: `ECONNREFUSED`, `UND_ERR_SOCKET`, `CERT_HAS_EXPIRED`. */
export function errorCodes(error: unknown): readonly string[] {
  return [...causesOf(error)].flatMap((one) => ('code' in one && typeof one.code === 'string' ? [one.code] : []));
}

const certificate =
  /^(CERT_|CRL_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|ERR_TLS_CERT_|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_|HOSTNAME_MISMATCH)/;
const handshake = /^(EPROTO$|ERR_SSL_|ERR_TLS_)/;

/** What kind of failure the platform's codes tell of, where they tell of one. */
export type FailureKind =
  'name' | 'refused' | 'unreachable' | 'timeout' | 'certificate' | 'handshake' | 'reset' | 'closed' | 'url';

const kinds: ReadonlyMap<string, FailureKind> = new Map([
  ['ENOTFOUND', 'name'],
  ['EAI_AGAIN', 'name'],
  ['EAI_FAIL', 'name'],
  ['EAI_NODATA', 'name'],
  ['EAI_NONAME', 'name'],
  ['ECONNREFUSED', 'refused'],
  ['EHOSTUNREACH', 'unreachable'],
  ['EHOSTDOWN', 'unreachable'],
  ['ENETUNREACH', 'unreachable'],
  ['ENETDOWN', 'unreachable'],
  ['EADDRNOTAVAIL', 'unreachable'],
  ['ETIMEDOUT', 'timeout'],
  ['UND_ERR_CONNECT_TIMEOUT', 'timeout'],
  ['UND_ERR_HEADERS_TIMEOUT', 'timeout'],
  ['UND_ERR_BODY_TIMEOUT', 'timeout'],
  ['ECONNRESET', 'reset'],
  ['EPIPE', 'closed'],
  ['UND_ERR_SOCKET', 'closed'],
  ['ERR_STREAM_PREMATURE_CLOSE', 'closed'],
  ['ERR_INVALID_URL', 'url'],
]);

/** The first of an error's codes that says what kind of failure it is. */
export function failureKind(error: unknown): FailureKind | undefined {
  // Node gives a connection that is cut amid the handshake the code of any other that is cut.
  if (
    [...causesOf(error)].some((one) => 'message' in one && String(one.message).includes('before secure TLS connection'))
  ) {
    return 'handshake';
  }
  for (const code of errorCodes(error)) {
    if (certificate.test(code)) return 'certificate';
    if (handshake.test(code)) return 'handshake';
    const kind = kinds.get(code);
    if (kind !== undefined) return kind;
  }
  return undefined;
}
