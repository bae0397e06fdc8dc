import '@angular/compiler';

import { HttpClient, type HttpErrorResponse, provideHttpClient, withInterceptors } from '@angular/common/http';
import { HttpTestingController, provideHttpClientTesting } from '@angular/common/http/testing';
import type { EnvironmentProviders } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { asyncScheduler, NEVER } from 'rxjs';

import {
  type HttpRetryStrategy,
  injectAttempts,
  injectAttemptsSignal,
  injectRetryClient,
  injectRetryNow,
  provideRetryClient,
  provideRetryStrategy,
  provideRetryTesting,
  retryContext,
  retryInterceptor,
} from '../../src/angular/index.js';
import { constant, defineGate, hedging, rateLimit, retryBudget, type RetryStrategy, text } from '../../src/index.js';
import { app, injected, retryingHttp } from '../support/angular-app.js';
import { angularNetwork } from '../support/angular-network.js';
import { listen, plot } from '../support/attempt-events.js';
import { expectRefusal } from '../support/expect-refusal.js';
import { bodiless, network } from '../support/scripted-network.js';
import { settled } from '../support/settled.js';
import { inVirtualTime } from '../support/virtual-time.js';

const url = 'http://a.test/';
const HOUR = 3_600_000;
const closed = defineGate({ name: 'closed', admit: () => NEVER });
const stubborn: RetryStrategy = {
  attempts: 9,
  backoff: constant(HOUR),
  gates: [closed],
  hedge: hedging({ after: 0 }),
  shouldRetry: () => true,
};
const failure = { status: 503, statusText: 'Service Unavailable' };

/** An app with an HttpTestingController, and the statuses and bodies that a GET request gets. */
function testingApp(
  strategy: HttpRetryStrategy,
  ...providers: readonly EnvironmentProviders[]
): { readonly controller: HttpTestingController; readonly get: (options?: object) => unknown[] } {
  app(provideHttpClient(withInterceptors([retryInterceptor(strategy)])), provideHttpClientTesting(), ...providers);
  return {
    controller: TestBed.inject(HttpTestingController),
    get: (options) => {
      const results: unknown[] = [];
      TestBed.inject(HttpClient)
        .get(url, options)
        .subscribe({
          next: (value) => results.push(value),
          error: (error: unknown) => results.push((error as HttpErrorResponse).status),
        });
      return results;
    },
  };
}

describe('provideRetryTesting', () => {
  const setups: readonly (readonly [string, HttpRetryStrategy, readonly EnvironmentProviders[], object?])[] = [
    ['the app says', {}, [provideRetryStrategy(stubborn), provideRetryTesting()]],
    ['the app says after it', {}, [provideRetryTesting(), provideRetryStrategy(stubborn)]],
    ['the interceptor says', stubborn, [provideRetryTesting()]],
    [
      'a request says',
      {},
      [provideRetryTesting()],
      { context: retryContext({ ...stubborn, urls: ['http://b.test/'] }) },
    ],
  ];
  for (const [who, strategy, providers, options] of setups) {
    it(`turns retries, hedges and gates of HttpClient off, whatever ${who}`, () => {
      const { controller, get } = testingApp(strategy, ...providers);
      const results = get(options);
      controller.expectOne(url).flush(null, failure);
      controller.verify();

      expect(results).toEqual([503]);
    });
  }

  it('turns them off for clients, whatever the app, the client, an extension or a request says', async () => {
    const { interceptor, requests } = network(503);
    app(
      provideRetryStrategy({ ...stubborn, timeout: 5_000 }),
      provideRetryClient({ strategy: stubborn, interceptors: [interceptor] }),
      provideRetryTesting(),
    );
    const client = injected(injectRetryClient);
    const strategy = { ...stubborn, methods: ['POST'] };
    const sendings = [
      client.get(url),
      client.get(url, { strategy }),
      client.request('GET', url, { strategy }),
      client.post(url, 'tea', { strategy }),
      client.getJSON(url, { strategy }),
      client.requests([{ url }, { url }], { strategy }),
      client.extend({ strategy }).get(url, { selector: text() }),
      client.extend({ strategy }).extend({ strategy }).put(url, 'tea', { strategy }),
    ];
    for (const sending of sendings) await settled<unknown>(sending);

    expect(requests.length).toBe(sendings.length);
  });

  it('still refuses bad options of the app', () => {
    app(provideRetryClient(), provideRetryTesting());
    const client = injected(injectRetryClient);

    expectRefusal(() => client.get(url, { strategy: { attempts: 0 } }), [RangeError], 'strategy.attempts', '0');
    expectRefusal(() => client.get(url, { strategy: 5 as never }), [TypeError], 'strategy', '5');
    expectRefusal(() => client.get(url, { strategy: null as never }), [TypeError], 'strategy', 'null');
    expectRefusal(() => client.get(url, 5 as never), [TypeError], 'options', '5');
    expectRefusal(() => client.get(url, null as never), [TypeError], 'options', 'null');
    expectRefusal(() => client.extend(5 as never), [TypeError], 'options', '5');
  });

  it('keeps the time limits of requests', () => {
    inVirtualTime(({ flush }) => {
      const { get } = testingApp({ timeout: 10 }, provideRetryTesting());
      const results = get();
      flush();

      expect(results).toEqual([0]);
      expect(asyncScheduler.now()).toBe(10);
    });
  });

  it('throws for bad options', () => {
    expectRefusal(() => provideRetryTesting({ waits: 'none' as never }), [RangeError], 'waits', "'instant'", "'none'");
    expectRefusal(() => provideRetryTesting({ wait: 1 } as never), [TypeError], '"wait"', 'known options: waits');
    expectRefusal(() => provideRetryTesting(true as never), [TypeError], 'true');
  });

  it('holds as the last of several calls says', () => {
    const slow = { attempts: 2, backoff: constant(HOUR) };
    const { controller, get } = testingApp(slow, provideRetryTesting(), provideRetryTesting({ waits: 'instant' }));
    get();
    controller.expectOne(url).flush(null, failure);
    controller.expectOne(url).flush('tea');

    TestBed.resetTestingModule();
    const off = testingApp(slow, provideRetryTesting({ waits: 'instant' }), provideRetryTesting());
    const results = off.get();
    off.controller.expectOne(url).flush(null, failure);
    off.controller.verify();

    expect(results).toEqual([503]);
  });
});

describe("provideRetryTesting({ waits: 'instant' })", () => {
  const instant = provideRetryTesting({ waits: 'instant' });
  const passing = defineGate({ name: 'passing' });

  for (const [title, gates] of [
    ['without gates', []],
    ['with gates', [passing]],
  ] as const) {
    it(`sends the next attempt before flush() returns, ${title}`, () => {
      const { controller, get } = testingApp({ attempts: 3, backoff: constant(HOUR), gates }, instant);
      const results = get();
      controller.expectOne(url).flush(null, failure);
      controller.expectOne(url).error({} as ProgressEvent);
      controller.expectOne(url).flush('tea');
      controller.verify();

      expect(results).toEqual(['tea']);
    });

    it(`keeps the number of attempts, ${title}`, () => {
      const { controller, get } = testingApp({ attempts: 2, backoff: constant(HOUR), gates }, instant);
      const results = get();
      controller.expectOne(url).flush(null, failure);
      controller.expectOne(url).flush(null, failure);
      controller.verify();

      expect(results).toEqual([503]);
    });

    it(`does not wait for Retry-After, which decides as ever, ${title}`, () => {
      const { controller, get } = testingApp({ attempts: 5, gates }, instant);
      const results = get();
      controller.expectOne(url).flush(null, { ...failure, headers: { 'retry-after': '50' } });
      controller.expectOne(url).flush(null, { ...failure, headers: { 'retry-after': '61' } });
      controller.verify();

      expect(results).toEqual([503]);
    });

    it(`retries a response, and one that shouldRetry decides later, ${title}`, async () => {
      const { controller, get } = testingApp(
        { statuses: [202], gates, shouldRetry: () => Promise.resolve(undefined) },
        instant,
      );
      const results = get();
      controller.expectOne(url).flush('soon', { status: 202, statusText: 'Accepted' });
      await Promise.resolve();
      await Promise.resolve();
      controller.expectOne(url).flush('tea');
      await Promise.resolve();
      await Promise.resolve();

      expect(results).toEqual(['tea']);
    });

    it(`neither recurses nor blocks if each attempt fails at once, ${title}`, async () => {
      const scripted = angularNetwork(503);
      const http = retryingHttp({ attempts: Infinity, gates }, [scripted.interceptor], instant);
      const subscription = http.get(url).subscribe();
      await new Promise((resolve) => setTimeout(resolve, 20));
      subscription.unsubscribe();
      const sent = scripted.requests.length;
      await new Promise((resolve) => setTimeout(resolve, 5));

      expect(sent).toBeGreaterThan(2);
      expect(scripted.requests.length).toBe(sent);
    });
  }

  it('works for the clients, too', async () => {
    const { interceptor, requests } = network(bodiless(503, { 'retry-after': '50' }), 503, 200);
    app(
      provideRetryStrategy({ backoff: constant(HOUR) }),
      provideRetryClient({ interceptors: [interceptor] }),
      instant,
    );
    const { values } = await settled(injected(injectRetryClient).get(url, { strategy: { gates: [passing] } }));

    expect(values.length).toBe(1);
    expect(requests.length).toBe(3);
  });

  it('leaves what gates decide: a budget that is spent, and a rate', () => {
    inVirtualTime(({ flush }) => {
      const gates = [retryBudget({ ratio: 0, minPerSecond: 0.2 }), rateLimit({ permits: 1, per: 1_000 })];
      const { controller, get } = testingApp({ attempts: 9, backoff: constant(HOUR), gates }, instant);
      const events = listen(injected(() => injectAttempts()));
      const results = get();
      controller.expectOne(url).flush(null, failure);
      controller.expectNone(url);
      flush();

      expect(asyncScheduler.now()).toBe(1_000);

      controller.expectOne(url).flush(null, failure);
      flush();
      controller.expectOne(url).flush(null, failure);
      controller.verify();

      expect(results).toEqual([503]);
      expect(plot(events).filter((line) => !/^(?:value|response)/.test(line))).toEqual([
        'start 1',
        'retry 1',
        'hold 2 rate-limit',
        'start 2',
        'retry 2',
        'hold 3 rate-limit',
        'start 3',
        'failure 3 rejected',
      ]);
    });
  });

  it('leaves an attempt held that a gate holds, and injectRetryNow() does nothing then', () => {
    const { controller, get } = testingApp({ gates: [closed] }, instant);
    const running = injected(injectAttemptsSignal);
    get();
    injected(injectRetryNow)();
    controller.expectNone(url);

    expect(running().map(({ held }) => held)).toEqual(['closed']);
  });

  it('tells of each retry, with the delay that was planned', () => {
    const { controller, get } = testingApp({ backoff: constant(HOUR) }, instant);
    const events = listen(injected(() => injectAttempts()));
    get();
    controller.expectOne(url).flush(null, failure);

    expect(plot(events)).toEqual(['start 1', 'response 1', 'retry 1', 'start 2']);
    expect(events[2]?.type === 'retry' && events[2].delay).toBe(HOUR);
  });
});
