import { announcedLength } from '../http/announced-length.js';
import type { AttemptRequest } from '../transports/interceptor.js';
import { now, wallClock } from '../util/clock.js';
import type { HarEntry, HarRequest, HarResponse } from './har.js';
import { RecordedBody } from './recorded-body.js';
import { queryOf, type Redaction } from './redaction.js';
import { type RecordedRequestBody, sizeOf } from './request-body.js';

/** How a sending ended. */
export interface SendingEnd {
  readonly outcome: NonNullable<HarEntry['_attempt']['outcome']>;
  readonly reason?: HarEntry['_attempt']['reason'] | undefined;
  readonly retry?: HarEntry['_retry'] | undefined;
  /** The error, in words that are safe to show. */
  readonly error?: string | undefined;
}

/** What a request records of its sendings. */
export interface SendingOptions {
  readonly redaction: Redaction;
  /** The most bytes of a response's body that are kept; absent if bodies are not recorded. */
  readonly maxBodySize: number | undefined;
  /** The most entries, and the most holds of a request, that are kept. */
  readonly limit: number;
}

/** What is recorded of a response, besides its body. */
type ResponseHead = Pick<Response, 'headers' | 'status' | 'statusText'>;

/** The version of HTTP is what no platform tells. */
const HTTP_VERSION = 'unknown';

/**
 * One sending of an attempt, as it was seen at the transport.
 *
 *     sent ──► answered ──► ended
 *
 * Without a response it ends at once.
 */
export class RecordedSending {
  readonly #request: HarRequest;
  readonly #attempt: HarEntry['_attempt'];
  readonly #body: RecordedRequestBody | undefined;
  readonly #options: SendingOptions;
  readonly #contentType: string | null;
  readonly #blocked: number;
  readonly #startedAt: number = wallClock();
  readonly #start: number = now();
  #headersAt: number | undefined;
  #endedAt: number | undefined;
  #response: ResponseHead | undefined;
  #responseBody: RecordedBody | undefined;
  #end: SendingEnd | undefined;

  /**
   * @param blocked - how long gates held the attempt, in ms
   * @param hedge - the number of the hedge, if it is one
   */
  constructor(
    { attempt, body: content, headers, method, url: target }: AttemptRequest,
    body: RecordedRequestBody | undefined,
    blocked: number,
    hedge: number | undefined,
    options: SendingOptions,
  ) {
    const url = options.redaction.url(target);
    const size = sizeOf(content);
    this.#body = body;
    this.#blocked = blocked;
    this.#options = options;
    this.#attempt = {
      number: attempt.number,
      ...(attempt.of !== Infinity && { of: attempt.of }),
      requestId: attempt.requestId,
      ...(hedge !== undefined && { hedge }),
    };
    this.#request = {
      method,
      url,
      httpVersion: HTTP_VERSION,
      cookies: [],
      headers: options.redaction.headers(headers),
      queryString: queryOf(url),
      headersSize: -1,
      bodySize: size >= 0 ? size : (announcedLength(headers) ?? -1),
    };
    this.#contentType = headers.get('content-type');
  }

  /** What it answered; once it has ended, a copy of its head. */
  get response(): ResponseHead | undefined {
    return this.#response;
  }

  answer(response: Response): void {
    if (this.#end) return;
    this.#headersAt = now();
    this.#response = response;
  }

  read(bytes: Uint8Array): void {
    const { maxBodySize } = this.#options;
    if (maxBodySize !== undefined) (this.#responseBody ??= new RecordedBody(maxBodySize)).add(bytes);
  }

  /** No response is waited for any more. The body of one that came may still be read. */
  stop(): void {
    if (!this.#response) this.#endedAt ??= now();
  }

  /** Says how it counts. Only the first end does. */
  end(end: SendingEnd): void {
    if (this.#end) return;
    this.#end = end;
    // Nobody reads the body of a response that another one has replaced.
    this.#endedAt ??= (end.outcome === 'superseded' ? this.#headersAt : undefined) ?? now();
    this.#body?.stop?.();
    // A response that nobody reads holds its connection for as long as somebody holds the response.
    if (this.#response) {
      const { headers, status, statusText } = this.#response;
      this.#response = { headers, status, statusText };
    }
  }

  toEntry(pageref: string): HarEntry {
    const end = this.#endedAt ?? now();
    const headersAt = this.#headersAt ?? end;
    const timings = {
      blocked: this.#blocked,
      send: 0 as const,
      wait: headersAt - this.#start,
      receive: Math.max(0, end - headersAt),
    };
    const { outcome, reason, retry, error } = this.#end ?? {};
    const body = this.#body?.body;
    return {
      pageref,
      startedDateTime: new Date(this.#startedAt - this.#blocked).toISOString(),
      time: timings.blocked + timings.wait + timings.receive,
      request: {
        ...this.#request,
        ...(body && {
          postData: {
            mimeType: this.#contentType ?? '',
            text: body.toText(this.#contentType).text,
            ...(body.isTruncated && { _truncated: true as const }),
          },
        }),
      },
      response: this.#toResponse(),
      cache: {},
      timings,
      _resourceType: 'fetch',
      _attempt: { ...this.#attempt, ...(outcome && { outcome }), ...(reason && { reason }) },
      ...(retry && { _retry: retry }),
      ...(error !== undefined && { _error: error }),
    };
  }

  #toResponse(): HarResponse {
    const response = this.#response;
    const common = { httpVersion: HTTP_VERSION, cookies: [], headersSize: -1 as const };
    if (!response) {
      return {
        ...common,
        status: 0,
        statusText: '',
        headers: [],
        content: { size: 0, mimeType: 'x-unknown' },
        redirectURL: '',
        bodySize: -1,
      };
    }
    const { headers, status, statusText } = response;
    const { redaction } = this.#options;
    const body = this.#responseBody;
    const type = headers.get('content-type');
    const location = headers.get('location');
    const announced = announcedLength(headers);
    return {
      ...common,
      status,
      statusText,
      headers: redaction.headers(headers),
      content: {
        size: body?.size ?? announced ?? 0,
        mimeType: type ?? 'x-unknown',
        ...body?.toText(type),
        ...(body?.isTruncated && { _truncated: true }),
      },
      redirectURL: location === null ? '' : redaction.url(location),
      bodySize: status === 304 ? 0 : (announced ?? -1),
    };
  }
}
