import { safeText } from '../util/safe-text.js';
import { HttpError, type HttpErrorDetails } from './http-error.js';

/** What an {@link HttpParseError} is made from. */
export interface HttpParseErrorDetails extends HttpErrorDetails {
  /** What is wrong, in a few words: never a part of the body. */
  readonly summary: string;
  /** The response whose body it was. */
  readonly response: Pick<Response, 'status' | 'headers'>;
  /** Of a body that is read line by line: which line it was, the first being 1. */
  readonly line?: number | undefined;
  /** The limit in bytes or characters that the body is over, where that is what is wrong. */
  readonly limit?: number | undefined;
}

/**
 * A body came whole, and is not what was asked for: malformed JSON, another content type, or over its limit. It is not retried: the same
 * request would give the same body.
 *
 * The message says the status and the content type, and never a part of the body, which may be private.
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
  /** The response's content type, where it said one, without characters that a log might obey. */
  declare readonly contentType?: string;
  /** Which line of the body it was, the first being 1; absent where the body is one value. */
  declare readonly line?: number;
  /** The limit in bytes or characters that the body is over; absent where that is not what is wrong. */
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
