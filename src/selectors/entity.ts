/** Where a part of an entity belongs, as a response of status 206 or 416 says. */
export interface ContentRange {
  /** The first byte and the one after the last; absent where no part came, but only word of the length. */
  readonly start?: number;
  readonly end?: number;
  /** The length of the whole, where the server knows it. */
  readonly total?: number | undefined;
}

/** How much older than its response a date must be to tell two versions apart: HTTP's dates count whole seconds, and clocks differ. */
const STRONG_AFTER = 60_000;

/**
 * Reads a `Content-Range` header; `undefined` for one that makes no sense.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-14.4 | RFC 9110, section 14.4}
 */
export function contentRange(headers: Headers): ContentRange | undefined {
  const [, first, last, length] = /^bytes (?:(\d+)-(\d+)|\*)\/(\d+|\*)$/i.exec(headers.get('content-range') ?? '') ?? [];
  if (length === undefined) return undefined;
  const total = length === '*' ? undefined : Number(length);
  if (first === undefined || last === undefined) return total === undefined ? undefined : { total };
  const [start, end] = [Number(first), Number(last) + 1];
  return start < end && end <= (total ?? Infinity) ? { start, end, total } : undefined;
}

/** Whether the bytes that arrive are others than those that were sent: the platform decompresses them, and its header stays. */
export function isEncoded(headers: Headers): boolean {
  return !/^(?:|identity)$/i.test((headers.get('content-encoding') ?? '').trim());
}

/** How many bytes will arrive, where that is announced. */
export function announcedLength(headers: Headers): number | undefined {
  const length = headers.get('content-length') ?? '';
  return /^\d+$/.test(length) && !isEncoded(headers) ? Number(length) : undefined;
}

/**
 * What proves that a part of an entity, fetched later, is a part of the same: an entity tag, or a date, that is strong. Without one,
 * parts of two versions might be put together.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-13.1.5 | RFC 9110, section 13.1.5}
 */
export function strongValidator(headers: Headers): string | undefined {
  if (isEncoded(headers)) return undefined;
  const tag = headers.get('etag');
  if (tag !== null) return /^"[^"]*"$/.test(tag) ? tag : undefined;
  const modified = headers.get('last-modified');
  const age = Date.parse(headers.get('date') ?? '') - Date.parse(modified ?? '');
  return modified !== null && age >= STRONG_AFTER ? modified : undefined;
}

/** Whether a part bears the validator that was asked for: not every server minds `If-Range`. A date may be left out. */
export function bearsValidator(headers: Headers, validator: string): boolean {
  return validator.startsWith('"') ? headers.get('etag') === validator : (headers.get('last-modified') ?? validator) === validator;
}
