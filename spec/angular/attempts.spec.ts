import '@angular/compiler';

import { HttpErrorResponse } from '@angular/common/http';
import { computed, createEnvironmentInjector, EnvironmentInjector, type Signal, signal } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { config, NEVER, Subject, takeUntil, throwError, timer } from 'rxjs';

import {
  injectAttempts,
  injectAttemptsSignal,
  injectRetryClient,
  provideRetryClient,
  retryContext,
  type RunningRequest,
} from '../../src/angular/index.js';
import { constant, logAttempts, RetryClient } from '../../src/index.js';
import { app, injected, retryingHttp } from '../support/angular-app.js';
import { angularNetwork } from '../support/angular-network.js';
import { listen, plot } from '../support/attempt-events.js';
import { network } from '../support/scripted-network.js';
import { settled } from '../support/settled.js';
import { inVirtualTime } from '../support/virtual-time.js';

const url = 'http://a.test/users';

/** Formats the running requests as a banner would: path, attempt number, and the end of the wait. */
function toBannerText(running: readonly RunningRequest[]): string {
  return running
    .map((request) => {
      const { number, of, url: to } = request.attempt;
      const wait = request.waiting ? ` until ${String(request.until)}` : '';
      return `${new URL(to).pathname} ${String(number)}/${String(of)}${wait}`;
    })
    .join(', ');
}

describe('injectAttempts', () => {
  it('gives logAttempts() the reason of each failure: the status, or the underlying error', async () => {
    const lines: string[] = [];
    const note = (line: string): void => void lines.push(line);
    const refused = new HttpErrorResponse({ url, error: new TypeError('Failed to fetch') });
    const unheard = new HttpErrorResponse({ url, error: {} });
    const answers = [503, throwError(() => refused), throwError(() => unheard)];
    const http = retryingHttp({ backoff: constant(0) }, [angularNetwork(...answers).interceptor]);
    injected(() => injectAttempts()).subscribe(logAttempts({ debug: note, info: note, warn: note, error: note }));
    await settled(http.get(url));

    const failures = lines.flatMap((line) => /failed .*ms: (.+?)(?:;|$)/.exec(line)?.[1] ?? []);
    expect(failures).toEqual(['503', 'Failed to fetch', 'no answer']);
  });

  it('emits the events of HttpClient and of every client in the injector, whenever it is created', async () => {
    const http = retryingHttp(
      { backoff: constant(0) },
      [angularNetwork(503, 200).interceptor],
      provideRetryClient({ interceptors: [network(200).interceptor] }),
    );
    const early = listen(injected(() => injectAttempts()));
    await settled(http.get(url));
    await settled(injected(injectRetryClient).get(url));
    const late = listen(injected(() => injectAttempts()));
    await settled(injected(injectRetryClient).get(url));

    expect(plot(early.slice(0, 7))).toEqual([
      'start 1',
      'response 1',
      'retry 1',
      'start 2',
      'response 2',
      'value 2',
      'success 2',
    ]);
    const ofClient = ['start 1', 'response 1', 'value 1', 'success 1'];
    expect(plot(early.slice(7))).toEqual([...ofClient, ...ofClient]);
    expect(plot(late)).toEqual(ofClient);
  });

  it('completes with the app', () => {
    retryingHttp();
    let completed = false;
    injected(() => injectAttempts()).subscribe({
      complete: () => {
        completed = true;
      },
    });
    TestBed.resetTestingModule();

    expect(completed).toBeTrue();
  });

  it('continues after an injector with its own client is destroyed', async () => {
    app();
    const events = listen(injected(() => injectAttempts()));
    const child = createEnvironmentInjector(
      [provideRetryClient({ interceptors: [network(200).interceptor] })],
      TestBed.inject(EnvironmentInjector),
    );
    const client = child.get(RetryClient);
    await settled(client.get(url));
    child.destroy();
    await settled(client.get(url));
    const again = createEnvironmentInjector(
      [provideRetryClient({ interceptors: [network(200).interceptor] })],
      TestBed.inject(EnvironmentInjector),
    );
    await settled(again.get(RetryClient).get(url));

    const ofClient = ['start 1', 'response 1', 'value 1', 'success 1'];
    expect(plot(events)).toEqual([...ofClient, ...ofClient]);
  });

  it('isolates requests from a listener that throws', async () => {
    const http = retryingHttp({ backoff: constant(0) }, [angularNetwork(503, 200).interceptor]);
    const reported: unknown[] = [];
    config.onUnhandledError = (error) => reported.push(error);
    injected(() => injectAttempts()).subscribe(() => {
      throw new Error('the listener');
    });
    const { values } = await settled(http.get(url));
    await new Promise((resolve) => setTimeout(resolve));
    config.onUnhandledError = null;

    expect(values).toEqual([{ status: 200 }]);
    expect(reported.length).toBeGreaterThan(0);
  });
});

describe('injectAttemptsSignal', () => {
  function watchSignal(): Signal<readonly RunningRequest[]> {
    return injected(() => injectAttemptsSignal());
  }

  it('does not show a request that a listener has unsubscribed', async () => {
    const http = retryingHttp({ backoff: constant(1) }, [angularNetwork(503).interceptor]);
    const left = new Subject<void>();
    injected(() => injectAttempts()).subscribe(({ type }) => {
      if (type === 'retry') left.next();
    });
    const running = injected(injectAttemptsSignal);
    await settled(http.get(url).pipe(takeUntil(left)));
    await settled(timer(5));

    expect(running()).toEqual([]);
  });

  it('shows each request under way with its attempt and the end of its wait', () => {
    inVirtualTime(({ flush }) => {
      const http = retryingHttp({ backoff: constant(10) }, [angularNetwork(503, 503, NEVER).interceptor]);
      const running = watchSignal();
      const seen: string[] = [];
      const look = (): void => {
        seen.push(toBannerText(running()));
      };
      look();
      const subscription = http.get('http://a.test/one').subscribe({ error: () => undefined });
      look();
      timer(15).subscribe(look);
      timer(25).subscribe(() => {
        look();
        subscription.unsubscribe();
        look();
      });
      flush();

      expect(seen).toEqual(['', '/one 1/3 until 10', '/one 2/3 until 20', '/one 3/3', '']);
    });
  });

  it('shows several requests in the order in which they started', () => {
    inVirtualTime(({ flush }) => {
      const http = retryingHttp({ backoff: constant(10) }, [angularNetwork(503, 503, 200).interceptor]);
      const running = watchSignal();
      http.get('http://a.test/one').subscribe();
      http.get('http://a.test/two').subscribe();

      expect(toBannerText(running())).toBe('/one 1/3 until 10, /two 1/3 until 10');

      flush();

      expect(running()).toEqual([]);
    });
  });

  it('removes a request after its final failure', async () => {
    const http = retryingHttp({ backoff: constant(0) }, [angularNetwork(503).interceptor]);
    const running = watchSignal();
    await settled(http.get(url));

    expect(running()).toEqual([]);
  });

  it('has the outcome of the failed attempt while a request waits', () => {
    inVirtualTime(() => {
      const http = retryingHttp({ backoff: constant(10) }, [angularNetwork(503).interceptor]);
      const running = watchSignal();
      http.get(url).subscribe({ error: () => undefined });
      const [request] = running();

      expect(request?.waiting && request.outcome.kind).toBe('error');
    });
  });

  it('returns the same signal to every caller, with the requests that were already under way', () => {
    inVirtualTime(() => {
      const http = retryingHttp({ backoff: constant(10) }, [angularNetwork(503).interceptor]);
      watchSignal();
      http.get(url).subscribe({ error: () => undefined });

      expect(watchSignal()().length).toBe(1);
    });
  });

  it('shows a request that started before the first call from its next event on', () => {
    inVirtualTime(({ flush }) => {
      const http = retryingHttp({ backoff: constant(10) }, [angularNetwork(503).interceptor]);
      http.get('http://a.test/one').subscribe({ error: () => undefined });
      const running = watchSignal();
      const seen: string[] = [];
      timer(10).subscribe(() => seen.push(toBannerText(running())));
      flush();

      expect(seen).toEqual(['/one 2/3 until 20']);
    });
  });

  it('is updated even if a template or a computed sends the request', () => {
    const http = retryingHttp({ attempts: 1 }, [angularNetwork(200).interceptor]);
    const running = watchSignal();
    const asked = signal(0);
    const sending = computed(() => {
      http.get(url).subscribe();
      return asked();
    });

    expect(sending()).toBe(0);
    expect(running()).toEqual([]);
  });

  it('does not show a request that bypasses the interceptor', () => {
    const http = retryingHttp({}, [() => NEVER]);
    const running = watchSignal();
    const subscription = http.get(url, { context: retryContext(false) }).subscribe();

    expect(running()).toEqual([]);

    subscription.unsubscribe();
  });
});
