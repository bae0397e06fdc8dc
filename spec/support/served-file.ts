/** A file on the test server. Its seed determines its content. */
export interface ServedFile {
  /** The size, in bytes. */
  readonly size: number;
  readonly seed: number;
}

/**
 * Returns the bytes of a file from `start` on. They are pseudo-random, so that a byte in the wrong place is found, and
 * the same in Node and in browsers.
 */
export function fileBytes({ size, seed }: ServedFile, start = 0): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size - start);
  for (let index = 0; index < bytes.length; index += 1) {
    // A hash of the index. For the quality of such hashes see https://github.com/skeeto/hash-prospector.
    let mixed = Math.imul((start + index + seed * 0x9e37_79b9) ^ 0x7feb_352d, 0x846c_a68b);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x7feb_352d);
    bytes[index] = (mixed ^ (mixed >>> 16)) & 0xff;
  }
  return bytes;
}

/** Returns the SHA-256 of bytes, in hexadecimal. */
export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return Array.from(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('');
}
