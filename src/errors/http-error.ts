import type { HttpAttempt } from '../attempt.js';

/** What an error of the client is made from. */
export interface HttpErrorDetails {
  /** The attempt that failed last. */
  readonly attempt: HttpAttempt;
  /** What lies beneath, where something does. */
  readonly cause?: unknown;
}

/** `attempt 2 of 3`, or `attempt 2` where there is no end to them. */
function which({ number, of }: HttpAttempt): string {
  return `attempt ${String(number)}${of === Infinity ? '' : ` of ${String(of)}`}`;
}

/**
 * What went wrong with a request: the base of {@link HttpStatusError}, {@link HttpNetworkError} and {@link HttpTimeoutError}. Tell them
 * apart by their `name`, after {@link isHttpError}.
 *
 * Its message says the method, the URL without user and password, the attempt, and what happened.
 */
export abstract class HttpError extends Error {
  abstract override readonly name: 'HttpStatusError' | 'HttpNetworkError' | 'HttpTimeoutError';
  /** What was asked for: the method, and the URL without user and password. */
  readonly request: { readonly method: string; readonly url: string };
  /** The attempt that failed last. */
  readonly attempt: HttpAttempt;

  constructor(what: string, { attempt, ...rest }: HttpErrorDetails) {
    super(`${attempt.method} ${attempt.url}: ${what} (${which(attempt)})`, 'cause' in rest ? { cause: rest.cause } : undefined);
    this.request = { method: attempt.method, url: attempt.url };
    this.attempt = attempt;
  }
}
