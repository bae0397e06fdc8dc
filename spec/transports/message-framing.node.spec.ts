import { createServer, type Socket } from 'node:net';

import { type Observable, timer } from 'rxjs';

import { constant, HttpNetworkError, RetryClient, text } from '../../src/index.js';
import { transports } from '../faults/transports.js';
import { listen } from '../support/node-server.js';
import { only, settled } from '../support/settled.js';

/** Starts a TCP server that answers each data event, and records the text of each connection. */
async function recordingServer(): Promise<{
  readonly origin: string;
  readonly received: () => string[];
  readonly close: () => void;
}> {
  const sockets: Socket[] = [];
  const received: string[] = [];
  const server = createServer((socket) => {
    const index = received.push('') - 1;
    sockets.push(socket);
    socket.on('error', () => undefined);
    socket.on('data', (data) => {
      received[index] = String(received[index]) + data.toString('latin1');
      // Delayed, so that the whole request can arrive first.
      setTimeout(() => {
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
      }, 10);
    });
  });
  const { origin } = await listen(server);
  return {
    origin,
    received: () => received,
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

const streamOf = (content: string) => () => new Blob([content]).stream();
const generatorOf = (content: string) =>
  async function* () {
    for (const letter of content) yield await Promise.resolve(new TextEncoder().encode(letter));
  };
const SMUGGLED = 'GET /smuggled HTTP/1.1\r\nhost: a\r\n\r\n';

for (const { name, make } of transports) {
  describe(`A request over ${name}`, () => {
    let server: Awaited<ReturnType<typeof recordingServer>>;
    let client: RetryClient;

    beforeEach(async () => {
      server = await recordingServer();
      client = new RetryClient({ fetch: make(), strategy: { backoff: constant(0) }, timeout: 1000 });
    });

    afterEach(() => {
      server.close();
    });

    const sentMessage = async (request$: Observable<unknown>) => {
      await only(request$);
      return server.received().join('');
    };
    const refusal = async (request$: Observable<unknown>) => {
      const { error } = await settled(request$);
      expect(error).not.toBeInstanceOf(HttpNetworkError);
      return error;
    };

    for (const [kind, make] of [
      ['stream', streamOf],
      ['generator', generatorOf],
    ] as const) {
      it(`with a ${kind} is framed by the declared length, if that is right`, async () => {
        for (const method of ['PUT', 'DELETE', 'POST']) {
          const message = await sentMessage(
            client.request(method, server.origin, {
              body: make('12345'),
              headers: { 'Content-Length': '5' },
              selector: text(),
            }),
          );
          expect(message).toMatch(/content-length: 5\r\n/i);
          expect(message).not.toMatch(/transfer-encoding/i);
          expect(message).toMatch(/\r\n\r\n12345$/);
        }
      });

      it(`with a ${kind} longer than declared fails without retry, and no part of the body is received as a request`, async () => {
        const error = await refusal(
          client.put(server.origin, make(`12345${SMUGGLED}`), { headers: { 'content-length': '5' } }),
        );
        expect(String(error)).toMatch(/content-length.*5.*more bytes/);
        await only(timer(20));
        expect(server.received().join('')).not.toContain('/smuggled');
        // Undici connects again at once, but sends nothing over that connection.
        expect(server.received().filter((message) => message !== '').length).toBeLessThan(2);
      });

      it(`with a ${kind} shorter than declared is cut off, and the next request does not complete it`, async () => {
        const error = await refusal(client.put(server.origin, make('12345'), { headers: { 'content-length': '50' } }));
        expect(String(error)).toMatch(/content-length.*50.*has 5 bytes/);
        await only(client.get(`${server.origin}/next`, { selector: text() }));
        expect(server.received().filter((message) => message.includes('/next')).length).toBe(1);
        expect(server.received().find((message) => message.includes('/next'))).not.toContain('12345');
      });
    }

    it('without a body has no content-length, whatever the caller declares', async () => {
      for (const method of ['GET', 'HEAD', 'DELETE', 'OPTIONS']) {
        for (const length of ['40', '0', 'x']) {
          const { error } = await settled(
            client.request(method, `${server.origin}/${method}`, { headers: { 'content-length': length } }),
          );
          // Node's fetch refuses a length that is not a number.
          if (length !== 'x') expect(error).toBeUndefined();
        }
      }
      expect(server.received().join('')).not.toMatch(/content-length: (?!0)/i);
    });

    it('with a body of known size has that content-length, whatever the caller declares', async () => {
      for (const body of ['abc', new Uint8Array(3), new Blob(['abc']), new URLSearchParams('q=1')]) {
        const message = await sentMessage(
          client.put(server.origin, body, { headers: { 'content-length': '2' }, selector: text() }),
        );
        expect(message).toMatch(/content-length: 3\r\n/i);
        expect(message).not.toMatch(/content-length: 2\r\n/i);
      }
    });

    it('with a framing header of the caller, in any case, is refused before anything is sent', async () => {
      for (const [header, value] of [
        ['Transfer-Encoding', 'chunked'],
        ['transfer-encoding', 'gzip, chunked'],
        ['KEEP-ALIVE', 'timeout=5'],
        ['Upgrade', 'websocket'],
        ['expect', '100-continue'],
        ['Connection', 'upgrade'],
        ['connection', 'close, te'],
      ] as const) {
        for (const body of [null, 'abc', streamOf('abc')]) {
          const { error } = await settled(
            client.request('PUT', server.origin, { ...(body && { body }), headers: { [header]: value } }),
          );
          // Node's fetch sends through undici's dispatcher if undici is loaded, and then omits a connection header.
          if (name !== 'fetch' || header.toLowerCase() !== 'connection') {
            expect(error).withContext(header).toBeInstanceOf(TypeError);
          }
        }
      }
      expect(server.received().join('')).not.toMatch(
        name === 'fetch' ? /^(?:connection: (?:upgrade|close, te)|expect|keep-alive|upgrade)/im : /./,
      );
    });

    it('may close the connection and announce trailers', async () => {
      expect(
        await sentMessage(
          client.get(server.origin, {
            headers: { connection: 'close', te: 'trailers', trailer: 'x-sum' },
            selector: text(),
          }),
        ),
      ).toMatch(/connection: close/i);
    });
  });
}

for (const { name, make } of transports.slice(1)) {
  describe(`${name} without a client`, () => {
    it('refuses invalid and contradictory lengths and a repeated host, and accepts a repeated equal length', async () => {
      const server = await recordingServer();
      const fetch = make()!;
      const put = (headers: [string, string][]) =>
        fetch(server.origin, {
          method: 'PUT',
          body: new Blob(['abc']).stream(),
          headers,
          duplex: 'half',
        } as RequestInit);
      try {
        for (const headers of [
          [
            ['content-length', '3'],
            ['Content-Length', '4'],
          ],
          [['content-length', '3, 4']],
          [['content-length', '+3']],
          [['content-length', '3abc']],
          [['content-length', '']],
          [['content-length', '99999999999999999999']],
          [
            ['host', 'a'],
            ['Host', 'b'],
          ],
        ] as [string, string][][]) {
          await expectAsync(put(headers))
            .withContext(JSON.stringify(headers))
            .toBeRejectedWith(jasmine.objectContaining({ code: 'ERR_INVALID_ARG_VALUE' }));
        }
        expect(server.received().join('')).toBe('');
        expect(
          (
            await put([
              ['content-length', '3'],
              ['Content-Length', '3, 3'],
            ])
          ).status,
        ).toBe(200);
        expect(server.received().join('')).toMatch(/content-length: 3\r\n/i);
      } finally {
        server.close();
      }
    });

    it('rejects a stream that is longer or shorter than declared', async () => {
      const server = await recordingServer();
      try {
        for (const length of ['2', '4']) {
          const sending = make()!(server.origin, {
            method: 'PUT',
            body: new Blob(['abc']).stream(),
            headers: { 'content-length': length },
            duplex: 'half',
          } as RequestInit);
          await expectAsync(sending).toBeRejectedWithError(TypeError, /content-length/);
        }
        expect(server.received().join('')).not.toContain('200');
      } finally {
        server.close();
      }
    });
  });
}
