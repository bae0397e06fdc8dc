import { singleValue } from './single-value.js';

/**
 * Whether a body is encoded. The platform decompresses it and keeps the header `Content-Encoding`, so the bytes that
 * arrive differ from those that were sent.
 */
export function isEncoded(headers: Headers): boolean {
  return !/^(?:|identity)$/i.test((singleValue(headers, 'content-encoding') ?? '').trim());
}

/**
 * Returns the number of bytes that a response announces for its body. It is `undefined` without a valid
 * `Content-Length`, and for an encoded body, whose `Content-Length` counts the encoded bytes.
 */
export function announcedLength(headers: Headers): number | undefined {
  const length = singleValue(headers, 'content-length') ?? '';
  return /^\d+$/.test(length) && !isEncoded(headers) ? Number(length) : undefined;
}
