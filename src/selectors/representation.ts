import { isEncoded } from '../http/announced-length.js';
import { singleValue } from '../http/single-value.js';

/** The value of a `Content-Range` header, which responses of status 206 and 416 have. */
export interface ContentRange {
  /** The position of the first byte; absent for a status 416, which has only the length. */
  readonly start?: number;
  /** The position after the last byte; absent for a status 416. */
  readonly end?: number;
  /** The length of the whole in bytes, if the server knows it. */
  readonly total?: number | undefined;
}

/**
 * The number of characters of a content type that are read. The pattern for quotes takes quadratic time on unclosed
 * ones.
 */
const MAX_TYPE_LENGTH = 1_000;

/**
 * Returns the type and subtype of a body in lower case, or an empty string if it has none. Of several types the last
 * valid one counts, as in browsers.
 *
 * @see {@link https://fetch.spec.whatwg.org/#concept-header-extract-mime-type | Fetch, extract a MIME type}
 */
export function mediaType(headers: Headers): string {
  const types = (headers.get('content-type') ?? '')
    .slice(0, MAX_TYPE_LENGTH)
    .replace(/"(?:[^"\\]|\\.)*"/g, '')
    .split(',');
  return (
    types
      .map((type) => type.split(';', 1)[0]?.trim().toLowerCase() ?? '')
      .findLast((type) => /^[^\s/]+\/[^\s/]+$/.test(type) && type !== '*/*') ?? ''
  );
}

/**
 * The age in ms from which a `Last-Modified` date is a strong validator. A younger one may belong to two versions:
 * HTTP's dates count whole seconds, and clocks differ.
 */
const STRONG_AFTER_MS = 60_000;

/**
 * Reads a `Content-Range` header; returns `undefined` for an absent or invalid one.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-14.4 | RFC 9110, section 14.4}
 */
export function contentRange(headers: Headers): ContentRange | undefined {
  const [, first, last, length] =
    /^bytes (?:(\d+)-(\d+)|\*)\/(\d+|\*)$/i.exec(singleValue(headers, 'content-range') ?? '') ?? [];
  if (length === undefined) return undefined;
  const total = length === '*' ? undefined : Number(length);
  if (first === undefined || last === undefined) return total === undefined ? undefined : { total };
  const [start, end] = [Number(first), Number(last) + 1];
  return start < end && end <= (total ?? Infinity) ? { start, end, total } : undefined;
}

/**
 * Returns the strong validator of a response: its entity tag or its date. A part that is fetched later with the same
 * one belongs to the same version. Without one, parts of two versions could be joined.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-13.1.5 | RFC 9110, section 13.1.5}
 */
export function strongValidator(headers: Headers): string | undefined {
  if (isEncoded(headers)) return undefined;
  const etag = singleValue(headers, 'etag');
  if (etag !== null) return /^"[^"]*"$/.test(etag) ? etag : undefined;
  const modified = singleValue(headers, 'last-modified');
  const age = Date.parse(singleValue(headers, 'date') ?? '') - Date.parse(modified ?? '');
  return modified !== null && age >= STRONG_AFTER_MS ? modified : undefined;
}

/**
 * Whether a response has the validator that was sent. Not every server obeys `If-Range`, so a response without a
 * validator proves nothing.
 */
export function hasValidator(headers: Headers, validator: string | undefined): boolean {
  return (
    validator !== undefined && singleValue(headers, validator.startsWith('"') ? 'etag' : 'last-modified') === validator
  );
}
