// Uses every export of `rxjs-retry-client/angular`, as an app would. It is only compiled, with the lowest versions of
// Angular and of its TypeScript that the package is for, and with the newest.
import {
  HttpClient,
  HttpContext,
  HttpContextToken,
  type HttpInterceptorFn,
  type HttpRequest,
  provideHttpClient,
  withInterceptors,
} from '@angular/common/http';
import {
  type ApplicationConfig,
  computed,
  type EnvironmentProviders,
  inject,
  InjectionToken,
  type Signal,
  signal,
} from '@angular/core';
import { map, type Observable, of } from 'rxjs';
import {
  type AttemptEvent,
  constant,
  type HttpAttempt,
  HttpNetworkError,
  type Outcome,
  RetryClient,
  type RetryStrategy,
  whenOnline,
} from 'rxjs-retry-client';
import {
  attemptOf,
  bearerTokenInterceptor,
  type BearerTokenInterceptorOptions,
  httpContextOf,
  type HttpRetryLimits,
  type HttpRetryStrategy,
  injectAttempts,
  injectAttemptsSignal,
  injectRetryClient,
  injectRetryNow,
  provideRequestObservers,
  provideRetryClient,
  provideRetryStrategy,
  provideRetryTesting,
  retryContext,
  type RetryClientOptions,
  type RetryContextOptions,
  retryInterceptor,
  type RetryTestingOptions,
  type RunningRequest,
} from 'rxjs-retry-client/angular';

import { is } from './is.js';

const flag = Boolean(Math.random());
const online = whenOnline();
const ATTEMPTS = new InjectionToken<number>('attempts');

// ——— What watches requests.

export const numbered: HttpInterceptorFn = (request, next) => {
  is<HttpAttempt | undefined>()(attemptOf(request), true);
  return next(request);
};

is<EnvironmentProviders>()(
  provideRequestObservers([({ method, url }) => ({ next: ({ type }) => void [method, url, type].join() })]),
  true,
);
is<EnvironmentProviders>()(
  provideRequestObservers(() => []),
  true,
);

// ——— Strategies of HttpClient.

const limits: HttpRetryLimits = { maxServerWait: 1, timeout: false, totalTimeout: flag ? 5 : undefined };
const strategy = {
  attempts: 5,
  backoff: constant(1),
  errors: [HttpNetworkError],
  gates: [online],
  timeout: flag ? 5 : undefined,
  ...limits,
} satisfies HttpRetryStrategy;
/** One of a client is one of HttpClient, too. */
export const ofClient: HttpRetryStrategy = { attempts: 2 } satisfies RetryStrategy;
is<HttpInterceptorFn>()(retryInterceptor(), true);
is<HttpInterceptorFn>()(retryInterceptor(strategy), true);
is<EnvironmentProviders>()(provideRetryStrategy(strategy), true);
is<EnvironmentProviders>()(
  provideRetryStrategy(() => ({ attempts: inject(ATTEMPTS) })),
  true,
);
// @ts-expect-error -- no field has this name
retryInterceptor({ attemps: 5 });
// @ts-expect-error -- `true` is no limit
provideRetryStrategy({ timeout: true });

// ——— One request.

const QUIET = new HttpContextToken(() => false);
const options = { ...strategy, urls: ['https://us.example.com/'], nested: true } satisfies RetryContextOptions;
is<HttpContext>()(retryContext(options), true);
is<HttpContext>()(retryContext(false), true);
is<HttpContext>()(retryContext({ attempts: 1 }, new HttpContext().set(QUIET, true)).set(QUIET, false), true);
// @ts-expect-error -- `true` is no strategy
retryContext(true);

// ——— A token that expires.

class Session {
  readonly #http = inject(HttpClient);
  readonly token = signal<string | undefined>(undefined);

  refresh(): Observable<string> {
    return this.#http
      .post<{ token: string }>('/api/refresh', null, { context: retryContext({ gates: [] }) })
      .pipe(map(({ token }) => token));
  }
}
const bearer = {
  token: () => inject(Session).token(),
  refresh: () => inject(Session).refresh(),
  appliesTo: '/',
  refreshTimeout: flag ? 5 : undefined,
} satisfies BearerTokenInterceptorOptions;
is<HttpInterceptorFn>()(bearerTokenInterceptor(bearer), true);
bearerTokenInterceptor({
  token: () => Promise.resolve('a'),
  refresh: () => of(null),
  appliesTo: (request) => {
    is<HttpRequest<unknown>>()(request, true);
    return request.url.startsWith('/api/');
  },
});
bearerTokenInterceptor({ ...bearer, appliesTo: ['/', new URL('https://a.example.com/')] });
// @ts-expect-error -- where the token goes must be said
bearerTokenInterceptor({ token: () => 'a', refresh: () => 'b' });
// @ts-expect-error -- a number is no token
bearerTokenInterceptor({ ...bearer, refresh: () => of(5) });

// ——— A RetryClient in the injector.

const PAYMENTS = new InjectionToken<RetryClient>('payments');
is<EnvironmentProviders>()(provideRetryClient(), true);
is<EnvironmentProviders>()(provideRetryClient({ baseUrl: '/api/' } satisfies RetryClientOptions, PAYMENTS), true);
is<EnvironmentProviders>()(
  provideRetryClient(() => ({ strategy: { attempts: inject(ATTEMPTS) } })),
  true,
);
// @ts-expect-error -- a client has this limit beside its strategy
provideRetryClient({ strategy: { timeout: 5 } });

// ——— Tests.

is<EnvironmentProviders>()(provideRetryTesting(), true);
is<EnvironmentProviders>()(provideRetryTesting({ waits: 'instant' } satisfies RetryTestingOptions), true);
// @ts-expect-error -- no waits are like this
provideRetryTesting({ waits: 'short' });

// ——— An app.

export const appConfig: ApplicationConfig = {
  providers: [
    provideHttpClient(withInterceptors([retryInterceptor(), bearerTokenInterceptor(bearer)])),
    provideRetryStrategy(strategy),
    provideRetryClient(),
    provideRetryClient({}, PAYMENTS),
    provideRetryTesting(),
  ],
};

export class Banner {
  readonly retryNow = injectRetryNow();
  readonly running = injectAttemptsSignal();
  readonly client = injectRetryClient();
  readonly payments = injectRetryClient(PAYMENTS);
  readonly attempts$ = injectAttempts();
  readonly quiet = computed(() => this.running().every(({ attempt }) => httpContextOf(attempt).get(QUIET)));

  constructor() {
    is<(requestId?: string) => void>()(this.retryNow, true);
    is<Signal<readonly RunningRequest[]>>()(this.running, true);
    is<RetryClient>()(this.client, true);
    is<RetryClient>()(this.payments, true);
    is<Observable<AttemptEvent<unknown, HttpAttempt>>>()(this.attempts$, true);
    is<Signal<boolean>>()(this.quiet, true);
    this.retryNow(this.running()[0]?.attempt.requestId ?? '');
  }
}

export function describe(request: RunningRequest): string {
  is<string | undefined>()(request.held, true);
  is<HttpAttempt>()(request.attempt, true);
  if (request.waiting) {
    is<Outcome>()(request.outcome, true);
    return new Date(request.until).toISOString();
  }
  // @ts-expect-error -- a request that does not wait has no outcome yet
  return String(request.outcome);
}
