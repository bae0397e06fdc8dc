import { createServer, type IncomingMessage } from 'node:http';

import { timer } from 'rxjs';
import { MockAgent } from 'undici';

import { constant, HttpNetworkError, RetryClient, type Transport } from '../../src/index.js';
import { undiciFetch } from '../../src/transports/undici.js';
import { transports } from '../faults/transports.js';
import { listen } from '../support/node-server.js';
import { failureOf, only, settled } from '../support/settled.js';

for (const { name, make } of transports) {
  describe(`A transport around ${name} that waits before it sends`, () => {
    const came: string[] = [];
    const server = createServer((request: IncomingMessage, response) => {
      came.push(String(request.method));
      response.end('ok');
    });
    let origin = '';
    const base = make() ?? ((url, init) => globalThis.fetch(url, init));
    const ends: Promise<unknown>[] = [];
    const waiting: Transport = async (url, init) => {
      await only(timer(40));
      const sending = base(url, init);
      ends.push(sending);
      return sending;
    };

    beforeAll(async () => {
      ({ origin } = await listen(server));
    });
    afterAll(() => {
      server.close();
      server.closeAllConnections();
    });

    for (const [end, options] of Object.entries({
      timeout: { timeout: 15 },
      totalTimeout: { totalTimeout: 15 },
      unsubscribe: {},
      close: {},
    })) {
      it(`sends nothing after ${end}`, async () => {
        ends.length = 0;
        for (const [method, body] of [
          ['GET', null],
          ['POST', 'text'],
          ['PUT', new Blob(['x'])],
          ['PUT', () => new Blob(['x']).stream()],
        ] as const) {
          const client = new RetryClient({ fetch: waiting, strategy: { attempts: 1 }, ...options });
          const request$ = client.request(method, origin, { ...(body && { body }) });
          if (end === 'unsubscribe') {
            const subscription = request$.subscribe();
            await only(timer(5));
            subscription.unsubscribe();
          } else {
            const ended = settled(request$);
            if (end === 'close') {
              setTimeout(() => {
                client.close();
              }, 5);
            }
            await ended;
          }
        }
        await only(timer(60));
        const results = await Promise.allSettled(ends);
        expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected', 'rejected']);
        expect(came).toEqual([]);
      });
    }
  });
}

describe('That undici has not begun a request', () => {
  const posting = async (error: Error) => {
    const agent = new MockAgent();
    agent.disableNetConnect();
    const pool = agent.get('http://api.test');
    pool.intercept({ path: '/', method: 'POST' }).replyWithError(error);
    pool.intercept({ path: '/', method: 'POST' }).reply(201, {});
    const client = new RetryClient({ fetch: undiciFetch({ dispatcher: agent }), strategy: { backoff: constant(0) } });
    return settled(client.post('http://api.test/', { tea: 1 }));
  };

  it('proves nothing: a POST that a mock resets is not sent twice', async () => {
    const { error } = await posting(
      Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', syscall: 'read' }),
    );
    const { sent, phase } = error as HttpNetworkError;
    expect([sent, phase]).toEqual([undefined, 'headers']);
    expect(((await posting(new Error('anything'))).error as HttpNetworkError).sent).toBeUndefined();
  });

  it('does with a connection, or a name, that failed', async () => {
    for (const code of ['ECONNREFUSED', 'ENOTFOUND', 'UND_ERR_CONNECT_TIMEOUT', 'CERT_HAS_EXPIRED']) {
      const { error, values } = await posting(Object.assign(new Error(code), { code }));
      if (code === 'CERT_HAS_EXPIRED') {
        expect(error).toEqual(jasmine.objectContaining({ sent: false, permanent: true }));
      } else {
        expect(values.map(({ status }) => status))
          .withContext(code)
          .toEqual([201]);
      }
    }
  });
});

describe('A proxy that makes no tunnel', () => {
  for (const [status, permanent, connects] of [
    [407, true, 1],
    [403, true, 1],
    [401, true, 1],
    [502, undefined, 2],
  ] as const) {
    it(`and answers ${String(status)} ${permanent ? 'is asked once' : 'is asked again'}, for a POST too, since nothing was sent`, async () => {
      const { ProxyAgent } = await import('undici');
      let count = 0;
      const proxy = createServer();
      proxy.on('connect', (_, socket) => {
        count += 1;
        socket.end(`HTTP/1.1 ${String(status)} No\r\nContent-Length: 0\r\n\r\n`);
      });
      const { origin } = await listen(proxy);
      const dispatcher = new ProxyAgent({ uri: origin, proxyTunnel: true });
      try {
        const client = new RetryClient({
          fetch: undiciFetch({ dispatcher }),
          strategy: { backoff: constant(0), attempts: 2 },
        });
        const error = await failureOf(client.post('http://api.test/', 'x'));
        expect(error).toBeInstanceOf(HttpNetworkError);
        const { phase, sent, permanent: again } = error as HttpNetworkError;
        expect([phase, sent, again]).toEqual(['connect', false, permanent]);
        expect(count).toBe(connects);
      } finally {
        await dispatcher.destroy();
        proxy.close();
        proxy.closeAllConnections();
      }
    });
  }
});
