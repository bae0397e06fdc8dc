import { createReadStream } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';

import ForeignBlob from 'fetch-blob';
import ForeignFile from 'fetch-blob/file.js';
import { FormData as ForeignFormData } from 'formdata-polyfill/esm.min.js';
import { concatMap, type Observable, timer } from 'rxjs';

import {
  type BodyContent,
  constant,
  HttpNetworkError,
  HttpTimeoutError,
  json,
  type RequestBody,
  RetryClient,
  text,
  type Transport,
} from '../../src/index.js';
import { nodeFetch } from '../../src/transports/node-fetch.js';
import { undiciFetch } from '../../src/transports/undici.js';
import { listen, nodeTestServer, type NodeTestServer } from '../support/node-server.js';
import { failureOf, only } from '../support/settled.js';
import type { Echo } from '../support/test-server.js';

const transports: readonly (readonly [name: string, make: () => Transport | undefined])[] = [
  ['fetch', () => undefined],
  ['nodeFetch()', () => nodeFetch()],
  ['undiciFetch()', () => undiciFetch()],
];

const encode = (part: string) => new TextEncoder().encode(part);
const streamOf = (...chunks: readonly string[]) =>
  new ReadableStream<Uint8Array>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(encode(chunk));
      controller.close();
    },
  });

for (const [name, make] of transports) {
  describe(`RetryClient over ${name}`, () => {
    let api: NodeTestServer;
    let client: RetryClient;

    // Each spec has a server of its own, so that no spec reuses a connection that another one cut.
    beforeEach(async () => {
      api = await nodeTestServer();
      client = new RetryClient({ fetch: make(), strategy: { backoff: constant(0) }, timeout: 2000 });
    });

    afterEach(() => api.close());

    describe('returns a Response', () => {
      it('with status, headers, URL and body', async () => {
        const url = api.url('response', {
          status: 201,
          json: { a: 1 },
          headers: { 'X-Own': 'own', 'Set-Cookie': ['a=1', 'b=2'] },
        });
        const response = await only(client.get(url));

        expect(response).toBeInstanceOf(Response);
        expect([response.status, response.statusText, response.ok, response.url, response.redirected]).toEqual([
          201,
          'Created',
          true,
          url,
          false,
        ]);
        expect(response.headers.get('x-own')).toBe('own');
        expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
        expect(response.bodyUsed).toBeFalse();
        expect(await response.json()).toEqual({ a: 1 });
        expect(response.bodyUsed).toBeTrue();
        await expectAsync(response.text()).toBeRejectedWithError(TypeError);
      });

      it('whose body is a web stream of bytes', async () => {
        const { body } = await only(client.get(api.url('stream', { chunks: ['a', 'b', 'c'], chunkDelay: 5 })));
        expect(body).toBeInstanceOf(ReadableStream);
        const chunks: Uint8Array[] = [];
        for await (const chunk of body!) chunks.push(chunk);

        expect(chunks.every((chunk) => chunk instanceof Uint8Array)).toBeTrue();
        expect(Buffer.concat(chunks).toString()).toBe('abc');
      });

      it('that can be read in every way that fetch has', async () => {
        const url = api.url('ways', { json: { a: 1 } });
        const get = () => only(client.get(url));

        expect(await (await get()).text()).toBe('{"a":1}');
        expect(await (await get()).json()).toEqual({ a: 1 });
        expect((await (await get()).arrayBuffer()).byteLength).toBe(7);
        const blob = await (await get()).blob();
        expect([blob.type, await blob.text()]).toEqual(['application/json', '{"a":1}']);
        const form = api.url('form', { body: 'a=1', headers: { 'Content-Type': 'application/x-www-form-urlencoded' } });
        expect((await (await only(client.get(form))).formData()).get('a')).toBe('1');
      });

      it('whose body can be read only once, in any combination of ways', async () => {
        const url = api.url('once', { json: { a: 1 } });
        const ways = ['json', 'text', 'arrayBuffer', 'blob', 'formData'] as const;
        for (const way of ways.slice(0, 4)) {
          const response = await only(client.get(url));
          expect(response.bodyUsed).toBeFalse();
          await response[way]();
          expect(response.bodyUsed).withContext(way).toBeTrue();
          for (const again of ways) {
            await expectAsync(response[again]()).withContext(`${way}, ${again}`).toBeRejectedWithError(TypeError);
          }
          expect(() => response.clone()).toThrowError(TypeError);
        }
      });

      it('that can be read after its body was accessed or it was cloned', async () => {
        const url = api.url('after', { json: { a: 1 } });
        for (const way of ['json', 'text', 'arrayBuffer', 'blob'] as const) {
          const response = await only(client.get(url));
          expect(response.body).toBeInstanceOf(ReadableStream);
          const copy = response.clone();
          expect(await copy[way]()).toEqual(await response[way]());
          expect([response.bodyUsed, copy.bodyUsed]).withContext(way).toEqual([true, true]);
        }
      });

      it('that can be cloned, and whose body can become that of another Response', async () => {
        const response = await only(client.get(api.url('clone', { bytes: 200_000 })));
        const copy = response.clone();
        expect(copy).toBeInstanceOf(Response);
        expect([copy.status, copy.url]).toEqual([200, response.url]);
        const [first, second] = await Promise.all([response.text(), new Response(copy.body).text()]);

        expect([first.length, second.length]).toEqual([200_000, 200_000]);
      });

      for (const status of [204, 205, 304]) {
        it(`without a body for ${String(status)}`, async () => {
          const response = await only(client.get(api.url(`null ${String(status)}`, { status })));

          expect(response.body).toBeNull();
          expect(await response.text()).toBe('');
        });
      }

      it('without a body for HEAD', async () => {
        const response = await only(client.head(api.url('head', { body: 'x' })));

        expect(await response.text()).toBe('');
      });

      it('with a nonstandard status', async () => {
        expect(
          (await only(client.get(api.url('999', { raw: 'HTTP/1.1 299 Own\r\nContent-Length: 0\r\n\r\n' })))).status,
        ).toBe(299);
      });

      it('with the properties redirected and url after a redirect', async () => {
        const target = api.otherUrl('target', { body: 'there' });
        const response = await only(client.get(api.url('redirect', { redirect: target })));

        expect([response.redirected, response.url, await response.text()]).toEqual([true, target, 'there']);
      });

      it('of a redirect itself with redirect manual, and fails without retry with redirect error', async () => {
        const url = api.url('manual', { redirect: '/elsewhere' });
        const response = await only(client.get(url, { redirect: 'manual' }));

        expect(response.status).toBe(302);
        const error = await failureOf(client.get(url, { redirect: 'error' }));
        expect(error).toBeInstanceOf(HttpNetworkError);
        expect((error as HttpNetworkError).permanent).toBeTrue();
        expect((await api.requests('manual')).length).toBe(2);
        expect(await failureOf(client.get(url, { redirect: 'foobar' as 'follow' }))).toBeInstanceOf(TypeError);
        expect((await api.requests('manual')).length).toBe(2);
      });

      it('unless a redirect would send a stream again, which fails without retry', async () => {
        let made = 0;
        const error = await failureOf(
          client.put(api.url('307', { status: 307, headers: { location: '/elsewhere' } }), () => {
            made += 1;
            return streamOf('abc');
          }),
        );
        expect([made, (error as HttpNetworkError).permanent]).toEqual([1, true]);
      });

      it('with a decompressed body', async () => {
        const body = gzipSync('compressed').toString('base64');
        const url = api.url('gzip', { body, encoding: 'base64', headers: { 'Content-Encoding': 'gzip' } });

        expect(await only(client.get(url, { selector: text() }))).toBe('compressed');
      });
    });

    describe('sends', () => {
      const echo = async (body: Parameters<RetryClient['put']>[1], key: string) =>
        only(client.put(api.url(key, { echo: true }), body, { selector: json<Echo>() }));

      it('strings, bytes, Blobs, forms and JSON', async () => {
        const form = new FormData();
        form.set('a', '1');
        form.set('file', new Blob(['bytes']), 'a.txt');
        expect((await echo('tëxt', 'string')).body).toBe('tëxt');
        expect((await echo(encode('bytes'), 'bytes')).body).toBe('bytes');
        expect((await echo(encode('bytes').buffer, 'buffer')).body).toBe('bytes');
        const blob = await echo(new Blob(['blob'], { type: 'image/x-own' }), 'blob');
        expect([blob.body, blob.headers['content-type']]).toEqual(['blob', 'image/x-own']);
        const sent = await echo(form, 'form data');
        expect(sent.headers['content-type']).toMatch(/^multipart\/form-data; ?boundary=/);
        expect(sent.body).toContain('name="a"');
        expect(sent.body).toContain('filename="a.txt"');
        expect((await echo(new URLSearchParams({ a: 'b c' }), 'search')).body).toBe('a=b+c');
        const object = await echo({ a: 1 }, 'object');
        expect([object.body, object.headers['content-type']]).toEqual(['{"a":1}', 'application/json']);
      });

      it('the same body again in the next attempt', async () => {
        const form = new FormData();
        form.set('a', '1');
        const bodies = {
          text: 'text',
          bytes: encode('bytes'),
          blob: new Blob(['blob']),
          form,
          search: new URLSearchParams({ a: '1' }),
          json: { a: 1 },
        };
        for (const [kind, body] of Object.entries(bodies)) {
          const url = api.url(`again ${kind}`, [{ status: 503 }, { cut: 'before-headers' }, {}]);
          expect((await only(client.put(url, body))).status)
            .withContext(kind)
            .toBe(200);
          const sizes = new Set((await api.requests(`again ${kind}`)).map(({ bytes: size }) => size));
          expect(sizes.size).withContext(kind).toBe(1);
          expect(sizes.has(0)).withContext(kind).toBeFalse();
        }
      });

      it('a stream of Node once, and refuses it after it was read', async () => {
        const body = Readable.from([Buffer.from('a'), Buffer.from('b')]);

        const url = api.url('readable', { echo: true });
        expect((await only(client.put(url, body, { selector: json<Echo>() }))).body).toBe('ab');
        expect(await failureOf(client.put(url, body))).toBeInstanceOf(TypeError);
        expect((await api.requests('readable')).length).toBe(1);
      });

      it('web streams, async iterables and the streams of factories', async () => {
        expect((await echo(streamOf('a', 'b', 'c'), 'web stream')).body).toBe('abc');
        const iterable = {
          async *[Symbol.asyncIterator]() {
            yield encode('x');
            await only(timer(5));
            yield encode('y');
          },
        };
        expect((await echo(iterable, 'iterable')).body).toBe('xy');
        expect((await echo(() => streamOf('made'), 'factory')).body).toBe('made');
      });

      it('a new stream of the factory in each attempt', async () => {
        const url = api.url('streams', [{ status: 503 }, { cut: 'before-headers' }, {}]);
        expect((await only(client.put(url, () => streamOf('a', 'b')))).status).toBe(200);

        expect((await api.requests('streams')).map(({ body }) => body)).toEqual(['ab', 'ab', 'ab']);
      });

      it('a stream once, and returns the response even if its status would be retried', async () => {
        const url = api.url('once', [{ status: 503 }, {}]);
        expect((await only(client.put(url, streamOf('a', 'b')))).status).toBe(503);

        expect((await api.requests('once')).map(({ body }) => body)).toEqual(['ab']);
      });

      it('a large stream with backpressure, and stops reading it after unsubscribing', async () => {
        let pulled = 0;
        const large = new ReadableStream<Uint8Array>(
          {
            pull(controller) {
              pulled += 1;
              // The stream is finite: a transport that ignores backpressure then fails this spec instead of hanging it.
              if (pulled > 5000) controller.close();
              else controller.enqueue(new Uint8Array(64 * 1024));
            },
          },
          { highWaterMark: 0 },
        );
        const subscription = client.put(api.url('large', { stall: 'upload' }), large).subscribe();
        await api.received('large');
        await only(timer(100));
        const taken = pulled;
        subscription.unsubscribe();
        await only(timer(50));

        expect(taken).toBeGreaterThan(0);
        expect(taken).toBeLessThan(1000);
        expect(pulled - taken).toBeLessThan(20);
      });

      it('an aborted request, not a complete one, if its stream fails', async () => {
        const bug = new Error('a bug of the stream');
        let chunks = 0;
        const breaking = new ReadableStream<Uint8Array>({
          async pull(controller) {
            chunks += 1;
            await only(timer(20));
            if (chunks > 2) controller.error(bug);
            else controller.enqueue(encode('half'));
          },
        });
        const error = await failureOf(client.put(api.url('breaking', { echo: true }), breaking));
        const request = await api.ended('breaking');

        expect(error).toBe(bug);
        expect(request.aborted).toBeTrue();
        expect((await api.requests('breaking')).length).toBe(1);
      });

      it('a body once if its own source fails, and reports that error unchanged', async () => {
        const bug = new RangeError('a bug of the caller');
        let made = 0;
        const sources: Readonly<Record<string, () => RequestBody>> = {
          'a file that is not there': () => createReadStream('no-such-file'),
          'a generator with a bug in it': async function* () {
            yield await Promise.resolve(encode('half'));
            throw bug;
          },
          'a generator that fails at once': async function* () {
            if (made > 0) throw await Promise.resolve(bug);
            yield encode('');
          },
          'a stream of texts': () => Readable.from(['text']),
        };
        for (const [kind, make] of Object.entries(sources)) {
          made = 0;
          const error = await failureOf(
            client.put(api.url(kind, {}), () => {
              made += 1;
              return (make as () => BodyContent)();
            }),
          );
          await only(timer(20));
          expect(made).withContext(kind).toBe(1);
          expect(error).withContext(kind).not.toBeInstanceOf(HttpNetworkError);
          if (kind.includes('generator')) expect(error).toBe(bug);
          else if (kind.includes('file')) expect((error as NodeJS.ErrnoException).code).toBe('ENOENT');
          else expect(String(error)).toBe("TypeError: each chunk of body must be a Uint8Array, not 'text'");
          expect((await api.requests(kind)).filter(({ aborted }) => !aborted))
            .withContext(kind)
            .toEqual([]);
        }
      });

      it('forms and Blobs of another library', async () => {
        const form = new ForeignFormData();
        form.append('f', new ForeignFile(['the content'], 'a.txt', { type: 'text/plain' }));
        const sent = await echo(form, 'foreign form');
        expect(sent.body).toContain('the content');
        expect(sent.headers['content-type']).toMatch(/^multipart\/form-data/);
        expect((await echo(new ForeignBlob(['blob content']), 'foreign blob')).body).toBe('blob content');
      });

      it('strings, bytes, Blobs and forms of any size with content-length', async () => {
        const form = new FormData();
        form.set('file', new Blob(['x'.repeat(200_000)]), 'a.txt');
        const bodies = {
          text: 'ä'.repeat(100_000),
          bytes: new Uint8Array(200_000),
          blob: new Blob(['x'.repeat(200_000)]),
          form,
          empty: new Blob([]),
          none: new Uint8Array(),
        };
        for (const [kind, body] of Object.entries(bodies)) {
          await only(client.put(api.url(`large ${kind}`, {}), body));
          const [request] = await api.requests(`large ${kind}`);
          expect(request?.headers['transfer-encoding']).withContext(kind).toBeUndefined();
          expect(Number(request?.headers['content-length']))
            .withContext(kind)
            .toBe(request?.bytes as number);
          if (kind !== 'form') {
            expect(request?.bytes)
              .withContext(kind)
              .toBe(kind === 'empty' || kind === 'none' ? 0 : 200_000);
          }
        }
      });

      it('a slow stream without an inactivity timeout', async () => {
        let chunks = 0;
        const slow = new ReadableStream<Uint8Array>({
          async pull(controller) {
            chunks += 1;
            await only(timer(40));
            if (chunks > 10) controller.close();
            else controller.enqueue(encode('x'));
          },
        });
        const echoed = await only(
          client.put(api.url('slow upload', { echo: true }), slow, { timeout: 250, selector: json<Echo>() }),
        );

        expect(echoed.body).toBe('x'.repeat(10));
      });

      // Node's fetch does not report upload progress.
      if (name !== 'fetch') {
        it('a slow Blob without an inactivity timeout', async () => {
          class SlowBlob extends Blob {
            override slice(start?: number, end?: number): Blob {
              const part = super.slice(start, end);
              const read = part.arrayBuffer.bind(part);
              part.arrayBuffer = () => only(timer(40).pipe(concatMap(read)));
              return part;
            }
          }
          await only(
            client.put(api.url('slow blob', {}), new SlowBlob([new Uint8Array(640_000)]), {
              timeout: 250,
              strategy: { attempts: 1 },
            }),
          );
          expect((await api.requests('slow blob')).map(({ bytes }) => bytes)).toEqual([640_000]);
        });
      }

      it('a GET without a body, with the caller’s headers and a host', async () => {
        const { headers, body } = await only(
          client.get(api.url('plain', { echo: true }), { headers: { 'X-Own': '1' }, selector: json<Echo>() }),
        );

        expect([headers['x-own'], headers['content-length'], headers['transfer-encoding'], body]).toEqual([
          '1',
          undefined,
          undefined,
          '',
        ]);
        expect(`http://${headers.host ?? ''}`).toBe(api.origin);
      });
    });

    describe('retries after', () => {
      it('retryable statuses, cut connections, stalls and bodies that are cut off', async () => {
        const steps = [
          { status: 503 },
          { cut: 'before-headers' },
          { cut: 'in-headers' },
          { stall: 'headers' },
          { cut: 'in-body' },
          { stall: 'body' },
          { body: 'ok' },
        ] as const;
        const url = api.url('all', steps);
        expect(await only(client.get(url, { selector: text(), timeout: 200, strategy: { attempts: 7 } }))).toBe('ok');

        const requests = await api.requests('all');
        expect(requests.length).toBe(7);
        await api.ended('all', 6);
      });

      it('a refused connection, with the next URL', async () => {
        expect(await only(client.get([api.refusedUrl, api.url('next', { body: 'ok' })], { selector: text() }))).toBe(
          'ok',
        );
      });

      it('a chunked body that is cut off', async () => {
        const url = api.url('chunks', [{ cut: 'in-body', chunks: ['a', 'b'] }, { chunks: ['a', 'b', 'c'] }]);

        expect(await only(client.get(url, { selector: text() }))).toBe('abc');
      });
    });

    describe('releases the connection', () => {
      it('when the consumer unsubscribes while it waits for headers, reads the body or uploads', async () => {
        // Without a first chunk, Node would not even send the headers.
        const never = new ReadableStream<Uint8Array>({
          start(controller) {
            controller.enqueue(encode('x'));
          },
        });
        const requests: Record<string, Observable<unknown>> = {
          headers: client.get(api.url('headers', { stall: 'headers' })),
          body: client.get(api.url('body', { stall: 'body' }), { selector: text() }),
          upload: client.put(api.url('upload', { stall: 'upload' }), never),
        };
        for (const [key, request$] of Object.entries(requests)) {
          const subscription = request$.subscribe();
          await api.received(key);
          await only(timer(20));
          subscription.unsubscribe();
          expect((await api.ended(key)).aborted)
            .withContext(key)
            .toBeTrue();
        }
      });

      it('when the body of an emitted Response is cancelled', async () => {
        const { body } = await only(client.get(api.url('cancel', { stall: 'body' })));
        await body!.cancel();

        expect((await api.ended('cancel')).aborted).toBeTrue();
      });

      it('and cancels the source of an upload when the consumer unsubscribes', async () => {
        let cancelled = false;
        const source = new ReadableStream<Uint8Array>({
          start(controller) {
            controller.enqueue(encode('x'));
          },
          cancel() {
            cancelled = true;
          },
        });
        const subscription = client.put(api.url('source', { stall: 'upload' }), source).subscribe();
        await api.received('source');
        subscription.unsubscribe();
        await api.ended('source');
        await only(timer(20));

        expect(cancelled).toBeTrue();
      });

      it('after a timeout', async () => {
        expect(
          await failureOf(
            client.get(api.url('timeout', { stall: 'headers' }), { timeout: 150, strategy: { attempts: 1 } }),
          ),
        ).toBeInstanceOf(HttpTimeoutError);
        expect((await api.ended('timeout')).aborted).toBeTrue();
      });

      it('and rejects a read of an emitted Response whose body is cut off', async () => {
        const response = await only(client.get(api.url('emitted', { cut: 'in-body' })));

        await expectAsync(response.text()).toBeRejected();
      });
    });

    it('reports a failed connection as HttpNetworkError, with the transport’s own error as cause', async () => {
      const error = await failureOf(client.get(api.refusedUrl, { strategy: { attempts: 1 } }));

      expect(error).toBeInstanceOf(HttpNetworkError);
      expect((error as HttpNetworkError).cause).toBeInstanceOf(Error);
      expect((error as HttpNetworkError).message).toContain('ECONNREFUSED');
    });

    it('sends sequential requests over one socket', async () => {
      const url = api.url('keep alive', { body: 'x' });
      for (let count = 0; count < 4; count++) {
        await only(client.get(url, { selector: text() }));
        // Node's fetch frees a socket only a moment after its last byte.
        await only(timer(10));
      }

      expect(new Set((await api.requests('keep alive')).map(({ socket }) => socket)).size).toBe(1);
    });

    describe('to a minimal server', () => {
      /** Starts a server that handles each request with the given function. */
      async function serving(
        handle: (request: IncomingMessage, response: ServerResponse) => void,
      ): Promise<{ origin: string; close: () => void }> {
        const server = createServer(handle);
        const { origin } = await listen(server);
        return {
          origin,
          close: () => {
            server.close();
            server.closeAllConnections();
          },
        };
      }

      it('sends a stream in chunks with every method, so that no part of it is read as another request', async () => {
        const requests: string[] = [];
        const server = await serving((request, response) => {
          let body = '';
          request.on('data', (chunk) => (body += String(chunk)));
          request.on('end', () => {
            requests.push(`${String(request.method)} ${String(request.headers['transfer-encoding'])} ${body}`);
            response.end('ok');
          });
        });
        try {
          for (const method of ['PUT', 'DELETE', 'OPTIONS']) {
            expect(
              await only(
                client.request(method, server.origin, { body: streamOf('GET / HTTP/1.1\r\n\r\n'), selector: text() }),
              ),
            ).toBe('ok');
          }
          expect(requests).toEqual(
            ['PUT', 'DELETE', 'OPTIONS'].map((method) => `${method} chunked GET / HTTP/1.1\r\n\r\n`),
          );
        } finally {
          server.close();
        }
      });

      it('ends a stream that is still uploading when the response is complete', async () => {
        let closed = false;
        const endless = async function* () {
          try {
            for (;;) {
              yield encode('x');
              await only(timer(1));
            }
          } finally {
            closed = true;
          }
        };
        const server = await serving((_, response) => void response.end('{"ok":1}'));
        try {
          expect(await only(client.put(server.origin, endless, { selector: json() }))).toEqual({ ok: 1 });
          await only(timer(20));
          expect(closed).toBeTrue();
        } finally {
          server.close();
        }
      });

      it('keeps the ? of an empty query', async () => {
        const urls: string[] = [];
        const server = await serving(({ url }, response) => {
          urls.push(String(url));
          response.end();
        });
        try {
          for (const path of ['/a?', '/?', '/a?#part', '/a', '/a#?']) {
            const response = await only(client.get(server.origin + path));
            // Node's fetch requests another resource: it drops the empty query.
            if (name !== 'fetch') expect(response.url).toBe(server.origin + path.replace(/#.*/, ''));
          }
          if (name !== 'fetch') expect(urls).toEqual(['/a?', '/?', '/a?', '/a', '/a']);
        } finally {
          server.close();
        }
      });

      it('follows a Location in UTF-8', async () => {
        const urls: string[] = [];
        const server = await serving(({ url }, response) => {
          urls.push(String(url));
          if (urls.length === 1) response.writeHead(302, { location: Buffer.from('/日本').toString('latin1') });
          response.end();
        });
        try {
          await only(client.get(server.origin));
          expect(urls[1]).toBe(encodeURI('/日本'));
        } finally {
          server.close();
        }
      });

      it('returns a redirect without a Location, and fails with redirect error', async () => {
        const server = await serving((_, response) => void response.writeHead(301).end());
        try {
          expect((await only(client.get(server.origin))).status).toBe(301);
          expect(
            await failureOf(client.get(server.origin, { redirect: 'error', strategy: { attempts: 1 } })),
          ).toBeInstanceOf(Error);
        } finally {
          server.close();
        }
      });

      it('gives chunks in buffers of their own, also if several arrive at once, and a URL without its fragment', async () => {
        const server = await serving((_, response) => {
          response.cork();
          for (const part of ['one', 'two', 'three']) response.write(part);
          response.end();
        });
        try {
          const response = await only(client.get(`${server.origin}/#part`));
          expect(response.url).toBe(`${server.origin}/`);
          for await (const chunk of response.body!) expect(chunk.buffer.byteLength).toBe(chunk.byteLength);
        } finally {
          server.close();
        }
      });
    });

    it('aborts the upload of a stream with an invalid chunk, and omits empty chunks', async () => {
      const broken = async function* () {
        yield await Promise.resolve(encode('a'));
        yield null as never;
      };
      expect(await failureOf(client.put(api.url('broken', {}), broken))).toBeInstanceOf(Error);
      expect((await api.requests('broken')).filter(({ aborted }) => !aborted)).toEqual([]);
      expect((await api.requests('broken')).length).toBeLessThan(2);

      const gaps = async function* () {
        yield await Promise.resolve(encode('a'));
        yield encode('');
        yield encode('b');
      };
      expect((await only(client.put(api.url('gaps', { echo: true }), gaps, { selector: json<Echo>() }))).body).toBe(
        'ab',
      );
    });
  });
}
