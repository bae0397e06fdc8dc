import { readProperty } from '../util/foreign-object.js';
import type { HttpNetworkError } from './http-network-error.js';
import type { HttpParseError } from './http-parse-error.js';
import type { HttpStatusError } from './http-status-error.js';
import type { HttpTimeoutError } from './http-timeout-error.js';
import type { HttpValidationError } from './http-validation-error.js';

const NAME = /^Http(?:Status|Network|Timeout|Parse|Validation)Error$/;

/**
 * Whether an error is one of this client's, made in whatever realm or by whatever copy of this package; its `name` tells which.
 *
 * @example
 * ```ts
 * import { isHttpError } from 'rxjs-retry-client';
 *
 * export function explain(error: unknown): string {
 *   if (!isHttpError(error)) return 'a fault of our own';
 *   switch (error.name) {
 *     case 'HttpStatusError':
 *       return `the server says ${error.status}`;
 *     case 'HttpNetworkError':
 *       return 'no connection';
 *     case 'HttpTimeoutError':
 *       return `nothing for ${error.limit} ms`;
 *     case 'HttpParseError':
 *       return 'not the kind of body that was expected';
 *     case 'HttpValidationError':
 *       return 'not the data that was expected';
 *   }
 * }
 * ```
 */
export function isHttpError(
  error: unknown,
): error is HttpStatusError | HttpNetworkError | HttpTimeoutError | HttpParseError | HttpValidationError {
  if (typeof error !== 'object') return false;
  const name = readProperty(error, 'name');
  return (
    typeof name === 'string' &&
    NAME.test(name) &&
    readProperty(error, 'request') !== undefined &&
    readProperty(error, 'attempt') !== undefined
  );
}
