import { HttpError, type HttpErrorDetails } from './http-error.js';

/** The details of an {@link HttpTimeoutError}. */
export interface HttpTimeoutErrorDetails extends HttpErrorDetails {
  readonly scope: 'attempt' | 'total';
  /** The limit, in ms. */
  readonly limit: number;
}

/**
 * A timeout: one attempt received no data for longer than `timeout`, or the whole request was not completed within
 * `totalTimeout`.
 *
 * @example
 * ```ts
 * import { catchError, of } from 'rxjs';
 * import { HttpTimeoutError, RetryClient } from 'rxjs-retry-client';
 *
 * export const price$ = new RetryClient({ totalTimeout: 5_000 }).getJSON<number>('https://api.example.com/price').pipe(
 *   catchError((error: unknown) => {
 *     if (error instanceof HttpTimeoutError) return of(undefined);
 *     throw error;
 *   }),
 * );
 * ```
 */
export class HttpTimeoutError extends HttpError {
  override readonly name = 'HttpTimeoutError';
  /** `attempt` for `timeout`, which is retried; `total` for `totalTimeout`, which ends the request. */
  readonly scope: 'attempt' | 'total';
  /** The limit, in ms. */
  readonly limit: number;

  constructor({ scope, limit, ...details }: HttpTimeoutErrorDetails) {
    super(
      scope === 'attempt'
        ? `no data received for ${limit} ms (timeout)`
        : `not completed within ${limit} ms (totalTimeout)`,
      details,
    );
    this.scope = scope;
    this.limit = limit;
  }
}
