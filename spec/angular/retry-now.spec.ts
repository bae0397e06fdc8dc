import '@angular/compiler';

import { HttpClient, HttpErrorResponse, provideHttpClient, withInterceptors } from '@angular/common/http';
import { effect, signal } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { asyncScheduler, BehaviorSubject, timer } from 'rxjs';

import {
  injectAttempts,
  injectAttemptsSignal,
  injectRetryClient,
  injectRetryNow,
  provideRetryClient,
  provideRetryStrategy,
  retryContext,
  retryInterceptor,
} from '../../src/angular/index.js';
import { constant, defineGate, hedging, openWhen, RetryClient, type RetryStrategy } from '../../src/index.js';
import { app, injected, retryingHttp } from '../support/angular-app.js';
import { type AngularAnswer, angularNetwork } from '../support/angular-network.js';
import { listen, plot } from '../support/attempt-events.js';
import { expectRefusal } from '../support/expect-refusal.js';
import { bodiless, network } from '../support/scripted-network.js';
import { inVirtualTime } from '../support/virtual-time.js';

const url = 'http://a.test/';
const ignore = { error: () => undefined };
const HOUR = 3_600_000;
/** A gate that lets all attempts pass, so that the request has the machinery of gates. */
const passing = defineGate({ name: 'passing' });

/** Creates HttpClient and a client, whose requests wait an hour after a failure, and answers both alike. */
function slowApp(
  answers: readonly AngularAnswer[],
  strategy: RetryStrategy = {},
  ofClient = network(...answers.map((answer) => (typeof answer === 'number' ? bodiless(answer) : 200))),
): {
  readonly http: HttpClient;
  readonly client: RetryClient;
  readonly sent: () => readonly [http: number, client: number];
  readonly retryNow: (requestId?: string) => void;
} {
  const ofHttp = angularNetwork(...answers);
  const http = retryingHttp(
    undefined,
    [ofHttp.interceptor],
    provideRetryStrategy({ backoff: constant(HOUR), random: () => 0, ...strategy }),
    provideRetryClient({ interceptors: [ofClient.interceptor] }),
  );
  return {
    http,
    client: injected(injectRetryClient),
    sent: () => [ofHttp.requests.length, ofClient.requests.length],
    retryNow: injected(injectRetryNow),
  };
}

describe('injectRetryNow', () => {
  for (const [title, gates] of [
    ['without gates', []],
    ['with gates', [passing]],
  ] as const) {
    it(`ends the waits of HttpClient and of the clients, ${title}`, () => {
      inVirtualTime(() => {
        const { http, client, sent, retryNow } = slowApp([503, 200], { gates });
        const events = listen(injected(() => injectAttempts()));
        const values: unknown[] = [];
        http.get(url).subscribe((value) => values.push(value));
        client.get(url).subscribe(({ status }) => values.push({ status }));

        expect(sent()).toEqual([1, 1]);

        retryNow();

        expect(sent()).toEqual([2, 2]);
        expect(values).toEqual([{ status: 200 }, { status: 200 }]);
        expect(plot(events).filter((line) => line.startsWith('start'))).toEqual([
          'start 1',
          'start 1',
          'start 2',
          'start 2',
        ]);
      });
    });

    it(`leaves no timer of the wait behind, ${title}`, () => {
      inVirtualTime(({ flush }) => {
        const { http, sent, retryNow } = slowApp([503, timer(10) as never, 200], { gates });
        http.get(url).subscribe(ignore);
        retryNow();
        flush();

        expect(sent()).toEqual([2, 0]);
        expect(asyncScheduler.now()).toBe(10);
      });
    });

    it(`waits for the rest of Retry-After, and no longer than was planned, ${title}`, () => {
      inVirtualTime(({ flush }) => {
        const busy = { status: 503, headers: { 'retry-after': '5' } };
        const { http, retryNow } = slowApp([busy, 200], { gates });
        const starts: number[] = [];
        injected(() => injectAttempts()).subscribe(({ type }) => {
          if (type === 'start') starts.push(asyncScheduler.now());
        });
        http.get(url).subscribe(ignore);
        timer(1_000).subscribe(() => {
          retryNow();
        });
        timer(2_000).subscribe(() => {
          retryNow();
        });
        flush();

        expect(starts).toEqual([0, 5_000]);
      });
    });

    it(`does nothing if nothing waits, ${title}`, () => {
      inVirtualTime(({ flush }) => {
        const { http, sent, retryNow } = slowApp([timer(10).pipe() as never, 503], { gates });
        retryNow();
        http.get(url).subscribe(ignore);
        retryNow();
        flush();
        retryNow();

        expect(sent()).toEqual([1, 0]);
      });
    });

    it(`does nothing for a request that has been unsubscribed, ${title}`, () => {
      inVirtualTime(() => {
        const { http, client, sent, retryNow } = slowApp([503], { gates });
        http.get(url).subscribe().unsubscribe();
        client.get(url).subscribe().unsubscribe();
        retryNow();

        expect(sent()).toEqual([1, 1]);
      });
    });
  }

  it('cuts no wait short of Retry-After because of a random addition that comes out longer', () => {
    inVirtualTime(({ flush }) => {
      const additions = [0, 0.9];
      const { http, retryNow } = slowApp([{ status: 503, headers: { 'retry-after': '5' } }, 200], {
        backoff: constant(0),
        random: () => additions.shift() ?? 0,
      });
      const starts: number[] = [];
      injected(() => injectAttempts()).subscribe(({ type }) => {
        if (type === 'start') starts.push(asyncScheduler.now());
      });
      http.get(url).subscribe(ignore);
      retryNow();
      flush();

      expect(starts).toEqual([0, 5_000]);
    });
  });

  it('ends the wait of one request by its id', () => {
    inVirtualTime(() => {
      const { http, client, sent, retryNow } = slowApp([503, 503, 200], { gates: [passing] });
      const running = injected(injectAttemptsSignal);
      http.get(url).subscribe(ignore);
      http.get(url).subscribe(ignore);
      client.get(url).subscribe();
      const idOf = (index: number): string => running()[index]!.attempt.requestId;
      retryNow(idOf(1));

      expect(sent()).toEqual([3, 1]);
      expect(running().length).toBe(2);

      retryNow(idOf(1));

      expect(sent()).toEqual([3, 2]);

      retryNow('nobody');

      expect(sent()).toEqual([3, 2]);
    });
  });

  it('reaches requests that were sent before it was called', () => {
    inVirtualTime(() => {
      const scripted = angularNetwork(503, 200);
      const http = retryingHttp({ backoff: constant(HOUR) }, [scripted.interceptor]);
      http.get(url).subscribe(ignore);
      injected(injectRetryNow)();

      expect(scripted.requests.length).toBe(2);
    });
  });

  it('reaches requests with gates of their own, and extensions of the client', () => {
    inVirtualTime(() => {
      const { http, client, sent, retryNow } = slowApp([503]);
      const strategy = { gates: [passing] };
      http.get(url, { context: retryContext(strategy) }).subscribe(ignore);
      http.get(url, { context: retryContext({ gates: [] }) }).subscribe(ignore);
      client.get(url, { strategy }).subscribe();
      client.post(url, 'tea', { strategy: { gates: [], methods: ['POST'] } }).subscribe();
      client.extend({ strategy }).get(url).subscribe();
      client.extend({}).extend({ strategy }).requests([{ url }], { strategy }).subscribe();

      expect(sent()).toEqual([2, 4]);

      retryNow();

      expect(sent()).toEqual([4, 8]);
    });
  });

  it('leaves a request held that a gate holds', () => {
    inVirtualTime(() => {
      const open$ = new BehaviorSubject(true);
      const gate = openWhen({ open$, name: 'door' });
      const { http, sent, retryNow } = slowApp([503, 200], { gates: [gate] });
      const running = injected(injectAttemptsSignal);
      http.get(url).subscribe(ignore);
      open$.next(false);
      retryNow();

      expect(running().map(({ held }) => held)).toEqual(['door']);

      retryNow();

      expect(sent()).toEqual([1, 0]);

      open$.next(true);

      expect(sent()).toEqual([2, 0]);
    });
  });

  it('counts the attempt: after the last one the request fails', () => {
    inVirtualTime(() => {
      const { http, sent, retryNow } = slowApp([503], { attempts: 3 });
      const statuses: number[] = [];
      http.get(url).subscribe({ error: (error: unknown) => statuses.push((error as HttpErrorResponse).status) });
      retryNow();
      retryNow();
      retryNow();

      expect(sent()).toEqual([3, 0]);
      expect(statuses).toEqual([503]);
    });
  });

  it('ends each wait once per call, also if the next attempt fails at once', () => {
    inVirtualTime(() => {
      const { http, sent, retryNow } = slowApp([503], { attempts: 4 });
      http.get(url).subscribe(ignore);
      http.get(url).subscribe(ignore);
      retryNow();

      expect(sent()).toEqual([4, 0]);
    });
  });

  it('does not wake a request that another one has unsubscribed meanwhile', () => {
    inVirtualTime(() => {
      const { http, sent, retryNow } = slowApp([503, 503, 200]);
      const first = http.get(url);
      const second = http.get(url);
      first.subscribe(() => {
        subscription.unsubscribe();
      });
      const subscription = second.subscribe();
      retryNow();

      expect(sent()).toEqual([3, 0]);
    });
  });

  it('chooses the place as ever: the next URL, and a hedge', () => {
    inVirtualTime(({ flush }) => {
      const silent = timer(50) as never;
      const scripted = angularNetwork(503, 503, silent, 200);
      const http = retryingHttp({ backoff: constant(HOUR), hedge: hedging({ after: 10 }) }, [scripted.interceptor]);
      const retryNow = injected(injectRetryNow);
      const values: unknown[] = [];
      http.get(url, { context: retryContext({ urls: ['http://b.test/'] }) }).subscribe((value) => values.push(value));
      retryNow();
      timer(11).subscribe(() => {
        expect(values).toEqual([{ status: 200 }]);
      });
      flush();

      expect(scripted.urls()).toEqual([url, 'http://b.test/', url, 'http://b.test/']);
    });
  });

  it('an effect that calls it does not depend on what interceptors read', () => {
    const read = signal(0);
    let runs = 0;
    const scripted = angularNetwork(503);
    const http = retryingHttp({ backoff: constant(HOUR), attempts: 9 }, [
      (request, next) => {
        read();
        return next(request);
      },
      scripted.interceptor,
    ]);
    const retryNow = injected(injectRetryNow);
    const subscription = http.get(url).subscribe(ignore);
    injected(() =>
      effect(() => {
        runs += 1;
        retryNow();
      }),
    );
    TestBed.tick();
    read.set(1);
    TestBed.tick();
    subscription.unsubscribe();

    expect(runs).toBe(1);
    expect(scripted.requests.length).toBe(2);
  });

  it('throws for an id that is no string, such as the event of a click', () => {
    app(provideHttpClient(withInterceptors([retryInterceptor()])));
    const retryNow = injected(injectRetryNow) as (id: unknown) => void;

    expectRefusal(
      () => {
        retryNow({ type: 'click' });
      },
      [TypeError],
      'requestId',
      'the id of a request',
      'an object',
    );
  });

  it('is of one app: the requests of another page that a server renders wait on', () => {
    inVirtualTime(() => {
      const { retryNow } = slowApp([503]);
      TestBed.resetTestingModule();
      const { http, sent } = slowApp([503]);
      http.get(url).subscribe(ignore);
      retryNow();

      expect(sent()).toEqual([1, 0]);
    });
  });
});
