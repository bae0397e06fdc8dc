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

  describe('under a client', () => {
    it('has every call aborted that was made with one init', async () => {
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

    it('is retried whatever the platform’s own fetch would refuse: a method, a mode', async () => {
      const client = new RetryClient({ fetch, strategy: { backoff: constant(0) } });
      const trace = client.request('TRACE', api.url('trace', [{ cut: 'before-headers' }, {}]));
      const cached = client.get(api.url('cached', [{ cut: 'before-headers' }, {}]), { cache: 'only-if-cached' });

      expect((await Promise.all([only(trace), only(cached)])).map(({ status }) => status)).toEqual([200, 200]);
    });

    it('reads a body whole, for a selector, without a stream in between', async () => {
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

  describe('has a dispatcher', () => {
    it('of its own, which keeps connections alive: two do not share them', async () => {
      const url = api.url('row', { body: 'x' });
      for (let count = 0; count < 4; count += 1) {
        await (await fetch(url, {})).text();
        // Undici has a connection free a moment after its last byte only.
        await wait(5);
      }
      await (await undiciFetch({ dispatcher: undefined })(url, {})).text();

      expect(new Set((await api.requests('row')).map(({ socket }) => socket)).size).toBe(2);
    });

    it('of the caller’s choice, whose limits hold', async () => {
      const dispatcher = new Agent({ connections: 1 });
      const limited = undiciFetch({ dispatcher });
      const url = api.url('one', { body: 'x', delay: 10 });
      await Promise.all(Array.from({ length: 4 }, async () => (await limited(url, {})).text()));

      expect(new Set((await api.requests('one')).map(({ socket }) => socket)).size).toBe(1);
      await dispatcher.close();
      await api.socketsClosed();
      expect(api.openSockets()).toBe(0);
    });

    it('whose timeouts hold, where it is the caller’s', async () => {
      const dispatcher = new Agent({ headersTimeout: 1 });
      const client = new RetryClient({ fetch: undiciFetch({ dispatcher }), strategy: { attempts: 1 } });

      await expectAsync(only(client.get(api.url('slow', { stall: 'headers' })))).toBeRejectedWith(
        jasmine.objectContaining({ name: 'HttpNetworkError', phase: 'headers' }),
      );
    });

    it('that may be a mock', async () => {
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

    it('that was closed fails for good, without a second attempt', async () => {
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
    it('given as an object, as Headers or as pairs, and what fetch adds', async () => {
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

    it('of the caller’s instead of its own, whatever their case', async () => {
      const { headers } = await echo('instead', {
        headers: { ACCEPT: 'text/plain', 'User-Agent': 'me', 'Accept-Encoding': 'br' },
      });

      expect([headers.accept, headers['user-agent'], headers['accept-encoding']]).toEqual(['text/plain', 'me', 'br']);
    });

    it('that ask for no compression of a part', async () => {
      expect((await echo('part', { headers: { Range: 'bytes=0-9' } })).headers['accept-encoding']).toBe('identity');
    });

    it('unless they cannot be sent: that fails at once, and for good', async () => {
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

    it('of every kind, with the content type and the length that fetch gives them', async () => {
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

    it('of forms, which a fetch reads as they were, files and odd names too', async () => {
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

    it('of async iterables, in chunks, without a client', async () => {
      async function* parts() {
        yield encode('a');
        await wait(5);
        yield encode('b');
      }
      const { body, headers } = await echo('iterable', { method: 'PUT', body: parts() as unknown as ReadableStream });

      expect([body, headers['transfer-encoding']]).toEqual(['ab', 'chunked']);
    });

    it('of streams, whose error is the request’s', async () => {
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
      } as RequestInit).catch((one: unknown) => one);

      expect(error).toBe(bug);
    });

    it('of streams, unless somebody has read from them, or they give no bytes', async () => {
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

    it('of streams, which it lets go of when the signal aborts, though a read is pending', async () => {
      const controller = new AbortController();
      let cancelled = false;
      const stream = new ReadableStream<Uint8Array>({
        start(one) {
          one.enqueue(encode('x'));
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

    it('and refuses those of GET and HEAD, as fetch does', async () => {
      const url = api.url('no body', {});
      for (const method of ['GET', 'get', 'HEAD']) {
        for (const body of ['x', '']) await expectAsync(fetch(url, { method, body })).toBeRejectedWithError(TypeError);
      }
      expect(await api.requests('no body')).toEqual([]);
    });
  });

  describe('refuses', () => {
    it('URLs that it cannot send to, without telling a password', async () => {
      for (const url of ['nonsense', 'ftp://a.test/', 'data:text/plain,x', 'http://me:secret@a.test/']) {
        const error: unknown = await fetch(url, {}).catch((one: unknown) => one);
        expect(error).withContext(url).toBeInstanceOf(TypeError);
        expect(String(error)).not.toContain('secret');
      }
    });

    it('to make tunnels, and to leave integrity unchecked', async () => {
      await expectAsync(fetch(api.url('tunnel', {}), { method: 'CONNECT' })).toBeRejectedWithError(TypeError);
      await expectAsync(fetch(api.url('integrity', {}), { integrity: 'sha256-x' })).toBeRejectedWithError(TypeError);
    });
  });

  describe('follows redirects', () => {
    it('with the body, to the same origin with credentials, to another without', async () => {
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

    it('by GET after a POST and 303, and not with a stream after 307', async () => {
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

    it('until the signal aborts, on whichever leg', async () => {
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

  describe('undoes a content coding:', () => {
    const WHOLE = JSON.stringify({
      whole: 'abcdefghij'.repeat(1000),
      noise: Array.from({ length: 100 }, (_, index) => Math.sin(index)),
    });
    const codings: Readonly<Record<string, Buffer>> = {
      gzip: gzipSync(WHOLE),
      'x-gzip': gzipSync(WHOLE),
      deflate: deflateSync(WHOLE),
      'deflate ': deflateRawSync(WHOLE),
      BR: brotliCompressSync(WHOLE),
      'gzip, br': brotliCompressSync(gzipSync(WHOLE)),
      identity: Buffer.from(WHOLE),
    };
    const answer = (coding: string, body: Buffer) =>
      ({ body: body.toString('base64'), encoding: 'base64', headers: { 'Content-Encoding': coding } }) as const;

    for (const [coding, body] of Object.entries(codings)) {
      it(`${coding}, read whole and as a stream`, async () => {
        const url = api.url(coding, answer(coding, body));
        expect(await (await fetch(url, {})).text()).toBe(WHOLE);
        expect(await new Response((await fetch(url, {})).body).text()).toBe(WHOLE);
      });

      if (coding === 'identity') continue;
      it(`${coding}, and fails for one that ends early, though HTTP saw a whole body`, async () => {
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

    it('and hands over what it does not know as it came', async () => {
      for (const coding of ['own, gzip', 'constructor']) {
        expect(
          await (await fetch(api.url(coding, { body: 'x', headers: { 'Content-Encoding': coding } }), {})).text(),
        ).toBe('x');
      }
    });

    it('and an empty body stays empty, that of a HEAD is none', async () => {
      const url = api.url('empty', { headers: { 'Content-Encoding': 'gzip' } });
      expect(await (await fetch(url, {})).text()).toBe('');
      const head = await fetch(url, { method: 'HEAD' });
      expect([head.body, await head.text()]).toEqual([null, '']);
    });

    it('and refuses more than anybody needs', async () => {
      await expectAsync(
        fetch(api.url('six', answer('gzip, gzip, gzip, gzip, gzip, gzip', gzipSync('x'))), {}),
      ).toBeRejectedWithError(TypeError);
    });
  });

  describe('gives a Response', () => {
    it('without making Headers, streams or another Response, for who only reads it', async () => {
      const url = api.url('direct', { json: { a: 1 } });
      await (await fetch(url, {})).json();
      const made: string[] = [];
      const watched = ['Headers', 'Response', 'ReadableStream'] as const;
      const originals = Object.fromEntries(watched.map((name) => [name, globalThis[name]]));
      for (const name of watched) {
        const original = globalThis[name];
        Object.assign(globalThis, {
          [name]: new Proxy(original, {
            construct(target, args, newTarget) {
              made.push(name);
              return Reflect.construct(target, args, newTarget) as object;
            },
          }),
        });
      }
      try {
        const response = await fetch(url, { headers: { 'x-own': '1' } });
        expect([response.status, await response.json()]).toEqual([200, { a: 1 }]);
        expect(made).toEqual([]);
        expect(response.headers.get('content-type')).toBe('application/json');
        expect(made).toEqual(['Headers']);
      } finally {
        Object.assign(globalThis, originals);
      }
    });

    it('whose body is read once, however that is asked for', async () => {
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

    it('that is read after its body was looked at, or its copy was made', async () => {
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

    it('whose bytes are in memory of their own', async () => {
      const url = api.url('own', { body: 'abc' });
      const response = (await fetch(url, {})) as Response & { bytes(): Promise<Uint8Array> };
      expect((await response.bytes()).buffer.byteLength).toBe(3);
      const { value } = await (await fetch(url, {})).body!.getReader().read();
      expect(value?.buffer.byteLength).toBe(3);
    });

    it('whose text is UTF-8, without the mark at its beginning', async () => {
      const body = Buffer.from('efbbbf7bff7d', 'hex').toString('base64');
      const url = api.url('mark', { body, encoding: 'base64' });
      const get = () => fetch(url, {});
      expect(await (await get()).text()).toBe('{\ufffd}');
      expect(await (await get()).text()).toBe(await new Response(Buffer.from(body, 'base64')).text());
      await expectAsync((await get()).json()).toBeRejectedWithError(SyntaxError);
    });

    it('whose body can be read into a buffer of the reader’s', async () => {
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

    it('that has no body after 204 and for HEAD: then json() is no JSON, and nothing is used', async () => {
      for (const response of [
        await fetch(api.url('204', { status: 204 }), {}),
        await fetch(api.url('HEAD', { body: 'x' }), { method: 'head' }),
      ]) {
        await expectAsync(response.json()).toBeRejectedWithError(SyntaxError);
        expect([response.body, await response.text(), response.bodyUsed]).toEqual([null, '', false]);
      }
    });

    it('that says where it comes from, the URL in its normal form and without a fragment', async () => {
      const url = api.url('place', { body: 'x' });
      for (const odd of [`${url}#part`, url.replace('/', '/'), url.replace('http:', 'HTTP:')]) {
        expect((await fetch(odd, {})).url).toBe(new URL(url).href);
      }
    });

    it('that breaks off: each way to read it fails', async () => {
      const url = api.url('cut', { cut: 'in-body' });
      for (const way of ['json', 'text', 'arrayBuffer', 'blob'] as const) {
        const error: unknown = await (await fetch(url, {}))[way]().catch((one: unknown) => one);
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
    describe(`reads no faster than its reader, of a body in ${coding} without end,`, () => {
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

      /** Resolves when the server cannot send any more, with how much it has sent; or when that is far more than the system buffers. */
      const rest = async (): Promise<number> => {
        for (let before = 0; before < sent && sent < 60_000_000;) {
          before = sent;
          await wait(100);
        }
        return sent;
      };
      const closed = async (): Promise<void> => {
        while (server.sockets.size > 0) await wait(5);
      };

      it('while nobody reads', async () => {
        const response = await fetch(server.origin, {});
        expect(await rest()).toBeLessThan(30_000_000);
        await response.body!.cancel();
        await closed();
      });

      it('while somebody reads a little now and then', async () => {
        const reader = (await fetch(server.origin, {})).body!.getReader();
        for (let count = 0; count < 3; count += 1) {
          await reader.read();
          expect(await rest()).toBeLessThan(30_000_000);
        }
        await reader.cancel();
        await closed();
      });

      it('and goes on when somebody does', async () => {
        const reader = (await fetch(server.origin, {})).body!.getReader();
        const before = await rest();
        for (let size = 0; size < before + 500_000;) size += (await reader.read()).value?.byteLength ?? 0;
        expect(sent).toBeGreaterThan(before);
        await reader.cancel();
        await closed();
      });
    });
  }

  it('reads all of a body, whenever that begins, whole or as a stream', async () => {
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

  describe('obeys the signal', () => {
    const listeners = (signal: AbortSignal) => getEventListeners(signal, 'abort').length;
    const reason = new Error('enough');

    it('that has aborted before: nothing is sent', async () => {
      await expectAsync(fetch(api.url('before', {}), { signal: AbortSignal.abort(reason) })).toBeRejectedWith(reason);
      expect(await api.requests('before')).toEqual([]);
    });

    it('that aborts before there is a connection: at once, and nothing is sent', async () => {
      const controller = new AbortController();
      const answer = fetch(api.url('early', {}), { signal: controller.signal });
      controller.abort(reason);
      await expectAsync(answer).toBeRejectedWith(reason);
      expect(listeners(controller.signal)).toBe(0);
      await wait(50);
      expect(await api.requests('early')).toEqual([]);
    });

    it('that aborts while a body is read whole, as a stream, or by nobody yet', async () => {
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

    it('and leaves nothing at it, however it ends', async () => {
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

  it('is told of an abort by the client without a signal, unless somebody asks for that', async () => {
    const dispatcher = new MockAgent();
    dispatcher.get('http://a.test').intercept({ path: '/' }).reply(200, { a: 1 }).times(2);
    const plain = undiciFetch({ dispatcher });
    const original = globalThis.AbortController;
    let made = 0;
    globalThis.AbortController = class extends original {
      constructor() {
        super();
        made += 1;
      }
    };
    try {
      await only(new RetryClient({ fetch: plain }).getJSON('http://a.test/'));
      expect(made).toBe(0);
      await only(new RetryClient({ fetch: (url, init) => plain(url, { ...init }) }).getJSON('http://a.test/'));
      expect(made).toBe(1);
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

  it('goes with the client’s selectors, as any transport', async () => {
    const client = new RetryClient({ fetch, strategy: { backoff: constant(0) } });

    expect(
      await only(client.get(api.url('json', [{ status: 503 }, { json: { a: 1 } }]), { selector: json() })),
    ).toEqual({ a: 1 });
    expect(await only(client.get(api.url('text', [{ cut: 'in-body' }, { body: 'ok' }]), { selector: text() }))).toBe(
      'ok',
    );
  });
});
