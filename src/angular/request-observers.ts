import { type EnvironmentProviders, inject, InjectionToken, makeEnvironmentProviders } from '@angular/core';

import type { RequestObserver } from '../retry/request-observer.js';
import { check, FUNCTION } from '../util/option-rule.js';

const PROVIDED: InjectionToken<readonly (readonly RequestObserver[])[]> = /* @__PURE__ */ new InjectionToken<
  readonly (readonly RequestObserver[])[]
>('lists of request observers', { providedIn: 'root', factory: () => [] });

/** Who observes the requests of an app's HttpClient. Each app, and each page that a server renders, has its own. */
export const REQUEST_OBSERVERS: InjectionToken<RequestObserver[]> = /* @__PURE__ */ new InjectionToken<
  RequestObserver[]
>('the observers of HttpClient', { providedIn: 'root', factory: () => inject(PROVIDED).flat() });

function checkObservers(observers: readonly RequestObserver[]): readonly RequestObserver[] {
  check('observers', observers, [[FUNCTION[0]], FUNCTION[1]]);
  return [...observers];
}

/**
 * Provides observers of HttpClient's requests that go through {@link retryInterceptor}: each is called for every
 * request when it is subscribed to, and hears its events before {@link injectAttempts} emits them. HttpClient reads
 * bodies itself, so `chunk` is not called. A client of {@link provideRetryClient} has observers among its own options.
 *
 * It can be called several times; all observers are called, in the order of the providers.
 *
 * @param observers - the observers, or a function that returns them, in which `inject` can be used
 * @throws TypeError for an observer that is no function
 *
 * @example
 * ```ts no-run: needs Angular
 * import { provideHttpClient, withInterceptors } from '@angular/common/http';
 * import type { ApplicationConfig } from '@angular/core';
 * import { provideRequestObservers, retryInterceptor } from 'rxjs-retry-client/angular';
 *
 * export const appConfig: ApplicationConfig = {
 *   providers: [
 *     provideHttpClient(withInterceptors([retryInterceptor()])),
 *     provideRequestObservers([
 *       ({ method, url }) => ({
 *         next(event) {
 *           if (event.type === 'failure') console.warn(`${method} ${url} failed after ${event.total} ms`);
 *         },
 *       }),
 *     ]),
 *   ],
 * };
 * ```
 */
export function provideRequestObservers(
  observers: readonly RequestObserver[] | (() => readonly RequestObserver[]),
): EnvironmentProviders {
  const checked = typeof observers === 'function' ? observers : checkObservers(observers);
  return makeEnvironmentProviders([
    {
      provide: PROVIDED,
      useFactory: () => (typeof checked === 'function' ? checkObservers(checked()) : checked),
      multi: true,
    },
  ]);
}
