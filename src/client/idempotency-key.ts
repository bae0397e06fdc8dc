import { invalidOptionMessage, type OptionRule } from '../util/option-rule.js';

/** A request's key for `Idempotency-Key`: the key, what makes one, or whether a random one is made. */
export type IdempotencyKey = boolean | string | (() => string);

/** Whether a value is a key that may stand in a header. */
function isKey(key: unknown): boolean {
  return typeof key === 'string' && /^[!-~]+$/.test(key);
}

const KEY = 'a key of printable ASCII';
const isBooleanOrFunction = (key: unknown): boolean => typeof key === 'boolean' || typeof key === 'function';

/** The rule for a client's option. One string would be the key of every request. */
export const CLIENT_KEY: OptionRule = [
  undefined,
  'true, false or a function: each request has a key of its own',
  isBooleanOrFunction,
];

/** The rule for a request's option. */
export const REQUEST_KEY: OptionRule = [
  undefined,
  `true, false, a function, or ${KEY}`,
  (key: unknown) => isBooleanOrFunction(key) || isKey(key),
];

/** Returns a random UUID. In insecure contexts browsers have no `crypto.randomUUID`, so that it is not used at all. */
function randomUuid(): string {
  const bytes = [...crypto.getRandomValues(new Uint8Array(16))];
  const hex = bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('');
  // Version 4, variant 8.
  return hex.replace(/(.{8})(.{4}).(.{3}).(.{3})/, '$1-$2-4$3-8$4-');
}

/**
 * Returns the key of one subscription.
 *
 * @throws TypeError if the option's function returns something else than a key
 */
export function makeIdempotencyKey(option: IdempotencyKey): string {
  const key: unknown = typeof option === 'function' ? option() : typeof option === 'string' ? option : randomUuid();
  if (isKey(key)) return key as string;
  throw new TypeError(invalidOptionMessage('what idempotencyKey returns', key, KEY));
}
