import { HttpError, type HttpErrorDetails } from './http-error.js';

/** What an {@link HttpTimeoutError} is made from. */
export interface HttpTimeoutErrorDetails extends HttpErrorDetails {
  readonly scope: 'attempt' | 'total';
  readonly limit: number;
}

/**
 * It took too long: one attempt was silent for longer than `timeout`, or the whole request was not done within `totalTimeout`.
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
  /** What ran out: `attempt` is retried, `total` is the end. */
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
