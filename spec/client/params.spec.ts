import { constant, type Params, RetryClient } from '../../src/index.js';
import { expectRefusal } from '../support/expect-refusal.js';
import { network } from '../support/scripted-network.js';
import { only } from '../support/settled.js';
import { testServer } from '../support/test-server.js';

describe('Query params', () => {
  const requestedUrl = async (url: string, params?: Params, ofClient?: Params) => {
    const { interceptor, urls } = network(200);
    const client = new RetryClient({ params: ofClient, interceptors: [interceptor] });
    await only(client.get(url, { params }));
    return urls()[0];
  };

  it('are added to the URL as its query', async () => {
    expect(await requestedUrl('http://a.test/x', { q: 'a', n: 1, yes: true, big: 2n ** 64n })).toBe(
      'http://a.test/x?q=a&n=1&yes=true&big=18446744073709551616',
    );
  });

  it('repeat the name for each item of an array, and have none for an empty array', async () => {
    expect(await requestedUrl('http://a.test/', { id: [1, 2, 'c'], none: [] })).toBe('http://a.test/?id=1&id=2&id=c');
  });

  it('leave out null and undefined, in arrays too, but no other empty value', async () => {
    expect(
      await requestedUrl('http://a.test/', { a: null, b: undefined, c: [null, 1, undefined], d: '', e: 0, f: false }),
    ).toBe('http://a.test/?c=1&d=&e=0&f=false');
  });

  it('can be URLSearchParams, a string, or pairs', async () => {
    const pairs: [string, string][] = [
      ['a', '1'],
      ['b', '2'],
      ['a', '3'],
    ];
    for (const params of [new URLSearchParams(pairs), '?a=1&b=2&a=3', 'a=1&b=2&a=3', pairs]) {
      expect(await requestedUrl('http://a.test/', params)).toBe('http://a.test/?a=1&b=2&a=3');
    }
  });

  it('are encoded, names and values', async () => {
    const url = new URL((await requestedUrl('http://a.test/', { 'a b': 'c&d=e#f', ö: '+ %' })) as string);

    expect([...url.searchParams]).toEqual([
      ['a b', 'c&d=e#f'],
      ['ö', '+ %'],
    ]);
    expect(url.hash).toBe('');
  });

  it('follow the query of the URL, which stays as written', async () => {
    expect(await requestedUrl('http://a.test/?b=0&a=9', { a: 1 })).toBe('http://a.test/?b=0&a=9&a=1');
    expect(await requestedUrl('http://a.test/?flag&q=a%20b', { c: 1 })).toBe('http://a.test/?flag&q=a%20b&c=1');
    expect(await requestedUrl('http://a.test/?', { c: 1 })).toBe('http://a.test/?c=1');
  });

  it('that are empty leave the URL as written', async () => {
    expect(await requestedUrl('http://a.test/?flag&q=a%20b', {})).toBe('http://a.test/?flag&q=a%20b');
    expect(await requestedUrl('http://a.test/?flag&q=a%20b', undefined, {})).toBe('http://a.test/?flag&q=a%20b');
  });

  it('are placed before the fragment', async () => {
    const url = new URL((await requestedUrl('http://a.test/x#part', { a: 1 })) as string);
    expect([url.search, url.hash]).toEqual(['?a=1', '#part']);
  });

  it('are merged by name, the request’s over the client’s', async () => {
    expect(await requestedUrl('http://a.test/', { b: [3, 4] }, { a: 1, b: 2 })).toBe('http://a.test/?a=1&b=3&b=4');
    expect(await requestedUrl('http://a.test/', undefined, { a: 1 })).toBe('http://a.test/?a=1');
    expect(await requestedUrl('http://a.test/', { b: undefined }, { a: 1, b: 2 })).toBe('http://a.test/?a=1&b=2');
  });

  it('are merged by name in each entry of requests()', async () => {
    const { interceptor, urls } = network(503, 200);
    const client = new RetryClient({
      params: { a: 1, b: 2 },
      interceptors: [interceptor],
      strategy: { backoff: constant(0) },
    });

    await only(
      client.requests([{ url: 'http://a.test/', params: { b: 3 } }, { url: 'http://a.test/' }], { params: { c: 4 } }),
    );
    expect(urls()).toEqual(['http://a.test/?a=1&c=4&b=3', 'http://a.test/?a=1&b=2&c=4']);
  });

  it('are added to every URL', async () => {
    const { interceptor, urls } = network(503, 503, 200);
    const client = new RetryClient({
      baseUrl: ['http://a.test/', 'http://b.test/'],
      interceptors: [interceptor],
      strategy: { backoff: constant(0) },
    });

    await only(client.get(['x', 'http://c.test/'], { params: { a: 1 } }));
    expect(urls()).toEqual(['http://a.test/x?a=1', 'http://b.test/x?a=1', 'http://c.test/?a=1']);
  });

  it('are copied when they are passed: later changes have no effect', async () => {
    const { interceptor, urls } = network(200);
    const params = { a: 1 };
    const request$ = new RetryClient({ interceptors: [interceptor] }).get('http://a.test/', { params });
    params.a = 2;

    await only(request$);
    expect(urls()).toEqual(['http://a.test/?a=1']);
  });

  for (const params of [5, true, null, () => 'a=1', [['a']], [1]] as unknown[]) {
    it(`are refused when they are ${JSON.stringify(params) || 'a function'}`, () => {
      expectRefusal(() => new RetryClient({ params: params as Params }), [TypeError], 'params');
      expectRefusal(() => new RetryClient().get('http://a.test/', { params: params as Params }), [TypeError], 'params');
      expectRefusal(
        () => new RetryClient().requests([{ url: 'http://a.test/', params: params as Params }]),
        [TypeError],
        'params',
      );
    });
  }

  const fieldless: Readonly<Record<string, object>> = {
    'a Map': new Map([['a', '1']]),
    'a Set': new Set(['a']),
    'a Date': new Date(0),
    'a promise': Promise.resolve({ a: 1 }),
    'a FormData': new FormData(),
    'a URL': new URL('http://a.test/?a=1'),
    Headers: new Headers({ a: '1' }),
    'an Error': new Error('a'),
    bytes: new Uint8Array(2),
  };
  for (const [what, params] of Object.entries(fieldless)) {
    it(`are refused when they are ${what}, since no field of it would be sent`, () => {
      expectRefusal(
        () => new RetryClient().get('http://a.test/', { params: params as Params }),
        [TypeError],
        'params must be an object, an array of',
      );
    });
  }

  it('can be an object of any class, or without a prototype', async () => {
    class Query {
      readonly q = 'a';
      readonly page = 2;
    }
    expect(await requestedUrl('http://a.test/', new Query())).toBe('http://a.test/?q=a&page=2');
    expect(await requestedUrl('http://a.test/', Object.assign(Object.create(null) as object, { a: 1 }))).toBe(
      'http://a.test/?a=1',
    );
  });

  it('are refused with the name of a field that cannot be sent', () => {
    interface Query {
      when: Date;
    }
    const params: Query = { when: new Date(0) };
    expectRefusal(() => new RetryClient().get('http://a.test/', { params }), [TypeError], 'params.when');
  });

  it('arrive at the server', async () => {
    const api = await testServer();
    const url = api.url('params', {});

    await only(new RetryClient({ params: { a: 'ö' } }).get(url, { params: { b: [1, 2] } }));
    expect((await api.received('params')).url).toBe(`${url}?a=%C3%B6&b=1&b=2`);
    await api.close();
  });
});
