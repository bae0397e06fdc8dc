import { of } from 'rxjs';

import { constant, json, RetryClient } from '../../src/index.js';
import { listen, plot } from '../support/attempt-events.js';
import { network } from '../support/scripted-network.js';
import { only } from '../support/settled.js';
import { type Echo, testServer } from '../support/test-server.js';
import { inVirtualTime } from '../support/virtual-time.js';

const url = 'http://a.test/';
const noDelay = { backoff: constant(0) };

describe('requests()', () => {
  it('sends attempt n with the n-th entry: method, URL, headers, body and the rest', async () => {
    const { interceptor, requests } = network(503, 503, 200);
    const client = new RetryClient({ headers: { a: 'client' }, interceptors: [interceptor], strategy: noDelay });
    await only(
      client.requests(
        [
          { method: 'put', url: 'http://a.test/', headers: { b: '1' }, body: { first: true }, cache: 'no-store' },
          { url: new URL('http://b.test/'), headers: { a: 'own' }, params: { q: 1 } },
          { method: 'DELETE', url: 'http://c.test/', body: 'third' },
        ],
        { headers: { c: 'request' }, credentials: 'omit' },
      ),
    );

    expect(requests.map(({ method, url, body, init }) => ({ method, url, body, init }))).toEqual([
      {
        method: 'PUT',
        url: 'http://a.test/',
        body: '{"first":true}',
        init: { credentials: 'omit', cache: 'no-store' },
      },
      { method: 'GET', url: 'http://b.test/?q=1', body: null, init: { credentials: 'omit' } },
      { method: 'DELETE', url: 'http://c.test/', body: 'third', init: { credentials: 'omit' } },
    ]);
    expect(requests.map(({ headers }) => Object.fromEntries(headers))).toEqual([
      { a: 'client', b: '1', c: 'request', 'content-type': 'application/json' },
      { a: 'own', c: 'request' },
      { a: 'client', c: 'request' },
    ]);
    expect(requests.map(({ attempt }) => [attempt.number, attempt.method, attempt.url])).toEqual([
      [1, 'PUT', 'http://a.test/'],
      [2, 'GET', 'http://b.test/?q=1'],
      [3, 'DELETE', 'http://c.test/'],
    ]);
  });

  for (const [rotation, letters] of [
    [undefined, ['a', 'b', 'a', 'b', 'a']],
    ['cycle', ['a', 'b', 'a', 'b', 'a']],
    ['hold', ['a', 'b', 'b', 'b', 'b']],
  ] as const) {
    it(`continues after the last entry by the rotation: ${rotation ?? 'by default'}`, async () => {
      const { interceptor, urls } = network(503);
      const client = new RetryClient({
        interceptors: [interceptor],
        strategy: { ...noDelay, attempts: 5, ...(rotation && { rotation }) },
      });
      await only(client.requests([{ url: 'http://a.test/' }, { url: 'http://b.test/' }]));

      expect(urls()).toEqual(letters.map((letter) => `http://${letter}.test/`));
    });
  }

  it('makes as many attempts as there are entries by default, and at least 3', async () => {
    const { interceptor, requests } = network(503);
    const client = new RetryClient({ interceptors: [interceptor], strategy: noDelay });
    await only(client.requests([{ url: 'http://a.test/' }]));
    expect(requests.length).toBe(3);
    await only(client.requests(Array(5).fill({ url: 'http://a.test/' })));
    expect(requests.length).toBe(3 + 5);
  });

  it('tries the relative URL of each entry on every base URL in turn', async () => {
    const { interceptor, urls } = network(503);
    const client = new RetryClient({
      baseUrl: ['http://a.test/', 'http://b.test/'],
      interceptors: [interceptor],
      strategy: noDelay,
    });
    await only(client.requests([{ url: 'x' }, { url: 'y' }]));

    expect(urls()).toEqual(['http://a.test/x', 'http://b.test/x', 'http://a.test/y', 'http://b.test/y']);
  });

  it('retries by the method of the attempt that failed', async () => {
    const { interceptor, requests } = network(503, 503, 503);
    const client = new RetryClient({ interceptors: [interceptor], strategy: noDelay });
    const events = listen(client.attempts$);
    await only(
      client.requests([
        { url: 'http://a.test/' },
        { method: 'POST', url: 'http://b.test/' },
        { url: 'http://c.test/' },
      ]),
    );

    expect(requests.length).toBe(2);
    expect(plot(events)).toEqual(['start 1', 'response 1', 'retry 1', 'start 2', 'response 2', 'failure 2 method']);
  });

  it('copies its entries: later changes have no effect', async () => {
    const { interceptor, requests } = network(200);
    const entries = [{ url: 'http://a.test/', headers: { a: '1' } }];
    const request$ = new RetryClient({ interceptors: [interceptor] }).requests(entries);
    entries[0]!.headers.a = '2';
    entries[0] = { url: 'http://changed.test/', headers: { a: '3' } };
    await only(request$);

    expect(requests.map(({ url, headers }) => [url, headers.get('a')])).toEqual([['http://a.test/', '1']]);
  });

  it('emits what a selector reads', async () => {
    const api = await testServer();
    const client = new RetryClient({ strategy: noDelay });
    const echo = await only(
      client.requests(
        [
          { method: 'PUT', url: api.url('first', { cut: 'before-headers' }), body: { a: 1 } },
          { method: 'PUT', url: api.otherUrl('second', { echo: true }), body: { a: 2 } },
        ],
        { selector: json<Echo>() },
      ),
    );

    expect(echo.body).toBe('{"a":2}');
    expect((await api.requests('first')).map(({ body }) => body)).toEqual(['{"a":1}']);
    await api.close();
  });

  it('sends the body of the options for entries without a body of their own', () => {
    const bodies: unknown[] = [];
    const client = new RetryClient({
      interceptors: [
        ({ body, attempt }) => {
          bodies.push(body);
          return of(new Response(null, { status: attempt.number === 1 ? 503 : 200 }));
        },
      ],
      strategy: { backoff: constant(0) },
    });
    inVirtualTime(({ flush }) => {
      client
        .requests(
          [
            { method: 'PUT', url },
            { method: 'PUT', url, body: 'own' },
          ],
          { body: 'common' },
        )
        .subscribe();
      flush();
    });
    expect(bodies).toEqual(['common', 'own']);
  });
});
