import { Agent } from 'node:http';

import { constant, HttpNetworkError, RetryClient } from '../../src/index.js';
import { nodeFetch } from '../../src/transports/node-fetch.js';
import { closedPort } from '../support/node-server.js';
import { settled } from '../support/settled.js';

describe('nodeFetch(), if all addresses of a host name refuse the connection', () => {
  it('reports that nothing was sent, so that a POST is retried', async () => {
    const agent = new Agent({
      lookup: (_name, _options, found) => {
        found(null, [
          { address: '127.0.0.1', family: 4 },
          { address: '127.0.0.2', family: 4 },
        ]);
      },
    });
    const client = new RetryClient({ fetch: nodeFetch({ agent }), strategy: { attempts: 2, backoff: constant(0) } });
    const types: string[] = [];
    client.attempts$.subscribe(({ type }) => types.push(type));

    const { error } = await settled(client.post((await closedPort()).replace('127.0.0.1', 'two.test'), 'order'));
    expect(error).toBeInstanceOf(HttpNetworkError);
    expect((error as HttpNetworkError).phase).toBe('connect');
    expect((error as HttpNetworkError).sent).toBeFalse();
    expect(types).toEqual(['start', 'retry', 'start', 'failure']);
  });
});
