import { isPlatformServer } from '@angular/common';
import { DestroyRef, type EnvironmentProviders, inject, makeEnvironmentProviders, PLATFORM_ID } from '@angular/core';

import { type ClientOptions, mergeClientOptions, DEFAULT_OPTIONS } from '../client/options.js';
import { RetryClient } from '../client/retry-client.js';
import { ATTEMPTS } from './attempts.js';
import { APP_STRATEGY } from './settings.js';

/** How long a request of the client may take on a server, where nobody says otherwise. */
const SERVER_TOTAL_TIMEOUT = 10_000;

/** The client, closed with the injector that it stands in. */
function makeClient(options: ClientOptions): RetryClient {
  const { maxServerWait: _, ...strategy } = inject(APP_STRATEGY) ?? {};
  // A page must not hang because one of its requests does.
  const limits: ClientOptions = isPlatformServer(inject(PLATFORM_ID)) ? { totalTimeout: SERVER_TOTAL_TIMEOUT } : {};
  const app = new RetryClient({ strategy, ...limits });
  const client = app.extend(options);
  const remove = inject(ATTEMPTS).add(client.attempts$);
  inject(DestroyRef).onDestroy(() => {
    remove();
    app.close();
  });
  return client;
}

/**
 * Provides a {@link RetryClient} in Angular's injector: `inject(RetryClient)`, or {@link injectRetryClient}, gives it. It takes the app's
 * default strategy where its own options say nothing, its attempts are among those of {@link injectAttempts}, and it is closed with its
 * injector, which aborts what is in flight.
 *
 * On a server its `totalTimeout` is 10 s unless the options say otherwise, so that no page hangs in waits.
 *
 * @param options - the client's, or a function that makes them, in which `inject` can be used
 * @throws TypeError or RangeError for a bad option, naming it
 *
 * @example
 * ```ts
 * import type { ApplicationConfig } from '@angular/core';
 * import { provideRetryClient } from 'rxjs-retry-client/angular';
 *
 * export const appConfig: ApplicationConfig = {
 *   providers: [provideRetryClient({ baseUrl: ['https://eu.example.com/', 'https://us.example.com/'] })],
 * };
 * ```
 */
export function provideRetryClient(options: ClientOptions | (() => ClientOptions) = {}): EnvironmentProviders {
  if (typeof options !== 'function') mergeClientOptions(DEFAULT_OPTIONS, options);
  return makeEnvironmentProviders([
    { provide: RetryClient, useFactory: () => makeClient(typeof options === 'function' ? options() : options) },
  ]);
}

/**
 * The client of {@link provideRetryClient}. Call it where `inject` can be called.
 *
 * @example
 * ```ts
 * import { Component } from '@angular/core';
 * import { rxResource, toSignal } from '@angular/core/rxjs-interop';
 * import { json } from 'rxjs-retry-client';
 * import { injectRetryClient } from 'rxjs-retry-client/angular';
 *
 * interface Tea {
 *   readonly name: string;
 * }
 *
 * @Component({ selector: 'app-teas', template: `{{ version() }} {{ teas.value()?.length }}` })
 * export class Teas {
 *   readonly #client = injectRetryClient();
 *   readonly version = toSignal(this.#client.getJSON<string>('version'));
 *   readonly teas = rxResource({ stream: () => this.#client.get('teas', { selector: json<Tea[]>() }) });
 * }
 * ```
 */
export function injectRetryClient(): RetryClient {
  return inject(RetryClient);
}
