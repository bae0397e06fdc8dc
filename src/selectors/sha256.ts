import { check, FUNCTION, invalidOptionMessage } from '../util/option-rule.js';

/** A hash that is fed piece by piece: those of node:crypto and of @noble/hashes are such. */
export interface IncrementalHash {
  update(data: Uint8Array): unknown;
  digest(): Uint8Array;
}

/** Node's own, where there is one: nothing is imported, so bundles for browsers are not concerned. */
function platformHash(): (() => IncrementalHash) | undefined {
  const { process } = globalThis as {
    process?: { getBuiltinModule?(id: string): { createHash(name: string): IncrementalHash } | undefined };
  };
  const crypto = process?.getBuiltinModule?.('node:crypto');
  return crypto && (() => crypto.createHash('sha256'));
}

/** Checks the digest that a download is to have, in hexadecimal; returns it in lower case. */
export function checkSha256(digest: unknown): string {
  if (typeof digest !== 'string' || !/^[\da-f]{64}$/i.test(digest)) {
    throw new TypeError(invalidOptionMessage('sha256', digest, 'a SHA-256 digest of 64 hexadecimal digits'));
  }
  return digest.toLowerCase();
}

/**
 * What makes a hash for bytes that are not kept.
 *
 * @param given - the caller's own
 * @throws TypeError where there is none: Web Crypto hashes only what is in memory as a whole
 */
export function hashFactory(given: (() => IncrementalHash) | undefined): () => IncrementalHash {
  if (given !== undefined) check('hash', given, FUNCTION);
  const factory = given ?? platformHash();
  if (!factory) {
    throw new TypeError(
      'hash must be given for sha256 with `to` on this platform, such as () => sha256.create() of @noble/hashes',
    );
  }
  return factory;
}

/** Bytes in hexadecimal. */
export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** The SHA-256 of bytes in memory. */
export async function sha256Of(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return hex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)));
}
