import { type EnvironmentProviders, inject, makeEnvironmentProviders, NgZone } from '@angular/core';
import { type Subscription, timer } from 'rxjs';

import type { AttemptEvent } from '../retry/attempt.js';
import type { Wakeable } from '../retry/gate.js';
import type { RetryStrategy } from '../retry/strategy.js';
import { checkKnownOptions, type OptionRules } from '../util/known-options.js';
import { FORCED_STRATEGY } from './settings.js';
import { WAITING_REQUESTS, WaitingRequests } from './waiting-requests.js';

/** Options of {@link provideRetryTesting}. */
export interface RetryTestingOptions {
  /**
   * `'instant'` keeps retries and gates as the app has them, and ends each wait at once.
   *
   * @default without it there are no retries and no gates
   */
  readonly waits?: 'instant' | undefined;
}

/** The rule for each option. */
const RULES: OptionRules<RetryTestingOptions> = {
  waits: ['', "'instant'", (waits: string) => waits === 'instant'],
};

const ONE_ATTEMPT: RetryStrategy = { attempts: 1, gates: [], hedge: false, shouldRetry: () => undefined };

/**
 * Ends each wait as soon as it begins: what the backoff and `Retry-After` ask for, and not what gates ask for.
 *
 * A wait that begins while one is being ended ends in a timer of 0 ms. Otherwise a source that fails synchronously
 * would recurse, or keep the page from everything else.
 */
class InstantWaits extends WaitingRequests {
  /** The ids of the requests whose wait was ended. What they wait for until their next attempt is a gate's. */
  readonly #ended = new Set<string>();
  readonly #timers = new Map<Wakeable, Subscription>();
  #isEnding = false;

  protected override onEvent({ type, attempt }: AttemptEvent): void {
    if (type === 'start') this.#ended.delete(attempt.requestId);
  }

  override add(wait: Wakeable): void {
    const requestId = this.requestIdOf(wait);
    if (this.#ended.has(requestId)) return;
    this.#ended.add(requestId);
    this.#forgetCooldowns(wait);
    if (this.#isEnding) this.#timers.set(wait, this.#endSoon(wait));
    else this.#end(wait);
  }

  /** What a server asks for is no part of the wait. */
  #forgetCooldowns(wait: Wakeable): void {
    const { failover } = this.runOf(wait).delegate;
    const places = Array.from({ length: failover?.size ?? 0 }, (_, ahead) => failover?.peek(ahead).url as string);
    for (const url of places) failover?.coolDown(url, 0, 0);
  }

  #endSoon(wait: Wakeable): Subscription {
    // eslint-disable-next-line rxjs-x/no-ignored-error -- a timer cannot fail
    return timer(0).subscribe(() => {
      this.#end(wait);
    });
  }

  override remove(wait: Wakeable): void {
    this.#timers.get(wait)?.unsubscribe();
    this.#timers.delete(wait);
  }

  #end(wait: Wakeable): void {
    this.#isEnding = true;
    try {
      wait.wake();
    } finally {
      this.#isEnding = false;
    }
  }
}

/**
 * Provides what tests of an app need: a request that fails, fails at once. There are no retries, no hedges and no
 * gates, whatever the app, an interceptor, a client or a request says. It holds for HttpClient's requests that go
 * through {@link retryInterceptor}, and for those of the clients of {@link provideRetryClient}. Time limits stay.
 *
 * With `{ waits: 'instant' }` the app's retries and gates decide as ever, and no time passes between two attempts:
 * neither the backoff nor `Retry-After` is waited for. The next attempt is sent before the `flush` of an
 * `HttpTestingController` returns. An attempt that a gate holds stays held. The `delay` in events is the one that was
 * planned.
 *
 * The order of the providers has no effect; of several calls the last one holds. A `RetryClient` that the app makes by
 * itself, and the operator `retryWithStrategy`, are left as they are.
 *
 * @throws TypeError or RangeError that names the bad option
 *
 * @example
 * ```ts no-run: needs Angular
 * import { provideHttpClient, withInterceptors } from '@angular/common/http';
 * import { provideHttpClientTesting } from '@angular/common/http/testing';
 * import { TestBed } from '@angular/core/testing';
 * import { provideRetryTesting, retryInterceptor } from 'rxjs-retry-client/angular';
 *
 * TestBed.configureTestingModule({
 *   providers: [
 *     provideHttpClient(withInterceptors([retryInterceptor({ attempts: 5 })])),
 *     provideHttpClientTesting(),
 *     provideRetryTesting(),
 *   ],
 * });
 * ```
 */
export function provideRetryTesting(options: RetryTestingOptions = {}): EnvironmentProviders {
  checkKnownOptions(options, RULES);
  const isInstant = options.waits === 'instant';
  return makeEnvironmentProviders([
    // Both each time: of several calls the last one holds, for a spec that wants what the setup of all specs does not.
    { provide: FORCED_STRATEGY, useValue: isInstant ? undefined : ONE_ATTEMPT },
    {
      provide: WAITING_REQUESTS,
      useFactory: () => new (isInstant ? InstantWaits : WaitingRequests)(inject(NgZone)),
    },
  ]);
}
