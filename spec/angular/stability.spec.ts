import '@angular/compiler';

import { ApplicationRef, effect, signal } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { concat, EMPTY, NEVER, type Observable, of, take, throwError } from 'rxjs';

import { injectRetryClient, provideRetryClient } from '../../src/angular/index.js';
import { type ClientOptions, constant, type RetryClient, serverSentEvents, text } from '../../src/index.js';
import { app, injected, type Providers } from '../support/angular-app.js';
import { onServer } from '../support/angular-page.js';
import { network } from '../support/scripted-network.js';
import { settled } from '../support/settled.js';
import { testServer, type TestServer } from '../support/test-server.js';

/** Whether the app is stable now. */
function isStable(): boolean {
  let stable = false;
  TestBed.inject(ApplicationRef)
    .isStable.pipe(take(1))
    .subscribe((now) => {
      stable = now;
    });
  return stable;
}

function clientOf(options: ClientOptions = {}, ...providers: Providers): RetryClient {
  app(provideRetryClient(options), ...providers);
  return injected(injectRetryClient);
}

describe('The app, while a RetryClient sends', () => {
  let api: TestServer;

  beforeAll(async () => {
    api = await testServer();
  });

  afterAll(() => api.close());

  it('is unstable during the whole request: attempts, waits, and the reading of the body', async () => {
    const target = api.url('whole', [{ status: 503 }, { chunks: ['[1,', '2]'], chunkDelay: 30 }]);
    const client = clientOf({ strategy: { backoff: constant(30) } }, onServer);
    const request$ = client.getJSON(target);

    expect(isStable()).toBeTrue();

    const states: boolean[] = [];
    client.attempts$.subscribe(() => states.push(isStable()));
    const end = settled(request$);
    const ticker = setInterval(() => states.push(isStable()), 5);

    expect(isStable()).toBeFalse();
    expect((await end).values).toEqual([[1, 2]]);

    clearInterval(ticker);

    expect(new Set(states)).toEqual(new Set([false]));

    await TestBed.inject(ApplicationRef).whenStable();

    expect(isStable()).toBeTrue();
  });

  it('is stable again after an error, after unsubscribing, and without a value', async () => {
    for (const end of [
      () => clientOf({ interceptors: [() => throwError(() => new Error('down'))] }).get('http://a.test/'),
      () => clientOf({ interceptors: [() => NEVER] }).get('http://a.test/'),
      () => clientOf({ interceptors: [() => EMPTY] }).get('http://a.test/'),
      () => clientOf({ interceptors: [() => of(new Response('a'))] }).get('http://a.test/', { selector: text() }),
    ] satisfies (() => Observable<unknown>)[]) {
      const request$: Observable<unknown> = end();
      const subscription = request$.subscribe({ error: () => undefined });
      subscription.unsubscribe();
      await TestBed.inject(ApplicationRef).whenStable();

      expect(isStable()).toBeTrue();
      TestBed.resetTestingModule();
    }
  });

  it('counts each subscription, also those of every method and of extended clients', () => {
    const client = clientOf({ interceptors: [() => NEVER] });
    const url = 'http://a.test/';
    for (const sender of [client, client.extend({ timeout: 5_000 }), client.extend({}).extend({})]) {
      for (const request$ of [
        sender.request('GET', url),
        sender.get(url),
        sender.head(url),
        sender.options(url),
        sender.delete(url),
        sender.post(url, 'a'),
        sender.put(url, 'a'),
        sender.patch(url, 'a'),
        sender.getJSON(url),
        sender.requests([{ url }]),
      ]) {
        const first = request$.subscribe();
        const second = request$.subscribe();
        first.unsubscribe();

        expect(isStable()).toBeFalse();
        second.unsubscribe();
        TestBed.tick();
      }
    }
  });

  it('is not kept unstable by a stream in a browser, after its first value or if it may be idle', async () => {
    const lines$ = clientOf({ interceptors: [() => of(new Response('x'))] }).get('http://a.test/', {
      selector: () => concat(of('first'), NEVER),
    });
    const lines = lines$.subscribe();
    await TestBed.inject(ApplicationRef).whenStable();

    expect(isStable()).toBeTrue();
    lines.unsubscribe();
    TestBed.resetTestingModule();
    const events = clientOf({ interceptors: [() => NEVER] })
      .get('http://a.test/', { selector: serverSentEvents() })
      .subscribe();

    expect(isStable()).toBeTrue();
    events.unsubscribe();
  });

  it('is kept unstable on a server by a stream, until it ends', () => {
    const events = clientOf({ interceptors: [() => NEVER] }, onServer)
      .get('http://a.test/', { selector: serverSentEvents() })
      .subscribe();

    expect(isStable()).toBeFalse();
    events.unsubscribe();
  });

  it('stops a synchronous source that the consumer has left', async () => {
    let pulled = 0;
    function* naturals(): Generator<number> {
      while (pulled < 1_000) yield (pulled += 1);
    }
    const { interceptor } = network(200);
    const numbers$ = clientOf({ interceptors: [interceptor] }).get('http://a.test/', { selector: naturals });

    expect((await settled(numbers$.pipe(take(2)))).values).toEqual([1, 2]);
    expect(pulled).toBeLessThan(5);
  });

  it('reads no signal for the effect that sends', () => {
    const token = signal('a');
    let runs = 0;
    const client = clientOf({
      interceptors: [
        () => {
          token();
          return of(new Response('1'));
        },
      ],
    });
    injected(() =>
      effect(() => {
        runs += 1;
        client.get('http://a.test/').subscribe();
      }),
    );
    TestBed.tick();
    token.set('b');
    TestBed.tick();

    expect(runs).toBe(1);
  });
});
