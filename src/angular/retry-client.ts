import { isPlatformServer } from '@angular/common';
import {
  APP_BOOTSTRAP_LISTENER,
  DestroyRef,
  type EnvironmentProviders,
  inject,
  InjectionToken,
  makeEnvironmentProviders,
  PLATFORM_ID,
} from '@angular/core';

import type { ClientOptions } from '../client/options.js';
import { RetryClient } from '../client/retry-client.js';
import type { RetryStrategy } from '../retry/strategy.js';
import { check, type OptionRule } from '../util/option-rule.js';
import { AppClient, AppServices, checkClientOptions } from './app-client.js';
import { ATTEMPTS } from './attempts.js';
import { adaptStrategies, strategyAdapter } from './client-strategies.js';
import { HYDRATION } from './hydration.js';
import { failOnUnknownPage } from './page-url.js';
import { APP_STRATEGY, FORCED_STRATEGY, HAS_CLIENT, type HttpRetryLimits, splitLimits } from './settings.js';
import { WAITING_REQUESTS } from './waiting-requests.js';
import { createXsrfInterceptor } from './xsrf.js';

/** The options of {@link provideRetryClient}. */
export interface RetryClientOptions extends ClientOptions {
  /**
   * When and how often requests are retried. The limits that a strategy of HttpClient has are options of the client
   * itself: `timeout` and `totalTimeout`.
   */
  readonly strategy?: (RetryStrategy & { readonly [Name in keyof HttpRetryLimits]?: undefined }) | undefined;
}

/** The rule for a token. */
const TOKEN: OptionRule = [
  undefined,
  'an InjectionToken<RetryClient>',
  (token: unknown) => token === RetryClient || token instanceof InjectionToken,
];

/** The default `totalTimeout` of the client's requests while a server renders a page, in ms. */
const SERVER_TOTAL_TIMEOUT_MS = 10_000;

/** Creates the client, and closes it with the injector that creates it. */
function makeClient(options: RetryClientOptions): RetryClient {
  const {
    strategy,
    limits: { timeout, totalTimeout },
  } = splitLimits(inject(APP_STRATEGY) ?? {});
  // A request without a limit would keep the whole page from being rendered.
  const serverLimit: ClientOptions = isPlatformServer(inject(PLATFORM_ID))
    ? { totalTimeout: SERVER_TOTAL_TIMEOUT_MS }
    : {};
  const { gate } = inject(WAITING_REQUESTS);
  const services = new AppServices();
  const xsrf = createXsrfInterceptor();
  const parent = new RetryClient({
    strategy: { ...strategy, gates: [gate, ...(strategy.gates ?? [])] },
    interceptors: [failOnUnknownPage, services.transfer.outermost, ...(xsrf ? [xsrf] : [])],
    ...serverLimit,
    ...(timeout !== undefined && { timeout }),
    ...(totalTimeout !== undefined && { totalTimeout }),
  });
  adaptStrategies(parent, strategyAdapter(gate, inject(FORCED_STRATEGY)));
  const client = new AppClient(options, parent, services);
  const remove = inject(ATTEMPTS).add(parent.attempts$);
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
 * A relative `baseUrl` is resolved against the page, on a server as well. Requests to the page's own origin send
 * Angular's XSRF token, as those of HttpClient do. With zone.js all of a request runs outside Angular's zone,
 * interceptors and selectors included; its values arrive in the zone of the subscriber.
 *
 * Each request keeps the app unstable, so a server waits for it. There its `totalTimeout` is 10,000 ms unless the
 * options set another, so that neither retries nor an endless stream can hold up a page for longer.
 *
 * What `getJSON`, or a GET with `json()` or `text()`, has fetched on a server is not fetched again in the browser:
 * until the app is stable, `TransferState` answers. It never keeps responses to requests with `authorization`,
 * `cookie`, `proxy-authorization` or `credentials: 'include'`, nor responses with `Cache-Control: no-store`, `private`
 * or `no-cache`, with `Set-Cookie`, or with a `Vary` of `*`, `Cookie` or `Authorization`. The field `transferState:
 * false` in the `context` of a request, or of the client, switches this off.
 *
 * Several clients stand beside each other under tokens of their own.
 *
 * @param options - the client's options, or a function that returns them, in which `inject` can be used
 * @param token - the token to inject the client by
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
 *
 * @example Two clients
 * ```ts no-run: needs Angular
 * import { type ApplicationConfig, InjectionToken } from '@angular/core';
 * import type { RetryClient } from 'rxjs-retry-client';
 * import { injectRetryClient, provideRetryClient } from 'rxjs-retry-client/angular';
 *
 * export const PAYMENTS = new InjectionToken<RetryClient>('the client of the payments API');
 *
 * export const appConfig: ApplicationConfig = {
 *   providers: [
 *     provideRetryClient({ baseUrl: 'https://api.example.com/' }),
 *     provideRetryClient({ baseUrl: 'https://pay.example.com/', strategy: { attempts: 1 } }, PAYMENTS),
 *   ],
 * };
 *
 * export class Checkout {
 *   readonly #payments = injectRetryClient(PAYMENTS);
 *   readonly methods$ = this.#payments.getJSON<string[]>('methods');
 * }
 * ```
 */
export function provideRetryClient(
  options: RetryClientOptions | (() => RetryClientOptions) = {},
  token: InjectionToken<RetryClient> | typeof RetryClient = RetryClient,
): EnvironmentProviders {
  check('token', token, TOKEN);
  if (typeof options !== 'function') checkClientOptions(options);
  return makeEnvironmentProviders([
    { provide: HAS_CLIENT, useValue: true },
    { provide: token, useFactory: () => makeClient(typeof options === 'function' ? options() : options) },
    {
      provide: APP_BOOTSTRAP_LISTENER,
      multi: true,
      useFactory: () => {
        const hydration = inject(HYDRATION);
        return () => {
          hydration.endWhenStable();
        };
      },
    },
  ]);
}

/**
 * Returns the client of {@link provideRetryClient}. Call it in an injection context.
 *
 * @param token - the token that the client was provided under, if it has one of its own
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
export function injectRetryClient(token: InjectionToken<RetryClient> | typeof RetryClient = RetryClient): RetryClient {
  check('token', token, TOKEN);
  return inject<RetryClient>(token);
}
