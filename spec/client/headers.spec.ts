import { constant, RetryClient } from '../../src/index.js';
import { expectRefusal } from '../support/expect-refusal.js';
import { network } from '../support/scripted-network.js';
import { only } from '../support/settled.js';
import { type Echo, testServer, type TestServer } from '../support/test-server.js';

const url = 'http://a.test/';

describe('Request headers', () => {
  const sent = async (
    client: ConstructorParameters<typeof RetryClient>[0],
    request?: Parameters<RetryClient['get']>[1],
  ) => {
    const { interceptor, requests } = network(200);
    await only(new RetryClient({ ...client, interceptors: [interceptor] }).get(url, request));
    return Object.fromEntries(requests[0]!.headers);
  };

  it('are merged by name, case-insensitively, the request’s over the client’s', async () => {
    expect(
      await sent(
        { headers: { 'X-One': 'client', 'X-Two': 'client' } },
        { headers: { 'x-two': 'request', 'X-THREE': 'request' } },
      ),
    ).toEqual({
      'x-one': 'client',
      'x-two': 'request',
      'x-three': 'request',
    });
  });

  it('can have every form that fetch accepts', async () => {
    const pairs: [string, string][] = [
      ['a', '1'],
      ['b', '2'],
    ];
    for (const headers of [{ a: '1', b: '2' }, pairs, new Headers(pairs)]) {
      expect(await sent({}, { headers })).toEqual({ a: '1', b: '2' });
      expect(await sent({ headers })).toEqual({ a: '1', b: '2' });
    }
  });

  it('are absent when undefined, so that the client’s stay', async () => {
    expect(await sent({ headers: { a: '1', b: undefined } }, { headers: { a: undefined, c: '3' } })).toEqual({
      a: '1',
      c: '3',
    });
    expect(await sent({ headers: { a: '1' } }, { headers: undefined })).toEqual({ a: '1' });
  });

  it('keep all values of a repeated name, which replace all values of the client’s', async () => {
    const client: [string, string][] = [
      ['a', '1'],
      ['a', '2'],
      ['b', '1'],
      ['b', '2'],
    ];
    const request: [string, string][] = [
      ['b', '3'],
      ['B', '4'],
    ];
    expect(await sent({ headers: client }, { headers: request })).toEqual({ a: '1, 2', b: '3, 4' });
  });

  it('are copied when they are passed: later changes have no effect', async () => {
    const { interceptor, header } = network(200);
    const ofClient = new Headers({ a: 'client' });
    const ofRequest = { b: 'request' };
    const client = new RetryClient({ headers: ofClient, interceptors: [interceptor] });
    const request$ = client.get(url, { headers: ofRequest });
    ofClient.set('a', 'changed');
    ofRequest.b = 'changed';

    await only(request$);
    expect([header('a'), header('b')]).toEqual([['client'], ['request']]);
  });

  it('are sent in every attempt, to every URL', async () => {
    const { interceptor, header, urls } = network(503, 503, 200);
    const client = new RetryClient({
      headers: { a: 'client' },
      interceptors: [interceptor],
      strategy: { backoff: constant(0) },
    });

    await only(
      client.get(['http://a.test/', 'http://b.test/', 'http://c.test/'], {
        headers: { b: 'request', authorization: 'own' },
      }),
    );
    expect(urls()).toEqual(['http://a.test/', 'http://b.test/', 'http://c.test/']);
    expect([header('a'), header('b'), header('authorization')]).toEqual([
      Array(3).fill('client'),
      Array(3).fill('request'),
      Array(3).fill('own'),
    ]);
  });

  it('are copied for each attempt: an interceptor’s changes do not reach the next attempt', async () => {
    const { interceptor, header } = network(503, 200);
    const client = new RetryClient({
      headers: { a: 'client' },
      strategy: { backoff: constant(0) },
      interceptors: [
        (request, next) => {
          request.headers.append('a', 'intercepted');
          request.headers.append('b', String(request.attempt.number));
          return next(request);
        },
        interceptor,
      ],
    });

    await only(client.get(url));
    expect([header('a'), header('b')]).toEqual([Array(2).fill('client, intercepted'), ['1', '2']]);
  });

  it('are refused when they are passed, if they cannot be sent', () => {
    const unsendable = [{ a: Object.create(null) as string }, { a: Symbol('x') as never }];
    for (const headers of [
      { 'not a name': 'x' },
      { a: 'two\nlines' },
      [['a']] as unknown as [string, string][],
      ...unsendable,
    ]) {
      expectRefusal(() => new RetryClient({ headers }), [TypeError], 'headers');
      expectRefusal(() => new RetryClient().get(url, { headers }), [TypeError], 'headers');
    }
  });

  it('are refused with the character that cannot be sent, and without their value', () => {
    const refused = (value: string): string => {
      try {
        void new RetryClient().get(url, { headers: { 'x-user': value } });
      } catch (error) {
        return (error as Error).message;
      }
      return 'taken';
    };
    const messageFor = (character: string) =>
      `headers.x-user has the character ${character}, which no header can carry: encode the value, as encodeURIComponent() does`;

    expect(refused('secret Łukasz')).toBe(messageFor('U+0141 (Ł)'));
    expect(refused('secret 😀')).toBe(messageFor('U+1F600 (😀)'));
    expect(refused('secret\u200b')).toBe(messageFor('U+200B'));
    expect(refused('secret\nset-cookie: a')).toBe(messageFor('U+000A'));
    expect(refused('secret\ud83d')).toBe(messageFor('U+D83D'));
    expect(refused('café \xff')).toBe('taken');
    expect(refused(encodeURIComponent('Łukasz'))).toBe('taken');
  });

  it('can be of any interface or class, and pairs can be read-only', async () => {
    interface Auth {
      authorization: string;
      'x-tenant'?: string;
    }
    const auth: Auth = { authorization: 'Bearer a' };
    expect(await sent({}, { headers: auth })).toEqual({ authorization: 'Bearer a' });
    expect(await sent({}, { headers: [['a', '1']] as const })).toEqual({ a: '1' });
  });

  describe('over the wire', () => {
    let api: TestServer;

    beforeAll(async () => {
      api = await testServer();
    });

    afterAll(() => api.close());

    it('arrive in every attempt', async () => {
      const client = new RetryClient({ headers: { 'x-a': 'client' }, strategy: { backoff: constant(0) } });
      const address = api.url('attempts', [{ status: 503 }, { cut: 'before-headers' }, { echo: true }]);

      const response = await only(client.get(address, { headers: { 'x-b': 'request' } }));
      expect(((await response.json()) as Echo).number).toBe(3);
      for (const { headers } of await api.requests('attempts')) {
        expect([headers['x-a'], headers['x-b']]).toEqual(['client', 'request']);
      }
    });
  });
});

describe('A header of an unusual type', () => {
  const sent = async (headers: object): Promise<Record<string, string>> => {
    const { interceptor, requests } = network(200);
    await only(
      new RetryClient({ interceptors: [interceptor] }).get(url, { headers: headers as Record<string, string> }),
    );
    return Object.fromEntries(requests[0]!.headers);
  };
  const refused = (headers: unknown, ...parts: string[]): void => {
    expectRefusal(
      () => new RetryClient().get(url, { headers: headers as Record<string, string> }),
      [TypeError],
      ...parts,
    );
  };

  it('can be a number or a boolean, which is sent as text', async () => {
    expect(await sent({ 'x-count': 3, 'x-on': false })).toEqual({ 'x-count': '3', 'x-on': 'false' });
    expect(await sent([['x-count', 0]])).toEqual({ 'x-count': '0' });
  });

  it('is refused when it would be sent as the name of its type', () => {
    for (const value of [null, {}, [], () => 'a', Symbol('a')]) refused({ 'x-a': value }, 'headers.x-a');
    refused([['x-a', undefined]], 'headers.x-a');
  });

  it('is refused when it is not a pair', () => {
    for (const entry of [['x-a'], ['x-a', '1', '2'], 'xa', { length: 2 }]) {
      refused([entry], 'array of [name, value] pairs');
    }
  });

  it('is refused with its name cut to 60 characters, or with what stands in place of a name', () => {
    refused([['x '.repeat(100), 'a']], `headers.${'x '.repeat(30)} must be`);
    refused([[null, 'a']], 'headers.null must be');
    refused([[{}, 'a']], 'headers.an object must be');
  });
});
