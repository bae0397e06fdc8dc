import { Agent as HttpAgent } from 'node:http';

import { Agent } from 'undici';

import { bearerToken, concurrencyLimit, lines, RetryClient, text, type Transport } from '../../../src/index.js';
import { nodeFetch } from '../../../src/transports/node-fetch.js';
import { undiciFetch } from '../../../src/transports/undici.js';
import { only, settled } from '../../support/settled.js';
import { testServer, type TestServer } from '../../support/test-server.js';

const transports: readonly (readonly [name: string, make: () => Transport | undefined])[] = [
  ['fetch', () => undefined],
  ['undiciFetch() with one connection', () => undiciFetch({ dispatcher: new Agent({ connections: 1 }) })],
  ['nodeFetch() with one socket', () => nodeFetch({ agent: new HttpAgent({ keepAlive: true, maxSockets: 1 }) })],
];

for (const [name, make] of transports) {
  describe(`bearerToken over ${name}`, () => {
    let api: TestServer;
    beforeAll(async () => {
      api = await testServer();
    });
    afterAll(() => api.close());

    /** A client whose refresh goes through the same client, connection and limit. */
    const clientFor = (key: string): RetryClient => {
      const tokenUrl = api.url(`refresh ${key}`, { body: 'b' });
      const client: RetryClient = new RetryClient({
        fetch: make(),
        timeout: 4_000,
        strategy: { attempts: 1, gates: [concurrencyLimit({ max: 1 })] },
        interceptors: [
          bearerToken({
            token: () => 'a',
            refresh: () => client.post(tokenUrl, 'r', { selector: text(), strategy: { gates: [] } }),
            appliesTo: api.origin,
          }),
        ],
      });
      return client;
    };
    const tokensAt = async (key: string): Promise<unknown[]> =>
      (await api.requests(key)).map(({ headers }) => headers.authorization);

    // 2 MB are more than is kept of a response that is replaced.
    for (const bytes of [0, 2_000, 2_000_000]) {
      it(`frees the connection of a 401 of ${bytes} bytes, which the refresh needs`, async () => {
        const key = `${name} ${bytes}`;
        const url = api.url(key, [{ status: 401, bytes }, { body: 'through' }]);
        expect(await only(clientFor(key).get(url, { selector: text() }))).toBe('through');
        expect(await tokensAt(key)).toEqual(['Bearer a', 'Bearer b']);
        expect(await tokensAt(`refresh ${key}`)).toEqual([undefined]);
      });
    }

    it('lets many requests at once wait for one refresh', async () => {
      const client = clientFor(`many ${name}`);
      const urls = [1, 2, 3, 4, 5].map((number) =>
        api.url(`many ${name} ${number}`, number === 1 ? [{ status: 401 }, { body: '1' }] : { body: String(number) }),
      );
      const texts = await Promise.all(urls.map((url) => only(client.get(url, { selector: text() }))));
      expect(texts).toEqual(['1', '2', '3', '4', '5']);
      expect((await api.requests(`refresh many ${name}`)).length).toBe(1);
    });

    it('sends the bytes of a body again', async () => {
      const key = `bodies ${name}`;
      const client = clientFor(key);
      const bodies = {
        text: 'text',
        json: { a: 1 },
        bytes: new TextEncoder().encode('bytes'),
        stream: () => new Blob(['stream']).stream(),
      };
      for (const [kind, body] of Object.entries(bodies)) {
        const url = api.url(`${key} ${kind}`, [{ status: 401 }, { echo: true }]);
        await only(client.post(url, body));
        const received = (await api.requests(`${key} ${kind}`)).map((request) => request.body);
        const sent = kind === 'json' ? '{"a":1}' : kind;
        expect(received).toEqual([sent, sent]);
      }
    });

    it('leaves a 401 readable where no token is to be had', async () => {
      const client = new RetryClient({
        fetch: make(),
        interceptors: [bearerToken({ token: () => 'a', refresh: () => null, appliesTo: api.origin })],
      });
      for (const bytes of [9, 300_000]) {
        const response = await only(client.get(api.url(`readable ${name} ${bytes}`, { status: 401, bytes })));
        expect([response.status, (await response.text()).length]).toEqual([401, bytes]);
      }
    });

    it('lets a selector read the second response', async () => {
      const key = `lines ${name}`;
      const url = api.url(key, [{ status: 401 }, { chunks: ['1\n', '2\n'] }]);
      expect((await settled(clientFor(key).get(url, { selector: lines() }))).values).toEqual(['1', '2']);
    });

    it('sends no token to another origin that a redirect leads to, and lets its 401 stand', async () => {
      const key = `redirect ${name}`;
      const other = api.otherUrl(`other ${name}`, { status: 401 });
      const client = clientFor(key);
      expect((await only(client.get(api.url(key, { redirect: other })))).status).toBe(401);
      expect(await tokensAt(key)).toEqual(['Bearer a']);
      expect(await tokensAt(`other ${name}`)).toEqual([undefined]);
      expect(await tokensAt(`refresh ${key}`)).toEqual([]);
    });
  });
}
