import { createServer } from 'node:net';

import { delay, of, reduce, timer } from 'rxjs';

import { chunks, each, RetryClient, text } from '../../src/index.js';
import { undiciFetch } from '../../src/transports/undici.js';
import { listen } from '../support/node-server.js';
import { only } from '../support/settled.js';

/** Ways to mark the end of a response of a given size in bytes: what stands before its body and after it. */
const FRAMINGS: Readonly<Record<string, (size: number) => readonly [head: string, tail: string]>> = {
  'a length, and Connection: close': (size) => [`Content-Length: ${String(size)}\r\nConnection: close\r\n\r\n`, ''],
  'a length, on a connection to be kept alive': (size) => [`Content-Length: ${String(size)}\r\n\r\n`, ''],
  'only the end of the connection': () => ['\r\n', ''],
  chunks: (size) => [`Transfer-Encoding: chunked\r\n\r\n${size.toString(16)}\r\n`, '\r\n0\r\n\r\n'],
};

describe('undiciFetch() with a server that ends its connection while the response is unread', () => {
  for (const [framing, partsOf] of Object.entries(FRAMINGS)) {
    for (const size of [1_000, 66_000, 140_000, 400_000]) {
      it(`gives all ${String(size)} bytes of a response framed by ${framing}`, async () => {
        const server = createServer((socket) => {
          socket.on('error', () => undefined);
          socket.once('data', () => {
            const [head, tail] = partsOf(size);
            socket.end(`HTTP/1.1 200 OK\r\n${head}${'a'.repeat(size)}${tail}`);
          });
        });
        const { origin } = await listen(server);
        try {
          const client = new RetryClient({ fetch: undiciFetch(), strategy: { attempts: 1 }, timeout: 5_000 });
          const response = await only(client.get(origin));
          await only(timer(30));
          expect((await response.text()).length).toBe(size);
          expect((await only(client.get(origin, { selector: text() }))).length).toBe(size);
          const slow = each(chunks(), ({ byteLength }) => of(byteLength).pipe(delay(3)));
          expect(await only(client.get(origin, { selector: slow }).pipe(reduce((sum, count) => sum + count, 0)))).toBe(
            size,
          );
        } finally {
          server.close();
        }
      });
    }
  }

  it('rejects a response that is cut off, and does not end the process', async () => {
    for (const close of ['Connection: close\r\n', '']) {
      const server = createServer((socket) => {
        socket.on('error', () => undefined);
        socket.once('data', () =>
          socket.end(`HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n${close}\r\n${'a'.repeat(100_000)}`),
        );
      });
      const { origin } = await listen(server);
      try {
        const response = await only(new RetryClient({ fetch: undiciFetch() }).get(origin));
        await only(timer(30));
        await expectAsync(response.text()).toBeRejectedWithError(TypeError);
      } finally {
        server.close();
      }
    }
  });
});
