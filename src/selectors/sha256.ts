import { check, FUNCTION, invalidOptionMessage } from '../util/option-rule.js';

/** A hash that takes its data chunk by chunk, such as those of node:crypto and @noble/hashes. */
export interface IncrementalHash {
  update(data: Uint8Array): unknown;
  digest(): Uint8Array;
}

/**
 * Returns a factory of Node's hash, if the platform has one. It needs no import, which a bundle for browsers could not
 * resolve.
 */
function platformHashFactory(): (() => IncrementalHash) | undefined {
  const { process } = globalThis as {
    process?: { getBuiltinModule?(id: string): { createHash(name: string): IncrementalHash } | undefined };
  };
  const crypto = process?.getBuiltinModule?.('node:crypto');
  return crypto && (() => crypto.createHash('sha256'));
}

/** Checks the expected digest of a download, in hexadecimal; returns it in lower case. */
export function checkSha256(digest: unknown): string {
  if (typeof digest !== 'string' || !/^[\da-f]{64}$/i.test(digest)) {
    throw new TypeError(invalidOptionMessage('sha256', digest, 'a SHA-256 digest of 64 hexadecimal digits'));
  }
  return digest.toLowerCase();
}

/**
 * Returns the factory of the hash for bytes that are not kept in memory.
 *
 * @param given - the caller's factory
 * @throws TypeError if neither the caller nor the platform has one: Web Crypto cannot hash chunk by chunk
 */
export function hashFactory(given: (() => IncrementalHash) | undefined): () => IncrementalHash {
  if (given !== undefined) check('hash', given, FUNCTION);
  const factory = given ?? platformHashFactory();
  if (!factory) {
    throw new TypeError(
      'sha256 with to requires hash on this platform, for example () => sha256.create() of @noble/hashes',
    );
  }
  return factory;
}

/** Formats bytes in hexadecimal. */
export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Returns the SHA-256 of bytes in memory, in hexadecimal. */
export async function sha256Hex(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)));
}
