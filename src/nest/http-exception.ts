import {
  BadGatewayException,
  GatewayTimeoutException,
  HttpException,
  ServiceUnavailableException,
} from '@nestjs/common';

import { closedError } from '../client/request-registry.js';
import { isHttpError } from '../errors/is-http-error.js';
import { retryAfter } from '../http/retry-after.js';
import { wallClock } from '../util/clock.js';
import { readProperty } from '../util/foreign-object.js';

/** 503 of a server that has told how long it asks to be left alone. */
export class RetryLaterException extends ServiceUnavailableException {
  /** For the header `Retry-After`, in whole seconds; absent if it is not known. */
  readonly retryAfter: number | undefined;

  constructor(retryAfterMs: number | undefined, cause: unknown) {
    super(undefined, { cause });
    this.retryAfter =
      retryAfterMs === undefined || retryAfterMs === Infinity
        ? undefined
        : Math.max(1, Math.ceil(retryAfterMs / 1_000));
  }
}

/**
 * Returns the HTTP exception for an error of a client, for filters of your own. What a caller is told has no URL and no
 * text of the servers behind; the error itself is the exception's `cause`.
 *
 * | error | exception |
 * |---|---|
 * | `HttpTimeoutError`; a `TimeoutError` of a signal | 504 |
 * | `GateRejectedError` | 503, with `Retry-After` if the gate knows it |
 * | `HttpStatusError` of 429 or 503 | 503, with the server's `Retry-After` |
 * | `HttpStatusError` of 504 | 504 |
 * | other `HttpStatusError`, `HttpNetworkError`, `HttpParseError`, `HttpValidationError` | 502 |
 * | `AbortError` of a closed client: the application shuts down | 503 |
 *
 * @returns `undefined` for other errors; an `HttpException` as it is
 *
 * @example
 * ```ts no-run: needs Nest
 * import { catchError, type OperatorFunction, throwError } from 'rxjs';
 * import { toHttpException } from 'rxjs-retry-client/nest';
 *
 * export const asHttpException = <T>(): OperatorFunction<T, T> =>
 *   catchError((error: unknown) => throwError(() => toHttpException(error) ?? error));
 * ```
 */
export function toHttpException(error: unknown): HttpException | undefined {
  if (error instanceof HttpException) return error;
  if (isHttpError(error)) {
    switch (error.name) {
      case 'HttpTimeoutError':
        return new GatewayTimeoutException(undefined, { cause: error });
      case 'GateRejectedError':
        return new RetryLaterException(error.retryAfter, error);
      case 'HttpStatusError': {
        const { status, response } = error;
        if (status === 504) return new GatewayTimeoutException(undefined, { cause: error });
        if (status === 429 || status === 503) {
          return new RetryLaterException(
            retryAfter((name) => response.headers.get(name), wallClock()),
            error,
          );
        }
        break;
      }
    }
    return new BadGatewayException(undefined, { cause: error });
  }
  const name = readProperty(error, 'name');
  if (name === 'TimeoutError') return new GatewayTimeoutException(undefined, { cause: error });
  const isClosed = name === 'AbortError' && readProperty(error, 'message') === closedError().message;
  return isClosed ? new RetryLaterException(undefined, error) : undefined;
}
