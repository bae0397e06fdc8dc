import { NODE_ERROR_CODES } from '../../errors/node-error-codes.js';
import { walkErrorChain } from './walk-error-chain.js';

/** Returns the codes of an error and its causes, the outermost first, such as `ECONNREFUSED` or `CERT_HAS_EXPIRED`. */
export function errorCodes(error: unknown): readonly string[] {
  return [...walkErrorChain(error)].flatMap((inner) =>
    'code' in inner && typeof inner.code === 'string' ? [inner.code] : [],
  );
}

/** The kind of a failure, read from the platform's error codes. */
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

/** Returns the kind of the first code in an error's chain that has one. */
export function failureKindOf(error: unknown): FailureKind | undefined {
  // Node reports a connection that is cut during the TLS handshake as ECONNRESET. Only the message tells the two apart.
  if (
    [...walkErrorChain(error)].some(
      (inner) => 'message' in inner && String(inner.message).includes('before secure TLS connection'),
    )
  ) {
    return 'handshake';
  }
  for (const code of errorCodes(error)) {
    const kind = kinds.find((name) => NODE_ERROR_CODES[name].test(code));
    if (kind !== undefined) return kind;
  }
  return undefined;
}
