import { isHttpError } from '../errors/is-http-error.js';
import type { Outcome } from '../retry/outcome.js';
import { isCancellation, isNamed } from '../util/error-name.js';
import { readProperty } from '../util/foreign-object.js';

/**
 * The values of the attribute `error.type`: these, and status codes from 400 on.
 *
 * - `HttpNetworkError`: no response came, or its body broke off.
 * - `HttpTimeoutError`: a time limit ran out: the client's, Angular's, or that of `AbortSignal.timeout()`.
 * - `HttpParseError`: the body came whole, but is not what was asked for.
 * - `HttpValidationError`: the data does not follow the schema.
 * - `rejected`: a gate did not let the request in.
 * - `_OTHER`: an error of an interceptor, a selector, or another part of the application.
 */
export type ErrorType =
  | 'HttpNetworkError'
  | 'HttpTimeoutError'
  | 'HttpParseError'
  | 'HttpValidationError'
  | 'rejected'
  | '_OTHER'
  | `${number}`;

/** Returns the error that a status is; `undefined` if it is none. */
export function errorTypeOfStatus(status: number): ErrorType | undefined {
  return status >= 400 ? `${status}` : undefined;
}

/** Angular's error: of a status, of a body that cannot be parsed, or, with status 0, of the transport. */
function errorTypeOfAngular(error: object): ErrorType | undefined {
  const status = readProperty(error, 'status');
  if (typeof status === 'number' && status > 0) return errorTypeOfStatus(status) ?? 'HttpParseError';
  const cause = readProperty(error, 'error');
  if (isCancellation(cause)) return undefined;
  return isNamed(cause, 'TimeoutError') ? 'HttpTimeoutError' : 'HttpNetworkError';
}

/** Returns the type of an error; `undefined` for a cancellation, which is none. */
export function errorTypeOf(error: unknown): ErrorType | undefined {
  if (isHttpError(error)) {
    switch (error.name) {
      case 'HttpStatusError':
        return `${error.status}`;
      case 'GateRejectedError':
        return 'rejected';
      default:
        return error.name;
    }
  }
  if (isNamed(error, 'HttpErrorResponse')) return errorTypeOfAngular(error);
  if (isCancellation(error)) return undefined;
  return isNamed(error, 'TimeoutError') ? 'HttpTimeoutError' : '_OTHER';
}

/** Returns the type of error that an outcome is that was not accepted; `undefined` for a cancellation. */
export function errorTypeOfOutcome(outcome: Outcome): ErrorType | undefined {
  if (outcome.kind === 'error') return errorTypeOf(outcome.error);
  // A status below 400, or a value, that shouldRetry retries is no error by itself.
  return outcome.response && errorTypeOfStatus(outcome.response.status);
}

/** Returns what an error says, if it is one of this package: those never hold secrets. */
export function safeMessageOf(error: unknown): string | undefined {
  return isHttpError(error) ? error.message : undefined;
}
