import { NODE_ERROR_CODES } from '../../errors/node-error-codes.js';
import { causesOf } from './walk-error-chain.js';

/** The codes that an error and its causes bear, the outermost first: `ECONNREFUSED`, `UND_ERR_SOCKET`, `CERT_HAS_EXPIRED`. */
export function errorCodes(error: unknown): readonly string[] {
  return [...causesOf(error)].flatMap((one) => ('code' in one && typeof one.code === 'string' ? [one.code] : []));
}

/** What kind of failure the platform's codes tell of, where they tell of one. */
export type FailureKind =
  'name' | 'refused' | 'unreachable' | 'timeout' | 'certificate' | 'handshake' | 'reset' | 'closed' | 'url';

/** Certificates before handshakes: the pattern of handshakes matches some codes of certificates too. */
const kinds: readonly FailureKind[] = [
  'certificate',
  'handshake',
  'name',
  'refused',
  'unreachable',
  'timeout',
  'reset',
  'closed',
  'url',
];

/** The first of an error's codes that says what kind of failure it is. */
export function failureKind(error: unknown): FailureKind | undefined {
  // Node gives a connection that is cut amid the handshake the code of any other that is cut.
  if (
    [...causesOf(error)].some((one) => 'message' in one && String(one.message).includes('before secure TLS connection'))
  ) {
    return 'handshake';
  }
  for (const code of errorCodes(error)) {
    const kind = kinds.find((name) => NODE_ERROR_CODES[name].test(code));
    if (kind !== undefined) return kind;
  }
  return undefined;
}
