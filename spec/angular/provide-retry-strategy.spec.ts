import '@angular/compiler';

import { provideHttpClient, withInterceptors, HttpClient } from '@angular/common/http';
import { HttpTestingController, provideHttpClientTesting } from '@angular/common/http/testing';
import { inject, InjectionToken } from '@angular/core';
import { TestBed } from '@angular/core/testing';

import { provideRetryStrategy, retryInterceptor } from '../../src/angular/index.js';
import { constant } from '../../src/index.js';
import { app, retryingHttp } from '../support/angular-app.js';
import { angularNetwork } from '../support/angular-network.js';
import { watch } from '../support/event-log.js';
import { expectRefusal } from '../support/expect-refusal.js';
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
