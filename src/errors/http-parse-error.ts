import { safeText } from '../util/safe-text.js';
import { HttpError, type HttpErrorDetails } from './http-error.js';

/** The details of an {@link HttpParseError}. */
export interface HttpParseErrorDetails extends HttpErrorDetails {
  /** The failure in a few words, without any part of the body. */
  readonly summary: string;
  /** The response whose body could not be parsed. */
  readonly response: Pick<Response, 'status' | 'headers'>;
  /** The number of the line, from 1, if the body is read line by line. */
  readonly line?: number | undefined;
  /** The limit that the body exceeds, in bytes or characters, if that is the failure. */
  readonly limit?: number | undefined;
}

/**
 * A body is complete but cannot be parsed: it is malformed JSON, has another content type, or exceeds its limit. It is
 * not retried, since the same request would return the same body.
 *
 * The message names the status and the content type, and contains no part of the body, which may be private.
 *
 * @example
 * ```ts
 * import { catchError, of } from 'rxjs';
 * import { HttpParseError, RetryClient } from 'rxjs-retry-client';
 *
 * export const price$ = new RetryClient().getJSON<number>('https://api.example.com/price').pipe(
 *   catchError((error: unknown) => {
 *     if (error instanceof HttpParseError && error.contentType?.startsWith('text/html')) return of(undefined);
 *     throw error;
 *   }),
 * );
 * ```
 */
export class HttpParseError extends HttpError {
  override readonly name = 'HttpParseError';
  /** The response's status. */
  readonly status: number;
  /** The response's content type, if it has one, without characters that a log might interpret. */
  declare readonly contentType?: string;
  /** The number of the line, from 1; absent if the body is one value. */
  declare readonly line?: number;
  /** The limit that the body exceeds, in bytes or characters; absent for any other failure. */
  declare readonly limit?: number;

  constructor({ summary, response: { status, headers }, line, limit, ...details }: HttpParseErrorDetails) {
    const type = headers.get('content-type');
    super(`${summary} (status ${status}, ${type === null ? 'no content type' : `content type ${type}`})`, details);
    this.status = status;
    if (type !== null) this.contentType = safeText(type);
    if (line !== undefined) this.line = line;
    if (limit !== undefined) this.limit = limit;
  }
}
