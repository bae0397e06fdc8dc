import '@angular/compiler';

import { provideHttpClient, withInterceptors, HttpClient } from '@angular/common/http';
import { HttpTestingController, provideHttpClientTesting } from '@angular/common/http/testing';
import { createEnvironmentInjector, EnvironmentInjector, inject, InjectionToken } from '@angular/core';
import { TestBed } from '@angular/core/testing';

import { provideRetryClient, provideRetryStrategy, retryInterceptor } from '../../src/angular/index.js';
import { constant, RetryClient } from '../../src/index.js';
import { app, retryingHttp } from '../support/angular-app.js';
import { angularNetwork } from '../support/angular-network.js';
import { watch } from '../support/event-log.js';
import { expectRefusal } from '../support/expect-refusal.js';
import { network } from '../support/scripted-network.js';
import { settled } from '../support/settled.js';
import { inVirtualTime } from '../support/virtual-time.js';

const soon = { backoff: constant(0) };
const url = 'http://a.test/';

describe('provideRetryStrategy', () => {
  it("sets the app's default strategy, over which the interceptor's own takes precedence", async () => {
    const network = angularNetwork(503);
    await settled(
      retryingHttp(undefined, [network.interceptor], provideRetryStrategy({ ...soon, attempts: 5 })).get(url),
    );

    expect(network.requests.length).toBe(5);

    TestBed.resetTestingModule();
    await settled(
      retryingHttp({ attempts: 2 }, [network.interceptor], provideRetryStrategy({ ...soon, attempts: 5 })).get(url),
    );

    expect(network.requests.length).toBe(7);
  });

  it('takes a function that can call inject()', async () => {
    const ATTEMPTS = new InjectionToken<number>('attempts');
    const network = angularNetwork(503);
    const strategy = provideRetryStrategy(() => ({ ...soon, attempts: inject(ATTEMPTS) }));
    await settled(
      retryingHttp(undefined, [network.interceptor], { provide: ATTEMPTS, useValue: 4 }, strategy).get(url),
    );

    expect(network.requests.length).toBe(4);
  });

  it('is not changed by changes to the object that was passed', async () => {
    const network = angularNetwork(503);
    const strategy = { ...soon, attempts: 2 };
    const provided = provideRetryStrategy(strategy);
    strategy.attempts = 0;
    await settled(retryingHttp(undefined, [network.interceptor], provided).get(url));

    expect(network.requests.length).toBe(2);
  });

  it('throws for a bad strategy where it is passed', () => {
    expectRefusal(() => provideRetryStrategy({ attempts: NaN }), [RangeError], 'strategy.attempts', 'NaN');
    expectRefusal(() => provideRetryStrategy({ backoff: 5 as never }), [TypeError], 'strategy.backoff', '5');
  });
});

describe("Angular's HttpTestingController", () => {
  it('sees each attempt as a separate request', () => {
    inVirtualTime(({ flush }) => {
      app(
        provideHttpClient(withInterceptors([retryInterceptor({ backoff: constant(5) })])),
        provideHttpClientTesting(),
      );
      const controller = TestBed.inject(HttpTestingController);
      const { lines } = watch(TestBed.inject(HttpClient).get(url), (body) => JSON.stringify(body));
      const first = controller.expectOne(url);
      first.flush('down', { status: 503, statusText: 'Service Unavailable' });
      controller.expectNone(url);
      flush();
      controller.expectOne(url).flush({ tea: 'green' });
      controller.verify();

      expect(lines).toEqual(['5 {"tea":"green"}', '5 complete']);
    });
  });

  it('sees the attempt cancelled when the consumer unsubscribes', () => {
    app(provideHttpClient(withInterceptors([retryInterceptor()])), provideHttpClientTesting());
    const controller = TestBed.inject(HttpTestingController);
    const subscription = TestBed.inject(HttpClient).get(url).subscribe();
    const attempt = controller.expectOne(url);
    subscription.unsubscribe();

    expect(attempt.cancelled).toBeTrue();
    controller.verify();
  });
});

describe("provideRetryStrategy in a route's providers", () => {
  const child = (...providers: Parameters<typeof createEnvironmentInjector>[0]): EnvironmentInjector =>
    createEnvironmentInjector(providers, TestBed.inject(EnvironmentInjector));
  const route = provideRetryStrategy({ ...soon, attempts: 5 });

  it('is refused if HttpClient is inherited, because its interceptors do not see it', () => {
    retryingHttp();

    expectRefusal(
      () => child(route),
      [Error],
      'provideRetryStrategy() has no effect here',
      'HttpClient is inherited',
      'retryContext(strategy)',
      'provideRetryClient()',
      'provideHttpClient(withInterceptors([retryInterceptor()]))',
    );
  });

  it('is for an HttpClient of the same providers', async () => {
    const [ofApp, ofRoute] = [angularNetwork(503), angularNetwork(503)];
    const http = retryingHttp(soon, [ofApp.interceptor]);
    const injector = child(route, provideHttpClient(withInterceptors([retryInterceptor(), ofRoute.interceptor])));
    await settled(injector.get(HttpClient).get(url));
    await settled(http.get(url));

    expect([ofApp.requests.length, ofRoute.requests.length]).toEqual([3, 5]);
  });

  it('is for a client of the same providers, under any token', async () => {
    const TEAS = new InjectionToken<RetryClient>('teas');
    retryingHttp();
    for (const token of [TEAS, RetryClient]) {
      const { interceptor, requests } = network(503);
      const injector = child(provideRetryClient({ interceptors: [interceptor] }, token), route);
      await settled(injector.get<RetryClient>(token).get(url));

      expect(requests.length).toBe(5);
    }
  });

  it("replaces the app's there, and is closed with the route", async () => {
    const { interceptor, requests } = network(503);
    app(provideRetryStrategy({ statuses: [404], attempts: 2 }));
    const injector = child(provideRetryClient({ interceptors: [interceptor] }), route);
    const client = injector.get(RetryClient);
    await settled(client.get(url));
    injector.destroy();
    const { error } = await settled(client.get(url));

    expect(requests.length).toBe(5);
    expect((error as Error).name).toBe('AbortError');
  });
});

describe('An unknown field of a strategy', () => {
  const names = 'known options: attempts, backoff, ';
  const limits = 'hedge, maxServerWait, timeout, totalTimeout';

  it('of HttpClient is refused with all names, those of its own included', () => {
    for (const refuse of [provideRetryStrategy, retryInterceptor]) {
      expectRefusal(
        () => refuse({ attemps: 3 } as never),
        [TypeError],
        'unknown option "strategy.attemps"',
        names,
        limits,
      );
    }
  });

  it('that is an option of retryContext is refused with its place', () => {
    expectRefusal(
      () => provideRetryStrategy({ urls: ['http://b.test/'] } as never),
      [TypeError],
      'strategy.urls is an option of retryContext()',
    );
    expectRefusal(() => retryInterceptor({ nested: true } as never), [TypeError], 'strategy.nested', 'retryContext()');
  });
});
