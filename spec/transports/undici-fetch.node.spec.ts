import { randomBytes } from 'node:crypto';
import { getEventListeners } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';

import { Agent, MockAgent } from 'undici';

import { constant, json, RetryClient, text } from '../../src/index.js';
import { undiciFetch } from '../../src/transports/undici.js';
import { listen, type LoopbackServer, nodeTestServer, type NodeTestServer } from '../support/node-server.js';
import { only } from '../support/settled.js';
import type { Echo } from '../support/test-server.js';

describe('undiciFetch()', () => {
  let api: NodeTestServer;
  let fetch: ReturnType<typeof undiciFetch>;

  beforeEach(async () => {
    api = await nodeTestServer();
    fetch = undiciFetch();
  });

  afterEach(() => api.close());

  const echo = async (key: string, init: RequestInit = {}): Promise<Echo> =>
    (await (await fetch(api.url(key, { echo: true }), init)).json()) as Echo;

  describe('with a client', () => {
    it('aborts every call made with the same init', async () => {
      const [first, second] = ['first', 'second'].map((key) => api.url(key, { stall: 'headers' }));
      const both = new RetryClient({ fetch: (_, init) => Promise.race([fetch(first!, init), fetch(second!, init)]) });
      const subscription = both.get('http://a.test/').subscribe({ error: fail });
      await Promise.all([api.received('first'), api.received('second')]);
      subscription.unsubscribe();

      expect((await Promise.all([api.ended('first'), api.ended('second')])).map(({ aborted }) => aborted)).toEqual([
        true,
        true,
      ]);
    });

    it('retries requests with a method or cache mode that the platform’s fetch refuses', async () => {
      const client = new RetryClient({ fetch, strategy: { backoff: constant(0) } });
      const trace = client.request('TRACE', api.url('trace', [{ cut: 'before-headers' }, {}]));
      const cached = client.get(api.url('cached', [{ cut: 'before-headers' }, {}]), { cache: 'only-if-cached' });

      expect((await Promise.all([only(trace), only(cached)])).map(({ status }) => status)).toEqual([200, 200]);
    });

    it('reads a body for json() without creating a stream', async () => {
      let streams = 0;
      const { ReadableStream: Original } = globalThis;
      globalThis.ReadableStream = class<R> extends Original<R> {
        constructor(...args: ConstructorParameters<typeof Original<R>>) {
          super(...args);
          streams += 1;
        }
      } as typeof Original;
      try {
        const client = new RetryClient({ fetch });
        expect(await only(client.get(api.url('whole', { body: '{"a":1}' }), { selector: json() }))).toEqual({ a: 1 });
        expect(streams).toBe(0);
        expect(
          await only(
            client.get(api.url('streamed', { body: 'x' }), { selector: (response) => [response.body !== null] }),
          ),
        ).toBeTrue();
        expect(streams).toBeGreaterThan(0);
      } finally {
        globalThis.ReadableStream = Original;
      }
    });
  });

  describe('with a dispatcher', () => {
    it('of its own keeps connections alive, and shares none with another transport', async () => {
      const url = api.url('row', { body: 'x' });
      for (let count = 0; count < 4; count += 1) {
        await (await fetch(url, {})).text();
        // Undici frees a connection only a moment after its last byte.
        await wait(5);
      }
      await (await undiciFetch({ dispatcher: undefined })(url, {})).text();

      expect(new Set((await api.requests('row')).map(({ socket }) => socket)).size).toBe(2);
    });

    it('of the caller obeys its limit of connections', async () => {
      const dispatcher = new Agent({ connections: 1 });
      const limited = undiciFetch({ dispatcher });
      const url = api.url('one', { body: 'x', delay: 10 });
      await Promise.all(Array.from({ length: 4 }, async () => (await limited(url, {})).text()));

      expect(new Set((await api.requests('one')).map(({ socket }) => socket)).size).toBe(1);
      await dispatcher.close();
      await api.socketsClosed();
      expect(api.openSockets()).toBe(0);
    });

    it('of the caller obeys its timeouts', async () => {
      const dispatcher = new Agent({ headersTimeout: 1 });
      const client = new RetryClient({ fetch: undiciFetch({ dispatcher }), strategy: { attempts: 1 } });

      await expectAsync(only(client.get(api.url('slow', { stall: 'headers' })))).toBeRejectedWith(
        jasmine.objectContaining({ name: 'HttpNetworkError', phase: 'headers' }),
      );
    });

    it('that is a MockAgent gets its mocked response', async () => {
      const dispatcher = new MockAgent();
      dispatcher.disableNetConnect();
      dispatcher
        .get('http://a.test')
        .intercept({ path: '/users?id=1', method: 'POST', body: 'x' })
        .reply(201, { name: 'me' }, { headers: { 'x-own': '1' } });
      const response = await undiciFetch({ dispatcher })('http://a.test/users?id=1', { method: 'POST', body: 'x' });

      expect([response.status, response.headers.get('x-own'), await response.json()]).toEqual([
        201,
        '1',
        { name: 'me' },
      ]);
    });

    it('that is closed fails permanently, without a second attempt', async () => {
      const dispatcher = new Agent();
      await dispatcher.close();
      const client = new RetryClient({ fetch: undiciFetch({ dispatcher }) });

      await expectAsync(only(client.get(api.url('closed', {})))).toBeRejectedWith(
        jasmine.objectContaining({
          name: 'HttpNetworkError',
          sent: false,
          attempt: jasmine.objectContaining({ number: 1 }),
        }),
      );
    });
  });

  describe('sends headers', () => {
    it('given as an object, as Headers or as pairs, together with those that fetch adds', async () => {
      for (const [kind, headers] of Object.entries({
        object: { 'X-Own': '1', Cookie: 'a=1' },
        headers: new Headers({ 'x-own': '1', cookie: 'a=1' }),
        pairs: [
          ['x-own', '1'],
          ['cookie', 'a=1'],
        ] satisfies [string, string][],
      })) {
        const sent = (await echo(kind, { headers })).headers;
        expect(sent).toEqual(
          jasmine.objectContaining({
            'x-own': '1',
            cookie: 'a=1',
            accept: '*/*',
            'user-agent': 'undici',
            'accept-encoding': 'gzip, deflate, br',
          }),
        );
      }
    });

    it('of the caller instead of its defaults, whatever their case', async () => {
      const { headers } = await echo('instead', {
        headers: { ACCEPT: 'text/plain', 'User-Agent': 'me', 'Accept-Encoding': 'br' },
      });

      expect([headers.accept, headers['user-agent'], headers['accept-encoding']]).toEqual(['text/plain', 'me', 'br']);
    });

    it('that refuse compression for a range', async () => {
      expect((await echo('part', { headers: { Range: 'bytes=0-9' } })).headers['accept-encoding']).toBe('identity');
    });

    it('unless they are invalid, which fails at once and is not retried', async () => {
      const client = new RetryClient({ fetch });
      const url = api.url('never', {});
      for (const headers of [
        { 'a b': '1' },
        { a: 'b\nc: d' },
        { a: '\u0100' },
        { 'transfer-encoding': 'chunked' },
        { expect: '100-continue' },
      ]) {
        await expectAsync(fetch(url, { headers })).toBeRejectedWithError(TypeError);
      }
      await expectAsync(fetch(url, { headers: [['a']] as unknown as [string, string][] })).toBeRejectedWithError(
        TypeError,
      );
      await expectAsync(only(client.get(url, { headers: { 'transfer-encoding': 'chunked' } }))).toBeRejectedWithError(
        TypeError,
        /transfer-encoding/,
      );
      expect(await api.requests('never')).toEqual([]);
    });
  });

  describe('sends bodies', () => {
    const encode = (part: string) => new TextEncoder().encode(part);

    it('of every kind, with the content type and length that fetch gives them', async () => {
      const buffer = encode('..bytes..').buffer;
      const kinds = {
        string: ['tëxt', 'tëxt', 'text/plain;charset=UTF-8'],
        view: [new DataView(buffer, 2, 5), 'bytes', undefined],
        part: [new Uint8Array(buffer, 2, 5), 'bytes', undefined],
        buffer: [encode('bytes').buffer, 'bytes', undefined],
        blob: [new Blob(['blob'], { type: 'image/x-own' }), 'blob', 'image/x-own'],
        'blob without a type': [new Blob(['blob']), 'blob', undefined],
        parameters: [new URLSearchParams({ a: 'b c' }), 'a=b+c', 'application/x-www-form-urlencoded;charset=UTF-8'],
        empty: ['', '', 'text/plain;charset=UTF-8'],
      } as const;
      for (const [kind, [body, sent, type]] of Object.entries(kinds)) {
        const { body: received, headers } = await echo(kind, { method: 'POST', body });
        expect([received, headers['content-type'], headers['content-length']])
          .withContext(kind)
          .toEqual([sent, type, String(encode(sent).length)] as string[]);
      }
      expect(
        (await echo('own type', { method: 'POST', body: 'x', headers: { 'Content-Type': 'text/x-own' } })).headers[
          'content-type'
        ],
      ).toBe('text/x-own');
    });

    it('of forms that fetch parses to the same entries, also files and names with quotes and line ends', async () => {
      const form = new FormData();
      form.append('plain', 'a\nb');
      form.append('o"dd\nname', 'ü');
      form.append('file', new File(['one\ntwo'], 'n"ame\n.txt', { type: 'text/x-own' }));
      form.append('file', new Blob(['bytes']));
      const { body, headers } = await echo('form', { method: 'POST', body: form });
      const read = await new Response(body, { headers: { 'content-type': headers['content-type'] ?? '' } }).formData();

      expect(headers['content-length']).toBe(String(encode(body).length));
      expect([...read.keys()]).toEqual(['plain', 'o"dd\r\nname', 'file', 'file']);
      expect([read.get('plain'), read.get('o"dd\r\nname')]).toEqual(['a\r\nb', 'ü']);
      const [first, second] = read.getAll('file') as File[];
      expect([first?.name, first?.type, await first?.text()]).toEqual(['n"ame\n.txt', 'text/x-own', 'one\ntwo']);
      expect([second?.name, second?.type, await second?.text()]).toEqual(['blob', 'application/octet-stream', 'bytes']);
    });

    it('of async iterables, in chunks', async () => {
      async function* parts() {
        yield encode('a');
        await wait(5);
        yield encode('b');
      }
      const { body, headers } = await echo('iterable', { method: 'PUT', body: parts() as unknown as ReadableStream });

      expect([body, headers['transfer-encoding']]).toEqual(['ab', 'chunked']);
    });

    it('of streams, and rejects with the error of a stream that fails', async () => {
      const bug = new Error('a bug of the stream');
      const stream = new ReadableStream({
        pull(controller) {
          controller.error(bug);
        },
      });
      const error: unknown = await fetch(api.url('bug', {}), {
        method: 'PUT',
        body: stream,
        duplex: 'half',
      } as RequestInit).catch((reason: unknown) => reason);

      expect(error).toBe(bug);
    });

    it('of streams, except those that were read before or have chunks other than bytes', async () => {
      const url = api.url('refused streams', {});
      const read = new Blob(['x']).stream();
      await read.getReader().read();
      const words = new ReadableStream({
        start(controller) {
          controller.enqueue('text');
          controller.close();
        },
      });

      await expectAsync(fetch(url, { method: 'PUT', body: read })).toBeRejectedWithError(TypeError);
      await expectAsync(fetch(url, { method: 'PUT', body: words })).toBeRejectedWithError(TypeError);
    });

    it('of streams, and cancels them when the signal aborts during a read', async () => {
      const controller = new AbortController();
      let cancelled = false;
      const stream = new ReadableStream<Uint8Array>({
        start(streamController) {
          streamController.enqueue(encode('x'));
        },
        cancel() {
          cancelled = true;
        },
      });
      const answer = fetch(api.url('pending', { stall: 'upload' }), {
        method: 'PUT',
        body: stream,
        signal: controller.signal,
      });
      await api.received('pending');
      controller.abort();

      await expectAsync(answer).toBeRejectedWith(controller.signal.reason);
      expect((await api.ended('pending')).aborted).toBeTrue();
      expect(cancelled).toBeTrue();
    });

    it('except for GET and HEAD, like fetch', async () => {
      const url = api.url('no body', {});
      for (const method of ['GET', 'get', 'HEAD']) {
        for (const body of ['x', '']) await expectAsync(fetch(url, { method, body })).toBeRejectedWithError(TypeError);
      }
      expect(await api.requests('no body')).toEqual([]);
    });
  });

  describe('refuses', () => {
    it('unsupported URLs, without revealing a password', async () => {
      for (const url of ['nonsense', 'ftp://a.test/', 'data:text/plain,x', 'http://me:secret@a.test/']) {
        const error: unknown = await fetch(url, {}).catch((reason: unknown) => reason);
        expect(error).withContext(url).toBeInstanceOf(TypeError);
        expect(String(error)).not.toContain('secret');
      }
    });

    it('the method CONNECT and the option integrity', async () => {
      await expectAsync(fetch(api.url('tunnel', {}), { method: 'CONNECT' })).toBeRejectedWithError(TypeError);
      await expectAsync(fetch(api.url('integrity', {}), { integrity: 'sha256-x' })).toBeRejectedWithError(TypeError);
    });
  });

  describe('follows redirects', () => {
    it('with the body, and with credentials only to the same origin', async () => {
      const headers = { authorization: 'secret', cookie: 'secret', 'x-own': '1' };
      for (const [key, target] of [
        ['same', api.url('to same', { echo: true })],
        ['other', api.otherUrl('to other', { echo: true })],
      ] as const) {
        const response = await fetch(api.url(key, { redirect: target, status: 307 }), {
          method: 'POST',
          body: 'order',
          headers,
        });
        const { method, body, headers: sent } = (await response.json()) as Echo;
        expect([response.url, response.redirected]).toEqual([target, true]);
        expect([method, body, sent['x-own']]).toEqual(['POST', 'order', '1']);
        const kept = key === 'same' ? 'secret' : undefined;
        expect([sent.authorization, sent.cookie]).toEqual([kept, kept]);
      }
    });

    it('with GET after a POST and 303, but not with a stream after 307', async () => {
      const target = api.url('target', { echo: true });
      const { method, body, headers } = (await (
        await fetch(api.url('303', { redirect: target, status: 303 }), { method: 'POST', body: 'x' })
      ).json()) as Echo;
      expect([method, body, headers['content-type']]).toEqual(['GET', '', undefined]);
      async function* parts() {
        yield await Promise.resolve(new TextEncoder().encode('x'));
      }
      const again = api.url('307', { redirect: target, status: 307 });
      for (const stream of [new Blob(['x']).stream(), parts() as unknown as ReadableStream]) {
        await expectAsync(fetch(again, { method: 'POST', body: stream })).toBeRejectedWithError(TypeError);
      }
    });

    it('until the signal aborts, also on a later hop', async () => {
      const controller = new AbortController();
      const answer = fetch(api.url('leg', { redirect: api.otherUrl('second', { stall: 'headers' }) }), {
        signal: controller.signal,
      });
      await api.received('second');
      controller.abort();

      await expectAsync(answer).toBeRejectedWith(controller.signal.reason);
      expect((await api.ended('second')).aborted).toBeTrue();
      expect(getEventListeners(controller.signal, 'abort').length).toBe(0);
    });
  });

  describe('decodes the content coding', () => {
    const DECODED = JSON.stringify({
      whole: 'abcdefghij'.repeat(1000),
      noise: Array.from({ length: 100 }, (_, index) => Math.sin(index)),
    });
    const codings: Readonly<Record<string, Buffer>> = {
      gzip: gzipSync(DECODED),
      'x-gzip': gzipSync(DECODED),
      deflate: deflateSync(DECODED),
      'deflate ': deflateRawSync(DECODED),
      BR: brotliCompressSync(DECODED),
      'gzip, br': brotliCompressSync(gzipSync(DECODED)),
      identity: Buffer.from(DECODED),
    };
    const answer = (coding: string, body: Buffer) =>
      ({ body: body.toString('base64'), encoding: 'base64', headers: { 'Content-Encoding': coding } }) as const;

    for (const [coding, body] of Object.entries(codings)) {
      it(`${coding} of a body that is read whole or as a stream`, async () => {
        const url = api.url(coding, answer(coding, body));
        expect(await (await fetch(url, {})).text()).toBe(DECODED);
        expect(await new Response((await fetch(url, {})).body).text()).toBe(DECODED);
      });

      if (coding === 'identity') continue;
      it(`${coding}, and rejects an incomplete body even if the HTTP message is complete`, async () => {
        for (const length of [1, 9, 100, body.length - 1]) {
          const url = api.url(`${coding} ${String(length)}`, answer(coding, body.subarray(0, length)));
          await expectAsync((await fetch(url, {})).text())
            .withContext(String(length))
            .toBeRejectedWithError(TypeError);
          await expectAsync(new Response((await fetch(url, {})).body).text())
            .withContext(String(length))
            .toBeRejected();
        }
      });
    }

    it('unless it is unknown, and then leaves the body encoded', async () => {
      for (const coding of ['own, gzip', 'constructor']) {
        expect(
          await (await fetch(api.url(coding, { body: 'x', headers: { 'Content-Encoding': coding } }), {})).text(),
        ).toBe('x');
      }
    });

    it('of an empty body as empty, and of a HEAD response as no body', async () => {
      const url = api.url('empty', { headers: { 'Content-Encoding': 'gzip' } });
      expect(await (await fetch(url, {})).text()).toBe('');
      const head = await fetch(url, { method: 'HEAD' });
      expect([head.body, await head.text()]).toEqual([null, '']);
    });

    it('up to 5 times, and rejects a response with more codings', async () => {
      await expectAsync(
        fetch(api.url('six', answer('gzip, gzip, gzip, gzip, gzip, gzip', gzipSync('x'))), {}),
      ).toBeRejectedWithError(TypeError);
    });
  });

  describe('returns a Response', () => {
    it('without creating Headers, streams or another Response, if it is only read as JSON', async () => {
      const url = api.url('direct', { json: { a: 1 } });
      await (await fetch(url, {})).json();
      const created: string[] = [];
      const watched = ['Headers', 'Response', 'ReadableStream'] as const;
      const originals = Object.fromEntries(watched.map((name) => [name, globalThis[name]]));
      for (const name of watched) {
        const original = globalThis[name];
        Object.assign(globalThis, {
          [name]: new Proxy(original, {
            construct(target, args, newTarget) {
              created.push(name);
              return Reflect.construct(target, args, newTarget) as object;
            },
          }),
        });
      }
      try {
        const response = await fetch(url, { headers: { 'x-own': '1' } });
        expect([response.status, await response.json()]).toEqual([200, { a: 1 }]);
        expect(created).toEqual([]);
        expect(response.headers.get('content-type')).toBe('application/json');
        expect(created).toEqual(['Headers']);
      } finally {
        Object.assign(globalThis, originals);
      }
    });

    it('whose body can be read only once, in any combination of ways', async () => {
      const url = api.url('once', { json: { a: 1 } });
      const ways = ['json', 'text', 'bytes', 'arrayBuffer', 'blob', 'formData'] as const;
      for (const way of ways.slice(0, 5)) {
        const response = (await fetch(url, {})) as Response & { bytes(): Promise<Uint8Array> };
        expect(response.bodyUsed).toBeFalse();
        await response[way]();
        expect(response.bodyUsed).withContext(way).toBeTrue();
        for (const again of ways) {
          await expectAsync(response[again]()).withContext(`${way}, ${again}`).toBeRejectedWithError(TypeError);
        }
        expect(() => response.clone()).toThrowError(TypeError);
        expect(response.body?.locked).withContext(way).toBeTrue();
      }
    });

    it('that can be read after its body was accessed or it was cloned', async () => {
      const url = api.url('after', { json: { a: 1 } });
      for (const way of ['json', 'text', 'bytes', 'arrayBuffer', 'blob'] as const) {
        const response = (await fetch(url, {})) as Response & { bytes(): Promise<Uint8Array> };
        expect(response.body).toBeInstanceOf(ReadableStream);
        const copy = response.clone() as typeof response;
        expect([copy.status, copy.url, copy.redirected, copy.headers.get('content-type')]).toEqual([
          200,
          url,
          false,
          response.headers.get('content-type'),
        ]);
        expect(await copy[way]()).toEqual(await response[way]());
        expect([response.bodyUsed, copy.bodyUsed]).toEqual([true, true]);
      }
    });

    it('whose bytes are in a buffer of their own', async () => {
      const url = api.url('own', { body: 'abc' });
      const response = (await fetch(url, {})) as Response & { bytes(): Promise<Uint8Array> };
      expect((await response.bytes()).buffer.byteLength).toBe(3);
      const { value } = await (await fetch(url, {})).body!.getReader().read();
      expect(value?.buffer.byteLength).toBe(3);
    });

    it('whose text is decoded as UTF-8, without its byte order mark', async () => {
      const body = Buffer.from('efbbbf7bff7d', 'hex').toString('base64');
      const url = api.url('mark', { body, encoding: 'base64' });
      const get = () => fetch(url, {});
      expect(await (await get()).text()).toBe('{\ufffd}');
      expect(await (await get()).text()).toBe(await new Response(Buffer.from(body, 'base64')).text());
      await expectAsync((await get()).json()).toBeRejectedWithError(SyntaxError);
    });

    it('whose body supports a BYOB reader', async () => {
      const { body } = await fetch(api.url('byob', { chunks: ['abc', 'def', ''], chunkDelay: 10 }), {});
      const reader = body!.getReader({ mode: 'byob' });
      const parts: string[] = [];
      for (;;) {
        const { done, value } = await reader.read(new Uint8Array(2));
        if (done) break;
        parts.push(Buffer.from(value).toString());
      }
      expect(parts.join('')).toBe('abcdef');
    });

    it('without a body for 204 and for HEAD: json() rejects, and bodyUsed stays false', async () => {
      for (const response of [
        await fetch(api.url('204', { status: 204 }), {}),
        await fetch(api.url('HEAD', { body: 'x' }), { method: 'head' }),
      ]) {
        await expectAsync(response.json()).toBeRejectedWithError(SyntaxError);
        expect([response.body, await response.text(), response.bodyUsed]).toEqual([null, '', false]);
      }
    });

    it('with its normalized URL, without a fragment', async () => {
      const url = api.url('place', { body: 'x' });
      for (const variant of [`${url}#part`, url.replace('/', '/'), url.replace('http:', 'HTTP:')]) {
        expect((await fetch(variant, {})).url).toBe(new URL(url).href);
      }
    });

    it('whose body is cut off, so that every way to read it rejects', async () => {
      const url = api.url('cut', { cut: 'in-body' });
      for (const way of ['json', 'text', 'arrayBuffer', 'blob'] as const) {
        const error: unknown = await (await fetch(url, {}))[way]().catch((reason: unknown) => reason);
        expect(error).withContext(way).toBeInstanceOf(TypeError);
        expect((error as Error).cause).toBeInstanceOf(Error);
      }
      const late = await fetch(url, {});
      await api.ended('cut', 5);
      await wait(10);
      await expectAsync(late.text()).toBeRejectedWithError(TypeError);
      const reader = (await fetch(url, {})).body!.getReader();
      await expectAsync(
        (async () => {
          while (!(await reader.read()).done);
        })(),
      ).toBeRejectedWithError(TypeError);
    });
  });

  for (const coding of ['identity', 'gzip']) {
    describe(`applies backpressure to an endless body with coding ${coding}`, () => {
      let server: LoopbackServer;
      let sent = 0;

      beforeEach(async () => {
        sent = 0;
        const noise = randomBytes(64 * 1024);
        const chunk = coding === 'gzip' ? gzipSync(noise) : noise;
        const flood = (response: ServerResponse): void => {
          do sent += chunk.byteLength;
          while (response.write(chunk));
        };
        server = await listen(
          createServer((_, response) => {
            response.on('drain', () => {
              flood(response);
            });
            flood(response.writeHead(200, { 'content-encoding': coding }));
          }),
        );
      });

      afterEach(() => server.close());

      /** Waits until the server sends no more, or far more than the system buffers; returns how many bytes it sent. */
      const sentBytesAtRest = async (): Promise<number> => {
        for (let before = 0; before < sent && sent < 60_000_000;) {
          before = sent;
          await wait(100);
        }
        return sent;
      };
      const closed = async (): Promise<void> => {
        while (server.sockets.size > 0) await wait(5);
      };

      it('without a reader', async () => {
        const response = await fetch(server.origin, {});
        expect(await sentBytesAtRest()).toBeLessThan(30_000_000);
        await response.body!.cancel();
        await closed();
      });

      it('with a reader that reads little', async () => {
        const reader = (await fetch(server.origin, {})).body!.getReader();
        for (let count = 0; count < 3; count += 1) {
          await reader.read();
          expect(await sentBytesAtRest()).toBeLessThan(30_000_000);
        }
        await reader.cancel();
        await closed();
      });

      it('until its reader continues', async () => {
        const reader = (await fetch(server.origin, {})).body!.getReader();
        const before = await sentBytesAtRest();
        for (let size = 0; size < before + 500_000;) size += (await reader.read()).value?.byteLength ?? 0;
        expect(sent).toBeGreaterThan(before);
        await reader.cancel();
        await closed();
      });
    });
  }

  it('reads the complete body, at once or later, whole or as a stream', async () => {
    const url = api.url('all', { bytes: 3_000_000 });
    for (const pause of [0, 50]) {
      const [whole, stream] = [await fetch(url, {}), await fetch(url, {})];
      await wait(pause);
      expect((await whole.arrayBuffer()).byteLength).toBe(3_000_000);
      let size = 0;
      for await (const chunk of stream.body!) size += chunk.byteLength;
      expect(size).toBe(3_000_000);
    }
  });

  describe('with a signal', () => {
    const listeners = (signal: AbortSignal) => getEventListeners(signal, 'abort').length;
    const reason = new Error('enough');

    it('that was aborted before sends nothing', async () => {
      await expectAsync(fetch(api.url('before', {}), { signal: AbortSignal.abort(reason) })).toBeRejectedWith(reason);
      expect(await api.requests('before')).toEqual([]);
    });

    it('that aborts before the connection is made rejects at once and sends nothing', async () => {
      const controller = new AbortController();
      const answer = fetch(api.url('early', {}), { signal: controller.signal });
      controller.abort(reason);
      await expectAsync(answer).toBeRejectedWith(reason);
      expect(listeners(controller.signal)).toBe(0);
      await wait(50);
      expect(await api.requests('early')).toEqual([]);
    });

    it('that aborts while a body is read whole, read as a stream or still unread rejects the read', async () => {
      for (const [kind, read] of Object.entries({
        whole: async (response: Response) => {
          await response.text();
        },
        stream: async (response: Response) => {
          const reader = response.body!.getReader();
          while (!(await reader.read()).done);
        },
        later: async (response: Response) => {
          await wait(30);
          await response.text();
        },
      })) {
        const controller = new AbortController();
        const response = await fetch(api.url(kind, { stall: 'body' }), { signal: controller.signal });
        const reading = read(response);
        await wait(10);
        expect(listeners(controller.signal)).toBe(1);
        controller.abort(reason);
        await expectAsync(reading).withContext(kind).toBeRejectedWith(reason);
        expect((await api.ended(kind)).aborted).toBeTrue();
        expect(listeners(controller.signal)).toBe(0);
      }
    });

    it('leaves no listener on it, however the request ends', async () => {
      const { signal } = new AbortController();
      await (await fetch(api.url('whole', { body: 'x' }), { signal })).text();
      await (await fetch(api.url('head', {}), { method: 'HEAD', signal })).text();
      await (
        await fetch(
          api.url('gzip', {
            body: gzipSync('x').toString('base64'),
            encoding: 'base64',
            headers: { 'Content-Encoding': 'gzip' },
          }),
          { signal },
        )
      ).text();
      await (await fetch(api.url('cancelled', { stall: 'body' }), { signal })).body!.cancel();
      await expectAsync((await fetch(api.url('broken', { cut: 'in-body' }), { signal })).text()).toBeRejected();
      await expectAsync(fetch(api.refusedUrl, { signal })).toBeRejected();
      await expectAsync(fetch(api.url('header', {}), { headers: { 'a b': '1' }, signal })).toBeRejected();
      await fetch(api.url('unread', { body: 'x' }), { signal });
      await wait(20);

      expect(listeners(signal)).toBe(0);
    });
  });

  it('is aborted by the client without an AbortController, unless the signal is accessed', async () => {
    const dispatcher = new MockAgent();
    dispatcher.get('http://a.test').intercept({ path: '/' }).reply(200, { a: 1 }).times(2);
    const plain = undiciFetch({ dispatcher });
    const original = globalThis.AbortController;
    let created = 0;
    globalThis.AbortController = class extends original {
      constructor() {
        super();
        created += 1;
      }
    };
    try {
      await only(new RetryClient({ fetch: plain }).getJSON('http://a.test/'));
      expect(created).toBe(0);
      await only(new RetryClient({ fetch: (url, init) => plain(url, { ...init }) }).getJSON('http://a.test/'));
      expect(created).toBe(1);
    } finally {
      globalThis.AbortController = original;
    }
    for (const wrap of [fetch, (url: string, init: RequestInit) => fetch(url, { ...init })]) {
      const key = wrap === fetch ? 'plain' : 'wrapped';
      const subscription = new RetryClient({ fetch: wrap }).get(api.url(key, { stall: 'headers' })).subscribe();
      await api.received(key);
      subscription.unsubscribe();
      expect((await api.ended(key)).aborted)
        .withContext(key)
        .toBeTrue();
    }
  });

  it('works with the client’s selectors and retries', async () => {
    const client = new RetryClient({ fetch, strategy: { backoff: constant(0) } });

    expect(
      await only(client.get(api.url('json', [{ status: 503 }, { json: { a: 1 } }]), { selector: json() })),
    ).toEqual({ a: 1 });
    expect(await only(client.get(api.url('text', [{ cut: 'in-body' }, { body: 'ok' }]), { selector: text() }))).toBe(
      'ok',
    );
  });
});
