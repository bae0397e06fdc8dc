import '@angular/compiler';

import { PlatformLocation } from '@angular/common';
import { TestBed } from '@angular/core/testing';

import { injectRetryClient, provideRetryClient } from '../../src/angular/index.js';
import { type ClientOptions, HttpNetworkError, type RetryClient } from '../../src/index.js';
import { app, injected } from '../support/angular-app.js';
import { onServer, pageAt } from '../support/angular-page.js';
import { expectRefusal } from '../support/expect-refusal.js';
import { network } from '../support/scripted-network.js';
import { failureOf, only } from '../support/settled.js';

const page = pageAt('https://shop.test/teas/green', '/shop/');

describe("A RetryClient's URLs, relative to the page", () => {
  /** Returns the client of a page that a server renders, and the URLs that it asks. */
  function serverClient(
    options: ClientOptions = {},
    location = page,
  ): { readonly client: RetryClient; readonly urls: () => string[]; readonly header: (name: string) => unknown[] } {
    const { interceptor, urls, header } = network(200);
    app(onServer, location, provideRetryClient({ ...options, interceptors: [interceptor] }));
    return { client: injected(injectRetryClient), urls, header };
  }

  it("resolve a relative baseUrl against the page's URL and its <base>, as HttpClient does", async () => {
    for (const [baseUrl, expected] of [
      ['/api/', 'https://shop.test/api/users'],
      ['api/', 'https://shop.test/shop/api/users'],
      ['https://eu.test/api/', 'https://eu.test/api/users'],
    ] as const) {
      const { client, urls } = serverClient({ baseUrl });
      await only(client.get('users'));

      expect(urls()).toEqual([expected]);
      TestBed.resetTestingModule();
    }
  });

  it('resolve without a <base>', async () => {
    const { client, urls } = serverClient({ baseUrl: 'api/' }, pageAt('https://shop.test/teas/green', null));
    await only(client.get('users'));

    expect(urls()).toEqual(['https://shop.test/teas/api/users']);
  });

  it('resolve each of a list of base URLs', async () => {
    const { interceptor, urls } = network(503, 200);
    app(onServer, page, provideRetryClient({ baseUrl: ['/api/', 'https://us.test/'], interceptors: [interceptor] }));
    await only(injected(injectRetryClient).get('users'));

    expect(urls()).toEqual(['https://shop.test/api/users', 'https://us.test/users']);
  });

  it("resolve a request's URL on a server without a baseUrl, for every method", async () => {
    const { client, urls } = serverClient();
    await only(client.get('/users'));
    await only(client.get(['users', 'https://eu.test/users']));
    await only(client.request('QUERY', 'users'));
    await only(client.post('users', { name: 'Ada' }));
    await only(client.requests([{ url: 'users' }, { url: 'https://eu.test/users' }]));

    expect(urls()).toEqual([
      'https://shop.test/users',
      'https://shop.test/shop/users',
      'https://shop.test/shop/users',
      'https://shop.test/shop/users',
      'https://shop.test/shop/users',
    ]);
  });

  it("keep a client's authorization for every URL without a baseUrl, and for the base's origin with one", async () => {
    const headers = { authorization: 'Bearer secret' };
    const without = serverClient({ headers });
    await only(without.client.get('https://eu.test/users'));
    TestBed.resetTestingModule();
    const relative = serverClient({ headers, baseUrl: '/api/' });
    await only(relative.client.get('users'));
    await only(relative.client.get('https://eu.test/users'));

    expect(without.header('authorization')).toEqual(['Bearer secret']);
    expect(relative.header('authorization')).toEqual(['Bearer secret', null]);
  });

  it('are resolved for the first request, and not where the client is provided, injected or extended', async () => {
    let reads = 0;
    const location = {
      get href() {
        reads += 1;
        return 'https://shop.test/';
      },
      getBaseHrefFromDOM: () => '',
    };
    const { interceptor, urls } = network(200);
    app(onServer, { provide: PlatformLocation, useValue: location }, provideRetryClient({ baseUrl: '/api/' }));
    const client = injected(injectRetryClient).extend({ interceptors: [interceptor] });

    expect(reads).toBe(0);

    await only(client.get('users'));

    expect(urls()).toEqual(['https://shop.test/api/users']);
    expect(reads).toBeGreaterThan(0);
  });

  it('fail in the stream, with words, if the page has no URL', async () => {
    const { client, urls } = serverClient({ baseUrl: '/api/' }, pageAt('/'));
    const failure = await failureOf(client.get('users'));

    expect(failure).toBeInstanceOf(HttpNetworkError);
    expect((failure as HttpNetworkError).message).toContain('baseUrl is relative, and the page');
    expect(urls()).toEqual([]);
  });

  it('leave a page without a URL the absolute ones of a list, and no credentials for other origins', async () => {
    const { client, urls, header } = serverClient(
      { baseUrl: ['/api/', 'https://us.test/'], headers: { authorization: 'Bearer secret' } },
      pageAt('/'),
    );
    await only(client.get('users'));
    await only(client.get('https://other.test/'));

    expect(urls()).toEqual(['https://us.test/users', 'https://other.test/']);
    expect(header('authorization')).toEqual(['Bearer secret', null]);
  });

  it('refuse a bad baseUrl at once, by name: where it is provided, injected or extended', () => {
    const bad = { baseUrl: 'http://' };
    expectRefusal(() => provideRetryClient(bad), [RangeError], 'baseUrl', 'http://');
    expectRefusal(() => provideRetryClient({ baseUrl: 5 as never }), [TypeError], 'baseUrl', '5');
    expectRefusal(() => provideRetryClient({ baseUrl: [] }), [RangeError], 'baseUrl');
    app(
      onServer,
      page,
      provideRetryClient(() => bad),
    );
    expectRefusal(() => injected(injectRetryClient), [RangeError], 'baseUrl', 'http://');
    TestBed.resetTestingModule();
    const { client } = serverClient();
    expectRefusal(() => client.extend(bad), [RangeError], 'baseUrl', 'http://');
  });
});
