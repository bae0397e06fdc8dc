import '@angular/compiler';

import { PlatformLocation } from '@angular/common';
import { HttpContext, HttpContextToken, HttpXsrfTokenExtractor } from '@angular/common/http';
import { TestBed } from '@angular/core/testing';

import { httpContextOf, injectAttempts, provideRetryStrategy, retryContext } from '../../src/angular/index.js';
import { constant, list } from '../../src/index.js';
import { injected, retryingHttp } from '../support/angular-app.js';
import { type AngularAnswer, angularNetwork } from '../support/angular-network.js';
import { listen } from '../support/attempt-events.js';
import { expectRefusal } from '../support/expect-refusal.js';
import { settled } from '../support/settled.js';
import { inVirtualTime } from '../support/virtual-time.js';

const soon = { backoff: constant(0) };
const url = 'http://a.test/users';
const COLOUR = new HttpContextToken(() => 'none');

/** Counts the requests that are sent with a context if every attempt fails. */
async function countRequests(context: HttpContext, strategy = {}): Promise<number> {
  const network = angularNetwork(503);
  await settled(retryingHttp({ ...soon, ...strategy }, [network.interceptor]).get(url, { context }));
  TestBed.resetTestingModule();
  return network.requests.length;
}

describe('retryContext', () => {
  it("takes precedence over the interceptor's strategy, field by field", async () => {
    expect(await countRequests(retryContext({ attempts: 2 }))).toBe(2);
    expect(await countRequests(retryContext({ attempts: 1 }), { attempts: 5 })).toBe(1);
    expect(await countRequests(retryContext({ statuses: [503] }), { attempts: 5, retryAllServerErrors: false })).toBe(
      5,
    );
    expect(await countRequests(retryContext({ attempts: undefined }), { attempts: 4 })).toBe(4);
  });

  it("takes precedence over the interceptor's strategy, and that over the app's default", async () => {
    const network = angularNetwork(503);
    const http = retryingHttp({ attempts: 4 }, [network.interceptor], provideRetryStrategy({ ...soon, attempts: 5 }));
    await settled(http.get(url));

    expect(network.requests.length).toBe(4);

    await settled(http.get(url, { context: retryContext({ attempts: 2 }) }));

    expect(network.requests.length).toBe(6);
  });

  it('bypasses the interceptor with false', async () => {
    expect(await countRequests(retryContext(false))).toBe(1);
  });

  it('keeps the other tokens of a context, and does not change it', async () => {
    const mine = new HttpContext().set(COLOUR, 'green');
    const context = retryContext({ attempts: 2 }, mine);

    expect(context.get(COLOUR)).toBe('green');
    expect([...mine.keys()]).toEqual([COLOUR]);
    expect(await countRequests(context)).toBe(2);
    expect(await countRequests(mine)).toBe(3);
  });

  it('returns a context that takes further tokens', () => {
    expect(retryContext({ attempts: 2 }).set(COLOUR, 'red').get(COLOUR)).toBe('red');
  });

  it('takes precedence over the retry options of the context that it copies', async () => {
    const two = retryContext({ attempts: 2 });

    expect(await countRequests(retryContext({ statuses: [500] }, two))).toBe(2);
    expect(await countRequests(retryContext({ attempts: 4 }, two))).toBe(4);
    expect(await countRequests(retryContext({ backoff: list([0, 0, 0]) }, two))).toBe(4);
    expect(await countRequests(retryContext(false, two))).toBe(1);
    expect(await countRequests(retryContext({ attempts: 2 }, retryContext(false)))).toBe(2);
  });

  it('throws for bad options where they are passed', () => {
    expectRefusal(() => retryContext({ attempts: 0 }), [RangeError], 'strategy.attempts', '0');
    expectRefusal(() => retryContext({ urls: [] }), [RangeError], 'urls', 'an array of 0');
    expectRefusal(() => retryContext({ urls: [5 as never] }), [TypeError], 'urls[0]', '5');
    expectRefusal(() => retryContext({ urls: {} as never }), [TypeError], 'urls', 'an object');
    expectRefusal(() => retryContext(true as never), [TypeError], 'true');
    expectRefusal(() => retryContext(null as never), [TypeError], 'null');
    expectRefusal(() => retryContext({ timeout: -1 }), [RangeError], 'timeout', '-1');
    expectRefusal(() => retryContext({ nested: 1 as never }), [TypeError], 'nested', '1');
    expectRefusal(() => retryContext({ maxServerWait: -1 }), [RangeError], 'maxServerWait', '-1');
  });

  it('names all options, if it does not know one', () => {
    expectRefusal(
      () => retryContext({ retries: 1 } as never),
      [TypeError],
      'unknown option "retries"; known options: attempts, ',
      'maxServerWait, timeout, totalTimeout, urls, nested',
    );
  });
});

describe('retryContext with urls', () => {
  const urls = ['http://b.test/users', 'http://c.test/users'];

  /** Returns the start time in ms and the URL of each attempt. */
  function attemptsOf(context: HttpContext, answers: readonly AngularAnswer[], options = {}): string[] {
    return inVirtualTime(({ flush }) => {
      const network = angularNetwork(...answers);
      const http = retryingHttp({ backoff: constant(5) }, [network.interceptor]);
      const lines: string[] = [];
      injected(() => injectAttempts()).subscribe((event) => {
        if (event.type === 'start') lines.push(`${String(event.attempt.startedAt)} ${event.attempt.url}`);
      });
      http.get(url, { context, ...options }).subscribe({ error: () => undefined });
      flush();
      TestBed.resetTestingModule();
      return lines;
    });
  }

  it("tries the request's own URL, then each of them, then starts over", () => {
    expect(attemptsOf(retryContext({ urls, attempts: 4 }), [503])).toEqual([
      '0 http://a.test/users',
      '5 http://b.test/users',
      '10 http://c.test/users',
      '15 http://a.test/users',
    ]);
  });

  it('makes as many attempts as there are URLs, if there are more than three', () => {
    expect(
      attemptsOf(retryContext({ urls: [...urls, 'http://d.test/', new URL('http://e.test/')] }), [503]).length,
    ).toBe(5);
  });

  it("does not try the request's own URL twice if it is among them", () => {
    expect(attemptsOf(retryContext({ urls: [url, ...urls] }), [503])).toEqual([
      '0 http://a.test/users',
      '5 http://b.test/users',
      '10 http://c.test/users',
    ]);
  });

  it("stays on the last URL with rotation 'hold'", () => {
    expect(attemptsOf(retryContext({ urls: ['http://b.test/'], rotation: 'hold' }), [503]).slice(1)).toEqual([
      '5 http://b.test/',
      '10 http://b.test/',
    ]);
  });

  it('applies Retry-After only to the origin that sent it', () => {
    const busy = { status: 503, headers: { 'Retry-After': '2' } };

    expect(attemptsOf(retryContext({ urls: ['http://b.test/'], random: () => 0 }), [busy, 503, 200])).toEqual([
      '0 http://a.test/users',
      '5 http://b.test/',
      '2000 http://a.test/users',
    ]);
    expect(attemptsOf(retryContext({ urls: ['http://a.test/other'], random: () => 0 }), [busy, 200])).toEqual([
      '0 http://a.test/users',
      '2000 http://a.test/other',
    ]);
  });

  it('sends the params to every URL', () => {
    expect(attemptsOf(retryContext({ urls: ['http://b.test/x?y=1'] }), [503, 200], { params: { q: 'tea' } })).toEqual([
      '0 http://a.test/users?q=tea',
      '5 http://b.test/x?y=1&q=tea',
    ]);
  });

  it('shows no password in events, and shows an invalid URL as it is', () => {
    expect(attemptsOf(retryContext({ urls: ['http://me:secret@b.test/', 'http://['] }), [503])).toEqual([
      '0 http://a.test/users',
      '5 http://b.test/',
      '10 http://[',
    ]);
  });

  it('sends the XSRF token to no other origin', async () => {
    const network = angularNetwork(503);
    const http = retryingHttp(soon, [network.interceptor], {
      provide: HttpXsrfTokenExtractor,
      useValue: { getToken: () => 'forged' },
    });
    const page = new URL('/', TestBed.inject(PlatformLocation).href).href;
    const context = retryContext({ urls: [`${page}other`, 'http://b.test/'] });
    await settled(http.put(`${page}users`, null, { context, headers: { 'X-Mine': 'kept' } }));

    expect(
      network.requests.map(({ url: to, headers }) => [to, headers.get('X-XSRF-TOKEN'), headers.get('X-Mine')]),
    ).toEqual([
      [`${page}users`, 'forged', 'kept'],
      [`${page}other`, 'forged', 'kept'],
      ['http://b.test/', null, 'kept'],
    ]);
  });
});

describe('httpContextOf', () => {
  it("returns the request's context for every event", async () => {
    const network = angularNetwork(503, 200);
    const http = retryingHttp(soon, [network.interceptor]);
    const events = listen(injected(() => injectAttempts()));
    await settled(http.get(url, { context: new HttpContext().set(COLOUR, 'green') }));

    expect(events.length).toBe(7);
    for (const { attempt } of events) expect(httpContextOf(attempt).get(COLOUR)).toBe('green');
  });

  it('returns an empty context for an attempt of a RetryClient', () => {
    const attempt = { number: 1, of: 1, requestId: 'r', startedAt: 0 };

    expect([...httpContextOf(attempt).keys()]).toEqual([]);
    expect([...httpContextOf({ ...attempt, context: { http: 5 } } as never).keys()]).toEqual([]);
  });
});
