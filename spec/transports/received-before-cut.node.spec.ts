import { gzipSync } from 'node:zlib';

import type { Transport } from '../../src/index.js';
import { nodeFetch } from '../../src/transports/node-fetch.js';
import { undiciFetch } from '../../src/transports/undici.js';
import { nodeTestServer, type NodeTestServer } from '../support/node-server.js';

/** Reads a body to its end, and returns its text and the error it ended with. */
async function readAll(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<{ text: string; error?: unknown }> {
  const chunks: Uint8Array[] = [];
  const text = (): string => Buffer.concat(chunks).toString('latin1');
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return { text: text() };
      chunks.push(value);
    }
  } catch (error) {
    return { text: text(), error };
  }
}

const buffering: readonly (readonly [name: string, make: () => Transport])[] = [
  ['nodeFetch()', () => nodeFetch()],
  ['undiciFetch()', () => undiciFetch()],
];
const all: typeof buffering = [['fetch', () => fetch], ...buffering];

describe('A body that is cut off', () => {
  let api: NodeTestServer;

  beforeEach(async () => {
    api = await nodeTestServer();
  });
  afterEach(() => api.close());

  /** Returns a response whose connection was cut after its bytes arrived, and before they were read. */
  async function cutUnread(send: Transport, url: string, key: string): Promise<Response> {
    const response = await send(url, {});
    await api.received(key);
    // Bytes and cut arrive in order over one connection: a client that has closed its end has received both.
    await new Promise((resolve) => setTimeout(resolve, 20));
    await api.cut(key);
    await api.socketsClosed();
    await new Promise((resolve) => setTimeout(resolve, 20));
    return response;
  }

  for (const [name, make] of buffering) {
    describe(`over ${name}`, () => {
      it('gives a later reader all bytes that arrived before, and then the error', async () => {
        const response = await cutUnread(
          make(),
          api.url('late', { stall: 'body', chunks: ['one, ', 'two, ', 'three'] }),
          'late',
        );
        const { text, error } = await readAll(response.body!.getReader());

        expect(text).toBe('one, two, three');
        expect(error).toBeInstanceOf(Error);
      });

      it('gives a reader that paused the remaining bytes, and then the error', async () => {
        const response = await make()(
          api.url('paused', { stall: 'body', chunks: ['one, ', 'two, ', 'three'], chunkDelay: 20 }),
          {},
        );
        const reader = response.body!.getReader();
        const { value } = await reader.read();
        await new Promise((resolve) => setTimeout(resolve, 80));
        await api.cut('paused');
        await api.socketsClosed();
        const { text, error } = await readAll(reader);

        expect(Buffer.from(value!).toString() + text).toBe('one, two, three');
        expect(error).toBeInstanceOf(Error);
      });

      it('gives the bytes that arrived before decompressed, and then the error', async () => {
        const packed = gzipSync('all of it, and more', { finishFlush: 2 }).toString('base64');
        const step = {
          stall: 'body',
          chunks: [packed],
          encoding: 'base64',
          headers: { 'Content-Encoding': 'gzip' },
        } as const;
        const response = await cutUnread(make(), api.url('packed', step), 'packed');
        const { text, error } = await readAll(response.body!.getReader());

        expect(text).toBe('all of it, and more');
        expect(error).toBeInstanceOf(Error);
      });

      it('gives at least the 64 KiB that are buffered without a reader', async () => {
        const response = await make()(api.url('large', { file: { size: 400_000, seed: 1 }, cutAfter: 200_000 }), {});
        await new Promise((resolve) => setTimeout(resolve, 50));
        // The rest stays in the paused connection, so the client sees the cut only after a read.
        const { text, error } = await readAll(response.body!.getReader());

        expect(text.length).toBeGreaterThanOrEqual(64 * 1024);
        expect(error).toBeInstanceOf(Error);
      });

      it('gives the bytes that arrived before to a BYOB reader, and then the error', async () => {
        const response = await cutUnread(make(), api.url('byob', { stall: 'body', chunks: ['abcdef'] }), 'byob');
        const reader = response.body!.getReader({ mode: 'byob' });
        const parts: string[] = [];
        for (let i = 0; i < 3; i += 1) {
          const { value } = await reader.read(new Uint8Array(2));
          parts.push(Buffer.from(value!).toString());
        }

        expect(parts).toEqual(['ab', 'cd', 'ef']);
        await expectAsync(reader.read(new Uint8Array(2))).toBeRejected();
      });

      it('gives no more bytes after the request was aborted', async () => {
        const controller = new AbortController();
        const response = await make()(api.url('aborted', { stall: 'body', chunks: ['one'] }), {
          signal: controller.signal,
        });
        const reader = response.body!.getReader();
        await new Promise((resolve) => setTimeout(resolve, 50));
        controller.abort();
        await api.socketsClosed();
        const { text, error } = await readAll(reader);

        expect(text).toBe('');
        expect((error as Error).name).toBe('AbortError');
      });
    });
  }

  for (const [name, make] of all) {
    describe(`over ${name}, while it is read`, () => {
      it('gives each chunk to a waiting reader, and then the error', async () => {
        const url = api.url('waiting', { stall: 'body', chunks: ['one, ', 'two'], chunkDelay: 10 });
        const reader = (await make()(url, {})).body!.getReader();
        const parts: string[] = [];
        while (parts.join('') !== 'one, two') parts.push(Buffer.from((await reader.read()).value!).toString());
        const rest = readAll(reader);
        await api.cut('waiting');

        expect(await rest).toEqual({ text: '', error: jasmine.any(Error) });
      });

      it('rejects a read of the whole body that begins before or after the cut', async () => {
        const after = await cutUnread(make(), api.url('after', { stall: 'body', chunks: ['one'] }), 'after');
        await expectAsync(after.text()).toBeRejected();
        const before = (await make()(api.url('before', { stall: 'body', chunks: ['one'] }), {})).arrayBuffer();
        await api.received('before');
        await api.cut('before');

        await expectAsync(before).toBeRejected();
      });
    });
  }
});
