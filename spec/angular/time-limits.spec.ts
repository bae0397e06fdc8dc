import '@angular/compiler';

import { HttpErrorResponse, type HttpEvent, HttpEventType, HttpResponse } from '@angular/common/http';
import { PLATFORM_ID, type Provider } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { asyncScheduler, concat, map, NEVER, type Observable, of, timer } from 'rxjs';

import {
  type HttpRetryStrategy,
  injectAttempts,
  injectRetryClient,
  provideRetryClient,
  provideRetryStrategy,
  retryContext,
} from '../../src/angular/index.js';
import { type AttemptEvent, constant, defineGate, hedging, HttpTimeoutError } from '../../src/index.js';
import { app, injected, retryingHttp } from '../support/angular-app.js';
import { type AngularAnswer, angularNetwork } from '../support/angular-network.js';
import { listen } from '../support/attempt-events.js';
import { expectRefusal } from '../support/expect-refusal.js';
import { inVirtualTime } from '../support/virtual-time.js';

const url = 'http://a.test/';
const onServer = { provide: PLATFORM_ID, useValue: 'server' };

const answerAfter = (ms: number): Observable<HttpEvent<unknown>> =>
  timer(ms).pipe(map(() => new HttpResponse({ status: 200, url })));

/** Progress every `every` ms, and then the response. */
const slowDownload = (every: number, times: number): Observable<HttpEvent<unknown>> =>
  concat(
    ...Array.from({ length: times }, () =>
      timer(every).pipe(map(() => ({ type: HttpEventType.DownloadProgress, loaded: 1 }) as const)),
    ),
    answerAfter(every),
  );

/** Formats an event with its time: `100 retry 1`, `150 failure 2 deadline`. */
function format(event: AttemptEvent): string {
  const { type, attempt } = event;
  const at = attempt.startedAt + ('elapsed' in event ? event.elapsed : 0);
  return `${at} ${type} ${attempt.number}${type === 'failure' ? ` ${event.reason}` : ''}`;
}

/** What a request does, event by event, and the time of each; at last its error. */
function run(
  answers: readonly AngularAnswer[],
  strategy: HttpRetryStrategy,
  {
    platform,
    ...options
  }: { readonly platform?: Provider; readonly timeout?: number; readonly context?: HttpRetryStrategy } = {},
): { readonly lines: readonly string[]; readonly error: unknown } {
  return inVirtualTime(({ flush }) => {
    const http = retryingHttp(strategy, [angularNetwork(...answers).interceptor], ...(platform ? [platform] : []));
    const events = listen(injected(() => injectAttempts()));
    let error: unknown;
    http
      .get(url, { ...options, context: retryContext(options.context ?? {}), observe: 'events' })
      .subscribe({ error: (thrown: unknown) => (error = thrown) });
    flush();
    TestBed.resetTestingModule();
    return { lines: events.map(format), error };
  });
}

describe('The time limits of HttpClient’s requests:', () => {
  it('an attempt that is silent for timeout fails, and is retried', () => {
    const { lines, error } = run([NEVER, answerAfter(90)], { timeout: 100, attempts: 2, backoff: constant(10) });
    expect(lines).toEqual([
      '0 start 1',
      '100 retry 1',
      '110 start 2',
      '200 response 2',
      '200 value 2',
      '200 success 2',
    ]);
    expect(error).toBeUndefined();
  });

  it('the last one’s error is a TimeoutError, as that of Angular’s own timeout is', () => {
    const { error } = run([NEVER], { timeout: 100, attempts: 1 });
    expect(error).toBeInstanceOf(HttpErrorResponse);
    const { status, url: failed, error: cause } = error as Omit<HttpErrorResponse, 'error'> & { error: DOMException };
    expect([status, failed, cause.name, cause.message]).toEqual([
      0,
      url,
      'TimeoutError',
      'no response within 100 ms (timeout)',
    ]);
  });

  it('errors: [HttpTimeoutError] retries it', () => {
    expect(
      run([NEVER], { timeout: 9, attempts: 2, errors: [HttpTimeoutError], backoff: constant(0) }).lines,
    ).toHaveSize(4);
    expect(run([new Error('cut')], { attempts: 2, errors: [HttpTimeoutError], backoff: constant(0) }).lines).toHaveSize(
      2,
    );
  });

  it('progress is no silence', () => {
    expect(run([slowDownload(80, 5)], { timeout: 100 }).lines.at(-1)).toBe('480 success 1');
    expect(run([slowDownload(120, 5)], { timeout: 100, attempts: 1 }).lines.at(-1)).toContain('100 failure 1');
  });

  it('totalTimeout ends attempts, waits and holds', () => {
    const slow = run([NEVER], { totalTimeout: 150, timeout: 100, backoff: constant(0) });
    expect(slow.lines.at(-1)).toContain('150 failure 2 deadline');
    expect((slow.error as { error: Error }).error.message).toBe('no response within 150 ms (totalTimeout)');
    // A wait that would outlast it is not begun.
    const waiting = run([503], { totalTimeout: 150, attempts: 9, backoff: constant(100) });
    expect(waiting.lines.at(-1)).toContain('100 failure 2 deadline');
    const shut = defineGate({ name: 'shut', admit: () => NEVER });
    expect(run([200], { totalTimeout: 150, gates: [shut] }).lines.at(-1)).toContain('150 failure 1');
  });

  it('timeout does not run while a gate holds the attempt', () => {
    const slow = defineGate({ name: 'slow', admit: () => timer(500) });
    expect(run([answerAfter(90)], { timeout: 100, gates: [slow] }).lines.at(-1)).toBe('590 success 1');
  });

  it('each sending of a hedged attempt has its own', () => {
    const { lines } = run([NEVER, answerAfter(90)], { timeout: 100, attempts: 1, hedge: hedging({ after: 60 }) });
    expect(lines.at(-1)).toContain('150 success 1');
  });

  it('a request’s own strategy is said over the interceptor’s', () => {
    const { lines } = run([NEVER], { timeout: 100, attempts: 1 }, { context: { timeout: 30 } });
    expect(lines.at(-1)).toContain('30 failure 1');
    for (const none of [Infinity, false] as const) {
      const unlimited = run(
        [answerAfter(500)],
        { timeout: 100, totalTimeout: 200 },
        { context: { timeout: none, totalTimeout: none } },
      );
      expect(unlimited.lines.at(-1)).toBe('500 success 1');
    }
  });

  it('Angular’s own timeout is in place of the attempt’s', () => {
    expect(run([answerAfter(500)], { timeout: 100 }, { timeout: 1_000 }).lines.at(-1)).toBe('500 success 1');
  });

  it('in browsers there are none by default', () => {
    expect(run([answerAfter(86_400_000)], {}).lines.at(-1)).toBe('86400000 success 1');
  });

  it('on a server an attempt has 5 s, and a request 10 s, unless the strategy says otherwise', () => {
    const server = { platform: onServer };
    expect(run([NEVER], { attempts: 1 }, server).lines.at(-1)).toContain('5000 failure 1');
    const quick = { backoff: constant(0), maxServerWait: Infinity, attempts: 9 };
    expect(run([NEVER], quick, server).lines.at(-1)).toContain('10000 failure 2 deadline');
    expect(run([answerAfter(60_000)], { timeout: Infinity, totalTimeout: Infinity }, server).lines.at(-1)).toContain(
      '60000 success',
    );
  });

  it('apply to a RetryClient where the app’s strategy has them', () => {
    inVirtualTime(({ flush }) => {
      app(
        provideRetryStrategy({ timeout: 100, totalTimeout: 150, backoff: constant(0) }),
        provideRetryClient({ interceptors: [() => NEVER] }),
      );
      const client = injected(() => injectRetryClient());
      const events = listen(client.attempts$);
      client.get(url).subscribe({ error: () => undefined });
      flush();
      expect(events.map(format)).toEqual(['0 start 1', '100 retry 1', '100 start 2', '150 failure 2 deadline']);
      TestBed.resetTestingModule();
    });
  });

  it('leave no timer behind when the request is left, or ends before', () => {
    inVirtualTime(({ flush, cold }) => {
      const http = retryingHttp({ timeout: 1_000, totalTimeout: 5_000 }, [
        angularNetwork(NEVER, of(new HttpResponse({ status: 200 }))).interceptor,
      ]);
      const left = http.get(url).subscribe();
      cold('---a').subscribe(() => {
        left.unsubscribe();
      });
      http.get(url).subscribe();
      flush();
      // A timer would have moved it.
      expect(asyncScheduler.now()).toBe(3);
      TestBed.resetTestingModule();
    });
  });

  it('are refused by name where they are no times', () => {
    expectRefusal(
      () => provideRetryStrategy({ timeout: 0 }),
      [RangeError],
      'strategy.timeout must be a number above 0, or false, not 0',
    );
    expectRefusal(
      () => retryContext({ totalTimeout: '5' as never }),
      [TypeError],
      "strategy.totalTimeout must be a number above 0, or false, not '5'",
    );
  });
});
