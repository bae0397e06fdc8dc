import { announcedLength, isEncoded } from '../http/announced-length.js';
import type { AttemptRequest } from '../transports/interceptor.js';
import type { DownloadPart } from './download-events.js';
import { contentRange, hasValidator, mediaType, strongValidator } from './representation.js';
import { toResourceUrl } from './resource-url.js';

/**
 * The part of a representation that has been downloaded, and the validator that identifies its version. The download
 * session owns it.
 *
 * Without a validator (at first, and after `invalidate()`) it cannot be resumed.
 *
 * A validator belongs to the URL of the response. Two resources may have the same entity tag, and a redirect may lead
 * from one to the other between two attempts.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-8.8.1 | RFC 9110, section 8.8.1}
 */
export class PartialRepresentation {
  /** The length of the part in bytes. */
  loaded: number;
  /** The length of the whole in bytes, if known. */
  total: number | undefined;
  /** A strong entity tag or date. */
  validator: string | undefined;
  /** The resource that the part came from. */
  url: string | undefined;
  /** The resource that was requested, which may have redirected to `url`. */
  #requestedUrl: string | undefined;

  constructor(from: DownloadPart | undefined) {
    this.loaded = from?.loaded ?? 0;
    this.validator = from?.validator;
    this.url = from?.url && toResourceUrl(from.url);
  }

  /**
   * Whether a request can ask for the rest: it must go to the URL that the part came from, or to the one that was
   * requested for it. The URL of the response is compared in `partEnd()`.
   */
  canResume({ method, url }: AttemptRequest): boolean {
    const requestedUrl = toResourceUrl(url);
    this.url ??= requestedUrl;
    this.#requestedUrl ??= requestedUrl;
    return (
      method === 'GET' &&
      this.loaded > 0 &&
      this.validator !== undefined &&
      [this.#requestedUrl, this.url].includes(requestedUrl)
    );
  }

  /** Starts over with a response that has the whole. Returns the length at which it must end, in bytes. */
  restart(headers: Headers, url: string, requestedUrl: string): number {
    this.loaded = 0;
    this.total = announcedLength(headers);
    this.validator = strongValidator(headers);
    this.url = url;
    this.#requestedUrl = toResourceUrl(requestedUrl);
    return this.total ?? Infinity;
  }

  /**
   * Returns the length at which a partial response must end, in bytes; `undefined` if it does not continue this part of
   * the same version.
   */
  partEnd(headers: Headers, url: string): number | undefined {
    const range = contentRange(headers);
    const continuesPart =
      range?.start === this.loaded &&
      url === this.url &&
      hasValidator(headers, this.validator) &&
      (range.total ?? this.total) === (this.total ?? range.total) &&
      !isEncoded(headers) &&
      mediaType(headers) !== 'multipart/byteranges';
    if (!continuesPart) return undefined;
    this.total ??= range.total;
    return range.end;
  }

  /**
   * Whether a response of status 416 proves that the part is the whole. The response must have the same validator, or
   * an earlier response the length.
   *
   * The length in this response alone proves nothing. Another version may be exactly as long as the part, which would
   * then pass as complete.
   */
  isComplete(headers: Headers, url: string): boolean {
    const total = contentRange(headers)?.total ?? this.total;
    const isSame = url === this.url && hasValidator(headers, this.validator);
    const isDifferent =
      ['etag', 'last-modified'].some((name) => headers.has(name)) && !hasValidator(headers, this.validator);
    return (
      (isSame || this.total !== undefined) && !isDifferent && total === this.loaded && total === (this.total ?? total)
    );
  }

  /** Has the next attempt request the whole, since the rest may not fit the part. */
  invalidate(): void {
    this.validator = this.total = undefined;
  }
}
