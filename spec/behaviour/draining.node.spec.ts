import { gzipSync } from 'node:zlib';

import { concatMap, from, map, timer } from 'rxjs';

import { constant, type Interceptor, RetryClient, text } from '../../src/index.js';
import { nodeFetch } from '../../src/transports/node-fetch.js';
import { undiciFetch } from '../../src/transports/undici.js';
import { nodeTestServer, type NodeTestServer } from '../support/node-server.js';
import { only } from '../support/settled.js';

// Node only: the server of the browser specs opens a connection per request, so reuse cannot be seen there.
for (const [transport, makeFetch] of [
  ['fetch', () => undefined],
  ['nodeFetch()', () => nodeFetch()],
  ['undiciFetch()', () => undiciFetch()],
] as const) {
  describe(`With ${transport}, a discarded response`, () => {
    let api: NodeTestServer;
    let client: RetryClient;

    beforeEach(async () => {
      api = await nodeTestServer();
      client = new RetryClient({ fetch: makeFetch(), strategy: { backoff: constant(100) } });
    });

    afterEach(() => api.close());

    const socketsOf = async (key: string) => (await api.requests(key)).map(({ socket }) => socket);

    it('is read to its end, so that the next attempt reuses its socket', async () => {
      const url = api.url('reuse', [{ status: 503, body: 'busy' }, { status: 503, bytes: 60_000 }, { body: 'ok' }]);
      expect(await only(client.get(url, { selector: text() }))).toBe('ok');

      const [first, ...others] = await socketsOf('reuse');
      expect(others).toEqual([first, first] as number[]);
      expect((await api.requests('reuse')).map(({ aborted }) => aborted)).toEqual([false, false, false]);
    });

    it('without a body leaves its socket reusable', async () => {
      await only(client.get(api.url('empty', [{ status: 503 }, { body: 'ok' }]), { selector: text() }));

      const [first, second] = await socketsOf('empty');
      expect(second).toBe(first as number);
    });

    it('is aborted at once when its Content-Length is above 64 KiB', async () => {
      const url = api.url('huge', { status: 503, stall: 'body', headers: { 'Content-Length': '65537' } });
      const subscription = client.get(url, { strategy: { backoff: constant(60_000) } }).subscribe();
      const { at } = await api.received('huge');
      const first = await api.ended('huge');

      expect(first.aborted).toBeTrue();
      expect(Date.now() - at).toBeLessThan(200);
      subscription.unsubscribe();
    });

    it('is aborted after 64 KiB when it has no Content-Length', async () => {
      // Compressed, since the script is part of the URL and has to be small; the body is large when decompressed.
      const chunks = [gzipSync(Buffer.alloc(200_000)).toString('base64')];
      const url = api.url('large', {
        status: 503,
        stall: 'body',
        headers: { 'Content-Encoding': 'gzip' },
        chunks,
        encoding: 'base64',
      });
      const subscription = client.get(url, { strategy: { backoff: constant(60_000) } }).subscribe();
      const { at } = await api.received('large');
      const first = await api.ended('large');

      expect(first.aborted).toBeTrue();
      expect(Date.now() - at).toBeLessThan(200);
      subscription.unsubscribe();
    });

    it('is aborted after 250 ms when it is slow, though the wait is longer', async () => {
      const url = api.url('slow', [{ status: 503, stall: 'body' }, { body: 'ok' }]);
      const subscription = client.get(url, { strategy: { backoff: constant(60_000) } }).subscribe();
      const { at } = await api.received('slow');
      const first = await api.ended('slow');
      const took = Date.now() - at;

      expect(first.aborted).toBeTrue();
      expect(took).toBeGreaterThanOrEqual(240);
      expect(took).toBeLessThan(3000);
      subscription.unsubscribe();
    });

    it('is aborted before the next attempt when the wait is shorter', async () => {
      const url = api.url('short wait', [{ status: 503, stall: 'body' }, { body: 'ok' }]);
      expect(await only(client.get(url, { selector: text(), strategy: { backoff: constant(20) } }))).toBe('ok');

      expect((await api.ended('short wait')).aborted).toBeTrue();
    });

    it('is aborted when the request is unsubscribed during the wait', async () => {
      const url = api.url('left', { status: 503, stall: 'body' });
      const retried = new Promise<void>((resolve) => {
        client.attempts$.subscribe(({ type }) => {
          if (type === 'retry') resolve();
        });
      });
      const subscription = client.get(url, { strategy: { backoff: constant(60_000) } }).subscribe();
      await retried;
      const before = Date.now();
      subscription.unsubscribe();

      expect((await api.ended('left')).aborted).toBeTrue();
      expect(Date.now() - before).toBeLessThan(200);
      await only(timer(10));
      expect((await api.requests('left')).length).toBe(1);
    });

    it('does not prolong the wait', async () => {
      const url = api.url('beside', [{ status: 503, chunks: ['a', 'b', 'c'], chunkDelay: 60 }, { body: 'ok' }]);
      await only(client.get(url, { selector: text(), strategy: { backoff: constant(200) } }));

      const [first, second] = await api.requests('beside');
      expect((second?.at ?? 0) - (first?.at ?? 0)).toBeLessThan(320);
      expect(first?.aborted).toBeFalse();
    });

    it('can break off while it is drained', async () => {
      const url = api.url('breaks', [{ status: 503, cut: 'in-body' }, { body: 'ok' }]);

      expect(await only(client.get(url, { selector: text() }))).toBe('ok');
    });

    it('can have a body that shouldRetry has read', async () => {
      const url = api.url('read', [{ status: 503, body: 'busy' }, { body: 'ok' }]);
      const seen: string[] = [];
      const shouldRetry = async ({ kind, response }: { kind: string; response?: Response }): Promise<undefined> => {
        if (kind === 'response' && response?.status === 503) seen.push(await response.text());
      };

      expect(await only(client.get(url, { selector: text(), strategy: { shouldRetry } }))).toBe('ok');
      expect(seen).toEqual(['busy']);
    });

    it('is drained when shouldRetry has read a clone of its body', async () => {
      const url = api.url('clone', [{ status: 503, body: 'busy' }, { body: 'ok' }]);
      const shouldRetry = async ({ kind, response }: { kind: string; response?: Response }): Promise<undefined> => {
        if (kind === 'response') await response?.clone().text();
      };

      expect(await only(client.get(url, { selector: text(), strategy: { shouldRetry } }))).toBe('ok');
      const [first, second] = await socketsOf('clone');
      expect(second).toBe(first as number);
    });

    it('leaves a single connection after many retries', async () => {
      const url = api.url('many', [
        ...Array<{ status: number; body: string }>(8).fill({ status: 503, body: 'busy' }),
        { body: 'ok' },
      ]);
      expect(await only(client.get(url, { selector: text(), strategy: { attempts: 9, backoff: constant(20) } }))).toBe(
        'ok',
      );

      expect(api.openSockets()).toBe(1);
      expect(new Set(await socketsOf('many')).size).toBe(1);
    });
  });
}

for (const [transport, makeFetch] of [
  ['fetch', () => undefined],
  ['nodeFetch()', () => nodeFetch()],
  ['undiciFetch()', () => undiciFetch()],
] as const) {
  describe(`With ${transport}, a response that an interceptor discards for another one`, () => {
    let api: NodeTestServer;

    beforeEach(async () => {
      api = await nodeTestServer();
    });

    afterEach(() => api.close());

    /** Sends a request to one URL, then to the other, and emits the response that `choose` returns. */
    const twice = (
      first: string,
      second: string,
      choose: (first: Response, second: Response) => Response,
    ): Promise<Response> => {
      const interceptor: Interceptor = (request, next) =>
        next({ ...request, url: first }).pipe(
          concatMap((refused) => next({ ...request, url: second }).pipe(map((accepted) => choose(refused, accepted)))),
        );
      return only(new RetryClient({ fetch: makeFetch(), interceptors: [interceptor] }).get('http://a.test/'));
    };

    it('is aborted when it stalls, so that it does not keep its connection', async () => {
      const response = await twice(
        api.url('refused', { status: 401, stall: 'body' }),
        api.url('accepted', { body: 'ok' }),
        (_, accepted) => accepted,
      );

      expect(await response.text()).toBe('ok');
      expect((await api.ended('refused')).aborted).toBeTrue();
    });

    it('is read to its end within limits, while a clone of it can be read', async () => {
      let log: Promise<string> | undefined;
      const interceptor: Interceptor = (request, next) =>
        next(request).pipe(
          concatMap((refused) => {
            log = refused.clone().text();
            return next(request);
          }),
        );
      const client = new RetryClient({ fetch: makeFetch(), interceptors: [interceptor] });
      await only(
        client.get(api.url('logged', [{ status: 401, chunks: ['a', 'b', 'c'], chunkDelay: 30 }, { body: 'ok' }])),
      );

      expect(await log).toBe('abc');
    });

    it('is aborted when it arrives after another one was chosen', async () => {
      const interceptor: Interceptor = (request, next) =>
        from(
          Promise.race(['first', 'late'].map((key) => only(next({ ...request, url: key === 'first' ? first : late })))),
        );
      const first = api.url('first', { chunks: ['a', 'b', 'c'], chunkDelay: 60 });
      const late = api.url('late', { delay: 40, stall: 'body' });
      const client = new RetryClient({ fetch: makeFetch(), interceptors: [interceptor] });

      expect(await only(client.get('http://a.test/', { selector: text() }))).toBe('abc');
      expect((await api.ended('late')).aborted).toBeTrue();
    });

    it('stays readable when the interceptor reads it', async () => {
      let read: Promise<string> | undefined;
      await twice(
        api.url('read', { status: 401, chunks: ['a', 'b'], chunkDelay: 50 }),
        api.url('then', { body: 'ok' }),
        (refused, accepted) => {
          read = refused.text();
          return accepted;
        },
      );

      expect(await read).toBe('ab');
    });

    it('stays readable when the interceptor emits a new Response of its body', async () => {
      const response = await twice(
        api.url('part', { chunks: ['a', 'b'], chunkDelay: 50 }),
        api.url('other', { body: 'ok' }),
        (first) => new Response(first.body),
      );

      expect(await response.text()).toBe('ab');
    });

    it('stays readable when the interceptor emits it, and the other one is aborted', async () => {
      const response = await twice(
        api.url('chosen', { chunks: ['a', 'b'], chunkDelay: 50 }),
        api.url('dropped', { stall: 'body' }),
        (first) => first,
      );

      expect(await response.text()).toBe('ab');
      expect((await api.ended('dropped')).aborted).toBeTrue();
    });
  });
}

describe('A discarded response whose stream is from another library', () => {
  it('is aborted at once when it is too large or locked', async () => {
    for (const [length, locked] of [
      ['1000000', false],
      ['10', true],
    ] as const) {
      let aborted = false;
      const body = { locked, getReader: () => ({ read: () => Promise.resolve({ done: true }) }) };
      const busy = {
        status: 503,
        headers: new Headers({ 'content-length': length }),
        body,
        bodyUsed: false,
        arrayBuffer: fail,
        clone: fail,
      };
      let calls = 0;
      const client = new RetryClient({
        strategy: { backoff: constant(0) },
        fetch: (_, { signal }) => {
          calls += 1;
          if (calls > 1) return Promise.resolve(new Response());
          signal?.addEventListener('abort', () => (aborted = true));
          return Promise.resolve(busy as unknown as Response);
        },
      });
      await only(client.get('http://a.test/'));

      expect(aborted).toBeTrue();
    }
  });
});
