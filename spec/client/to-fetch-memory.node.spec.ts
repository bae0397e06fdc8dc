import { getEventListeners } from 'node:events';

import { RetryClient, toFetch } from '../../src/index.js';
import { nodeFetch } from '../../src/transports/node-fetch.js';
import { undiciFetch } from '../../src/transports/undici.js';
import { collectGarbage, collectUntil, GarbageWatch } from '../support/garbage-collection.js';
import { testServer, type TestServer } from '../support/test-server.js';

const TRANSPORTS = { fetch: undefined, 'undiciFetch()': undiciFetch(), 'nodeFetch()': nodeFetch() };

describe('A signal of toFetch()', () => {
  let api: TestServer;
  beforeAll(async () => {
    api = await testServer();
  });
  afterAll(() => api.close());

  it('has one listener while the bodies of many Requests are read, and none after', async () => {
    const { signal } = new AbortController();
    const fetch = toFetch(new RetryClient());
    const url = api.url('memory requests', { body: 'x' });
    const responses = Array.from({ length: 20 }, () =>
      fetch(new Request(url, { method: 'POST', body: 'x' }), { signal }),
    );
    expect(getEventListeners(signal, 'abort').length).toBe(1);
    await Promise.all(responses);

    const failing = Object.assign(new Request(url, { method: 'POST', body: 'x' }), {
      arrayBuffer: () => Promise.reject(new Error('broken')),
    });
    const other = new AbortController().signal;
    await expectAsync(fetch(failing, { signal: other })).toBeRejectedWithError('broken');
    expect(getEventListeners(other, 'abort').length).toBe(0);
  });

  for (const [name, transport] of Object.entries(TRANSPORTS)) {
    it(`has one listener for all bodies, and none when nobody can read them, over ${name}`, async () => {
      const { signal } = new AbortController();
      const fetch = toFetch(new RetryClient({ fetch: transport }));
      const url = api.url(`memory ${name}`, { json: 1 });
      const mortals = new GarbageWatch();
      const read = async () => mortals.watch('a response', await fetch(url, { signal })).text();
      await Promise.all(Array.from({ length: 20 }, read));
      expect(getEventListeners(signal, 'abort').length).toBeLessThanOrEqual(1);

      expect(await mortals.survivors()).toEqual([]);
      // What is forgotten is told in a later turn.
      expect(await collectUntil(() => getEventListeners(signal, 'abort').length === 0)).toBeTrue();
    });

    it(`reaches a body whose response is forgotten, over ${name}`, async () => {
      const controller = new AbortController();
      const url = api.url(`forgotten ${name}`, { stall: 'body', chunks: ['a'] });
      const fetch = toFetch(new RetryClient({ fetch: transport }));
      const open = async () => (await fetch(url, { signal: controller.signal })).body!.getReader();
      const reader = await open();
      await reader.read();
      await collectGarbage();
      controller.abort();
      await expectAsync(reader.read()).toBeRejected();
    });

    it(`reaches a request whose Request is forgotten, over ${name}`, async () => {
      const controller = new AbortController();
      const key = `forgotten request ${name}`;
      const url = api.url(key, { stall: 'headers' });
      const response = toFetch(new RetryClient({ fetch: transport }))(new Request(url, { signal: controller.signal }));
      await api.received(key);
      await collectGarbage();
      const reason = new Error('left');
      controller.abort(reason);
      await expectAsync(response).toBeRejectedWith(reason);
    });
  }
});
