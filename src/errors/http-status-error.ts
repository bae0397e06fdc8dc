import { bufferedResponse } from '../http/buffered-response.js';
import { concatChunks } from '../http/direct-response.js';
import type { BoundedBody } from '../http/read-within.js';
import { decodeText } from './decode-text.js';
import { HttpError, type HttpErrorDetails } from './http-error.js';

/** What an {@link HttpStatusError} is made from. */
export interface HttpStatusErrorDetails extends HttpErrorDetails {
  /** The response, whose body nobody has read. */
  readonly response: Response;
  /** What happened, in a few words; by default the status and its text. */
  readonly summary?: string | undefined;
}

let assignBody: (error: HttpStatusError, body: BoundedBody) => void;

/**
 * The server's last word was a status of 400 or above, and `throwHttpErrors` is on, as it is by default with a selector.
 *
 * Its body is read before it is thrown, so that an error that is only printed holds no connection: the first 64 KiB, for at most a second.
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
      const cut = body.whole
        ? undefined
        : new TypeError(`the body of the response of status ${status} was read in part only`);
      error.#response = bufferedResponse(error.#response, body.chunks, cut);
      error.#body = body;
    };
  }

  constructor({ response, summary, ...details }: HttpStatusErrorDetails) {
    super(summary ?? `${response.status} ${response.statusText}`.trimEnd(), details);
    this.status = response.status;
    this.#response = response;
  }

  /** The response. Its body is what was read before; where that is not all of it, reading it ends with an error. */
  get response(): Response {
    return this.#response;
  }

  /** The body, where it is a text; of a long one the beginning. */
  get body(): string | undefined {
    return this.#body && decodeText(concatChunks(this.#body.chunks), this.#response.headers.get('content-type'));
  }

  /** The body's JSON, such as problem details (RFC 9457); `undefined` where it is none. It is parsed each time. */
  get data(): unknown {
    try {
      return JSON.parse(this.body ?? '') as unknown;
    } catch {
      return undefined;
    }
  }

  /** Whether `body` is not all of it: it was longer than 64 KiB, took too long, or broke off. */
  get truncated(): boolean {
    return this.#body?.whole === false;
  }
}

/** Gives an error the body that was read of its response. */
export function setErrorBody(error: HttpStatusError, body: BoundedBody): void {
  assignBody(error, body);
}
