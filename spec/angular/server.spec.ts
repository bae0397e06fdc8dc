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

/** When each attempt began, and how the last one ended. */
function starts(
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

describe('On a server', () => {
  it('no attempt begins 2 s after the first or later, and the last outcome is thrown at once', () => {
    expect(starts([503], { attempts: 9, backoff: constant(900) })).toEqual(['0', '900', '1800', 'deadline']);
    expect(starts([503], { backoff: constant(2_000) })).toEqual(['0', 'deadline']);
    expect(starts([503], { backoff: constant(1_999), attempts: 2 })).toEqual(['0', '1999', 'attempts']);
  });

  it('a Retry-After of 1 s is waited for, one of 2 s is not', () => {
    expect(starts([{ status: 503, headers: { 'Retry-After': '1' } }, 200], { random: () => 0 })).toEqual([
      '0',
      '1000',
      'success',
    ]);
    expect(starts([{ status: 503, headers: { 'Retry-After': '2' } }, 200], { random: () => 0 })).toEqual([
      '0',
      'deadline',
    ]);
  });

  it('maxServerWait says otherwise, for the app and for a request', () => {
    expect(starts([503], { backoff: constant(900), maxServerWait: 1_000 })).toEqual(['0', '900', 'deadline']);
    expect(starts([503], { backoff: constant(900), maxServerWait: 1_000 }, { maxServerWait: Infinity })).toEqual([
      '0',
      '900',
      '1800',
      'attempts',
    ]);
    expect(starts([503], { backoff: constant(0) }, { maxServerWait: 0 })).toEqual(['0', 'deadline']);
  });

  it('only: a browser waits as long as the strategy says', () => {
    expect(
      starts([503], { backoff: constant(9_000), maxServerWait: 1 }, {}, { provide: PLATFORM_ID, useValue: 'browser' }),
    ).toEqual(['0', '9000', '18000', 'attempts']);
  });

  it('a request of the client may take 10 s, unless its options say otherwise', () => {
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

  it('a request of the client that hangs ends after 10 s', () => {
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

  it('two pages share nothing', () => {
    app(onServer);
    const first = injected(() => injectAttempts());
    TestBed.resetTestingModule();
    app(onServer);

    expect(injected(() => injectAttempts())).not.toBe(first);
  });

  it('what is tried again is not looked for in the transfer cache, which may hold what was refused; what another URL answers is', async () => {
    const scripted = angularNetwork(202, 202, 200);
    const http = retryingHttp({ backoff: constant(0), statuses: [202] }, [scripted.interceptor], onServer);
    await settled(http.get('http://a.test/', { context: retryContext({ urls: ['http://b.test/'] }) }));

    expect(scripted.requests.map(({ url, transferCache }) => [url, transferCache])).toEqual([
      ['http://a.test/', undefined],
      ['http://b.test/', undefined],
      ['http://a.test/', false],
    ]);
  });

  it('what is tried again after an error goes into the transfer cache like any other', async () => {
    const scripted = angularNetwork(503, 200);
    const http = retryingHttp({ backoff: constant(0) }, [scripted.interceptor], onServer);
    await settled(http.get('http://a.test/'));

    expect(scripted.requests.map(({ transferCache }) => transferCache)).toEqual([undefined, undefined]);
  });
});
