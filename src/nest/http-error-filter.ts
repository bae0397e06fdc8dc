import type { ServerResponse } from 'node:http';

import {
  type ArgumentsHost,
  Catch,
  type ExceptionFilter,
  type HttpException,
  InternalServerErrorException,
  Logger,
} from '@nestjs/common';
import { type Observable, throwError } from 'rxjs';

import { HttpError } from '../errors/http-error.js';
import { GateRejectedError } from '../retry/gate-rejected-error.js';
import { RetryLaterException, toHttpException } from './http-exception.js';

/** A reply of Express or of Fastify: what both have. */
interface Reply {
  header(name: string, value: string): unknown;
  status(code: number): { send(body: unknown): unknown };
  readonly raw?: ServerResponse;
}

/**
 * A filter that answers with 504, 502, or 503 with `Retry-After` when a handler fails with an error of a client; see
 * {@link toHttpException}. It needs nothing injected: `new HttpErrorFilter()` works everywhere.
 *
 * In GraphQL and microservices the exception is passed on. A gateway of WebSockets should do without the filter: its
 * caller would get no answer.
 *
 * @example
 * ```ts no-run: needs Nest
 * import { NestFactory } from '@nestjs/core';
 * import { HttpErrorFilter } from 'rxjs-retry-client/nest';
 *
 * declare class AppModule {} // of src/app.module.ts
 *
 * const app = await NestFactory.create(AppModule);
 * app.useGlobalFilters(new HttpErrorFilter());
 * await app.listen(3000);
 * ```
 */
export class HttpErrorFilter implements ExceptionFilter {
  catch(error: unknown, host: ArgumentsHost): Observable<never> | undefined {
    const exception = toHttpException(error) ?? unknownError(error);
    switch (host.getType()) {
      case 'http':
        answer(host.switchToHttp().getResponse<Reply>(), exception);
        return undefined;
      case 'rpc':
        return throwError(() => exception);
      case 'ws':
        // Nest takes the error for answered, and what is thrown here can end the process.
        Logger.error(error, error instanceof Error ? error.stack : undefined, HttpErrorFilter.name);
        return undefined;
      default:
        // GraphQL: what is returned would be the value of the field.
        throw exception;
    }
  }
}

function answer(reply: Reply, exception: HttpException): void {
  const response = reply.raw ?? (reply as unknown as ServerResponse);
  if (response.headersSent) {
    // The caller must see that the body is not whole.
    response.destroy();
    return;
  }
  if (exception instanceof RetryLaterException && exception.retryAfter !== undefined) {
    reply.header('Retry-After', String(exception.retryAfter));
  }
  reply.status(exception.getStatus()).send(exception.getResponse());
}

/** Has the platform's DOMExceptions as its instances. It is looked up when used: not every platform has it. */
// eslint-disable-next-line @typescript-eslint/no-extraneous-class -- Nest asks `instanceof`
abstract class AnyDomException {
  static [Symbol.hasInstance](error: unknown): boolean {
    return typeof DOMException === 'function' && error instanceof DOMException;
  }
}

Catch(HttpError, GateRejectedError, AnyDomException)(HttpErrorFilter);

/** An `AbortError` of a signal of the handler's own is its own fault: it is logged, as Nest logs such errors. */
function unknownError(error: unknown): InternalServerErrorException {
  Logger.error(error, error instanceof Error ? error.stack : undefined, HttpErrorFilter.name);
  return new InternalServerErrorException(undefined, { cause: error });
}
