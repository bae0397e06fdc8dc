import { type Context, context, type TextMapSetter } from '@opentelemetry/api';
import { Observable, type Observer } from 'rxjs';

import type { HookedInterceptor, InterceptorExchange } from '../client/interceptor-hooks.js';
import { isStream } from '../http/stream-body.js';
import type { RequestObserver } from '../retry/request-observer.js';
import type { AttemptRequest, Interceptor } from '../transports/interceptor.js';
import { notifyWithin } from '../util/notify-within.js';
import { runAndReportErrors } from '../util/report-errors.js';
import { readInContext } from './body-in-context.js';
import type { TelemetryOptions } from './options.js';
import { startTelemetry, telemetryOf } from './request-telemetry.js';
import type { SendTelemetry } from './send-telemetry.js';
import { isSending } from './sending-context.js';
import { TelemetrySetup } from './telemetry-setup.js';

/** Options of a client that is traced and measured. */
export interface TelemetryClientOptions {
  readonly interceptors: readonly Interceptor[];
  readonly observers: readonly RequestObserver[];
}

/**
 * Returns the options of a client whose requests OpenTelemetry traces and measures, by the semantic conventions for
 * HTTP: a span for each time that an attempt is sent, in a span for the request, whose events are its retries, holds
 * and hedges.
 *
 * Extend a client with it last: then the spans include what all other interceptors did to the request, and the
 * `traceparent` of each sending is its own. All that the application does for a request (selectors, interceptors,
 * subscribers) happens in the context that was active when the request was subscribed to.
 *
 * Without an SDK nothing is made. It can be registered after the client was made.
 *
 * @param options - what is made, and for whom
 * @throws TypeError or RangeError that names the bad option
 * @see {@link https://opentelemetry.io/docs/specs/semconv/http/http-spans/ | OpenTelemetry, HTTP spans}
 *
 * @example
 * ```ts
 * import { RetryClient } from 'rxjs-retry-client';
 * import { telemetry } from 'rxjs-retry-client/opentelemetry';
 *
 * export const client = new RetryClient({ baseUrl: 'https://api.example.com/' }).extend(
 *   telemetry({ urlTemplate: ({ context }) => context.route as string | undefined }),
 * );
 * ```
 */
export function telemetry(options: TelemetryOptions = {}): TelemetryClientOptions {
  const setup = new TelemetrySetup(options);
  return {
    interceptors: [telemetryOfSending(setup)],
    observers: [(request) => startTelemetry(setup, request)],
  };
}

/** Makes the interceptor for the requests whose telemetry an observer has started. */
function telemetryOfSending(setup: TelemetrySetup): HookedInterceptor {
  const interceptor: HookedInterceptor = (request, next, exchange) => sendWithTelemetry(request, next, exchange);
  return Object.assign(interceptor, { isIdle: () => setup.isIdle, around: inContextOfCaller });
}

/**
 * Calls the application's interceptors in the context of the caller, and delivers in it what they emit. A gate lets an
 * attempt in when another request ends, and so in the context of that one; and not every context manager keeps a
 * context over timers and promises.
 */
function inContextOfCaller(
  request: AttemptRequest,
  next: (request: AttemptRequest) => Observable<Response>,
): Observable<Response> {
  const telemetry = telemetryOf(request.attempt.requestId);
  if (!telemetry) return next(request);
  const run = (work: () => void): void => {
    context.with(telemetry.callerContext, work);
  };
  return new Observable((output) => {
    run(() => {
      next(request).pipe(notifyWithin(run)).subscribe(output);
    });
  });
}

/** How a propagator sets a header. */
const HEADERS_SETTER: TextMapSetter<Headers> = {
  set: (headers, name, value) => {
    headers.set(name, value);
  },
};

function sendWithTelemetry(
  request: AttemptRequest,
  next: (request: AttemptRequest) => Observable<Response>,
  exchange: InterceptorExchange | undefined,
): Observable<Response> {
  const { method, url, body, attempt } = request;
  const telemetry = telemetryOf(attempt.requestId);
  if (!telemetry) return next(request);
  const { callerContext } = telemetry;
  return new Observable((output) => {
    if (isSending(context.active(), attempt.requestId)) return next(request).subscribe(output);
    // What the client made for this attempt nobody else has. What an interceptor made may be in use again.
    const isOwn = request.headers === exchange?.request?.headers;
    const headers = isOwn ? request.headers : new Headers(request.headers);
    const send = telemetry.startSend({ method, url, attempt, headers });
    if (!send) return next(request).subscribe(output);
    send.inject(headers, HEADERS_SETTER);
    const sent = next(
      isOwn && !isStream(body) ? request : { ...request, headers, body: readInContext(body, callerContext) },
    );
    // Only the transport runs suppressed.
    const call = context.with(send.transportContext, () => sent.subscribe(new Delivery(output, send, callerContext)));
    return () => {
      send.cut();
      call.unsubscribe();
    };
  });
}

/** Tells of a sending's response or error, and delivers it in the context of the caller. A sending creates one. */
class Delivery implements Observer<Response> {
  readonly #output: Observer<Response>;
  readonly #send: SendTelemetry;
  readonly #context: Context;

  constructor(output: Observer<Response>, send: SendTelemetry, callerContext: Context) {
    this.#output = output;
    this.#send = send;
    this.#context = callerContext;
  }

  next(response: Response): void {
    // The getters of a foreign response can throw.
    runAndReportErrors(() => {
      this.#send.answer(response, response.status, response.headers);
    });
    context.with(this.#context, () => {
      this.#output.next(response);
    });
  }

  error(error: unknown): void {
    this.#send.fail(error);
    context.with(this.#context, () => {
      this.#output.error(error);
    });
  }

  complete(): void {
    context.with(this.#context, () => {
      this.#output.complete();
    });
  }
}
