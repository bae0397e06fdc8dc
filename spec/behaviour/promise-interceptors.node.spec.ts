import { getEventListeners } from 'node:events';

import { delay, from, map, Observable, of, type Subscription } from 'rxjs';

import { constant, type Interceptor, RetryClient } from '../../src/index.js';
import { nodeFetch } from '../../src/transports/node-fetch.js';
import { undiciFetch } from '../../src/transports/undici.js';
import { only } from '../support/settled.js';
import { testServer, type TestServer } from '../support/test-server.js';

/** The ways in which interceptors wrap a response. */
const wrappers: readonly (readonly [string, (response: Response) => Response])[] = [
  ['a new Response of its body', (response) => new Response(response.body, response)],
  ['its clone', (response) => response.clone()],
];

describe('RetryClient with interceptors that use promises or wrap responses', () => {
  let api: TestServer;
  beforeAll(async () => {
    api = await testServer();
  });
  afterAll(() => api.close());

  for (const [transport, fetch] of [
    ['fetch', undefined],
    ['nodeFetch()', nodeFetch()],
    ['undiciFetch()', undiciFetch()],
  ] as const) {
    for (const [what, wrap] of wrappers) {
      it(`leaves the body readable when an interceptor emits ${what}, over ${transport}`, async () => {
        const client = new RetryClient({ fetch, interceptors: [(request, next) => next(request).pipe(map(wrap))] });
        const url = api.url(`wrapped ${transport} ${what}`, { chunks: ['first, ', 'second'], chunkDelay: 20 });
        const response = await only(client.get(url));
        expect(await response.text()).toBe('first, second');
      });
    }
  }

  it('sends nothing for an interceptor that calls next after the request was unsubscribed', async () => {
    const key = 'after unsubscribing';
    let sending: Promise<unknown> | undefined;
    const late: Interceptor = (request, next) =>
      from((sending = only(of('token').pipe(delay(20))).then(() => only(next(request)))) as Promise<Response>);
    const client = new RetryClient({ interceptors: [late] });
    client
      .post(api.url(key, { status: 200 }), 'order')
      .subscribe()
      .unsubscribe();

    await expectAsync(sending).toBeRejectedWith(jasmine.objectContaining({ name: 'AbortError' }));
    expect(await api.requests(key)).toEqual([]);
  });

  it('restarts the timeout at each call and answer of an interceptor that calls next twice', async () => {
    const client = new RetryClient({
      timeout: 150,
      strategy: { attempts: 1 },
      interceptors: [(request, next) => from(only(next(request)).then(() => only(next(request))))],
    });
    const url = api.url('two calls', [
      { status: 401, delay: 100 },
      { status: 200, delay: 100 },
    ]);
    expect((await only(client.get(url))).status).toBe(200);
  });

  it('does not apply the timeout to the body of a Response that a selector emits', async () => {
    const client = new RetryClient({ timeout: 60, strategy: { attempts: 1 } });
    const url = api.url('handed over', { chunks: ['slow, ', 'slow'], chunkDelay: 150 });
    const response = await only(client.get(url, { selector: (one) => of(one) }));
    expect(await response.text()).toBe('slow, slow');
  });

  it('leaves no unhandled rejection when an async selector unsubscribes its own request', async () => {
    const unhandled: unknown[] = [];
    const onUnhandled = (reason: unknown): void => {
      unhandled.push(reason);
    };
    process.on('unhandledRejection', onUnhandled);
    let reading: Promise<string> | undefined;
    const request = new RetryClient().get(api.url('ended', { stall: 'body', body: 'half and more' }), {
      selector: (response) => {
        subscription.unsubscribe();
        return (reading = response.text());
      },
    });
    const subscription: Subscription = request.subscribe();
    await new Promise<void>((resolve) => {
      subscription.add(resolve);
    });
    // Node emits unhandledRejection before this turn of the event loop.
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', onUnhandled);

    await expectAsync(reading).toBeRejected();
    expect(unhandled).toEqual([]);
  });

  it('adds one listener to a signal that 20 requests share, and removes it after the last', () => {
    const { signal } = new AbortController();
    const client = new RetryClient({ signal, interceptors: [() => new Observable()] });
    const requests = Array.from({ length: 20 }, () => client.get('http://a.test/').subscribe());
    expect(getEventListeners(signal, 'abort').length).toBe(1);
    for (const request of requests) request.unsubscribe();
    expect(getEventListeners(signal, 'abort').length).toBe(0);
  });

  it('ends all requests under one signal with its reason', async () => {
    const controller = new AbortController();
    const client = new RetryClient({
      signal: controller.signal,
      strategy: { backoff: constant(0) },
      interceptors: [() => new Observable()],
    });
    const ends = Array.from({ length: 3 }, () => only(client.get('http://a.test/')).catch((error: unknown) => error));
    const reason = new Error('leaving');
    controller.abort(reason);
    expect(await Promise.all(ends)).toEqual([reason, reason, reason]);
  });
});
