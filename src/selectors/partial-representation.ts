import { announcedLength, isEncoded } from '../http/announced-length.js';
import type { AttemptRequest } from '../transports/interceptor.js';
import type { DownloadPart } from './download-events.js';
import { contentRange, hasValidator, mediaType, strongValidator } from './representation.js';
import { toResourceUrl } from './resource-url.js';

/**
 * What is there of an entity, and what proves which one it is. A validator belongs to the URL that answered: two resources may have the
 * same entity tag, and a redirect may lead from one to the other between two attempts.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-8.8.1 | RFC 9110, section 8.8.1}
 */
export class PartialRepresentation {
  loaded: number;
  total: number | undefined;
  validator: string | undefined;
  /** The resource that it came from. */
  url: string | undefined;
  /** The resource that was asked for, and may have redirected there. */
  #asked: string | undefined;

  constructor(from: DownloadPart | undefined) {
    this.loaded = from?.loaded ?? 0;
    this.validator = from?.validator;
    this.url = from?.url && toResourceUrl(from.url);
  }

  /** Whether a request can ask for the rest: where the part came from, or where it was asked for. What answers is looked at again. */
  canResume({ method, url }: AttemptRequest): boolean {
    const asked = toResourceUrl(url);
    this.url ??= asked;
    this.#asked ??= asked;
    return (
      method === 'GET' && this.loaded > 0 && this.validator !== undefined && [this.#asked, this.url].includes(asked)
    );
  }

  /** Nothing is there yet of what comes now. Returns where it must end. */
  begin(headers: Headers, url: string, asked: string): number {
    this.loaded = 0;
    this.total = announcedLength(headers);
    this.validator = strongValidator(headers);
    this.url = url;
    this.#asked = toResourceUrl(asked);
    return this.total ?? Infinity;
  }

  /** Where a part that a server sent must end, if it goes on from here and is of the same entity. */
  next(headers: Headers, url: string): number | undefined {
    const range = contentRange(headers);
    const fits =
      range?.start === this.loaded &&
      url === this.url &&
      hasValidator(headers, this.validator) &&
      (range.total ?? this.total) === (this.total ?? range.total) &&
      !isEncoded(headers) &&
      mediaType(headers) !== 'multipart/byteranges';
    if (!fits) return undefined;
    this.total ??= range.total;
    return range.end;
  }

  /**
   * Whether a server that has no rest to send proves that all is there: it must be the same entity, or have told its length before. Of another
   * one that is as long as what is there, only the beginning of the first would be had.
   */
  isWhole(headers: Headers, url: string): boolean {
    const total = contentRange(headers)?.total ?? this.total;
    const isSame = url === this.url && hasValidator(headers, this.validator);
    const isOther =
      ['etag', 'last-modified'].some((name) => headers.has(name)) && !hasValidator(headers, this.validator);
    return (isSame || this.total !== undefined) && !isOther && total === this.loaded && total === (this.total ?? total);
  }

  /** What is there cannot be trusted to fit what will come. */
  forget(): void {
    this.validator = this.total = undefined;
  }
}
