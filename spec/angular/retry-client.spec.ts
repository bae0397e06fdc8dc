import '@angular/compiler';

import { provideHttpClient, httpResource, withInterceptors } from '@angular/common/http';
import {
  createEnvironmentInjector,
  DestroyRef,
  EnvironmentInjector,
  inject,
  InjectionToken,
  signal,
} from '@angular/core';
import { rxResource, takeUntilDestroyed, toSignal } from '@angular/core/rxjs-interop';
import { TestBed } from '@angular/core/testing';
import { NEVER } from 'rxjs';

import {
  injectAttempts,
  injectRetryClient,
  provideRetryClient,
  provideRetryStrategy,
  retryInterceptor,
} from '../../src/angular/index.js';
import { bearerToken, constant, type Interceptor, json, RetryClient } from '../../src/index.js';
import { app, injected } from '../support/angular-app.js';
import { listen, plot } from '../support/attempt-events.js';
import { expectRefusal } from '../support/expect-refusal.js';
import { network } from '../support/scripted-network.js';
import { failureOf, only } from '../support/settled.js';
import { testServer, type TestServer } from '../support/test-server.js';

const soon = { backoff: constant(0) };

/** Resolves when a condition holds, and runs effects and resources until then. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) {
    TestBed.tick();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

describe('provideRetryClient', () => {
  let api: TestServer;

  beforeAll(async () => {
    api = await testServer();
  });

  afterAll(() => api.close());

  it('provides one client, which injectRetryClient() and inject(RetryClient) both return', () => {
    app(provideRetryClient());

    expect(injected(injectRetryClient)).toBeInstanceOf(RetryClient);
    expect(TestBed.inject(RetryClient)).toBe(injected(injectRetryClient));
  });

  it('takes a function that can call inject()', async () => {
    const BASE = new InjectionToken<string>('base');
    const { interceptor, urls } = network(200);
    app(
      { provide: BASE, useValue: 'http://a.test/' },
      provideRetryClient(() => ({ baseUrl: inject(BASE), interceptors: [interceptor] })),
    );
    await only(injected(injectRetryClient).get('users'));

    expect(urls()).toEqual(['http://a.test/users']);
  });

  it("uses the app's default strategy, over which the client's own takes precedence", async () => {
    const { interceptor, requests } = network(503);
    app(
      provideRetryStrategy({ ...soon, attempts: 5, maxServerWait: 1 }),
      provideRetryClient({ strategy: { attempts: 2 }, interceptors: [interceptor] }),
    );
    await only(injected(injectRetryClient).get('http://a.test/'));

    expect(requests.length).toBe(2);
  });

  it('closes the client with its injector: requests in flight are aborted, and attempts$ completes', async () => {
    app();
    const child = createEnvironmentInjector([provideRetryClient()], TestBed.inject(EnvironmentInjector));
    const client = child.get(RetryClient);
    let completed = false;
    client.attempts$.subscribe({
      complete: () => {
        completed = true;
      },
    });
    const failure = failureOf(client.get(api.url('closed', { stall: 'headers' })));
    await api.received('closed');
    child.destroy();

    expect(((await failure) as Error).name).toBe('AbortError');
    expect((await api.ended('closed')).aborted).toBeTrue();
    expect(completed).toBeTrue();
  });

  it('closes an extension for itself, before its first request or later, and extensions with their client', async () => {
    const { interceptor } = network(200);
    const stalled: Interceptor = () => NEVER;
    app(provideRetryClient());
    const client = injected(injectRetryClient).extend({ interceptors: [stalled] });
    const unused = client.extend({});
    const used = client.extend({});
    const other = injected(injectRetryClient).extend({ interceptors: [interceptor] });
    unused.close();
    const stalledFailure = failureOf(used.get('http://a.test/'));
    const clientFailure = failureOf(client.get('http://a.test/'));
    used.close();

    for (const failure of [unused.get('http://a.test/'), used.get('http://a.test/')]) {
      expect(((await failureOf(failure)) as Error).name).toBe('AbortError');
    }
    expect(((await stalledFailure) as Error).name).toBe('AbortError');

    const lateExtension = client.extend({});
    client.close();

    expect(((await clientFailure) as Error).name).toBe('AbortError');
    expect(((await failureOf(lateExtension.get('http://a.test/'))) as Error).name).toBe('AbortError');
    expect((await only(other.get('http://a.test/'))).status).toBe(200);
  });

  it('throws for bad options where they are passed', () => {
    expectRefusal(() => provideRetryClient({ timeout: -1 }), [RangeError], 'timeout', '-1');
    expectRefusal(() => provideRetryClient(5 as never), [TypeError], '5');
  });

  it("gives an extension's bearerToken() the origins of its client, and refuses one for every origin", async () => {
    const { interceptor, requests } = network(200, 200);
    const token = (): Interceptor => bearerToken({ token: () => 'abc', refresh: () => null });
    app(provideRetryClient({ baseUrl: 'http://api.test/', interceptors: [] }));
    const client = injected(injectRetryClient).extend({ interceptors: [token(), interceptor] });

    await only(client.get('mine'));
    await only(client.get('http://other.test/'));
    expect(requests.map(({ headers }) => headers.get('authorization'))).toEqual(['Bearer abc', null]);
    expectRefusal(
      () => provideRetryClient({ interceptors: [token()] }),
      [TypeError],
      'appliesTo is required in bearerToken() for a client without a baseUrl',
    );
  });

  it('provides several clients, each under a token of its own', async () => {
    const [PAYMENTS, STOCK] = [
      new InjectionToken<RetryClient>('payments'),
      new InjectionToken<RetryClient>('stock'),
    ] as const;
    const ofDefault = network(503);
    const ofPayments = network(503);
    const ofStock = network(503);
    app(
      provideRetryStrategy({ ...soon, attempts: 4 }),
      provideRetryClient({ baseUrl: 'http://a.test/', interceptors: [ofDefault.interceptor] }),
      provideRetryClient({ baseUrl: 'http://pay.test/', interceptors: [ofPayments.interceptor] }, PAYMENTS),
      provideRetryClient(
        () => ({ baseUrl: 'http://stock.test/', strategy: { attempts: 1 }, interceptors: [ofStock.interceptor] }),
        STOCK,
      ),
    );
    const events = listen(injected(() => injectAttempts()));
    for (const token of [RetryClient, PAYMENTS, STOCK]) {
      await only(injected(() => injectRetryClient(token)).get('x'));
    }

    expect(injected(() => injectRetryClient(PAYMENTS))).toBe(TestBed.inject(PAYMENTS));
    expect(ofDefault.urls()).toEqual(Array<string>(4).fill('http://a.test/x'));
    expect(ofPayments.urls()).toEqual(Array<string>(4).fill('http://pay.test/x'));
    expect(ofStock.urls()).toEqual(['http://stock.test/x']);
    expect(plot(events).filter((line) => line.startsWith('start')).length).toBe(9);
  });

  it('closes each of them with its injector', async () => {
    const PAYMENTS = new InjectionToken<RetryClient>('payments');
    app(provideRetryClient({ interceptors: [network(200).interceptor] }));
    const child = createEnvironmentInjector([provideRetryClient({}, PAYMENTS)], TestBed.inject(EnvironmentInjector));
    const client = child.get(PAYMENTS);
    child.destroy();

    expect(((await failureOf(client.get('http://a.test/'))) as Error).name).toBe('AbortError');
    expect((await only(injected(injectRetryClient).get('http://a.test/'))).status).toBe(200);
  });

  it('throws for a token that is none', () => {
    app();

    expectRefusal(() => provideRetryClient({}, 'payments' as never), [TypeError], 'token', "'payments'");
    expectRefusal(() => provideRetryClient({}, class Payments extends RetryClient {}), [TypeError], 'token');
    expectRefusal(() => injected(() => injectRetryClient({} as never)), [TypeError], 'token', 'an object');
  });

  it("throws for what only HttpClient's strategies have, and says what it has instead", () => {
    const refused = (options: object, ...parts: readonly string[]): void => {
      expectRefusal(() => provideRetryClient(options), [TypeError], ...parts);
      app(provideRetryClient(() => options));
      expectRefusal(() => TestBed.inject(RetryClient), [TypeError], ...parts);
      TestBed.resetTestingModule();
      app(provideRetryClient());
      const client = TestBed.inject(RetryClient);
      expectRefusal(() => client.get('http://a.test/', options), [TypeError], ...parts);
      expectRefusal(() => client.extend(options), [TypeError], ...parts);
      TestBed.resetTestingModule();
    };

    refused({ strategy: { timeout: 5 } }, 'strategy.timeout is only for', 'timeout beside the strategy');
    refused({ strategy: { totalTimeout: false } }, 'strategy.totalTimeout', 'totalTimeout beside the strategy');
    refused({ strategy: { maxServerWait: 5 } }, 'strategy.maxServerWait', 'has totalTimeout');
    refused({ maxServerWait: 5 }, 'maxServerWait is only for', 'has totalTimeout');
  });

  it('works with toSignal', async () => {
    app(provideRetryClient({ strategy: soon }));
    const target = api.url('signal', [{ status: 503 }, { json: 'tea' }]);
    const tea = injected(() => toSignal(injectRetryClient().getJSON<string>(target)));

    expect(tea()).toBeUndefined();

    await until(() => tea() !== undefined);

    expect(tea()).toBe('tea');
  });

  it('works with rxResource: a new request aborts the previous one', async () => {
    app(provideRetryClient({ strategy: soon }));
    const slow = api.url('slow', { stall: 'headers' });
    const quick = api.url('quick', [{ status: 503 }, { json: ['tea'] }]);
    const wanted = signal(slow);
    const teas = injected(() => {
      const client = injectRetryClient();
      return rxResource({
        params: () => wanted(),
        stream: ({ params }) => client.get(params, { selector: json<string[]>() }),
      });
    });
    TestBed.tick();
    await api.received('slow');
    wanted.set(quick);
    await until(() => teas.hasValue());

    expect(teas.value()).toEqual(['tea']);
    expect((await api.ended('slow')).aborted).toBeTrue();
  });

  it('works with takeUntilDestroyed', async () => {
    app(provideRetryClient());
    const child = createEnvironmentInjector([], TestBed.inject(EnvironmentInjector));
    const target = api.url('destroyed', { stall: 'headers' });
    injected(injectRetryClient)
      .get(target)
      .pipe(takeUntilDestroyed(child.get(DestroyRef)))
      .subscribe();
    await api.received('destroyed');
    child.destroy();

    expect((await api.ended('destroyed')).aborted).toBeTrue();
  });
});

describe('httpResource', () => {
  let api: TestServer;

  beforeAll(async () => {
    api = await testServer();
  });

  afterAll(() => api.close());

  it('goes through the interceptor', async () => {
    app(provideHttpClient(withInterceptors([retryInterceptor(soon)])));
    const events = listen(injected(() => injectAttempts()));
    const target = api.url('resource', [{ status: 503 }, { json: ['tea'] }]);
    const teas = injected(() => httpResource<string[]>(() => target));
    await until(() => teas.hasValue());

    expect(teas.value()).toEqual(['tea']);
    expect(plot(events).slice(0, 6)).toEqual(['start 1', 'response 1', 'retry 1', 'start 2', 'response 2', 'value 2']);
  });
});
