import { isPlatformServer, PlatformLocation } from '@angular/common';
import {
  HttpErrorResponse,
  type HttpEvent,
  type HttpInterceptorFn,
  HttpResponse,
  HttpXsrfTokenExtractor,
} from '@angular/common/http';
import { DestroyRef, inject, NgZone, PLATFORM_ID, untracked } from '@angular/core';
import { takeUntilDestroyed } from '@angular/core/rxjs-interop';
import { catchError, filter, identity, type MonoTypeOperatorFunction, Observable, takeUntil, throwError } from 'rxjs';

import type { HttpAttempt } from '../retry/attempt.js';
import type { GateAttempt } from '../retry/gate.js';
import { runAttempts } from '../retry/retry-with-strategy.js';
import { AngularDelegate } from './angular-delegate.js';
import { SendingContext } from './attempt-of.js';
import { ATTEMPTS } from './attempts.js';
import { REQUEST_OBSERVERS } from './request-observers.js';
import { type RequestTarget, toRequestTargets } from './request-targets.js';
import { RETRY } from './retry-context.js';
import {
  APP_STRATEGY,
  checkStrategy,
  DEFAULT_SETTINGS,
  FORCED_STRATEGY,
  type HttpRetryStrategy,
  mergeSettings,
  resolveLimits,
} from './settings.js';
import { limitInactivity } from './time-limits.js';
import { WAITING_REQUESTS } from './waiting-requests.js';
import { outsideZone } from './zones.js';

/**
 * Creates an interceptor that retries the requests of Angular's HttpClient by a strategy, and reports every attempt to
 * {@link injectAttempts}.
 *
 * Put it first. The interceptors after it run again for each attempt, so a retry gets a refreshed token.
 *
 * The strategy judges only the response. With `observe: 'events'` the other events of every attempt pass as they come:
 * each attempt begins with its own `Sent` event, and its progress starts at 0.
 *
 * Unsubscribing cancels the attempt, or the wait for the next one. After the last attempt the last `HttpErrorResponse`
 * is thrown as it is.
 *
 * A POST or PATCH is retried only if the strategy's `methods` list it, or if the request has an `Idempotency-Key`
 * header.
 *
 * @param strategy - its fields take precedence over those of {@link provideRetryStrategy}; those of a request's
 * {@link retryContext} take precedence over them
 * @throws TypeError or RangeError that names the bad field
 *
 * @example
 * ```ts no-run: needs Angular
 * import { provideHttpClient, withInterceptors } from '@angular/common/http';
 * import type { ApplicationConfig } from '@angular/core';
 * import { retryInterceptor } from 'rxjs-retry-client/angular';
 *
 * export const appConfig: ApplicationConfig = {
 *   providers: [provideHttpClient(withInterceptors([retryInterceptor({ attempts: 5 })]))],
 * };
 * ```
 */
export function retryInterceptor(strategy?: HttpRetryStrategy): HttpInterceptorFn {
  const interceptorStrategy = checkStrategy(strategy);
  return (request, next) => {
    const overrides = request.context.get(RETRY);
    if (overrides === false) return next(request);
    const settings = [inject(APP_STRATEGY), interceptorStrategy, ...overrides.layers, inject(FORCED_STRATEGY)].reduce(
      mergeSettings,
      DEFAULT_SETTINGS,
    );
    const { gates = [] } = settings.strategy;
    const resolvedStrategy = { ...settings.strategy, gates: [inject(WAITING_REQUESTS).gate, ...gates] };
    const limits = resolveLimits(settings, isPlatformServer(inject(PLATFORM_ID)));
    // Angular's own limit ends each attempt of the request.
    const timeout = request.timeout === undefined ? limits.timeout : Infinity;
    const targets = toRequestTargets(
      request,
      overrides.urls,
      inject(PlatformLocation),
      inject(HttpXsrfTokenExtractor, { optional: true }),
    );
    const attempts = inject(ATTEMPTS);
    const observers = inject(REQUEST_OBSERVERS);
    const zone = inject(NgZone);
    const untilDestroyed = takeUntilDestroyed<HttpEvent<unknown>>(inject(DestroyRef));

    return new Observable<HttpEvent<unknown>>((output) => {
      const answeredTargets = new Set<RequestTarget>();
      const context = new SendingContext(request.context);
      const sendRequest = (
        target: RequestTarget,
        attempt: HttpAttempt & GateAttempt,
      ): Observable<HttpEvent<unknown>> => {
        const sent = target.request.clone({
          context: context.withAttempt(attempt),
          // Angular's transfer cache may hold the response that is retried now, and would answer each retry with it.
          ...(answeredTargets.has(target) && { transferCache: false }),
        });
        return next(sent).pipe(
          limitInactivity(target.url, timeout, zone),
          // Other events, such as progress, bypass the strategy, which would judge each of them as a value.
          filter((event) => {
            if (event instanceof HttpResponse) {
              answeredTargets.add(target);
              return true;
            }
            // Progress is that of the first sending: two that alternate would make no sense.
            if (attempt.hedge === undefined) output.next(event);
            return false;
          }),
        );
      };
      const delegate = new AngularDelegate(targets, resolvedStrategy, limits, attempts.http, observers, sendRequest);
      const responses = delegate.attemptPerSubscription() as Observable<HttpEvent<unknown>>;
      const run = runAttempts(resolvedStrategy, targets.length, delegate, 'value') as MonoTypeOperatorFunction<
        HttpEvent<unknown>
      >;
      // A request may be sent in an effect. Without untracked(), the effect would depend on the signals that
      // interceptors and listeners read.
      return untracked(() =>
        responses
          .pipe(
            outsideZone(zone, run),
            overrides.nested ? catchError(throwCopy) : identity,
            untilDestroyed,
            takeUntil(attempts.ended$),
          )
          .subscribe(output),
      );
    });
  };
}

/** Throws the same in another object, which no run has given up on. */
function throwCopy(thrown: unknown): Observable<never> {
  if (!(thrown instanceof HttpErrorResponse)) return throwError(() => thrown as Error);
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- it is copied, whatever it says
  const { error, headers, status, statusText, url } = thrown as Omit<HttpErrorResponse, 'error'> & { error: unknown };
  return throwError(() => new HttpErrorResponse({ error, headers, status, statusText, ...(url !== null && { url }) }));
}
