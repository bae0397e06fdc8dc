import { createServer } from 'node:http';
import { inspect } from 'node:util';

import { constant, HttpNetworkError, RetryClient } from '../../src/index.js';
import { nodeFetch } from '../../src/transports/node-fetch.js';
import { undiciFetch } from '../../src/transports/undici.js';
import { listen } from '../support/node-server.js';
import { failureOf } from '../support/settled.js';

for (const [name, make] of [
  ['nodeFetch()', () => nodeFetch()],
  ['undiciFetch()', () => undiciFetch()],
] as const) {
  describe(`${name}, redirected to a server that refuses new connections`, () => {
    it('does not report a POST as unsent, so that it is not retried', async () => {
      const received: string[] = [];
      const server = createServer((request, response) => {
        received.push(request.method ?? '');
        server.close();
        response.writeHead(307, { location: '/again', connection: 'close' }).end();
      });
      const { origin } = await listen(server);
      const types: string[] = [];
      const client = new RetryClient({ fetch: make(), strategy: { backoff: constant(0) } });
      client.attempts$.subscribe(({ type }) => types.push(type));

      const error = await failureOf(client.post(`${origin}/`, 'order'));
      expect(error).toBeInstanceOf(HttpNetworkError);
      expect((error as HttpNetworkError).phase).toBe('connect');
      expect((error as HttpNetworkError).sent).toBeUndefined();
      expect(types).toEqual(['start', 'failure']);
      expect(received).toEqual(['POST']);
    });
  });

  describe(`${name}, redirected to an invalid URL`, () => {
    it('does not reveal the user and password in that URL', async () => {
      const server = createServer((_, response) => {
        response.writeHead(302, { location: 'http://user:s3cret@[bad/' }).end();
      });
      const loopback = await listen(server);
      const error = await failureOf(new RetryClient({ fetch: make(), strategy: { attempts: 1 } }).get(loopback.origin));
      await loopback.close();

      expect(error).toBeInstanceOf(HttpNetworkError);
      expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('s3cret');
    });
  });
}
