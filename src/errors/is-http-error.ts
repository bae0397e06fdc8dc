import type { GateRejectedError } from '../retry/gate-rejected-error.js';
import { readProperty } from '../util/foreign-object.js';
import type { HttpError } from './http-error.js';
import type { HttpNetworkError } from './http-network-error.js';
import type { HttpParseError } from './http-parse-error.js';
import type { HttpStatusError } from './http-status-error.js';
import type { HttpTimeoutError } from './http-timeout-error.js';
import type { HttpValidationError } from './http-validation-error.js';

const NAME = /^(?:Http(?:Status|Network|Timeout|Parse|Validation)|GateRejected)Error$/;

/**
 * Whether an error is an {@link HttpError}, or the {@link GateRejectedError} of an HTTP request, of any realm and any
 * copy of this package. Its `name` distinguishes the classes.
 *
 * @example
 * ```ts
 * import { isHttpError } from 'rxjs-retry-client';
 *
 * export function explain(error: unknown): string {
 *   if (!isHttpError(error)) return 'a bug';
 *   switch (error.name) {
 *     case 'HttpStatusError':
 *       return `status ${error.status}`;
 *     case 'HttpNetworkError':
 *       return 'no connection';
 *     case 'HttpTimeoutError':
 *       return `timed out after ${error.limit} ms`;
 *     case 'HttpParseError':
 *       return 'the body cannot be parsed';
 *     case 'HttpValidationError':
 *       return 'the data is invalid';
 *     case 'GateRejectedError':
 *       return `not sent, because of ${error.gate}`;
 *   }
 * }
 * ```
 */
export function isHttpError(
  error: unknown,
): error is
  | HttpStatusError
  | HttpNetworkError
  | HttpTimeoutError
  | HttpParseError
  | HttpValidationError
  | (GateRejectedError & Pick<HttpError, 'attempt' | 'request'>) {
  if (typeof error !== 'object') return false;
  const name = readProperty(error, 'name');
  return (
    typeof name === 'string' &&
    NAME.test(name) &&
    readProperty(error, 'request') !== undefined &&
    readProperty(error, 'attempt') !== undefined
  );
}
