import { DestroyRef, inject, InjectionToken, NgZone } from '@angular/core';
import { defer, merge, mergeAll, type Observable, of, Subject } from 'rxjs';

import type { AttemptEvent, HttpAttempt } from '../retry/attempt.js';
import { AttemptEventEmitter } from '../retry/event-emitter.js';
import { inZoneOfSubscriber } from './zones.js';

type Events$ = Observable<AttemptEvent<unknown, HttpAttempt>>;

/** The events of one app: those of HttpClient's requests, and those of the clients that stand in its injectors. */
export class AppAttempts {
  /** Those of HttpClient's requests. */
  readonly http: AttemptEventEmitter<HttpAttempt> = new AttemptEventEmitter<HttpAttempt>();
  readonly #clients = new Set<Events$>();
  readonly #added = new Subject<Events$>();
  readonly #ended = new Subject<void>();
  readonly events$: Events$;
  /** Emits when the app ends: requests under way end with it. */
  readonly ended$: Observable<void> = this.#ended.asObservable();

  constructor(zone: NgZone) {
    this.events$ = defer(() => merge(of(this.http.events$, ...this.#clients), this.#added).pipe(mergeAll())).pipe(
      inZoneOfSubscriber(zone),
    );
  }

  /** Adds a client's events, and returns what takes them out again. */
  add(events$: Events$): () => void {
    this.#clients.add(events$);
    this.#added.next(events$);
    return () => this.#clients.delete(events$);
  }

  /** Requests under way are told as cancelled, then it is over. */
  end(): void {
    this.#ended.next();
    this.http.complete();
    this.#added.complete();
  }
}

/** One for each app, and for each page that a server renders: nothing is shared between two. */
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
 * What happens to every attempt of the app's requests: those of HttpClient that go through {@link retryInterceptor}, and those of the
 * clients of {@link provideRetryClient}. Hot, never errors, completes with the app. Nothing is built for it while nobody listens.
 *
 * Call it where `inject` can be called.
 *
 * @example
 * ```ts
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
