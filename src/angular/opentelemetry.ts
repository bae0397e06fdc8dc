import { PlatformLocation } from '@angular/common';
import {
  type HttpErrorResponse,
  type HttpEvent,
  type HttpInterceptorFn,
  type HttpRequest,
  HttpResponse,
} from '@angular/common/http';
import { inject } from '@angular/core';
import { type Context, context, defaultTextMapSetter } from '@opentelemetry/api';
import { filter, Observable, takeWhile, tap } from 'rxjs';

import { tryParseUrl } from '../http/url.js';
import { errorTypeOf } from '../opentelemetry/error-type.js';
import type { TelemetryOptions } from '../opentelemetry/options.js';
import { type RequestTelemetry, startTelemetry, telemetryOf } from '../opentelemetry/request-telemetry.js';
import { type OutgoingMessage, SendTelemetry } from '../opentelemetry/send-telemetry.js';
import { isSending } from '../opentelemetry/sending-context.js';
import { TelemetrySetup } from '../opentelemetry/telemetry-setup.js';
import type { HttpAttempt } from '../retry/attempt.js';
import type { RequestObserver } from '../retry/request-observer.js';
import { isNamed } from '../util/error-name.js';
import { notifyWithin } from '../util/notify-within.js';
import { runAndReportErrors } from '../util/report-errors.js';
import { attemptOf } from './attempt-of.js';
import { type AppAttempts, ATTEMPTS } from './attempts.js';
import { pageBase } from './page-url.js';
import { REQUEST_OBSERVERS } from './request-observers.js';

export type { TelemetryOptions } from '../opentelemetry/options.js';

/**
 * Creates an interceptor by which OpenTelemetry traces and measures the requests of Angular's HttpClient, as
 * `telemetry()` of `rxjs-retry-client/opentelemetry` does for a client. A client of `provideRetryClient` has that
 * among its own options.
 *
 * Put it directly after `retryInterceptor`: a span for each attempt needs to know the attempt. Without that
 * interceptor, and for requests that bypass it, it makes one span for each request.
 *
 * What comes after it in the chain is part of the transport, and runs with tracing suppressed. An interceptor that
 * opens spans, or sends requests of its own, such as `bearerTokenInterceptor`, belongs between the two.
 *
 * It observes requests from its first call on. What a gate did to a request before that is not traced, and neither is
 * a request that is rejected, or ends while it is held, before any other request was sent. Where that matters, provide
 * the observer of `telemetry()` as well, as in the second example.
 *
 * @param options - what is made, and for whom
 * @throws TypeError or RangeError that names the bad option
 *
 * @example
 * ```ts no-run: needs Angular
 * import { provideHttpClient, withInterceptors } from '@angular/common/http';
 * import type { ApplicationConfig } from '@angular/core';
 * import { retryInterceptor } from 'rxjs-retry-client/angular';
 * import { telemetryInterceptor } from 'rxjs-retry-client/angular/opentelemetry';
 *
 * export const appConfig: ApplicationConfig = {
 *   providers: [provideHttpClient(withInterceptors([retryInterceptor(), telemetryInterceptor()]))],
 * };
 * ```
 *
 * @example Requests are observed from the first one on. Both get the same options.
 * ```ts no-run: needs Angular
 * import { provideHttpClient, withInterceptors } from '@angular/common/http';
 * import type { ApplicationConfig } from '@angular/core';
 * import { provideRequestObservers, retryInterceptor } from 'rxjs-retry-client/angular';
 * import { telemetryInterceptor, type TelemetryOptions } from 'rxjs-retry-client/angular/opentelemetry';
 * import { telemetry } from 'rxjs-retry-client/opentelemetry';
 *
 * const options: TelemetryOptions = { responseHeaders: ['server-timing'] };
 *
 * export const appConfig: ApplicationConfig = {
 *   providers: [
 *     provideHttpClient(withInterceptors([retryInterceptor(), telemetryInterceptor(options)])),
 *     provideRequestObservers(telemetry(options).observers),
 *   ],
 * };
 * ```
 */
export function telemetryInterceptor(options: TelemetryOptions = {}): HttpInterceptorFn {
  const setup = new TelemetrySetup(options);
  const observer: RequestObserver = (request) => startTelemetry(setup, request);
  return (request, next) => {
    const observers = inject(REQUEST_OBSERVERS);
    if (!observers.includes(observer)) observers.push(observer);
    const attempt = attemptOf(request);
    const telemetry = attempt && (telemetryOf(attempt.requestId) ?? observeFromNow(setup, attempt, inject(ATTEMPTS)));
    if (attempt ? !telemetry || isSending(context.active(), attempt.requestId) : !hasWork(setup)) {
      return next(request);
    }
    const url = tryParseUrl(request.urlWithParams, pageBase(inject(PlatformLocation)))?.href ?? request.urlWithParams;
    return new Observable((output) => {
      const message = { method: request.method, url, attempt, headers: request.headers };
      const callerContext = telemetry?.callerContext ?? context.active();
      const send = startSend(setup, telemetry, callerContext, message);
      if (!send) {
        next(request).subscribe(output);
        return;
      }
      output.add(() => {
        // Nobody says what it means that a request without attempts is left.
        if (attempt) send.cut();
        else send.end({ cancelled: true });
      });
      context.with(send.transportContext, () =>
        next(withTraceContext(request, send))
          .pipe(
            tap({
              next: (event) => {
                endByResponse(send, event);
              },
              error: (error: unknown) => {
                endByError(send, error);
              },
            }),
            notifyWithin((work) => {
              context.with(callerContext, work);
            }),
          )
          .subscribe(output),
      );
    });
  };
}

/** Starts the telemetry of a request that was under way before anybody observed it. */
function observeFromNow(
  setup: TelemetrySetup,
  attempt: HttpAttempt,
  { http }: AppAttempts,
): RequestTelemetry | undefined {
  const telemetry = startTelemetry(setup, attempt, attempt.startedAt);
  if (!telemetry) return undefined;
  telemetry.next({ type: 'start', attempt });
  http.events$
    .pipe(
      filter((event) => event.attempt.requestId === attempt.requestId),
      // The last event of a request has its total time.
      takeWhile((event) => !('total' in event), true),
    )
    // eslint-disable-next-line rxjs-x/no-ignored-error -- these events never error
    .subscribe((event) => {
      telemetry.next(event);
    });
  return telemetry;
}

/** Whether there is an SDK, or a propagator. Errors, such as those of a provider, are reported. */
function hasWork(setup: TelemetrySetup): boolean {
  let result = false;
  runAndReportErrors(() => {
    result = !setup.isIdle;
  });
  return result;
}

function startSend(
  setup: TelemetrySetup,
  telemetry: RequestTelemetry | undefined,
  callerContext: Context,
  message: OutgoingMessage,
): SendTelemetry | undefined {
  if (telemetry) return telemetry.startSend(message);
  let send: SendTelemetry | undefined;
  runAndReportErrors(() => {
    send = new SendTelemetry(setup, callerContext, message, 0);
  });
  return send;
}

/** Returns the request with the headers of its sending's trace context. */
function withTraceContext(request: HttpRequest<unknown>, send: SendTelemetry): HttpRequest<unknown> {
  const setHeaders: Record<string, string> = {};
  send.inject(setHeaders, defaultTextMapSetter);
  return Object.keys(setHeaders).length > 0 ? request.clone({ setHeaders }) : request;
}

/** HttpClient has read the body when its response comes. */
function endByResponse(send: SendTelemetry, event: HttpEvent<unknown>): void {
  if (!(event instanceof HttpResponse)) return;
  send.answer(event, event.status, event.headers);
  send.end({});
}

function endByError(send: SendTelemetry, error: unknown): void {
  if (isNamed(error, 'HttpErrorResponse')) {
    const { status, headers } = error as HttpErrorResponse;
    if (status > 0) send.answer(error, status, headers);
  }
  send.end({ errorType: errorTypeOf(error), error });
}
