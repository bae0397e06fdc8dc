import { type ClientOptions, constant, type RequestOptions, RetryClient, type RetryStrategy } from '../../src/index.js';
import { expectRefusal } from '../support/expect-refusal.js';
import { network } from '../support/scripted-network.js';
import { only } from '../support/settled.js';

const url = 'http://a.test/';
const kinds = { TypeError, RangeError } as const;

type Row = readonly [option: string, value: unknown, kind: keyof typeof kinds, shown: string];

const common: readonly Row[] = [
  ['throwHttpErrors', 'yes', 'TypeError', "'yes'"],
  ['throwHttpErrors', 1, 'TypeError', '1'],
  ['throwHttpErrors', null, 'TypeError', 'null'],
  ['timeout', 0, 'RangeError', '0'],
  ['timeout', -1, 'RangeError', '-1'],
  ['timeout', Number.NaN, 'RangeError', 'NaN'],
  ['timeout', '5', 'TypeError', "'5'"],
  ['timeout', true, 'TypeError', 'true'],
  ['timeout', null, 'TypeError', 'null'],
  ['totalTimeout', 0, 'RangeError', '0'],
  ['totalTimeout', -1, 'RangeError', '-1'],
  ['totalTimeout', Number.NaN, 'RangeError', 'NaN'],
  ['totalTimeout', '5', 'TypeError', "'5'"],
  ['signal', 'stop', 'TypeError', "'stop'"],
  ['signal', {}, 'TypeError', 'an object'],
  ['headers', 5, 'TypeError', '5'],
  ['headers', null, 'TypeError', 'null'],
  ['headers', 'Accept: text/plain', 'TypeError', 'a string'],
  ['strategy', 5, 'TypeError', '5'],
  ['strategy', null, 'TypeError', 'null'],
  ['strategy', [], 'TypeError', 'an array'],
  ['strategy', () => ({}), 'TypeError', 'a function'],
];

const strategies: readonly Row[] = [
  ['attempts', 0, 'RangeError', '0'],
  ['attempts', -1, 'RangeError', '-1'],
  ['attempts', 1.5, 'RangeError', '1.5'],
  ['attempts', Number.NaN, 'RangeError', 'NaN'],
  ['attempts', -Infinity, 'RangeError', '-Infinity'],
  ['attempts', '3', 'TypeError', "'3'"],
  ['attempts', null, 'TypeError', 'null'],
  ['backoff', 100, 'TypeError', '100'],
  ['backoff', Object.assign(() => 1, { attempts: 0 }), 'RangeError', '0'],
  ['methods', 'GET', 'TypeError', "'GET'"],
  ['methods', ['GET', 5], 'TypeError', '5'],
  ['methods', [''], 'RangeError', "''"],
  ['statuses', 503, 'TypeError', '503'],
  ['statuses', [503, '504'], 'TypeError', "'504'"],
  ['statuses', [Number.NaN], 'RangeError', 'NaN'],
  ['retryAllServerErrors', 'no', 'TypeError', "'no'"],
  ['errors', Error, 'TypeError', 'a function'],
  ['errors', [Error, 'Error'], 'TypeError', "'Error'"],
  ['shouldRetry', true, 'TypeError', 'true'],
  ['maxRetryAfter', -1, 'RangeError', '-1'],
  ['maxRetryAfter', Number.NaN, 'RangeError', 'NaN'],
  ['maxRetryAfter', '60', 'TypeError', "'60'"],
  ['rotation', 'circle', 'RangeError', "'circle'"],
  ['rotation', 5, 'TypeError', '5'],
  ['random', 0.5, 'TypeError', '0.5'],
  ['resetOnSuccess', 1, 'TypeError', '1'],
  ['attemps', 3, 'TypeError', 'attempts'],
];

const ofClient: readonly Row[] = [
  ['fetch', 'node-fetch', 'TypeError', "'node-fetch'"],
  ['fetch', null, 'TypeError', 'null'],
  ['baseUrl', 5, 'TypeError', '5'],
  ['baseUrl', null, 'TypeError', 'null'],
  ['baseUrl', [], 'RangeError', 'an array of 0'],
  ['baseUrl', ['http://a.test/', 5], 'TypeError', '5'],
  ['baseUrl', 'http://', 'RangeError', "'http://'"],
  ['baseUrl', ['http://a.test/', 'http://x.test:99999/'], 'RangeError', "'http://x.test:99999/'"],
  ['interceptors', () => undefined, 'TypeError', 'a function'],
  ['interceptors', ['log'], 'TypeError', "'log'"],
  ['interceptors', null, 'TypeError', 'null'],
];

const ofRequest: readonly Row[] = [
  ['selector', 5, 'TypeError', '5'],
  ['selector', null, 'TypeError', 'null'],
  ['selector', {}, 'TypeError', 'an object'],
  ['selector', { open: true }, 'TypeError', 'an object'],
  ['observe', 'events', 'RangeError', "'events'"],
  ['observe', 'response', 'RangeError', "'response'"],
  ['observe', null, 'TypeError', 'null'],
];

const title = ([option, value, kind]: Row) => `${kind} for ${option}: ${shownInTitle(value)}`;

function shownInTitle(value: unknown): string {
  if (typeof value === 'function') return value.name || 'a function';
  return typeof value === 'number' || value === undefined ? String(value) : JSON.stringify(value);
}

describe('RetryClient throws for an invalid option, with its name and value:', () => {
  const client = new RetryClient();

  for (const row of [...common, ...ofClient]) {
    const [option, value, kind, shown] = row;

    it(`new RetryClient() and extend() throw a ${title(row)}`, () => {
      const options = { [option]: value } as ClientOptions;
      expectRefusal(() => new RetryClient(options), [kinds[kind]], option, shown);
      expectRefusal(() => client.extend(options), [kinds[kind]], option, shown);
    });
  }

  for (const row of [...common, ...ofRequest]) {
    const [option, value, kind, shown] = row;

    it(`a request throws a ${title(row)}`, () => {
      const options = { [option]: value } as RequestOptions;
      for (const call of [
        () => client.get(url, options),
        () => client.post(url, 'body', options),
        () => client.request('DELETE', url, options),
        () => client.requests([{ url }], options),
      ]) {
        expectRefusal(call, [kinds[kind]], option, shown);
      }
      if (option !== 'selector') {
        expectRefusal(() => client.getJSON(url, options as object), [kinds[kind]], option, shown);
      }
    });
  }

  for (const row of strategies) {
    const [field, value, kind, shown] = row;

    it(`a strategy throws a ${title(row)}`, () => {
      const strategy = { [field]: value } as RetryStrategy;
      expectRefusal(() => new RetryClient({ strategy }), [kinds[kind]], `strategy.${field}`, shown);
      expectRefusal(() => client.get(url, { strategy }), [kinds[kind]], `strategy.${field}`, shown);
    });
  }

  for (const value of [5, null, 'http://a.test/', [], () => ({})] as unknown[]) {
    it(`options that are ${shownInTitle(value)}`, () => {
      expectRefusal(() => new RetryClient(value as ClientOptions), [TypeError], 'options');
      expectRefusal(() => client.get(url, value as RequestOptions), [TypeError], 'options');
      expectRefusal(() => client.post(url, 'x', value as RequestOptions), [TypeError], 'options');
      expectRefusal(() => client.extend(value as ClientOptions), [TypeError], 'options');
    });
  }

  for (const value of ['', 'GE T', 'GET\n', 5, undefined, null]) {
    it(`the method ${shownInTitle(value)}`, () => {
      expectRefusal(() => client.request(value as string, url), [TypeError], 'method');
      if (value !== undefined) {
        expectRefusal(() => client.requests([{ url, method: value as string }]), [TypeError], 'params[0].method');
      }
    });
  }

  for (const value of [5, undefined, null, {}, ['http://a.test/', 5], [['http://a.test/']]] as unknown[]) {
    it(`the URL ${shownInTitle(value)}`, () => {
      expectRefusal(() => client.get(value as string), [TypeError], 'url');
    });
  }

  it('an empty list of URLs', () => {
    expectRefusal(() => client.get([]), [RangeError], 'url', 'at least one');
  });

  it('an empty list for requests(), or an invalid entry in it', () => {
    expectRefusal(() => client.requests([]), [RangeError], 'params', 'at least one');
    expectRefusal(() => client.requests({ url } as never), [TypeError], 'params', 'an object');
    expectRefusal(() => client.requests([url] as never), [TypeError], 'params[0]', `'${url}'`);
    expectRefusal(() => client.requests([{ url }, { url: 5 }] as never), [TypeError], 'params[1].url', '5');
    expectRefusal(() => client.requests([{ url, headers: { 'not a name': 'x' } }]), [TypeError], 'params[0].headers');
    expectRefusal(() => client.requests([{ url, method: 'PUT', body: 5 as never }]), [TypeError], 'body', '5');
  });

  it('getJSON() refuses options that are not an object', () => {
    for (const options of ['abc', 5, null, [1]]) {
      expectRefusal(() => client.getJSON(url, options as unknown as RequestOptions), [TypeError], 'options');
    }
  });
});

describe('An unknown option', () => {
  const client = new RetryClient();
  const foreign: readonly (readonly [name: string, instead: string])[] = [
    ['json', 'body'],
    ['data', 'body'],
    ['retry', 'strategy'],
    ['retries', 'strategy'],
    ['searchParams', 'params'],
    ['query', 'params'],
    ['responseType', 'selector'],
    ['auth', 'authorization'],
    ['followRedirect', 'redirect'],
    ['prefixUrl', 'baseUrl'],
    ['baseURL', 'baseUrl'],
    ['transport', 'fetch'],
    ['logger', 'logAttempts()'],
    ['agent', 'nodeFetch'],
    ['schema', 'getJSON'],
    ['validateStatus', 'throwHttpErrors'],
  ];

  for (const [name, instead] of foreign) {
    it(`is refused with the option to use instead, when another client has it: ${name}`, () => {
      const options = { [name]: 1 } as ClientOptions & RequestOptions;
      for (const call of [
        () => new RetryClient(options),
        () => client.get(url, options),
        () => client.requests([{ url, ...options }]),
      ]) {
        expectRefusal(call, [TypeError], `unknown option "${name}"`, instead);
      }
    });
  }

  for (const [name, meant] of [
    ['totalTimout', 'totalTimeout'],
    ['parmas', 'params'],
    ['selecter', 'selector'],
    ['Timeout', 'timeout'],
    ['headrs', 'headers'],
    ['strateggy', 'strategy'],
    ['keepAlive', 'keepalive'],
    ['referer', 'referrer'],
  ] as const) {
    it(`is refused with the known option that it resembles: ${name}`, () => {
      expectRefusal(
        () => client.get(url, { [name]: 1 } as RequestOptions),
        [TypeError],
        `unknown option "${name}"`,
        meant,
      );
    });
  }

  it('is passed to fetch when a platform may know it', async () => {
    const given: RequestInit[] = [];
    const fetch = (_: string, init: RequestInit): Promise<Response> => {
      given.push(init);
      return Promise.resolve(new Response(null));
    };
    const platform = {
      dispatcher: 1,
      cf: 2,
      next: 3,
      tls: 4,
      proxy: 5,
      backend: 6,
      verbose: 7,
      targetAddressSpace: 8,
      priority: 'low',
      cache: 'no-store',
    };
    await only(new RetryClient({ fetch }).get(url, platform as RequestOptions));

    expect(given[0]).toEqual(jasmine.objectContaining(platform));
  });
});

describe('An option in the wrong place is refused, with its right place:', () => {
  const client = new RetryClient();

  for (const [option, value] of [
    ['fetch', globalThis.fetch],
    ['baseUrl', url],
    ['interceptors', []],
  ] as const) {
    it(`${option} in a request`, () => {
      const options = { [option]: value } as RequestOptions;
      expectRefusal(() => client.get(url, options), [TypeError], option, 'client');
      expectRefusal(() => client.getJSON(url, options as object), [TypeError], option, 'client');
      expectRefusal(() => client.requests([{ url }], options), [TypeError], option, 'client');
    });
  }

  for (const [option, value] of [
    ['body', 'x'],
    ['selector', () => []],
    ['observe', 'attempts'],
  ] as const) {
    it(`${option} in a client`, () => {
      const options = { [option]: value } as ClientOptions;
      expectRefusal(() => new RetryClient(options), [TypeError], option, 'request');
      expectRefusal(() => client.extend(options), [TypeError], option, 'request');
    });
  }

  it('method in a client or in a request', () => {
    expectRefusal(() => new RetryClient({ method: 'PUT' } as ClientOptions), [TypeError], 'method');
    expectRefusal(() => client.get(url, { method: 'PUT' } as RequestOptions), [TypeError], 'method');
  });
});

describe('RetryClient options', () => {
  it('are absent when they are undefined', async () => {
    const { interceptor } = network(503, 200);
    const nothing = {
      params: undefined,
      context: undefined,
      strategy: undefined,
      throwHttpErrors: undefined,
      timeout: undefined,
      totalTimeout: undefined,
      signal: undefined,
      headers: undefined,
    };
    const client = new RetryClient({ interceptors: [interceptor], strategy: { backoff: constant(0) } }).extend({
      ...nothing,
      fetch: undefined,
      baseUrl: undefined,
      interceptors: undefined,
    });

    const response = await only(
      client.get(url, { ...nothing, body: undefined, selector: undefined, observe: undefined }),
    );
    expect(response.status).toBe(200);
  });

  it('include those of fetch, the request’s over the client’s', async () => {
    const { interceptor, requests } = network(200);
    const client = new RetryClient({
      interceptors: [interceptor],
      credentials: 'include',
      cache: 'no-store',
      redirect: 'manual',
    });

    await only(client.get(url, { cache: 'reload', keepalive: true }));
    expect(requests[0]?.init).toEqual({ credentials: 'include', cache: 'reload', redirect: 'manual', keepalive: true });
  });

  it('of fetch reach the transport together with method, headers and a signal of the attempt', async () => {
    const calls: [string, RequestInit][] = [];
    const client = new RetryClient({
      fetch: (address, init) => {
        calls.push([address, init]);
        return Promise.resolve(new Response());
      },
    });
    const { signal } = new AbortController();

    await only(client.get(url, { cache: 'no-store', signal, headers: { a: '1' } }));
    const [address, init] = calls[0]!;
    expect(address).toBe(url);
    expect(init).toEqual(jasmine.objectContaining({ method: 'GET', cache: 'no-store' }));
    expect([...new Headers(init.headers)]).toEqual([['a', '1']]);
    expect(init.signal).toBeInstanceOf(AbortSignal);
    expect(init.signal).not.toBe(signal);
  });

  it('can be frozen, and are not changed', async () => {
    const strategy = Object.freeze({
      attempts: 2,
      methods: Object.freeze(['get']),
      statuses: Object.freeze([503]),
      backoff: constant(0),
    });
    const options = Object.freeze({ strategy, headers: Object.freeze({ a: '1' }), params: Object.freeze({ b: 2 }) });
    const { interceptor, requests } = network(503, 200);
    const client = new RetryClient(Object.freeze({ ...options, interceptors: Object.freeze([interceptor]) }));

    await only(client.get(Object.freeze([url]), options));
    expect(requests.length).toBe(2);
  });

  it('without fetch use the global fetch of the time of sending, so that it can be replaced', async () => {
    const client = new RetryClient();
    const spy = spyOn(globalThis, 'fetch').and.resolveTo(new Response('replaced'));

    expect(await (await only(client.get(url))).text()).toBe('replaced');
    expect(spy).toHaveBeenCalledTimes(1);
  });
});

describe('The strategies of the client and the request are merged:', () => {
  const attemptsOf = async (
    ofClient: RetryStrategy | undefined,
    ofOne?: RetryStrategy,
    urls: string | string[] = url,
  ) => {
    const { interceptor, requests } = network(503);
    const client = new RetryClient({ interceptors: [interceptor], ...(ofClient && { strategy: ofClient }) });
    await only(client.get(urls, { strategy: { backoff: Object.assign(() => 0, {}), ...ofOne } }));
    return requests.length;
  };

  it('field by field, the request’s over the client’s', async () => {
    expect(await attemptsOf({ attempts: 2 })).toBe(2);
    expect(await attemptsOf({ attempts: 2 }, { attempts: 4 })).toBe(4);
    expect(await attemptsOf({ attempts: 2 }, { statuses: [418] })).toBe(2);
    expect(await attemptsOf({ attempts: 2, retryAllServerErrors: false }, { statuses: [418] })).toBe(1);
    expect(await attemptsOf({ retryAllServerErrors: false }, { attempts: 2, statuses: [503] })).toBe(2);
  });

  it('with 3 attempts by default, or as many as there are URLs if that is more', async () => {
    expect(await attemptsOf(undefined)).toBe(3);
    expect(await attemptsOf(undefined, {}, [url, url])).toBe(3);
    expect(await attemptsOf(undefined, {}, Array<string>(5).fill(url))).toBe(5);
  });

  it('with the attempts of a backoff, unless the same or a higher layer sets attempts', async () => {
    const zero = (attempts: number) => Object.assign(() => 0, { attempts });
    expect(await attemptsOf(undefined, { backoff: zero(5) })).toBe(5);
    expect(await attemptsOf({ attempts: 2 }, { backoff: zero(5) })).toBe(5);
    expect(await attemptsOf({ backoff: zero(5) }, { attempts: 2 })).toBe(2);
    expect(await attemptsOf(undefined, { backoff: zero(5), attempts: 2 })).toBe(2);
  });
});
