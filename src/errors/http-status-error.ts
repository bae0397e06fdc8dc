import { HttpError, type HttpErrorDetails } from './http-error.js';

/** What an {@link HttpStatusError} is made from. */
export interface HttpStatusErrorDetails extends HttpErrorDetails {
  /** The response, whose body nobody has read. */
  readonly response: Response;
}

/**
 * The server's last word was a status of 400 or above, and `throwHttpErrors` is on, as it is by default with a selector.
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
  readonly #response: Response;

  constructor({ response, ...details }: HttpStatusErrorDetails) {
    super(`${response.status} ${response.statusText}`.trimEnd(), details);
    this.status = response.status;
    this.#response = response;
  }

  /** The response; its body can still be read. */
  get response(): Response {
    return this.#response;
  }
}
