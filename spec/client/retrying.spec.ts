import { Observable } from 'rxjs';

import { constant, HttpNetworkError, RetryClient, type RetryStrategy, text } from '../../src/index.js';
import { listen, plot } from '../support/attempt-events.js';
import { type Answer, network } from '../support/scripted-network.js';
import { failureOf, only, settled } from '../support/settled.js';
import { testServer, type TestServer } from '../support/test-server.js';

const soon = { backoff: constant(0) };

describe('RetryClient retries', () => {
  let api: TestServer;

  beforeAll(async () => {
    api = await testServer();
  });

  afterAll(() => api.close());

  const client = new RetryClient({ strategy: soon });

  for (const status of [408, 425, 429, 500, 501, 502, 503, 504, 599]) {
    it(`the status ${String(status)} by default`, async () => {
      const response = await only(client.get(api.url(`retry ${String(status)}`, [{ status }, { body: 'ok' }])));

      expect(await response.text()).toBe('ok');
      expect((await api.requests(`retry ${String(status)}`)).length).toBe(2);
    });
  }

  for (const status of [200, 201, 204, 400, 401, 404, 409, 418]) {
    it(`no status ${String(status)} by default, and hands the response over`, async () => {
      const response = await only(client.get(api.url(`accept ${String(status)}`, [{ status }, { body: 'ok' }])));

      expect(response.status).toBe(status);
      expect((await api.requests(`accept ${String(status)}`)).length).toBe(1);
    });
  }

  for (const cut of ['before-headers', 'in-headers'] as const) {
    it(`a connection that is cut ${cut}`, async () => {
      const response = await only(client.get(api.url(cut, [{ cut }, { body: 'ok' }])));

      expect(await response.text()).toBe('ok');
      expect((await api.requests(cut)).length).toBe(2);
    });
  }

  it('a body that breaks off while a selector reads it', async () => {
    const url = api.url('broken body', [{ cut: 'in-body', body: 'broken' }, { body: 'whole' }]);

    expect(await only(client.get(url, { selector: text() }))).toBe('whole');
  });

  it('a connection that is refused, on the next URL', async () => {
    const response = await only(client.get([api.refusedUrl, api.url('after refused', { body: 'ok' })]));

    expect(await response.text()).toBe('ok');
  });

  it('as often as attempts says, then hands the last response over as it is, its body readable', async () => {
    const url = api.url('spent', [
      { status: 503, body: 'first' },
      { status: 502, body: 'last', headers: { 'x-own': '1' } },
    ]);
    const events = listen(client.attempts$);

    const response = await only(client.get(url, { strategy: { attempts: 2 } }));
    expect([response.status, response.headers.get('x-own'), await response.text()]).toEqual([502, '1', 'last']);
    expect(plot(events)).toEqual(['start 1', 'retry 1', 'start 2', 'failure 2 attempts']);
  });

  it('as often as attempts says, then throws the last error as it is', async () => {
    const errors = [new Error('first'), new Error('last')];
    const down = new RetryClient({
      interceptors: [network(...errors).interceptor],
      strategy: { ...soon, errors: [Error], attempts: 2 },
    });

    expect(await failureOf(down.get('http://a.test/'))).toBe(errors[1]);
  });

  it('nothing at all with attempts 1', async () => {
    const response = await only(client.get(api.url('once', { status: 503 }), { strategy: { attempts: 1 } }));

    expect(response.status).toBe(503);
    expect((await api.requests('once')).length).toBe(1);
  });

  it('without end with attempts Infinity', async () => {
    const { interceptor, requests } = network(...Array<number>(500).fill(503), 200);
    const endless = new RetryClient({ interceptors: [interceptor], strategy: { ...soon, attempts: Infinity } });

    expect((await only(endless.get('http://a.test/'))).status).toBe(200);
    expect(requests.length).toBe(501);
    expect(requests[0]?.attempt.of).toBe(Infinity);
  });

  it('only the statuses listed, with retryAllServerErrors false', async () => {
    const retried = async (status: number, strategy: RetryStrategy) => {
      const { interceptor, requests } = network(status, 200);
      await only(
        new RetryClient({ interceptors: [interceptor], strategy: { ...soon, ...strategy } }).get('http://a.test/'),
      );
      return requests.length === 2;
    };

    expect(await retried(500, { retryAllServerErrors: false })).toBeFalse();
    expect(await retried(429, { retryAllServerErrors: false })).toBeTrue();
    expect(await retried(404, { statuses: [404] })).toBeTrue();
    expect(await retried(429, { statuses: [404] })).toBeFalse();
    expect(await retried(500, { statuses: [404] })).toBeTrue();
    expect(await retried(500, { statuses: [500], retryAllServerErrors: false })).toBeTrue();
    expect(await retried(503, { statuses: [], retryAllServerErrors: false })).toBeFalse();
  });

  it('only the errors listed', async () => {
    class Own extends Error {}
    const retried = async (error: (attempt: HttpNetworkError['attempt']) => Error, strategy: RetryStrategy) => {
      let calls = 0;
      const own = new RetryClient({
        strategy: { ...soon, ...strategy },
        interceptors: [
          ({ attempt }) => {
            calls += 1;
            throw error(attempt);
          },
        ],
      });
      await failureOf(own.get('http://a.test/'));
      return calls === 3;
    };

    expect(await retried((attempt) => new HttpNetworkError({ attempt }), {})).toBeTrue();
    expect(await retried((attempt) => new HttpNetworkError({ attempt }), { errors: [Own] })).toBeFalse();
    expect(await retried(() => new Own(), {})).toBeFalse();
    expect(await retried(() => new Own(), { errors: [Own] })).toBeTrue();
    expect(await retried(() => new TypeError('a bug'), {})).toBeFalse();
    expect(await retried(() => new DOMException('left', 'AbortError'), { errors: [] })).toBeFalse();
  });

  it('a transport that throws like one that rejects', async () => {
    let calls = 0;
    const throwing = new RetryClient({
      strategy: soon,
      fetch: () => {
        calls += 1;
        throw new TypeError('no network');
      },
    });

    const error = await failureOf(throwing.get('http://a.test/'));
    expect(error).toBeInstanceOf(HttpNetworkError);
    expect((error as Error).message).toContain('no network');
    expect(calls).toBe(3);
  });

  it('no misuse of fetch, which is told as it is', async () => {
    let calls = 0;
    const misused = new RetryClient({ strategy: soon, fetch: (...args) => ((calls += 1), fetch(...args)) });

    const error = await failureOf(misused.get(api.url('misuse', {}), { mode: 'nonsense' as RequestMode }));
    expect(error).toBeInstanceOf(TypeError);
    expect(calls).toBe(1);
  });

  it('nothing after an AbortError that is nobody’s signal, unless asked to', async () => {
    const abort = new DOMException('left', 'AbortError');
    const { interceptor, requests } = network(abort);
    const own = new RetryClient({ interceptors: [interceptor], strategy: soon });

    expect(await failureOf(own.get('http://a.test/'))).toBe(abort);
    expect(requests.length).toBe(1);
    expect(await failureOf(own.get('http://a.test/', { strategy: { shouldRetry: () => true } }))).toBe(abort);
    expect(requests.length).toBe(4);
  });

  it('no wrong thing that an interceptor gives in place of a response', async () => {
    const own = new RetryClient({ interceptors: [() => ['not a response'] as never], strategy: soon });

    expect(await failureOf(own.get('http://a.test/'))).toBeInstanceOf(TypeError);
  });
});

describe('RetryClient and methods that are not idempotent:', () => {
  let api: TestServer;

  beforeAll(async () => {
    api = await testServer();
  });

  afterAll(() => api.close());

  const client = new RetryClient({ strategy: soon });

  for (const method of ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'QUERY']) {
    it(`${method} is repeated after a status and after a cut`, async () => {
      const key = `repeat ${method}`;
      const response = await only(
        client.request(method, api.url(key, [{ status: 503 }, { cut: 'before-headers' }, {}])),
      );

      expect(response.status).toBe(200);
      expect((await api.requests(key)).length).toBe(3);
    });
  }

  for (const method of ['POST', 'PATCH', 'PROPFIND']) {
    it(`${method} is not repeated after a status, and the response handed over`, async () => {
      const key = `status ${method}`;
      const own = new RetryClient({ strategy: soon });
      const events = listen(own.attempts$);
      const response = await only(own.request(method, api.url(key, [{ status: 503, body: 'busy' }, {}])));

      expect([response.status, await response.text()]).toEqual([503, 'busy']);
      expect((await api.requests(key)).length).toBe(1);
      expect(plot(events)).toEqual(['start 1', 'failure 1 method']);
    });

    it(`${method} is not repeated after a cut, and the error thrown`, async () => {
      const key = `cut ${method}`;
      const own = new RetryClient({ strategy: soon });
      const events = listen(own.attempts$);
      const error = await failureOf(own.request(method, api.url(key, [{ cut: 'before-headers' }, {}])));

      expect(error).toBeInstanceOf(HttpNetworkError);
      expect((error as HttpNetworkError).sent).toBeUndefined();
      expect((await api.requests(key)).length).toBe(1);
      expect(plot(events)).toEqual(['start 1', 'failure 1 method']);
    });
  }

  it('POST is not repeated after silence', async () => {
    const events = listen(client.attempts$);
    const error = await failureOf(
      client.post(api.url('silent post', [{ stall: 'headers' }, {}]), 'x', { timeout: 200 }),
    );

    expect(error).toEqual(jasmine.objectContaining({ name: 'HttpTimeoutError' }));
    expect(plot(events)).toEqual(['start 1', 'failure 1 method']);
  });

  it('POST is not repeated after its response’s body broke off', async () => {
    const error = await failureOf(
      client.post(api.url('broken post', [{ cut: 'in-body' }, {}]), 'x', { selector: text() }),
    );

    expect(error).toBeInstanceOf(HttpNetworkError);
    expect((await api.requests('broken post')).length).toBe(1);
  });

  it('POST is repeated if its method is listed, in any case', async () => {
    for (const methods of [['POST'], ['post']]) {
      const { interceptor, requests } = network(503, 200);
      const own = new RetryClient({ interceptors: [interceptor], strategy: { ...soon, methods } });

      await only(own.post('http://a.test/', 'x'));
      expect(requests.length).toBe(2);
    }
  });

  it('GET is not repeated if it is not listed', async () => {
    const { interceptor, requests } = network(503, 200);
    const own = new RetryClient({ interceptors: [interceptor], strategy: { ...soon, methods: ['POST'] } });

    expect((await only(own.get('http://a.test/'))).status).toBe(503);
    expect(requests.length).toBe(1);
  });

  it('POST is repeated with an Idempotency-Key of the request’s own, the same each time', async () => {
    const url = api.url('idempotent', [{ status: 503 }, { cut: 'before-headers' }, {}]);

    expect((await only(client.post(url, 'x', { headers: { 'idempotency-key': 'k1' } }))).status).toBe(200);
    expect((await api.requests('idempotent')).map(({ headers, body }) => [headers['idempotency-key'], body])).toEqual(
      Array(3).fill(['k1', 'x']),
    );
  });

  it('POST is repeated with an Idempotency-Key in its wording of requests()', async () => {
    const { interceptor, requests } = network(503, 503);
    const own = new RetryClient({ interceptors: [interceptor], strategy: soon });
    const post = { method: 'POST', url: 'http://a.test/' };

    await only(own.requests([{ ...post, headers: { 'Idempotency-Key': 'k' } }, post]));
    expect(requests.length).toBe(2);
  });

  it('POST is not repeated with an Idempotency-Key of the client’s defaults: all requests would bear the same', async () => {
    const { interceptor, requests } = network(503, 200);
    const own = new RetryClient({ headers: { 'Idempotency-Key': 'k' }, interceptors: [interceptor], strategy: soon });

    await only(own.post('http://a.test/', 'x'));
    expect(requests.length).toBe(1);
  });

  it('POST is repeated where an error says for certain that nothing was sent', async () => {
    let calls = 0;
    const own = new RetryClient({
      strategy: soon,
      interceptors: [
        ({ attempt }, next) => {
          calls += 1;
          if (calls < 3) throw new HttpNetworkError({ attempt, phase: 'connect', sent: false });
          return next({
            method: 'POST',
            url: api.url('unsent', {}),
            headers: new Headers(),
            body: 'x',
            attempt,
            init: {},
          });
        },
      ],
    });

    expect((await only(own.post('http://a.test/', 'x'))).status).toBe(200);
    expect(calls).toBe(3);
  });

  it('POST is repeated where shouldRetry says so', async () => {
    const { interceptor, requests } = network(404, 200);
    const own = new RetryClient({
      interceptors: [interceptor],
      strategy: { ...soon, shouldRetry: ({ response }) => response?.status === 404 },
    });

    await only(own.post('http://a.test/', 'x'));
    expect(requests.length).toBe(2);
  });
});

describe('RetryClient and shouldRetry:', () => {
  const give = (...answers: readonly Answer[]) => {
    const { interceptor, requests } = network(...answers);
    return { client: new RetryClient({ interceptors: [interceptor], strategy: soon }), requests };
  };

  it('false accepts what would be retried; the response is handed over, and the events say success', async () => {
    const { client, requests } = give(503);
    const events = listen(client.attempts$);

    expect((await only(client.get('http://a.test/', { strategy: { shouldRetry: () => false } }))).status).toBe(503);
    expect(requests.length).toBe(1);
    expect(plot(events)).toEqual(['start 1', 'value 1', 'success 1']);
  });

  it('false throws an error that would be retried, for good', async () => {
    const down = new Error('down');
    const { client } = give(down);
    const events = listen(client.attempts$);

    expect(
      await failureOf(client.get('http://a.test/', { strategy: { errors: [Error], shouldRetry: () => false } })),
    ).toBe(down);
    expect(plot(events)).toEqual(['start 1', 'failure 1 permanent']);
  });

  it('true retries what would be accepted, but no more often than attempts says', async () => {
    const { client, requests } = give(200);
    const events = listen(client.attempts$);

    expect((await only(client.get('http://a.test/', { strategy: { shouldRetry: () => true } }))).status).toBe(200);
    expect(requests.length).toBe(3);
    expect(plot(events).at(-1)).toBe('failure 3 attempts');
  });

  it('undefined leaves it to the other fields; so does an Observable that is empty', async () => {
    for (const shouldRetry of [() => undefined, () => [], () => Promise.resolve(undefined)]) {
      const { client, requests } = give(503, 404);
      expect((await only(client.get('http://a.test/', { strategy: { shouldRetry } }))).status).toBe(404);
      expect(requests.length).toBe(2);
    }
  });

  it('may look into a clone of the body, which stays readable for whoever gets the response', async () => {
    let calls = 0;
    const client = new RetryClient({
      strategy: {
        ...soon,
        shouldRetry: async ({ response }) =>
          ((await response?.clone().json()) as { state: string }).state === 'pending',
      },
      fetch: () => Promise.resolve(Response.json({ state: ++calls < 3 ? 'pending' : 'done' })),
    });

    const response = await only(client.get('http://a.test/'));
    expect(response.bodyUsed).toBeFalse();
    expect(await response.json()).toEqual({ state: 'done' });
    expect(calls).toBe(3);
  });

  it('may look into a clone of the body, which a selector reads after it', async () => {
    const client = new RetryClient({
      strategy: {
        ...soon,
        shouldRetry: async ({ response, kind }) => kind === 'response' && (await response.clone().text()) === 'never',
      },
      fetch: () => Promise.resolve(new Response('body')),
    });

    expect(await only(client.get('http://a.test/', { selector: text() }))).toBe('body');
  });

  it('sees the response first, then each value that a selector reads from it', async () => {
    const seen: string[] = [];
    const { client } = give(200);

    await settled(
      client.get('http://a.test/', {
        selector: () => ['a', 'b'],
        strategy: {
          shouldRetry: (outcome) => {
            seen.push(outcome.kind === 'value' ? String(outcome.value) : outcome.kind);
            expect(outcome.response?.status).toBe(200);
            return undefined;
          },
        },
      }),
    );
    expect(seen).toEqual(['response', 'a', 'b']);
  });

  it('may retry a value that a selector reads, before any was emitted', async () => {
    const { client, requests } = give(200);
    const request$ = client.get('http://a.test/', {
      selector: (_, { number }) => [number],
      strategy: { shouldRetry: (outcome) => outcome.kind === 'value' && outcome.value === 1 },
    });

    expect(await only(request$)).toBe(2);
    expect(requests.length).toBe(2);
  });

  it('that throws ends the request with its error, the attempt’s own as the cause', async () => {
    const [bug, down] = [new Error('a bug'), new Error('down')];
    const { client, requests } = give(down);
    const strategy: RetryStrategy = {
      shouldRetry: () => {
        throw bug;
      },
    };

    expect(await failureOf(client.get('http://a.test/', { strategy }))).toBe(bug);
    expect(bug.cause).toBe(down);
    expect(requests.length).toBe(1);
  });

  it('as an Observable is left when the request is', () => {
    const { client } = give(200);
    let left = false;
    const shouldRetry = () =>
      new Observable<boolean>(() => () => {
        left = true;
      });
    const subscription = client.get('http://a.test/', { strategy: { shouldRetry } }).subscribe();

    expect(left).toBeFalse();
    subscription.unsubscribe();
    expect(left).toBeTrue();
  });
});
