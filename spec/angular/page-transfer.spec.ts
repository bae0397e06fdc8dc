import '@angular/compiler';

import { HTTP_TRANSFER_CACHE_ORIGIN_MAP } from '@angular/common/http';
import { type ApplicationRef } from '@angular/core';
import { toSignal } from '@angular/core/rxjs-interop';
import { TestBed } from '@angular/core/testing';
import { BehaviorSubject, concatMap, from, map, type Observable, take } from 'rxjs';

import { HYDRATION, Hydration } from '../../src/angular/hydration.js';
import { provideRetryClient } from '../../src/angular/index.js';
import {
  bytes,
  type ClientOptions,
  constant,
  HttpValidationError,
  type Interceptor,
  json,
  lines,
  type RequestOptions,
  type RetryClient,
  type StandardSchema,
  text,
} from '../../src/index.js';
import { injected } from '../support/angular-app.js';
import { inBrowser, pageAt, rendered, type Send } from '../support/angular-page.js';
import { plot } from '../support/attempt-events.js';
import { expectRefusal } from '../support/expect-refusal.js';
import { failureOf, only, settled } from '../support/settled.js';

/** Answers each request that is sent, and records it. */
interface FakeServer {
  readonly fetch: NonNullable<ClientOptions['fetch']>;
  readonly urls: string[];
}

/** A transport whose n-th response is the n-th of these; the last repeats. */
function server(...responses: readonly (() => Response)[]): FakeServer {
  const urls: string[] = [];
  return {
    urls,
    fetch: (url) => {
      urls.push(url);
      return Promise.resolve((responses[urls.length - 1] ?? responses.at(-1)!)());
    },
  };
}

/** The options of a client whose requests all get this response. */
function answer(response: () => Response): ClientOptions {
  return { fetch: server(response).fetch };
}

const tea =
  (headers: Record<string, string> = {}, status = 200) =>
  (): Response =>
    new Response('{"name":"tea"}', { status, headers: { 'content-type': 'application/json', ...headers } });

const URL_OF_TEA = 'http://a.test/tea';

/** Emits synchronously, or not: returns the values so far. */
function valuesNow<T>(source: Observable<T>): T[] {
  const values: T[] = [];
  source.subscribe({ next: (value) => values.push(value), error: () => undefined });
  return values;
}

/** Returns how many requests the browser sends after the server has rendered. */
async function requestsInBrowser(send: Send, browser = send): Promise<number> {
  const state = await rendered(send, answer(tea()));
  const { fetch, urls } = server(tea());
  await settled(browser(inBrowser(state, { fetch })));
  TestBed.resetTestingModule();
  return urls.length;
}

const getTea: Send = (client) => client.getJSON(URL_OF_TEA);
const nameSchema: StandardSchema<string> = {
  '~standard': {
    version: 1,
    vendor: 'spec',
    validate: (value) =>
      typeof (value as { name?: unknown }).name === 'string'
        ? { value: (value as { name: string }).name.toUpperCase() }
        : { issues: [{ message: 'no name' }] },
  },
};
const slowSchema: StandardSchema<string> = {
  '~standard': {
    ...nameSchema['~standard'],
    validate: (value) => Promise.resolve(nameSchema['~standard'].validate(value)),
  },
};

describe('What a RetryClient has fetched on a server', () => {
  it('is there in the browser at once, without a request: by getJSON, json() and text()', async () => {
    for (const [send, expected] of [
      [getTea, { name: 'tea' }],
      [(client: RetryClient) => client.getJSON(URL_OF_TEA, { schema: nameSchema }), 'TEA'],
      [(client: RetryClient) => client.get(URL_OF_TEA, { selector: json() }), { name: 'tea' }],
      [(client: RetryClient) => client.get(URL_OF_TEA, { selector: json(nameSchema, { maxBytes: 99 }) }), 'TEA'],
      [(client: RetryClient) => client.request('get', URL_OF_TEA, { selector: text() }), '{"name":"tea"}'],
      [(client: RetryClient) => client.get(URL_OF_TEA, { selector: text({ maxBytes: 99 }) }), '{"name":"tea"}'],
      [(client: RetryClient) => client.extend({ timeout: 999 }).getJSON(URL_OF_TEA), { name: 'tea' }],
      [(client: RetryClient) => client.getJSON(URL_OF_TEA).pipe(take(1)), { name: 'tea' }],
    ] as const) {
      const state = await rendered(send, answer(tea()));
      const { fetch, urls } = server(tea());
      const client = inBrowser(state, { fetch });

      expect(valuesNow(send(client))).toEqual([expected]);
      expect(injected(() => toSignal(send(client)))()).toEqual(expected);
      expect(urls).toEqual([]);
      TestBed.resetTestingModule();
    }
  });

  it('has the text of bodies that come in pieces, are empty, or are not ASCII', async () => {
    const pieces = (): Response =>
      new Response(
        new ReadableStream({
          start(controller) {
            for (const byte of new TextEncoder().encode('"grüner Tee 🍵</script>"')) {
              controller.enqueue(Uint8Array.of(byte));
            }
            controller.close();
          },
        }),
      );
    const state = await rendered(getTea, answer(pieces));

    expect(state).not.toContain('</script>');
    expect(valuesNow(getTea(inBrowser(state, answer(tea()))))).toEqual(['grüner Tee 🍵</script>']);
    TestBed.resetTestingModule();
    const empty = await rendered(
      getTea,
      answer(() => new Response(null, { status: 204 })),
    );

    expect(valuesNow(getTea(inBrowser(empty, answer(tea()))))).toEqual([undefined]);
  });

  it('is validated in the browser again, also by a schema that waits', async () => {
    const state = await rendered(
      getTea,
      answer(() => new Response('{"name":1}')),
    );
    const client = inBrowser(state, answer(tea()));
    const failure = await failureOf(client.getJSON(URL_OF_TEA, { schema: nameSchema }));
    const slowFailure = await failureOf(client.getJSON(URL_OF_TEA, { schema: slowSchema }));

    expect(failure).toBeInstanceOf(HttpValidationError);
    expect(slowFailure).toBeInstanceOf(HttpValidationError);
    TestBed.resetTestingModule();
    const valid = await rendered(getTea, answer(tea()));

    expect(await only(inBrowser(valid, answer(tea())).getJSON(URL_OF_TEA, { schema: slowSchema }))).toBe('TEA');
  });

  it('answers only the same request: the same URL, params and headers', async () => {
    const params = { page: 1 };
    const send: Send = (client) => client.getJSON(URL_OF_TEA, { params, headers: { 'x-tenant': 'a' } });
    const others: readonly Send[] = [
      (client) => client.getJSON('http://b.test/tea', { params, headers: { 'x-tenant': 'a' } }),
      (client) => client.getJSON(URL_OF_TEA, { params: { page: 2 }, headers: { 'x-tenant': 'a' } }),
      (client) => client.getJSON(URL_OF_TEA, { params, headers: { 'x-tenant': 'b' } }),
      (client) => client.get(URL_OF_TEA, { params, headers: { 'x-tenant': 'a' }, selector: json() }),
      (client) => client.post(URL_OF_TEA, '', { params, headers: { 'x-tenant': 'a' }, selector: json() }),
    ];

    expect(await requestsInBrowser(send)).toBe(0);
    for (const browser of others) expect(await requestsInBrowser(send, browser)).toBe(1);
  });

  it('shows the page no header values', async () => {
    const send: Send = (client) => client.getJSON(URL_OF_TEA, { headers: { 'x-api-key': 'a secret' } });

    expect(await rendered(send, answer(tea()))).toContain('tea');
    expect(await rendered(send, answer(tea()))).not.toContain('a secret');
  });

  it('is never the response to a request with credentials, or to one that goes past caches', async () => {
    const url = URL_OF_TEA;
    for (const options of [
      { headers: { authorization: 'Bearer a' } },
      { headers: { cookie: 'a=b' } },
      { headers: { 'proxy-authorization': 'Basic a' } },
      { credentials: 'include' },
      { cache: 'no-store' },
      { cache: 'reload' },
      { headers: { 'cache-control': 'max-age=0, no-cache' } },
    ] satisfies RequestOptions[]) {
      const send: Send = (client) => client.getJSON(url, options);

      expect(await rendered(send, answer(tea())))
        .withContext(JSON.stringify(options))
        .toBe('{}');
      expect(await rendered(getTea, { ...options, ...answer(tea()) }))
        .withContext(JSON.stringify(options))
        .toBe('{}');
      expect(await requestsInBrowser(getTea, send)).toBe(1);
    }
    expect(await rendered((client) => client.getJSON('http://user:secret@a.test/tea'), answer(tea()))).toBe('{}');
  });

  it('is never the response to a request to which an interceptor adds credentials, whichever client has it', async () => {
    const withToken: Interceptor = (request, next) => {
      const headers = new Headers(request.headers);
      headers.set('authorization', 'Bearer a');
      return next({ ...request, headers });
    };
    const withCookies: Interceptor = (request, next) =>
      next({ ...request, init: { ...request.init, credentials: 'include' } });
    const extended: Send = (client) => client.extend({ interceptors: [withToken] }).getJSON(URL_OF_TEA);

    expect(await rendered(getTea, { interceptors: [withToken], ...answer(tea()) })).toBe('{}');
    expect(await rendered(getTea, { interceptors: [withCookies], ...answer(tea()) })).toBe('{}');
    expect(await rendered(extended, answer(tea()))).toBe('{}');
    expect(await requestsInBrowser(getTea, extended)).toBe(1);
  });

  it('is never the response to a request that an interceptor adds, for a token say', async () => {
    const askFirst: Interceptor = (request, next) =>
      next({ ...request, url: 'http://a.test/token' }).pipe(
        concatMap((response) => from(response.text())),
        concatMap(() => next(request)),
      );
    const onlyToken: Interceptor = (request, next) => next({ ...request, url: 'http://a.test/token' });
    const twice: Interceptor = (request, next) => next(request).pipe(concatMap(() => next(request)));
    const token = (): Response => new Response('"secret"');
    const state = await rendered(getTea, { interceptors: [askFirst], fetch: server(token, tea()).fetch });

    expect(state).toContain('tea');
    expect(state).not.toContain('secret');
    expect(await rendered(getTea, { interceptors: [onlyToken], fetch: server(token).fetch })).toBe('{}');
    expect(await rendered(getTea, { interceptors: [twice], fetch: server(tea()).fetch })).toBe('{}');
    const { fetch, urls } = server(token);
    const client = inBrowser(state, { interceptors: [askFirst], fetch });

    expect(await only(getTea(client))).toEqual({ name: 'tea' });
    expect(urls).toEqual(['http://a.test/token']);
  });

  it('is never a response that says it is for one visitor or must not be kept, nor a failure', async () => {
    for (const response of [
      tea({ 'cache-control': 'no-store' }),
      tea({ 'cache-control': 'max-age=60, Private="x"' }),
      tea({ 'cache-control': 'no-cache' }),
      tea({ vary: '*' }),
      tea({ vary: 'Accept-Encoding, Cookie' }),
      tea({}, 404),
      () => new Response('{"name":'),
    ]) {
      expect(await rendered((client) => client.getJSON(URL_OF_TEA, { throwHttpErrors: false }), answer(response))).toBe(
        '{}',
      );
    }
    expect(await rendered(getTea, answer(tea({ 'cache-control': 'public, max-age=60', vary: 'Accept' })))).not.toBe(
      '{}',
    );
  });

  it('is never that of another method, or of a selector that may read more than text', async () => {
    for (const send of [
      (client) => client.get(URL_OF_TEA),
      (client) => client.post(URL_OF_TEA, '', { selector: json() }),
      (client) => client.request('QUERY', URL_OF_TEA, { selector: json() }),
      (client) => client.requests([{ url: URL_OF_TEA }], { selector: json() }),
      (client) => client.get(URL_OF_TEA, { selector: bytes() }),
      (client) => client.get(URL_OF_TEA, { selector: lines() }),
      (client) => client.get(URL_OF_TEA, { selector: ({ headers }) => [headers.get('content-type')] }),
    ] satisfies Send[]) {
      expect(await rendered(send, answer(tea()))).toBe('{}');
    }
  });

  it('is what was accepted in the end: after retries, and from another URL of a list', async () => {
    const options: ClientOptions = { strategy: { backoff: constant(0) } };
    const down = (): Response => new Response(null, { status: 503 });
    const failover: Send = (client) => client.getJSON(['http://eu.test/tea', 'http://us.test/tea']);
    const state = await rendered(failover, { ...options, fetch: server(down, tea()).fetch });
    const { fetch, urls } = server(down);

    expect(valuesNow(failover(inBrowser(state, { ...options, fetch })))).toEqual([{ name: 'tea' }]);
    expect(urls).toEqual([]);
  });

  it('is taken once by a request that retries it', async () => {
    const state = await rendered(
      getTea,
      answer(() => new Response('"pending"')),
    );
    const { fetch, urls } = server(() => new Response('"done"'));
    const client = inBrowser(state, {
      fetch,
      strategy: {
        backoff: constant(0),
        shouldRetry: (outcome) => (outcome.kind === 'value' && outcome.value === 'pending' ? true : undefined),
      },
    });

    expect(await only(getTea(client))).toBe('done');
    expect(urls.length).toBe(1);
  });

  it('passes the interceptors, which may change it as they do on the server', async () => {
    const unwrap: Interceptor = (request, next) =>
      next(request).pipe(
        concatMap((response) => from(response.json() as Promise<{ name: string }>)),
        map(({ name }) => new Response(JSON.stringify(name))),
      );
    const state = await rendered(getTea, { interceptors: [unwrap], ...answer(tea()) });
    const { fetch, urls } = server(tea());
    const client = inBrowser(state, { interceptors: [unwrap], fetch });

    expect(await only(getTea(client))).toBe('tea');
    expect(urls).toEqual([]);
  });

  it('appears as an attempt that takes no time', async () => {
    const state = await rendered(getTea, answer(tea()));
    const client = inBrowser(state, answer(tea()));
    const events = valuesNow(client.getJSON(URL_OF_TEA, { observe: 'attempts' }));

    expect(plot(events)).toEqual(['start 1', 'response 1', 'value 1', 'success 1']);
  });

  it("is found by the page's path behind a proxy, and by the map of HttpClient's transfer cache", async () => {
    const relative: Send = (client) => client.getJSON('/api/tea');
    const state = await rendered(relative, answer(tea()), pageAt('http://internal:4000/list'));
    const browser = inBrowser(state, { baseUrl: '/', ...answer(tea()) }, pageAt('https://page.test/list'));

    expect(valuesNow(relative(browser))).toEqual([{ name: 'tea' }]);
    TestBed.resetTestingModule();
    const mapped = await rendered((client) => client.getJSON('http://internal:8080/tea'), answer(tea()), {
      provide: HTTP_TRANSFER_CACHE_ORIGIN_MAP,
      useValue: { 'http://internal:8080': 'http://a.test' },
    });

    expect(mapped).not.toContain('internal');
    expect(valuesNow(getTea(inBrowser(mapped, answer(tea()))))).toEqual([{ name: 'tea' }]);
  });

  it('is not transferred with context: { transferState: false }, of the client or the request', async () => {
    const context = { transferState: false };

    expect(await rendered(getTea, { context, ...answer(tea()) })).toBe('{}');
    expect(await rendered((client) => client.extend({ context }).getJSON(URL_OF_TEA), answer(tea()))).toBe('{}');
    expect(await rendered((client) => client.getJSON(URL_OF_TEA, { context }), answer(tea()))).toBe('{}');
    expect(
      await rendered((client) => client.getJSON(URL_OF_TEA, { context: { transferState: true } }), {
        context,
        ...answer(tea()),
      }),
    ).not.toBe('{}');
    expect(await requestsInBrowser(getTea, (client) => client.getJSON(URL_OF_TEA, { context }))).toBe(1);
  });

  it('refuses a transferState that is neither true nor false, at once', () => {
    const context = { transferState: 'no' };
    expectRefusal(() => provideRetryClient({ context }), [TypeError], 'context.transferState', "'no'");
    const client = inBrowser('{}', answer(tea()));
    expectRefusal(() => client.getJSON(URL_OF_TEA, { context }), [TypeError], 'context.transferState', "'no'");
    expectRefusal(() => client.extend({ context }), [TypeError], 'context.transferState', "'no'");
  });

  it('answers until the app is stable for the first time', async () => {
    const state = await rendered(getTea, answer(tea()));
    const { fetch, urls } = server(tea());
    const stable$ = new BehaviorSubject(true);
    const components: unknown[] = [];
    const appRef = { isStable: stable$, components, whenStable: () => Promise.resolve() } as unknown as ApplicationRef;
    const hydration = new Hydration(appRef);
    const client = inBrowser(state, { fetch }, { provide: HYDRATION, useValue: hydration });
    await only(getTea(client));
    // The bootstrap.
    stable$.next(false);
    components.push('the root');
    await only(getTea(client));

    expect(urls.length).toBe(0);

    const early$ = getTea(client);
    stable$.next(true);
    stable$.next(false);
    await only(early$);
    await only(getTea(client));

    expect(urls.length).toBe(2);
  });

  it('answers no client that is created later, nor one of an app that had nothing to wait for', async () => {
    const appRef = {
      isStable: new BehaviorSubject(true),
      components: [{}] as unknown[],
      whenStable: () => Promise.resolve(),
    };

    expect(new Hydration(appRef as unknown as ApplicationRef).isOver).toBeTrue();
    appRef.components.pop();
    const hydration = new Hydration(appRef as unknown as ApplicationRef);
    hydration.endWhenStable();
    await Promise.resolve();

    expect(hydration.isOver).toBeTrue();
  });
});

describe('Wrong arguments of a RetryClient in an app', () => {
  it('are refused as by any other client', () => {
    const client = inBrowser('{}', answer(tea()));
    for (const [call, ...parts] of [
      [() => client.getJSON(URL_OF_TEA, null as never), 'options'],
      [() => client.getJSON(URL_OF_TEA, 5 as never), 'options', '5'],
      [() => client.getJSON(URL_OF_TEA, { schema: 5 as never }), 'schema', '5'],
      [() => client.get(URL_OF_TEA, { selector: null as never }), 'selector'],
      [() => client.get(URL_OF_TEA, { selector: 5 as never }), 'selector', '5'],
      [() => client.getJSON(5 as never), 'url', '5'],
      [() => client.request(5 as never, URL_OF_TEA, { selector: json() }), 'method', '5'],
      [() => client.getJSON(URL_OF_TEA, { retry: 3 } as never), 'retry'],
      [() => client.requests(5 as never), 'params', '5'],
      [() => client.requests([null as never]), 'params[0]'],
    ] as [() => unknown, ...string[]][]) {
      expectRefusal(call, [TypeError, RangeError], ...parts);
    }
  });
});
