import { of } from 'rxjs';

import { constant, HttpNetworkError, RetryClient, toFetch } from '../../src/index.js';
import { listen, plot } from '../support/attempt-events.js';
import { IS_FIREFOX } from '../support/browser-name.js';
import type { Echo } from '../support/script.js';
import { type TestServer, testServer } from '../support/test-server.js';

describe('toFetch()', () => {
  let api: TestServer;
  beforeAll(async () => {
    api = await testServer();
  });
  afterAll(() => api.close());

  const retrying = () => new RetryClient({ strategy: { backoff: constant(0) } });
  const echo = async (response: Promise<Response>) => (await (await response).json()) as Echo;

  it('sends by the client, whose attempts$ shows each attempt', async () => {
    const client = retrying();
    const events = listen(client.attempts$);
    const response = await toFetch(client)(api.url('to-fetch', [{ status: 503 }, { json: { a: 1 } }]));
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ a: 1 });
    expect(plot(events)).toEqual(['start 1', 'response 1', 'retry 1', 'start 2', 'response 2', 'value 2', 'success 2']);
  });

  it('sends method, headers and body of init, or of a Request, again in each attempt', async () => {
    const fetch = toFetch(retrying());
    const steps = [{ status: 503 }, { echo: true }] as const;
    const headers = { 'content-type': 'text/x', 'x-from': 'here' };
    const sent = { method: 'PUT', headers, body: 'a body' };
    for (const answer of [
      await echo(fetch(new URL(api.url('to-fetch-init', steps)), sent)),
      await echo(fetch(new Request(api.url('to-fetch-request', steps), sent))),
      await echo(fetch(new Request(api.url('to-fetch-both', steps), { method: 'PUT', body: 'other' }), sent)),
    ]) {
      expect([answer.number, answer.method, answer.body]).toEqual([2, 'PUT', 'a body']);
      expect([answer.headers['content-type'], answer.headers['x-from']]).toEqual(['text/x', 'here']);
    }
  });

  it('uses up the body of a Request, as fetch does, and rejects one that was used', async () => {
    const fetch = toFetch(retrying());
    const request = new Request(api.url('to-fetch-used', { echo: true }), { method: 'POST', body: 'once' });
    expect((await echo(fetch(request))).body).toBe('once');
    expect(request.bodyUsed).toBeTrue();
    await expectAsync(fetch(request)).toBeRejectedWithError(TypeError);
  });

  it('takes a Request also as init, beside a URL or another Request', async () => {
    const fetch = toFetch(retrying());
    const headers = { 'content-type': 'text/x', 'x-from': 'here' };
    const from = () => new Request('http://other.test/', { method: 'PUT', headers, body: 'a body' });
    for (const answer of [
      await echo(fetch(api.url('to-fetch-init-request', { echo: true }), from())),
      await echo(fetch(new Request(api.url('to-fetch-two', { echo: true })), from())),
    ]) {
      expect([answer.method, answer.body, answer.headers['x-from']]).toEqual(['PUT', 'a body', 'here']);
    }
  });

  it('sends the navigation that a service worker gets as a request of its own origin, as fetch does with init', async () => {
    const modes: unknown[] = [];
    const client = new RetryClient({
      interceptors: [
        ({ init }) => {
          modes.push(init.mode);
          return of(new Response());
        },
      ],
    });
    // Nobody can make one but a browser.
    const navigation = Object.defineProperty(new Request('http://a.test/'), 'mode', { value: 'navigate' });
    await toFetch(client)(navigation);
    expect(modes).toEqual(['same-origin']);
  });

  it('takes a Request of another library, with init', async () => {
    const { body, headers, method, url } = new Request(api.url('to-fetch-foreign', { echo: true }), {
      method: 'PUT',
      body: 'a body',
    });
    const arrayBuffer = () => new Response(body ?? 'a body').arrayBuffer();
    const foreign = { arrayBuffer, body, headers, method, url } as unknown as Request;
    const answer = await echo(toFetch(retrying())(foreign, { headers: { 'x-from': 'init' } }));
    expect([answer.method, answer.body, answer.headers['x-from']]).toEqual(['PUT', 'a body', 'init']);
  });

  it('takes what has a URL as its text, and an init of null', async () => {
    const url = api.url('to-fetch-text', { json: 1 });
    expect(await (await toFetch(retrying())({ toString: () => url } as never, null as never)).json()).toBe(1);
  });

  it('rejects when the signal aborts while the body of a Request is read, and reads none of one aborted before', async () => {
    const fetch = toFetch(retrying());
    const controller = new AbortController();
    const { signal } = controller;
    const reason = new Error('left');
    // Not every browser can have a stream in a Request.
    const endless = Object.assign(new Request('http://a.test/', { method: 'POST', body: 'x' }), {
      arrayBuffer: () => new Promise<ArrayBuffer>(() => undefined),
    });
    const response = fetch(endless, { signal });
    controller.abort(reason);
    await expectAsync(response).toBeRejectedWith(reason);
    const unused = new Request('http://a.test/', { method: 'POST', body: 'x', signal });
    await expectAsync(fetch(unused)).toBeRejectedWith(reason);
    expect(unused.bodyUsed).toBeFalse();
  });

  it('resolves with a status of 400 or above, whatever the client says', async () => {
    const client = new RetryClient({ throwHttpErrors: true, strategy: { attempts: 1 } });
    expect((await toFetch(client)(api.url('to-fetch-404', { status: 404 }))).status).toBe(404);
    expect((await toFetch(client)(api.url('to-fetch-500', { status: 500 }))).status).toBe(500);
  });

  it('rejects with the errors of the client', async () => {
    const client = new RetryClient({ strategy: { attempts: 1 } });
    await expectAsync(toFetch(client)(api.refusedUrl)).toBeRejectedWith(jasmine.any(HttpNetworkError));
    client.close();
    await expectAsync(toFetch(client)(api.url('to-fetch-closed', { body: 'x' }))).toBeRejected();
  });

  it('is aborted by the signal of init, or of a Request, with its reason, in an attempt and in a wait', async () => {
    const waiting = toFetch(new RetryClient({ strategy: { backoff: constant(60_000) } }));
    const reason = new Error('left');
    for (const [key, steps] of [
      ['stalls', { stall: 'headers' }],
      ['waits', { status: 503 }],
    ] as const) {
      for (const form of ['init', 'request'] as const) {
        const controller = new AbortController();
        const { signal } = controller;
        const name = `to-fetch-${key}-${form}`;
        const url = api.url(name, steps);
        const response = form === 'init' ? waiting(url, { signal }) : waiting(new Request(url, { signal }));
        await (key === 'waits' ? api.ended(name) : api.received(name));
        controller.abort(reason);
        await expectAsync(response).toBeRejectedWith(reason);
      }
    }
  });

  it('breaks the body off when the signal aborts after the headers, with its reason, also a body that waits', async () => {
    const fetch = toFetch(retrying());
    for (const form of ['init', 'request'] as const) {
      const controller = new AbortController();
      const { signal } = controller;
      const key = `to-fetch-body-${form}`;
      const url = api.url(key, { stall: 'body', chunks: ['a'] });
      const response = await (form === 'init' ? fetch(url, { signal }) : fetch(new Request(url, { signal })));
      const text = response.text();
      const reason = new Error('left');
      controller.abort(reason);
      // The fetch of Firefox itself has no reason for a body.
      const expected = IS_FIREFOX ? jasmine.objectContaining({ name: 'AbortError' }) : reason;
      await expectAsync(text).toBeRejectedWith(expected);
      expect((await api.ended(key)).aborted).toBeTrue();
    }
  });

  it('frees the connection of a body that nobody reads when the signal aborts', async () => {
    const controller = new AbortController();
    const key = 'to-fetch-unread';
    await toFetch(retrying())(api.url(key, { stall: 'body', chunks: ['a'] }), { signal: controller.signal });
    controller.abort();
    expect((await api.ended(key)).aborted).toBeTrue();
  });

  it('does not disturb a body that was read when its signal aborts', async () => {
    const controller = new AbortController();
    const response = await toFetch(retrying())(api.url('to-fetch-read', { json: 1 }), { signal: controller.signal });
    expect(await response.json()).toBe(1);
    controller.abort();
    expect(response.bodyUsed).toBeTrue();
  });

  it('rejects, and does not throw, for what cannot be sent', async () => {
    const fetch = toFetch(retrying());
    await expectAsync(fetch('http://a.test:x/')).toBeRejected();
    await expectAsync(fetch('http://a.test/', { method: 'a b' })).toBeRejectedWithError(TypeError);
  });

  it('ignores, as fetch does, what libraries that call it add for themselves, and passes on what platforms add', async () => {
    const inits: RequestInit[] = [];
    const client = new RetryClient({
      interceptors: [
        ({ init, url }) => {
          inits.push(init);
          return of(new Response(url));
        },
      ],
    });
    const own = {
      baseURL: 'http://b.test/',
      query: { a: 1 },
      retry: 1,
      responseType: 'json',
      timeout: 0,
      methods: 'GET',
    };
    const ours = { params: { a: 1 }, context: 1, selector: 1, strategy: 1, attempts: 1, name: 1, fetch: 1 };
    const platforms = { cache: 'no-store', dispatcher: {}, cf: {}, next: {}, tls: {} } as const;
    const response = await toFetch(client)('http://a.test/', { ...own, ...ours, ...platforms });
    expect(await response.text()).toBe('http://a.test/');
    expect(inits).toEqual([platforms as RequestInit]);
  });

  it('takes relative URLs of the client', async () => {
    const urls: string[] = [];
    const client = new RetryClient({
      baseUrl: 'http://a.test/v1/',
      interceptors: [
        ({ url }) => {
          urls.push(url);
          return of(new Response());
        },
      ],
    });
    await toFetch(client)('users/1');
    expect(urls).toEqual(['http://a.test/v1/users/1']);
  });

  it('throws for what is no client', () => {
    expect(() => toFetch({} as never)).toThrowError(TypeError, 'client must be a RetryClient, not an object');
    expect(() => toFetch(undefined as never)).toThrowError(TypeError, 'client must be a RetryClient, not undefined');
  });
});
