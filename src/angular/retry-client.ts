import { isPlatformServer } from '@angular/common';
import { DestroyRef, type EnvironmentProviders, inject, makeEnvironmentProviders, PLATFORM_ID } from '@angular/core';

import { type ClientOptions, mergeClientOptions, DEFAULT_OPTIONS } from '../client/options.js';
import { RetryClient } from '../client/retry-client.js';
import { ATTEMPTS } from './attempts.js';
import { APP_STRATEGY, splitLimits } from './settings.js';

/** The default `totalTimeout` of the client's requests while a server renders a page, in ms. */
const SERVER_TOTAL_TIMEOUT_MS = 10_000;

/** Creates the client, and closes it with the injector that creates it. */
function makeClient(options: ClientOptions): RetryClient {
  const {
    strategy,
    limits: { timeout, totalTimeout },
  } = splitLimits(inject(APP_STRATEGY) ?? {});
  // A request without a limit would keep the whole page from being rendered.
  const serverLimit: ClientOptions = isPlatformServer(inject(PLATFORM_ID))
    ? { totalTimeout: SERVER_TOTAL_TIMEOUT_MS }
    : {};
  const parent = new RetryClient({
    strategy,
    ...serverLimit,
    ...(timeout !== undefined && { timeout }),
    ...(totalTimeout !== undefined && { totalTimeout }),
  });
  const client = parent.extend(options);
  const remove = inject(ATTEMPTS).add(client.attempts$);
  inject(DestroyRef).onDestroy(() => {
    remove();
    parent.close();
  });
  return client;
}

/**
 * Provides a {@link RetryClient} in Angular's injector: `inject(RetryClient)` and {@link injectRetryClient} return it.
 *
 * The app's default strategy applies to each field that the client's own options do not set. The client's attempts are
 * among those of {@link injectAttempts}. The client is closed with its injector, which aborts the requests in flight.
 *
 * On a server its `totalTimeout` is 10,000 ms unless the options set another, so that retries cannot hold up a page for
 * longer.
 *
 * @param options - the client's options, or a function that returns them, in which `inject` can be used
 * @throws TypeError or RangeError that names the bad option
 *
 * @example
 * ```ts no-run: needs Angular
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
 * Returns the client of {@link provideRetryClient}. Call it in an injection context.
 *
 * @example
 * ```ts no-run: needs Angular
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
