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

/** How many requests are sent that all fail, with this context. */
async function sent(context: HttpContext, strategy = {}): Promise<number> {
  const network = angularNetwork(503);
  await settled(retryingHttp({ ...soon, ...strategy }, [network.interceptor]).get(url, { context }));
  TestBed.resetTestingModule();
  return network.requests.length;
}

describe('retryContext', () => {
  it("comes over the interceptor's strategy, field by field", async () => {
    expect(await sent(retryContext({ attempts: 2 }))).toBe(2);
    expect(await sent(retryContext({ attempts: 1 }), { attempts: 5 })).toBe(1);
    expect(await sent(retryContext({ statuses: [503] }), { attempts: 5, retryAllServerErrors: false })).toBe(5);
    expect(await sent(retryContext({ attempts: undefined }), { attempts: 4 })).toBe(4);
  });

  it('comes over the default of the app, and the interceptor between the two', async () => {
    const network = angularNetwork(503);
    const http = retryingHttp({ attempts: 4 }, [network.interceptor], provideRetryStrategy({ ...soon, attempts: 5 }));
    await settled(http.get(url));

    expect(network.requests.length).toBe(4);

    await settled(http.get(url, { context: retryContext({ attempts: 2 }) }));

    expect(network.requests.length).toBe(6);
  });

  it('leaves a request alone with false', async () => {
    expect(await sent(retryContext(false))).toBe(1);
  });

  it('keeps the other tokens of a context, and does not change it', async () => {
    const mine = new HttpContext().set(COLOUR, 'green');
    const context = retryContext({ attempts: 2 }, mine);

    expect(context.get(COLOUR)).toBe('green');
    expect([...mine.keys()]).toEqual([COLOUR]);
    expect(await sent(context)).toBe(2);
    expect(await sent(mine)).toBe(3);
  });

  it('can be given further tokens', () => {
    expect(retryContext({ attempts: 2 }).set(COLOUR, 'red').get(COLOUR)).toBe('red');
  });

  it('lies over what a context says of retries already', async () => {
    const two = retryContext({ attempts: 2 });

    expect(await sent(retryContext({ statuses: [500] }, two))).toBe(2);
    expect(await sent(retryContext({ attempts: 4 }, two))).toBe(4);
    expect(await sent(retryContext({ backoff: list([0, 0, 0]) }, two))).toBe(4);
    expect(await sent(retryContext(false, two))).toBe(1);
    expect(await sent(retryContext({ attempts: 2 }, retryContext(false)))).toBe(2);
  });

  it('refuses bad options where they are passed', () => {
    expectRefusal(() => retryContext({ attempts: 0 }), [RangeError], 'strategy.attempts', '0');
    expectRefusal(() => retryContext({ urls: [] }), [RangeError], 'urls', 'an array of 0');
    expectRefusal(() => retryContext({ urls: [5 as never] }), [TypeError], 'urls[0]', '5');
    expectRefusal(() => retryContext({ urls: {} as never }), [TypeError], 'urls', 'an object');
    expectRefusal(() => retryContext(true as never), [TypeError], 'true');
    expectRefusal(() => retryContext(null as never), [TypeError], 'null');
    expectRefusal(() => retryContext({ retries: 1 } as never), [TypeError], 'strategy.retries');
  });
});

describe('retryContext with urls', () => {
  const urls = ['http://b.test/users', 'http://c.test/users'];

  /** The URLs that attempts went to, each with its time. */
  function turns(context: HttpContext, answers: readonly AngularAnswer[], options = {}): string[] {
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
    expect(turns(retryContext({ urls, attempts: 4 }), [503])).toEqual([
      '0 http://a.test/users',
      '5 http://b.test/users',
      '10 http://c.test/users',
      '15 http://a.test/users',
    ]);
  });

  it('makes as many attempts as there are URLs, if there are more than three', () => {
    expect(turns(retryContext({ urls: [...urls, 'http://d.test/', new URL('http://e.test/')] }), [503]).length).toBe(5);
  });

  it("does not try the request's own URL twice where it stands among them", () => {
    expect(turns(retryContext({ urls: [url, ...urls] }), [503])).toEqual([
      '0 http://a.test/users',
      '5 http://b.test/users',
      '10 http://c.test/users',
    ]);
  });

  it('stays on the last one with rotation hold', () => {
    expect(turns(retryContext({ urls: ['http://b.test/'], rotation: 'hold' }), [503]).slice(1)).toEqual([
      '5 http://b.test/',
      '10 http://b.test/',
    ]);
  });

  it('has Retry-After hold for its own origin only', () => {
    const busy = { status: 503, headers: { 'Retry-After': '2' } };

    expect(turns(retryContext({ urls: ['http://b.test/'], random: () => 0 }), [busy, 503, 200])).toEqual([
      '0 http://a.test/users',
      '5 http://b.test/',
      '2000 http://a.test/users',
    ]);
    expect(turns(retryContext({ urls: ['http://a.test/other'], random: () => 0 }), [busy, 200])).toEqual([
      '0 http://a.test/users',
      '2000 http://a.test/other',
    ]);
  });

  it('takes params along', () => {
    expect(turns(retryContext({ urls: ['http://b.test/x?y=1'] }), [503, 200], { params: { q: 'tea' } })).toEqual([
      '0 http://a.test/users?q=tea',
      '5 http://b.test/x?y=1&q=tea',
    ]);
  });

  it('tells no password, and what is no URL as it is', () => {
    expect(turns(retryContext({ urls: ['http://me:secret@b.test/', 'http://['] }), [503])).toEqual([
      '0 http://a.test/users',
      '5 http://b.test/',
      '10 http://[',
    ]);
  });

  it('sends the token against request forgery to no other origin', async () => {
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
  it("gives the request's own context in every event", async () => {
    const network = angularNetwork(503, 200);
    const http = retryingHttp(soon, [network.interceptor]);
    const events = listen(injected(() => injectAttempts()));
    await settled(http.get(url, { context: new HttpContext().set(COLOUR, 'green') }));

    expect(events.length).toBe(5);
    for (const { attempt } of events) expect(httpContextOf(attempt).get(COLOUR)).toBe('green');
  });

  it('is empty for an attempt of another kind', () => {
    const attempt = { number: 1, of: 1, requestId: 'r', startedAt: 0 };

    expect([...httpContextOf(attempt).keys()]).toEqual([]);
    expect([...httpContextOf({ ...attempt, context: { http: 5 } } as never).keys()]).toEqual([]);
  });
});
