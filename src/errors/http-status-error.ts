import { bufferedResponse } from '../http/buffered-response.js';
import { concatChunks } from '../http/direct-response.js';
import type { BoundedBody } from '../http/read-within.js';
import { decodeText } from './decode-text.js';
import { HttpError, type HttpErrorDetails } from './http-error.js';

/** The details of an {@link HttpStatusError}. */
export interface HttpStatusErrorDetails extends HttpErrorDetails {
  /** The response, whose body has not been read. */
  readonly response: Response;
  /** The failure in a few words. @default the status and its text */
  readonly summary?: string | undefined;
}

let assignBody: (error: HttpStatusError, body: BoundedBody) => void;

/**
 * The last response has a status of 400 or above, and `throwHttpErrors` is `true`, as it is by default with a selector.
 *
 * The first 64 KiB of its body are read before it is thrown, for at most 1000 ms, so that an error that is only printed
 * keeps no connection busy.
 *
 * @example
 * ```ts
 * import { catchError, EMPTY } from 'rxjs';
 * import { isHttpError, RetryClient } from 'rxjs-retry-client';
 *
 * export const user$ = new RetryClient().getJSON<{ name: string }>('https://api.example.com/users/1').pipe(
 *   catchError((error: unknown) => {
 *     if (isHttpError(error) && error.name === 'HttpStatusError' && error.status === 404) return EMPTY;
 *     throw error;
 *   }),
 * );
 * ```
 */
export class HttpStatusError extends HttpError {
  override readonly name = 'HttpStatusError';
  /** The response's status. */
  readonly status: number;
  #response: Response;
  #body: BoundedBody | undefined;

  static {
    assignBody = (error, body) => {
      const { status } = error;
      const truncation = body.isWhole
        ? undefined
        : new TypeError(`the body of the response of status ${status} was read in part only`);
      error.#response = bufferedResponse(error.#response, body.chunks, truncation);
      error.#body = body;
    };
  }

  constructor({ response, summary, ...details }: HttpStatusErrorDetails) {
    super(summary ?? `${response.status} ${response.statusText}`.trimEnd(), details);
    this.status = response.status;
    this.#response = response;
  }

  /** The response. Its body is the part that was read; if that is not all of it, reading it ends with an error. */
  get response(): Response {
    return this.#response;
  }

  /** The body, if it is text; of a long one the beginning. */
  get body(): string | undefined {
    return this.#body && decodeText(concatChunks(this.#body.chunks), this.#response.headers.get('content-type'));
  }

  /**
   * The body's JSON, such as problem details; `undefined` if it is not JSON. Each access parses it.
   *
   * @see {@link https://www.rfc-editor.org/rfc/rfc9457 | RFC 9457}
   */
  get data(): unknown {
    try {
      return JSON.parse(this.body ?? '') as unknown;
    } catch {
      return undefined;
    }
  }

  /** Whether `body` is only a part: the body is longer than 64 KiB, took longer than 1000 ms, or broke off. */
  get truncated(): boolean {
    return this.#body?.isWhole === false;
  }
}

/** Sets the body that was read of an error's response. */
export function setErrorBody(error: HttpStatusError, body: BoundedBody): void {
  assignBody(error, body);
}
