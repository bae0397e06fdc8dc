import { DestroyRef, inject, InjectionToken, NgZone } from '@angular/core';
import { defer, merge, mergeAll, type Observable, of, Subject } from 'rxjs';

import type { AttemptEvent, HttpAttempt } from '../retry/attempt.js';
import { AttemptEventEmitter } from '../retry/event-emitter.js';
import { inZoneOfSubscriber } from './zones.js';

type Events$ = Observable<AttemptEvent<unknown, HttpAttempt>>;

/**
 * The attempt events of one app: of HttpClient's requests, and of the clients in its injectors.
 *
 * It is open until `end()`, which the app's injector calls when it is destroyed. {@link ATTEMPTS} creates it.
 */
export class AppAttempts {
  /** The events of HttpClient's requests. */
  readonly http: AttemptEventEmitter<HttpAttempt> = new AttemptEventEmitter<HttpAttempt>();
  readonly #clients = new Set<Events$>();
  readonly #added = new Subject<Events$>();
  readonly #ended = new Subject<void>();
  readonly events$: Events$;
  /** Emits when the app ends. The interceptor then cancels the attempts under way, and completes their requests. */
  readonly ended$: Observable<void> = this.#ended.asObservable();

  constructor(zone: NgZone) {
    this.events$ = defer(() => merge(of(this.http.events$, ...this.#clients), this.#added).pipe(mergeAll())).pipe(
      inZoneOfSubscriber(zone),
    );
  }

  /** Adds a client's events; returns a function that removes them. */
  add(events$: Events$): () => void {
    this.#clients.add(events$);
    this.#added.next(events$);
    return () => this.#clients.delete(events$);
  }

  /** Ends the requests under way, so that their `cancel` events come before `events$` completes. */
  end(): void {
    this.#ended.next();
    this.http.complete();
    this.#added.complete();
  }
}

/** Each app, and each page that a server renders, has its own instance: two pages share nothing. */
export const ATTEMPTS: InjectionToken<AppAttempts> = /* @__PURE__ */ new InjectionToken<AppAttempts>(
  'the attempts of all requests',
  {
    providedIn: 'root',
    factory: () => {
      const attempts = new AppAttempts(inject(NgZone));
      inject(DestroyRef).onDestroy(() => {
        attempts.end();
      });
      return attempts;
    },
  },
);

/**
 * Returns the attempt events of all the app's requests: those of HttpClient that go through {@link retryInterceptor},
 * and those of the clients of {@link provideRetryClient}.
 *
 * It is hot, never errors, and completes with the app.
 *
 * Call it in an injection context.
 *
 * @example
 * ```ts no-run: needs Angular
 * import type { ApplicationConfig } from '@angular/core';
 * import { provideAppInitializer } from '@angular/core';
 * import { logAttempts } from 'rxjs-retry-client';
 * import { injectAttempts } from 'rxjs-retry-client/angular';
 *
 * export const appConfig: ApplicationConfig = {
 *   providers: [
 *     provideAppInitializer(() => {
 *       injectAttempts().subscribe(logAttempts(console));
 *     }),
 *   ],
 * };
 * ```
 */
export function injectAttempts(): Observable<AttemptEvent<unknown, HttpAttempt>> {
  return inject(ATTEMPTS).events$;
}
