import { Agent as HttpAgent } from 'node:http';

import { concatMap, of } from 'rxjs';
import { Agent } from 'undici';

import { type ClientOptions, type Interceptor, RetryClient, text, type Transport } from '../../src/index.js';
import { nodeFetch } from '../../src/transports/node-fetch.js';
import { undiciFetch } from '../../src/transports/undici.js';
import { failureOf, only } from '../support/settled.js';
import { testServer, type TestServer } from '../support/test-server.js';

const bounded: readonly (readonly [name: string, make: () => Transport])[] = [
  ['undiciFetch() with one connection', () => undiciFetch({ dispatcher: new Agent({ connections: 1 }) })],
  ['nodeFetch() with one socket', () => nodeFetch({ agent: new HttpAgent({ keepAlive: true, maxSockets: 1 }) })],
];

for (const [name, make] of bounded) {
  describe(`Over ${name},`, () => {
    let api: TestServer;

    beforeAll(async () => {
      api = await testServer();
    });

    afterAll(() => api.close());

    const client = (options: ClientOptions = {}): RetryClient =>
      new RetryClient({ fetch: make(), timeout: 4_000, strategy: { attempts: 1 }, ...options });

    it('a large unread error page holds no connection', async () => {
      const boundedClient = client();
      for (const key of ['first', 'second']) {
        await failureOf(boundedClient.getJSON(api.url(`${key} ${name}`, { status: 404, bytes: 400_000 })));
      }

      expect(await only(boundedClient.getJSON(api.url(`after ${name}`, { json: 'through' })))).toBe('through');
    });

    for (const bytes of [2_000, 400_000]) {
      it(`an interceptor that sends again after a 401 of ${bytes} bytes gets a connection`, async () => {
        const refreshing: Interceptor = (request, next) =>
          next(request).pipe(
            concatMap((response) =>
              response.status === 401 ? next({ ...request, headers: new Headers({ 'x-fresh': '1' }) }) : of(response),
            ),
          );
        const url = api.url(`token ${bytes} ${name}`, [{ status: 401, bytes }, { json: 'through' }]);

        expect(await only(client({ interceptors: [refreshing] }).getJSON(url))).toBe('through');
      });
    }

    it('an interceptor that sends twice can emit the first response', async () => {
      const auditing: Interceptor = (request, next) =>
        next(request).pipe(
          concatMap((response) =>
            next({ ...request, url: api.url(`audit ${name}`, {}) }).pipe(concatMap(() => of(response))),
          ),
        );
      const url = api.url(`audited ${name}`, { body: 'the answer' });

      expect(await only(client({ interceptors: [auditing] }).get(url, { selector: text() }))).toBe('the answer');
    });
  });
}
