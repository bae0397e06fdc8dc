import { createServer } from 'node:http';

import { MockAgent } from 'undici';

import { constant, HttpNetworkError, RetryClient } from '../../src/index.js';
import { undiciFetch } from '../../src/transports/undici.js';
import { listen } from '../support/node-server.js';
import { failureOf, settled } from '../support/settled.js';

describe('undiciFetch(), if undici fails before it starts a request', () => {
  const posting = async (error: Error) => {
    const agent = new MockAgent();
    agent.disableNetConnect();
    const pool = agent.get('http://api.test');
    pool.intercept({ path: '/', method: 'POST' }).replyWithError(error);
    pool.intercept({ path: '/', method: 'POST' }).reply(201, {});
    const client = new RetryClient({ fetch: undiciFetch({ dispatcher: agent }), strategy: { backoff: constant(0) } });
    return settled(client.post('http://api.test/', { tea: 1 }));
  };

  it('does not take that as proof: it does not retry a POST that a mock resets', async () => {
    const { error } = await posting(
      Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', syscall: 'read' }),
    );
    const { sent, phase } = error as HttpNetworkError;
    expect([sent, phase]).toEqual([undefined, 'headers']);
    expect(((await posting(new Error('anything'))).error as HttpNetworkError).sent).toBeUndefined();
  });

  it('retries a POST whose connection or name lookup failed, except after a certificate error', async () => {
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

describe('undiciFetch() through a proxy that refuses the tunnel', () => {
  for (const [status, permanent, connects] of [
    [407, true, 1],
    [403, true, 1],
    [401, true, 1],
    [502, undefined, 2],
  ] as const) {
    it(`with ${String(status)} ${permanent ? 'does not retry' : 'retries'} a POST, and reports that nothing was sent`, async () => {
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
        const { phase, sent, permanent: isPermanent } = error as HttpNetworkError;
        expect([phase, sent, isPermanent]).toEqual(['connect', false, permanent]);
        expect(count).toBe(connects);
      } finally {
        await dispatcher.destroy();
        proxy.close();
        proxy.closeAllConnections();
      }
    });
  }
});
