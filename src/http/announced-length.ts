import { singleValue } from './single-value.js';

/**
 * Whether the bytes that arrive differ from those that were sent: the platform decompresses a body, and its `Content-Encoding` stays.
 */
export function isEncoded(headers: Headers): boolean {
  return !/^(?:|identity)$/i.test((singleValue(headers, 'content-encoding') ?? '').trim());
}

/**
 * The number of bytes that a response announces for its body; `undefined` without a valid `Content-Length`, and for an encoded body, whose
 * `Content-Length` counts the encoded bytes.
 */
export function announcedLength(headers: Headers): number | undefined {
  const length = singleValue(headers, 'content-length') ?? '';
  return /^\d+$/.test(length) && !isEncoded(headers) ? Number(length) : undefined;
}
