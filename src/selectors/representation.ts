import { isEncoded } from '../http/announced-length.js';
import { singleValue } from '../http/single-value.js';

/** Where a part of an entity belongs, as a response of status 206 or 416 says. */
export interface ContentRange {
  /** The first byte and the one after the last; absent where no part came, but only word of the length. */
  readonly start?: number;
  readonly end?: number;
  /** The length of the whole, where the server knows it. */
  readonly total?: number | undefined;
}

/** How much of a content type is read: quotes that nothing closes take quadratic time. */
const MAX_TYPE = 1_000;

/**
 * The type and subtype of a body, in lower case; empty where there is none. Of several types the last valid one counts, as in browsers.
 *
 * @see {@link https://fetch.spec.whatwg.org/#concept-header-extract-mime-type | Fetch, extract a MIME type}
 */
export function mediaType(headers: Headers): string {
  const types = (headers.get('content-type') ?? '')
    .slice(0, MAX_TYPE)
    .replace(/"(?:[^"\\]|\\.)*"/g, '')
    .split(',');
  return (
    types
      .map((type) => type.split(';', 1)[0]?.trim().toLowerCase() ?? '')
      .findLast((type) => /^[^\s/]+\/[^\s/]+$/.test(type) && type !== '*/*') ?? ''
  );
}

/** How much older than its response a date must be to tell two versions apart: HTTP's dates count whole seconds, and clocks differ. */
const STRONG_AFTER = 60_000;

/**
 * Reads a `Content-Range` header; `undefined` for one that makes no sense.
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
 * What proves that a part of an entity, fetched later, is a part of the same: an entity tag, or a date, that is strong. Without one,
 * parts of two versions might be put together.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-13.1.5 | RFC 9110, section 13.1.5}
 */
export function strongValidator(headers: Headers): string | undefined {
  if (isEncoded(headers)) return undefined;
  const tag = singleValue(headers, 'etag');
  if (tag !== null) return /^"[^"]*"$/.test(tag) ? tag : undefined;
  const modified = singleValue(headers, 'last-modified');
  const age = Date.parse(singleValue(headers, 'date') ?? '') - Date.parse(modified ?? '');
  return modified !== null && age >= STRONG_AFTER ? modified : undefined;
}

/**
 * Whether a response has the validator that was sent: not every server minds `If-Range`. One that is left out proves nothing.
 */
export function hasValidator(headers: Headers, validator: string | undefined): boolean {
  return (
    validator !== undefined && singleValue(headers, validator.startsWith('"') ? 'etag' : 'last-modified') === validator
  );
}
