import { invalidOptionMessage, type OptionRule } from '../util/option-rule.js';

/** A request's key for `Idempotency-Key`: the key, what makes one, or whether a random one is made. */
export type IdempotencyKey = boolean | string | (() => string);

/** A key that may stand in a header: printable ASCII. */
function isKey(key: unknown): boolean {
  return typeof key === 'string' && /^[!-~]+$/.test(key);
}

const EXPECTED = 'true, false, or a function that returns a key';

/** The rule for a client's option. */
export const CLIENT_KEY: OptionRule = [
  undefined,
  `${EXPECTED} (one string would be the key of every request)`,
  (key: unknown) => typeof key === 'boolean' || typeof key === 'function',
];

/** The rule for a request's option. */
export const REQUEST_KEY: OptionRule = [
  undefined,
  `${EXPECTED}, or a key of printable ASCII`,
  (key: unknown) => typeof key === 'boolean' || typeof key === 'function' || isKey(key),
];

/** Returns a random UUID. In insecure contexts browsers have no `crypto.randomUUID`. */
function randomUuid(): string {
  const { crypto } = globalThis;
  if (typeof crypto.randomUUID === 'function') return crypto.randomUUID();
  const hex = [...crypto.getRandomValues(new Uint8Array(16))]
    .map((byte, index) => (index === 6 ? (byte & 15) | 64 : index === 8 ? (byte & 63) | 128 : byte))
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/**
 * Returns the key of one subscription.
 *
 * @throws TypeError if the option's function returns something else than a key
 */
export function makeIdempotencyKey(option: IdempotencyKey): string {
  const key: unknown = typeof option === 'function' ? option() : typeof option === 'string' ? option : randomUuid();
  if (isKey(key)) return key as string;
  throw new TypeError(invalidOptionMessage('what idempotencyKey returns', key, 'a key of printable ASCII'));
}
