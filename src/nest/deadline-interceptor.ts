import type { ServerResponse } from 'node:http';

import { type ExecutionContext, HttpException, type NestInterceptor } from '@nestjs/common';
import { Observable } from 'rxjs';

import { checkKnownOptions, type OptionRules } from '../util/known-options.js';
import type { OptionRule } from '../util/option-rule.js';
import { type DeadlineFormat, readDeadline } from './deadline-header.js';
import { createDeadline, runWithin } from './request-deadline.js';

/** The options of {@link deadlineInterceptor}. */
export interface DeadlineOptions {
  /**
   * The header of the incoming request that tells its deadline.
   *
   * @default 'x-request-deadline'
   */
  readonly header?: string | undefined;
  /**
   * What is in the header: `deadline`, a point in time, as RFC 3339 has it or as Unix time in s or ms; `timeout`, a
   * number of ms from now on; `grpc-timeout`, as in gRPC: `250m`, `3S`.
   *
   * @default 'grpc-timeout' for the header of that name, else 'deadline'
   */
  readonly format?: DeadlineFormat | undefined;
  /**
   * The limit for requests without the header, or with one that cannot be read, in ms; `false` for none. Handlers of
   * `@Sse()` have none: a stream of events goes on until its caller leaves.
   *
   * @default false
   */
  readonly default?: number | false | undefined;
  /**
   * The longest limit, whatever a caller asks for, in ms; `false` for none. It limits the default as well.
   *
   * @default false
   */
  readonly max?: number | false | undefined;
}

const LIMIT: OptionRule = [
  undefined,
  'a number of ms above 0, or false',
  (ms: unknown) => ms === false || (typeof ms === 'number' && ms > 0),
];

const RULES: OptionRules<DeadlineOptions> = {
  header: ['', 'the name of a header', (name: string) => /^[\w!#$%&'*+.^`|~-]+$/.test(name)],
  format: [
    '',
    "'deadline', 'timeout' or 'grpc-timeout'",
    (format: string) => ['deadline', 'timeout', 'grpc-timeout'].includes(format),
  ],
  default: LIMIT,
  max: LIMIT,
};

/** The parts of an HTTP request and its response that Express and Fastify share. */
interface HttpExchange {
  readonly headers: Readonly<Record<string, unknown>>;
  readonly response: ServerResponse;
}

/** Status 499 is nginx's: the client closed the request. Nobody receives it, but logs and metrics do. */
const CLIENT_CLOSED_REQUEST = 499;

/** Under this key Nest notes that a handler is one of `@Sse()`. */
const SSE_METADATA = '__sse__';

/**
 * Returns an interceptor that keeps the module's clients within the deadline of the incoming request. What a handler
 * asks of them has the rest of the time as its `totalTimeout`, if that is shorter. It is aborted when the caller
 * leaves.
 *
 * It counts for requests that are subscribed to while the handler runs, and in what it starts. Other work asks
 * `requestDeadline()`; what shall outlive the request runs in `withoutDeadline()`. It does nothing for GraphQL,
 * microservices and WebSockets.
 *
 * @throws TypeError or RangeError for a bad option, naming it
 *
 * @example
 * ```ts no-run: needs Nest
 * import { NestFactory } from '@nestjs/core';
 * import { deadlineInterceptor } from 'rxjs-retry-client/nest';
 *
 * declare class AppModule {} // of src/app.module.ts
 *
 * const app = await NestFactory.create(AppModule);
 * app.useGlobalInterceptors(deadlineInterceptor({ header: 'x-request-deadline', default: 5_000 }));
 * await app.listen(3000);
 * ```
 */
export function deadlineInterceptor(options: DeadlineOptions = {}): NestInterceptor {
  checkKnownOptions(options, RULES);
  const header = (options.header ?? 'x-request-deadline').toLowerCase();
  const format = options.format ?? (header === 'grpc-timeout' ? 'grpc-timeout' : 'deadline');
  const fallback = toLimit(options.default);
  const max = toLimit(options.max);
  return {
    intercept(context, next) {
      const exchange = exchangeOf(context);
      if (!exchange) return next.handle();
      const { headers, response } = exchange;
      const asked = readDeadline(headers[header], format, Date.now());
      const limit = asked === undefined && isEventStream(context) ? Infinity : Math.min(asked ?? fallback, max);
      const deadline = createDeadline(limit, signalOf(response));
      // The handler runs, and what it returns is subscribed to, within the deadline.
      return new Observable((subscriber) => runWithin(deadline, () => next.handle().subscribe(subscriber)));
    },
  };
}

function toLimit(ms: number | false | undefined): number {
  return ms === undefined || ms === false ? Infinity : ms;
}

function isEventStream(context: ExecutionContext): boolean {
  // Nest itself loads reflect-metadata, which adds this method.
  const { getMetadata } = Reflect as { getMetadata?: (key: string, target: object) => unknown };
  return getMetadata?.(SSE_METADATA, context.getHandler()) === true;
}

/** Returns a signal that is aborted when the connection closes before the response is complete. */
function signalOf(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  const abortIfLeft = (): void => {
    if (!response.writableFinished) {
      controller.abort(new HttpException('Client Closed Request', CLIENT_CLOSED_REQUEST));
    }
  };
  // It may have closed while a guard was asked.
  if (response.closed || response.destroyed) abortIfLeft();
  else response.once('close', abortIfLeft);
  return controller.signal;
}

function exchangeOf(context: ExecutionContext): HttpExchange | undefined {
  if (context.getType() !== 'http') return undefined;
  const http = context.switchToHttp();
  const request = http.getRequest<Pick<HttpExchange, 'headers'>>();
  const response = http.getResponse<ServerResponse | { readonly raw: ServerResponse }>();
  // Fastify wraps Node's response.
  return { headers: request.headers, response: 'raw' in response ? response.raw : response };
}
