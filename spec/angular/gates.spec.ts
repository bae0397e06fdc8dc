import '@angular/compiler';

import { HttpContext, HttpErrorResponse } from '@angular/common/http';
import { PLATFORM_ID } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { BehaviorSubject, NEVER, Subject, throwError, timer } from 'rxjs';

import {
  type HttpRetryStrategy,
  injectAttempts,
  injectAttemptsSignal,
  injectRetryClient,
  provideRetryClient,
  provideRetryStrategy,
  retryContext,
} from '../../src/angular/index.js';
import {
  constant,
  defineGate,
  type Gate,
  type GateAttempt,
  type GateRejectedError,
  isHttpError,
  openWhen,
} from '../../src/index.js';
import { injected, retryingHttp } from '../support/angular-app.js';
import { type AngularAnswer, type AngularNetwork, angularNetwork } from '../support/angular-network.js';
import { listen } from '../support/attempt-events.js';
import { formatEvent, watch } from '../support/event-log.js';
import { network } from '../support/scripted-network.js';
import { settled } from '../support/settled.js';
import { inVirtualTime } from '../support/virtual-time.js';

const url = 'http://a.test/users';
const onServer = { provide: PLATFORM_ID, useValue: 'server' };

/** A gate that holds all attempts for this time, in ms. */
function delaying(ms: number, name = 'slow'): Gate {
  return defineGate({ name, admit: () => timer(ms) });
}

/** A gate that rejects all attempts. */
function refusing(error: Error = new Error('not now')): Gate {
  return defineGate({ name: 'refusing', admit: () => throwError(() => error) });
}

/** A gate that lets all attempts pass, and records them. */
function recording(): { readonly gate: Gate; readonly attempts: GateAttempt[] } {
  const attempts: GateAttempt[] = [];
  const gate = defineGate({ name: 'recording', admit: (attempt) => void attempts.push(attempt) });
  return { gate, attempts };
}

/** The events of a GET request in virtual time, and what its consumer gets. */
function eventsOf(
  strategy: HttpRetryStrategy,
  answers: readonly AngularAnswer[] = [200],
  { context, providers = [] }: { readonly context?: HttpContext; readonly providers?: readonly object[] } = {},
): { readonly lines: readonly string[]; readonly scripted: AngularNetwork } {
  return inVirtualTime(({ flush }) => {
    const scripted = angularNetwork(...answers);
    const http = retryingHttp(
      { backoff: constant(10), ...strategy },
      [scripted.interceptor],
      ...(providers as never[]),
    );
    const lines: string[] = [];
    watch(
      injected(() => injectAttempts()),
      formatEvent,
      lines,
    );
    watch(http.get(url, context ? { context } : {}), () => 'got it', lines);
    flush();
    TestBed.resetTestingModule();
    return { lines: lines.filter((line) => !/ value | complete$/.test(line)), scripted };
  });
}

describe('Gates in Angular', () => {
  it('let attempts of HttpClient pass, hold and reject them, and know method, absolute URL and context', async () => {
    const { gate, attempts } = recording();
    const context = new HttpContext();
    const http = retryingHttp({ gates: [gate], backoff: constant(0) }, [angularNetwork(503, 200).interceptor]);
    await settled(http.get('http://me:secret@a.test/users', { params: { page: 2 }, context }));

    expect(attempts.map(({ number, method, url: to }) => [number, method, to])).toEqual([
      [1, 'GET', 'http://a.test/users?page=2'],
      [2, 'GET', 'http://a.test/users?page=2'],
    ]);
    expect(attempts[0]?.context?.http).toBe(context);
  });

  it('hold an attempt before it is sent', () => {
    const { lines } = eventsOf({ gates: [delaying(5)] });

    expect(lines).toEqual(['0 hold 1 slow', '5 start 1/3', '5 response 1 200 +0', '5 got it', '5 success 1 +0']);
  });

  it('are of the app, of the interceptor, or of a request: each list replaces the one before', async () => {
    const [app, interceptor, request] = [recording(), recording(), recording()];
    const counts = (): number[] => [app, interceptor, request].map(({ attempts }) => attempts.length);
    const providers = provideRetryStrategy({ gates: [app.gate] });

    await settled(retryingHttp({}, [angularNetwork(200).interceptor], providers).get(url));

    expect(counts()).toEqual([1, 0, 0]);

    TestBed.resetTestingModule();
    const http = retryingHttp({ gates: [interceptor.gate] }, [angularNetwork(200).interceptor], providers);
    await settled(http.get(url));

    expect(counts()).toEqual([1, 1, 0]);

    await settled(http.get(url, { context: retryContext({ gates: [request.gate] }) }));

    expect(counts()).toEqual([1, 1, 1]);

    await settled(http.get(url, { context: retryContext({ gates: [] }) }));
    await settled(http.get(url, { context: retryContext(false) }));

    expect(counts()).toEqual([1, 1, 1]);
  });

  it('of the app are those of its clients, too', async () => {
    const { gate, attempts } = recording();
    retryingHttp(
      {},
      [angularNetwork(200).interceptor],
      provideRetryStrategy({ gates: [gate] }),
      provideRetryClient({ interceptors: [network(200).interceptor] }),
    );
    await settled(injected(injectRetryClient).get(url));

    expect(attempts.length).toBe(1);
  });

  it('are shared by the requests of all pages that a server renders, if the module has them', async () => {
    const { gate, attempts } = recording();
    for (let page = 0; page < 2; page += 1) {
      await settled(retryingHttp({ gates: [gate] }, [angularNetwork(200).interceptor], onServer).get(url));
      TestBed.resetTestingModule();
    }

    expect(attempts.length).toBe(2);
  });

  it('that reject the first attempt give a GateRejectedError, which is an error of HTTP, and nothing is sent', async () => {
    const cause = new Error('the circuit is open');
    const scripted = angularNetwork(200);
    const http = retryingHttp({ gates: [refusing(cause)] }, [scripted.interceptor]);
    const events = listen(injected(() => injectAttempts()));
    const { error } = await settled(http.get(url));
    const rejection = error as GateRejectedError;

    expect(rejection.name).toBe('GateRejectedError');
    expect(rejection.gate).toBe('refusing');
    expect(rejection.cause).toBe(cause);
    expect(rejection.request).toEqual({ method: 'GET', url });
    expect(isHttpError(rejection)).toBeTrue();
    expect(scripted.requests.length).toBe(0);
    expect(events.map((event) => event.type === 'failure' && [event.reason, event.gate])).toEqual([
      ['rejected', 'refusing'],
    ]);
  });

  it('that reject one URL of a request have the others asked in turn', () => {
    const gate = defineGate({
      name: 'not-a',
      admit: ({ url: to }) => (to === url ? throwError(() => new Error('not a')) : undefined),
    });
    const context = retryContext({ urls: ['http://b.test/users'] });
    const { lines, scripted } = eventsOf({ gates: [gate] }, [200], { context });

    expect(scripted.urls()).toEqual(['http://b.test/users']);
    expect(lines).toContain('0 got it');
  });

  it('that allow no retry leave the last HttpErrorResponse as it is', async () => {
    const gate = defineGate({ name: 'none', allowsRetry: () => false });
    const http = retryingHttp({ gates: [gate] }, [angularNetwork(503).interceptor]);
    const events = listen(injected(() => injectAttempts()));
    const { error } = await settled(http.get(url));

    expect(error).toBeInstanceOf(HttpErrorResponse);
    expect((error as HttpErrorResponse).status).toBe(503);
    expect(events.map((event) => event.type === 'failure' && [event.reason, event.gate]).at(-1)).toEqual([
      'rejected',
      'none',
    ]);
  });

  it('hear a status of 0 as a failure that is retried', () => {
    const types: string[] = [];
    const gate = defineGate({ name: 'hearing', next: ({ type }) => void types.push(type) });
    eventsOf({ gates: [gate] }, [new TypeError('Failed to fetch'), 200]);

    expect(types).toEqual(['start', 'retry', 'start', 'value', 'success']);
  });

  it('give a held request up when it is unsubscribed', () => {
    inVirtualTime(({ flush }) => {
      const held = new Subject<void>();
      const scripted = angularNetwork(200);
      const http = retryingHttp({ gates: [defineGate({ name: 'x', admit: () => held })] }, [scripted.interceptor]);
      const events = listen(injected(() => injectAttempts()));
      const subscription = http.get(url).subscribe();

      expect(held.observed).toBeTrue();

      subscription.unsubscribe();
      flush();

      expect(held.observed).toBeFalse();
      expect(events.map(({ type }) => type)).toEqual(['hold', 'cancel']);
      expect(scripted.requests.length).toBe(0);
    });
  });

  it('give a held request up when the app ends', () => {
    inVirtualTime(() => {
      const held = new Subject<void>();
      const http = retryingHttp({ gates: [defineGate({ name: 'x', admit: () => held })] }, [
        angularNetwork(200).interceptor,
      ]);
      let completed = false;
      http.get(url).subscribe({
        complete: () => {
          completed = true;
        },
      });
      TestBed.resetTestingModule();

      expect(held.observed).toBeFalse();
      expect(completed).toBeTrue();
    });
  });

  describe('in a browser', () => {
    it('hold a request without a limit, and without a timer', () => {
      inVirtualTime(({ flush }) => {
        const gate = defineGate({ name: 'closed', admit: () => NEVER });
        const http = retryingHttp({ gates: [gate], maxServerWait: 5 }, [angularNetwork(200).interceptor]);
        const events = listen(injected(() => injectAttempts()));
        const subscription = http.get(url).subscribe();
        // It would not end if there were a timer without an end.
        flush();

        expect(events.map(({ type }) => type)).toEqual(['hold']);

        subscription.unsubscribe();
      });
    });
  });

  describe('on a server', () => {
    const providers = [onServer];

    it('hold a request for 2,000 ms at most', () => {
      const { lines, scripted } = eventsOf({ gates: [delaying(2_500)] }, [200], { providers });

      expect(lines).toEqual([
        '0 hold 1 slow',
        jasmine.stringMatching(/^2000 failure 1 .* \+2000 rejected$/),
        jasmine.stringMatching(/^2000 error: GET .*: rejected by the gate "slow": it was held until the deadline/),
      ] as never);
      expect(scripted.requests.length).toBe(0);
    });

    it('hold it until maxServerWait is over, counted from the start of the request', () => {
      const gate = delaying(60);
      const strategy = { gates: [gate], maxServerWait: 100, backoff: constant(10) };

      expect(eventsOf(strategy, [503], { providers }).lines).toEqual([
        '0 hold 1 slow',
        '60 start 1/3',
        '60 response 1 503 +0',
        jasmine.stringMatching(/^60 retry 1 .* in 10$/),
        '70 hold 2 slow',
        jasmine.stringMatching(/^100 failure 2 .* rejected$/),
        jasmine.stringMatching(/^100 error: .*"slow": it was held until the deadline/),
      ] as never);
    });

    it('reject at once what they would hold with maxServerWait: 0, and let others pass', () => {
      const held = eventsOf({ gates: [delaying(1)], maxServerWait: 0 }, [200], { providers });
      const free = eventsOf({ gates: [recording().gate], maxServerWait: 0 }, [200], { providers });

      expect(held.lines.at(-1)).toMatch(/^0 error: .*held until the deadline/);
      expect(free.lines).toContain('0 got it');
    });

    it('leave no timer behind once they let a request in', () => {
      inVirtualTime(({ flush, cold }) => {
        const unlimited = { timeout: Infinity, totalTimeout: Infinity };
        const http = retryingHttp({ gates: [delaying(5)], ...unlimited }, [() => cold('')], onServer);
        const { lines, subscription } = watch(http.get(url));
        flush();

        // The attempt is under way: maxServerWait limits holds and waits alone.
        expect(lines).toEqual([]);

        subscription.unsubscribe();
      });
    });
  });

  describe('injectAttemptsSignal', () => {
    it('has the name of the gate that holds a request, before its first attempt and between two', () => {
      inVirtualTime(({ flush }) => {
        const open$ = new BehaviorSubject(false);
        const http = retryingHttp({ gates: [openWhen({ open$, name: 'signed-in' })], backoff: constant(10) }, [
          angularNetwork(503, NEVER).interceptor,
        ]);
        const running = injected(() => injectAttemptsSignal());
        const seen: string[] = [];
        const look = (): void => {
          const [request] = running();
          seen.push(
            request
              ? `${String(request.attempt.number)} ${request.held ?? 'free'}${request.waiting ? ` until ${String(request.until)}` : ''}`
              : 'none',
          );
        };
        const subscription = http.get(url).subscribe();
        look();
        timer(5).subscribe(() => {
          open$.next(true);
          open$.next(false);
          look();
        });
        timer(14).subscribe(look);
        timer(16).subscribe(look);
        timer(30).subscribe(() => {
          look();
          open$.next(true);
          look();
          subscription.unsubscribe();
          look();
        });
        flush();

        expect(seen).toEqual([
          '1 signed-in',
          '1 free until 15',
          '1 free until 15',
          '1 signed-in until 15',
          '1 signed-in until 15',
          '2 free',
          'none',
        ]);
      });
    });

    it('has the name of the inner gate when the outer one has let the request in', () => {
      inVirtualTime(({ flush }) => {
        const http = retryingHttp({ gates: [delaying(5, 'outer'), delaying(5, 'inner')] }, [
          angularNetwork(200).interceptor,
        ]);
        const running = injected(() => injectAttemptsSignal());
        const seen: unknown[] = [];
        http.get(url).subscribe();
        for (const ms of [1, 6, 11]) timer(ms).subscribe(() => seen.push(running().map(({ held }) => held)));
        flush();

        expect(seen).toEqual([['outer'], ['inner'], []]);
      });
    });

    it('does not show a request any more that a gate has rejected, or that was unsubscribed while it was held', () => {
      inVirtualTime(({ flush }) => {
        const http = retryingHttp({ gates: [openWhen({ open$: NEVER, maxWait: 5 })] }, [
          angularNetwork(200).interceptor,
        ]);
        const running = injected(() => injectAttemptsSignal());
        http.get(url).subscribe({ error: () => undefined });
        const subscription = http.get(url).subscribe({ error: () => undefined });

        expect(running().length).toBe(2);

        subscription.unsubscribe();

        expect(running().length).toBe(1);

        flush();

        expect(running()).toEqual([]);
      });
    });

    it('replaces what a request held at one URL says by what is said at the next', () => {
      inVirtualTime(({ flush }) => {
        const first = defineGate({
          name: 'first',
          admit: ({ url: to }) => (to === url ? throwError(() => new Error('not there')) : timer(5)),
        });
        const http = retryingHttp({ gates: [delaying(5), first] }, [angularNetwork(200).interceptor]);
        const running = injected(() => injectAttemptsSignal());
        const seen: unknown[] = [];
        http.get(url, { context: retryContext({ urls: ['http://b.test/'] }) }).subscribe();
        for (const ms of [1, 11]) {
          timer(ms).subscribe(() => seen.push(running().map(({ held, attempt }) => [held, attempt.url])));
        }
        flush();

        expect(seen).toEqual([[['slow', url]], [['first', 'http://b.test/']]]);
      });
    });
  });
});
