import { isPlatformServer, PlatformLocation } from '@angular/common';
import { type HttpEvent, type HttpInterceptorFn, HttpResponse, HttpXsrfTokenExtractor } from '@angular/common/http';
import { DestroyRef, inject, NgZone, PLATFORM_ID, untracked } from '@angular/core';
import { takeUntilDestroyed } from '@angular/core/rxjs-interop';
import { filter, type MonoTypeOperatorFunction, Observable, takeUntil } from 'rxjs';

import { runAttempts } from '../retry/retry-with-strategy.js';
import { AngularDelegate } from './angular-delegate.js';
import { ATTEMPTS } from './attempts.js';
import { type RequestTarget, requestTargets } from './request-targets.js';
import { RETRY } from './retry-context.js';
import { APP_STRATEGY, checkStrategy, DEFAULT_SETTINGS, type HttpRetryStrategy, mergeSettings } from './settings.js';
import { outsideZone } from './zones.js';

/**
 * An interceptor that has Angular's own HttpClient try again, by a strategy, and tell of every attempt ({@link injectAttempts}).
 *
 * Interceptors that stand after it run anew for each attempt, so a refreshed token reaches the retry: let it be the first. Only the
 * response is judged; with `observe: 'events'` the other events of every attempt pass as they come, so that each attempt begins with a
 * `Sent` event of its own, and progress starts over there. Unsubscribing cancels the attempt, or the wait. When the attempts are spent, the
 * last `HttpErrorResponse` is thrown as it is.
 *
 * A POST or PATCH is not repeated, unless the strategy's `methods` say so or the request bears an `Idempotency-Key` header.
 *
 * @param strategy - over that of {@link provideRetryStrategy}; a request may say otherwise by its {@link retryContext}
 * @throws TypeError or RangeError for a bad field, naming it
 *
 * @example
 * ```ts
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
  const own = checkStrategy(strategy);
  return (request, next) => {
    const wish = request.context.get(RETRY);
    if (wish === false) return next(request);
    const { strategy: policy, maxServerWait } = [inject(APP_STRATEGY), own, ...wish.layers].reduce(
      mergeSettings,
      DEFAULT_SETTINGS,
    );
    const places = requestTargets(
      request,
      wish.urls,
      inject(PlatformLocation),
      inject(HttpXsrfTokenExtractor, { optional: true }),
    );
    const patience = isPlatformServer(inject(PLATFORM_ID)) ? maxServerWait : Infinity;
    const attempts = inject(ATTEMPTS);
    const zone = inject(NgZone);
    const alive = takeUntilDestroyed<HttpEvent<unknown>>(inject(DestroyRef));

    return new Observable<HttpEvent<unknown>>((output) => {
      const host = new AngularDelegate(places, policy, patience, attempts.http);
      const answered = new Set<RequestTarget>();
      const responses = host.targets.nextPerSubscription((place) => {
        // What is tried again after a response must not be answered by Angular's transfer cache, which may hold just that response.
        const request = answered.has(place) ? place.request.clone({ transferCache: false }) : place.request;
        return next(request).pipe(
          // What is no response goes past the judges, as it comes.
          filter((event) => {
            if (event instanceof HttpResponse) {
              answered.add(place);
              return true;
            }
            output.next(event);
            return false;
          }),
        );
      });
      const run = runAttempts(policy, places.length, host, 'value') as MonoTypeOperatorFunction<HttpEvent<unknown>>;
      // A request may be sent from within an effect, which is not to depend on what interceptors and listeners read.
      return untracked(() =>
        responses.pipe(outsideZone(zone, run), alive, takeUntil(attempts.ended$)).subscribe(output),
      );
    });
  };
}
