import { of } from 'rxjs';

import { constant, HttpNetworkError, RetryClient } from '../../src/index.js';
import { nodeFetch } from '../../src/transports/node-fetch.js';
import { undiciFetch } from '../../src/transports/undici.js';
import { only } from '../support/settled.js';
import { testServer, type TestServer } from '../support/test-server.js';

describe('A body that is not read or sent to its end', () => {
  let api: TestServer;
  beforeAll(async () => {
    api = await testServer();
  });
  afterAll(() => api.close());

  it('is not retried when a selector cancels it and throws its own error', async () => {
    const client = new RetryClient({ strategy: { backoff: constant(0) } });
    const url = api.url('cancelled', { stall: 'body', body: 'half and more' });
    const ownError = new RangeError('mine');
    const failure = await only(
      client.get(url, {
        selector: async (response) => {
          const reader = (response.body as ReadableStream<Uint8Array>).getReader();
          await reader.read();
          const pending = reader.read();
          await reader.cancel();
          await pending;
          throw ownError;
        },
      }),
    ).catch((error: unknown) => error);
    expect(failure).toBe(ownError);
    expect((await api.requests('cancelled')).length).toBe(1);
  });

  for (const [transport, fetch] of [
    ['fetch', undefined],
    ['nodeFetch()', nodeFetch()],
    ['undiciFetch()', undiciFetch()],
  ] as const) {
    it(`is cancelled as an upload when the response comes early, over ${transport}`, async () => {
      let opened = 0;
      let cancelled = 0;
      /** An endless body. */
      const endless = (): ReadableStream<Uint8Array> => {
        opened += 1;
        return new ReadableStream({
          pull: (controller) => {
            controller.enqueue(new Uint8Array(1024));
          },
          cancel: () => {
            cancelled += 1;
          },
        });
      };
      const client = new RetryClient({ fetch, strategy: { attempts: 2, backoff: constant(0) }, timeout: 2_000 });
      const url = api.url(`early ${transport}`, { status: 503, early: true });
      // An HttpStatusError, or an HttpNetworkError if the server cuts the upload that it does not read.
      const end = await only(client.put(url, endless, { selector: (response) => of(response.status) })).catch(
        (error: unknown) => error,
      );
      expect(end).toBeInstanceOf(Error);
      expect(end instanceof HttpNetworkError || (end as Error).name === 'HttpStatusError').toBeTrue();
      expect(opened).toBe(2);
      expect(cancelled).toBeGreaterThanOrEqual(1);
    });
  }
});
