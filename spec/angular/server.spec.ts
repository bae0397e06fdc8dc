import '@angular/compiler';

import { PLATFORM_ID } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { catchError, throwError } from 'rxjs';

import {
  type HttpRetryStrategy,
  injectAttempts,
  injectRetryClient,
  provideRetryClient,
  retryContext,
} from '../../src/angular/index.js';
import { constant, type HttpTimeoutError } from '../../src/index.js';
import { app, injected, retryingHttp } from '../support/angular-app.js';
import { type AngularAnswer, angularNetwork } from '../support/angular-network.js';
import { listen } from '../support/attempt-events.js';
import { watch } from '../support/event-log.js';
import { network } from '../support/scripted-network.js';
import { settled } from '../support/settled.js';
import { inVirtualTime } from '../support/virtual-time.js';

const onServer = { provide: PLATFORM_ID, useValue: 'server' };

/** Returns the start time of each attempt in ms, and how the last one ended. */
function attemptStarts(
  answers: readonly AngularAnswer[],
  strategy: HttpRetryStrategy,
  request: HttpRetryStrategy = {},
  platform = onServer,
): string[] {
  return inVirtualTime(({ flush }) => {
    const scripted = angularNetwork(...answers);
    const http = retryingHttp(strategy, [scripted.interceptor], platform);
    const events = listen(injected(() => injectAttempts()));
    http.get('http://a.test/', { context: retryContext(request) }).subscribe({ error: () => undefined });
    flush();
    TestBed.resetTestingModule();
    return events.flatMap((event) =>
      event.type === 'start'
        ? String(event.attempt.startedAt)
        : event.type === 'failure'
          ? event.reason
          : event.type === 'success'
            ? 'success'
            : [],
    );
  });
}

describe('Server-side rendering', () => {
  it('starts no attempt 2,000 ms after the first or later, and throws the last outcome at once', () => {
    expect(attemptStarts([503], { attempts: 9, backoff: constant(900) })).toEqual(['0', '900', '1800', 'deadline']);
    expect(attemptStarts([503], { backoff: constant(2_000) })).toEqual(['0', 'deadline']);
    expect(attemptStarts([503], { backoff: constant(1_999), attempts: 2 })).toEqual(['0', '1999', 'attempts']);
  });

  it('waits for a Retry-After of 1 s, not for one of 2 s', () => {
    expect(attemptStarts([{ status: 503, headers: { 'Retry-After': '1' } }, 200], { random: () => 0 })).toEqual([
      '0',
      '1000',
      'success',
    ]);
    expect(attemptStarts([{ status: 503, headers: { 'Retry-After': '2' } }, 200], { random: () => 0 })).toEqual([
      '0',
      'deadline',
    ]);
  });

  it('applies maxServerWait of the app, and that of a request over it', () => {
    expect(attemptStarts([503], { backoff: constant(900), maxServerWait: 1_000 })).toEqual(['0', '900', 'deadline']);
    expect(attemptStarts([503], { backoff: constant(900), maxServerWait: 1_000 }, { maxServerWait: Infinity })).toEqual(
      ['0', '900', '1800', 'attempts'],
    );
    expect(attemptStarts([503], { backoff: constant(0) }, { maxServerWait: 0 })).toEqual(['0', 'deadline']);
  });

  it('does not apply maxServerWait in a browser', () => {
    expect(
      attemptStarts(
        [503],
        { backoff: constant(9_000), maxServerWait: 1 },
        {},
        { provide: PLATFORM_ID, useValue: 'browser' },
      ),
    ).toEqual(['0', '9000', '18000', 'attempts']);
  });

  it('gives a request of the client a totalTimeout of 10,000 ms, unless its options set another', () => {
    const ends = (options: object): string[] =>
      inVirtualTime(({ flush }) => {
        const { interceptor } = network(503);
        app(
          provideRetryClient({
            strategy: { backoff: constant(4_000), attempts: 4 },
            interceptors: [interceptor],
            ...options,
          }),
          onServer,
        );
        const { lines } = watch(injected(injectRetryClient).get('http://a.test/'), ({ status }) => String(status));
        flush();
        TestBed.resetTestingModule();
        return lines;
      });

    expect(ends({})).toEqual(['8000 503', '8000 complete']);
    expect(ends({ totalTimeout: false })).toEqual(['12000 503', '12000 complete']);
  });

  it('ends a request of the client that hangs after 10,000 ms', () => {
    inVirtualTime(({ flush, cold }) => {
      app(provideRetryClient({ timeout: false, interceptors: [() => cold('-')] }), onServer);
      const { lines } = watch(
        injected(injectRetryClient)
          .get('http://a.test/')
          .pipe(catchError((error: unknown) => throwError(() => (error as HttpTimeoutError).name))),
      );
      flush();

      expect(lines).toEqual(['10000 error: HttpTimeoutError']);
    });
  });

  it('shares nothing between two pages', () => {
    app(onServer);
    const first = injected(() => injectAttempts());
    TestBed.resetTestingModule();
    app(onServer);

    expect(injected(() => injectAttempts())).not.toBe(first);
  });

  it('skips the transfer cache when a URL is retried after a response, but not for another URL', async () => {
    const scripted = angularNetwork(202, 202, 200);
    const http = retryingHttp({ backoff: constant(0), statuses: [202] }, [scripted.interceptor], onServer);
    await settled(http.get('http://a.test/', { context: retryContext({ urls: ['http://b.test/'] }) }));

    expect(scripted.requests.map(({ url, transferCache }) => [url, transferCache])).toEqual([
      ['http://a.test/', undefined],
      ['http://b.test/', undefined],
      ['http://a.test/', false],
    ]);
  });

  it('uses the transfer cache when a request is retried after an error', async () => {
    const scripted = angularNetwork(503, 200);
    const http = retryingHttp({ backoff: constant(0) }, [scripted.interceptor], onServer);
    await settled(http.get('http://a.test/'));

    expect(scripted.requests.map(({ transferCache }) => transferCache)).toEqual([undefined, undefined]);
  });
});
