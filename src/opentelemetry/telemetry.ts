import { context } from '@opentelemetry/api';
import { Observable, tap } from 'rxjs';

import type { HookedInterceptor } from '../client/interceptor-hooks.js';
import type { RequestObserver } from '../retry/request-observer.js';
import type { AttemptRequest, Interceptor } from '../transports/interceptor.js';
import { notifyWithin } from '../util/notify-within.js';
import { readInContext } from './body-in-context.js';
import type { TelemetryOptions } from './options.js';
import { startTelemetry, telemetryOf } from './request-telemetry.js';
import { isSendingNow } from './send-telemetry.js';
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
  const interceptor: HookedInterceptor = (request, next) => sendWithTelemetry(request, next);
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

function sendWithTelemetry(
  request: AttemptRequest,
  next: (request: AttemptRequest) => Observable<Response>,
): Observable<Response> {
  const { attempt } = request;
  const telemetry = telemetryOf(attempt.requestId);
  if (!telemetry || isSendingNow(attempt.requestId)) return next(request);
  return new Observable((output) => {
    const headers = new Headers(request.headers);
    const send = telemetry.startSend({ ...request, headers });
    if (!send) {
      next(request).subscribe(output);
      return;
    }
    send.inject((name, value) => {
      headers.set(name, value);
    });
    output.add(() => {
      send.cut();
    });
    const subscribe = (): void => {
      next({ ...request, headers, body: readInContext(request.body, telemetry.callerContext) })
        .pipe(
          tap({
            next: (response) => {
              send.answer(response, response.status, response.headers);
            },
            error: (error: unknown) => {
              send.fail(error);
            },
          }),
          // Only the transport runs suppressed.
          notifyWithin((work) => {
            context.with(telemetry.callerContext, work);
          }),
        )
        .subscribe(output);
    };
    context.with(send.transportContext, subscribe);
  });
}
