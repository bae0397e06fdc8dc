import { createReadStream, type ReadStream } from 'node:fs';
import { Agent as HttpAgent } from 'node:http';
import { fileURLToPath } from 'node:url';

import { concatMap, NEVER, of, throwError } from 'rxjs';
import { Agent } from 'undici';

import {
  type ClientOptions,
  constant,
  HttpNetworkError,
  type Interceptor,
  RetryClient,
  text,
  type Transport,
} from '../../src/index.js';
import { nodeFetch } from '../../src/transports/node-fetch.js';
import { undiciFetch } from '../../src/transports/undici.js';
import { failureOf, only, settled } from '../support/settled.js';
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
      const one = client();
      for (const key of ['first', 'second']) {
        await failureOf(one.getJSON(api.url(`${key} ${name}`, { status: 404, bytes: 400_000 })));
      }

      expect(await only(one.getJSON(api.url(`after ${name}`, { json: 'through' })))).toBe('through');
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

describe('A file that a body factory opened', () => {
  const opened: ReadStream[] = [];
  const file = (): ReadStream => {
    const stream = createReadStream(fileURLToPath(import.meta.url));
    opened.push(stream);
    return stream;
  };
  const allClosed = async (): Promise<boolean> => {
    await new Promise((resolve) => setTimeout(resolve, 50));
    return opened.splice(0).every(({ destroyed }) => destroyed);
  };
  const url = 'http://a.test/';
  const strategy = { attempts: 3, backoff: constant(0) };

  it('is closed when an interceptor answers without sending', async () => {
    await only(new RetryClient({ interceptors: [() => of(new Response())] }).put(url, file));
    expect(await allClosed()).toBeTrue();
  });

  it('is closed in each attempt when an interceptor fails before it sends', async () => {
    await failureOf(
      new RetryClient({
        strategy,
        interceptors: [({ attempt }) => throwError(() => new HttpNetworkError({ attempt }))],
      }).put(url, file),
    );
    expect(opened.length).toBe(3);
    expect(await allClosed()).toBeTrue();
  });

  it('is closed when an interceptor times out', async () => {
    await failureOf(
      new RetryClient({ strategy: { attempts: 1 }, timeout: 20, interceptors: [() => NEVER] }).put(url, file),
    );
    expect(await allClosed()).toBeTrue();
  });

  it('is closed when the request is unsubscribed before it was sent', async () => {
    new RetryClient({ interceptors: [() => NEVER] }).put(url, file).subscribe().unsubscribe();
    expect(await allClosed()).toBeTrue();
  });

  it('is closed when prepare() of a selector throws', async () => {
    const open = () => ({
      prepare: () => {
        throw new RangeError('of mine');
      },
      select: () => [1],
    });
    expect(await failureOf(new RetryClient().put(url, file, { selector: { open } }))).toEqual(
      new RangeError('of mine'),
    );
    expect(await allClosed()).toBeTrue();
  });

  it('stays open when the caller opened it and it was not sent', async () => {
    const own = createReadStream(fileURLToPath(import.meta.url));
    await settled(new RetryClient({ interceptors: [() => of(new Response())] }).put(url, own));

    expect(own.destroyed).toBeFalse();
    own.destroy();
  });
});
