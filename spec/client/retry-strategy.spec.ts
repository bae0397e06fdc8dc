import { Observable } from 'rxjs';

import { constant, HttpNetworkError, RetryClient, type RetryStrategy, text } from '../../src/index.js';
import { listen, plot } from '../support/attempt-events.js';
import { type Answer, network } from '../support/scripted-network.js';
import { failureOf, only, settled } from '../support/settled.js';
import { testServer, type TestServer } from '../support/test-server.js';

const noDelay = { backoff: constant(0) };

describe('RetryClient by default and by its strategy', () => {
  let api: TestServer;

  beforeAll(async () => {
    api = await testServer();
  });

  afterAll(() => api.close());

  const client = new RetryClient({ strategy: noDelay });

  for (const status of [408, 425, 429, 500, 501, 502, 503, 504, 599]) {
    it(`retries the status ${String(status)}`, async () => {
      const response = await only(client.get(api.url(`retry ${String(status)}`, [{ status }, { body: 'ok' }])));

      expect(await response.text()).toBe('ok');
      expect((await api.requests(`retry ${String(status)}`)).length).toBe(2);
    });
  }

  for (const status of [200, 201, 204, 400, 401, 404, 409, 418]) {
    it(`does not retry the status ${String(status)}, and emits the response`, async () => {
      const response = await only(client.get(api.url(`accept ${String(status)}`, [{ status }, { body: 'ok' }])));

      expect(response.status).toBe(status);
      expect((await api.requests(`accept ${String(status)}`)).length).toBe(1);
    });
  }

  for (const cut of ['before-headers', 'in-headers'] as const) {
    it(`retries a connection that is cut ${cut}`, async () => {
      const response = await only(client.get(api.url(cut, [{ cut }, { body: 'ok' }])));

      expect(await response.text()).toBe('ok');
      expect((await api.requests(cut)).length).toBe(2);
    });
  }

  it('retries a body that breaks off while a selector reads it', async () => {
    const url = api.url('broken body', [{ cut: 'in-body', body: 'broken' }, { body: 'whole' }]);

    expect(await only(client.get(url, { selector: text() }))).toBe('whole');
  });

  it('retries a refused connection, on the next URL', async () => {
    const response = await only(client.get([api.refusedUrl, api.url('after refused', { body: 'ok' })]));

    expect(await response.text()).toBe('ok');
  });

  it('makes as many attempts as configured, then emits the last response unchanged, with a readable body', async () => {
    const url = api.url('spent', [
      { status: 503, body: 'first' },
      { status: 502, body: 'last', headers: { 'x-own': '1' } },
    ]);
    const events = listen(client.attempts$);

    const response = await only(client.get(url, { strategy: { attempts: 2 } }));
    expect([response.status, response.headers.get('x-own'), await response.text()]).toEqual([502, '1', 'last']);
    expect(plot(events)).toEqual(['start 1', 'response 1', 'retry 1', 'start 2', 'response 2', 'failure 2 attempts']);
  });

  it('makes as many attempts as configured, then throws the last error unchanged', async () => {
    const errors = [new Error('first'), new Error('last')];
    const down = new RetryClient({
      interceptors: [network(...errors).interceptor],
      strategy: { ...noDelay, errors: [Error], attempts: 2 },
    });

    expect(await failureOf(down.get('http://a.test/'))).toBe(errors[1]);
  });

  it('does not retry with attempts 1', async () => {
    const response = await only(client.get(api.url('once', { status: 503 }), { strategy: { attempts: 1 } }));

    expect(response.status).toBe(503);
    expect((await api.requests('once')).length).toBe(1);
  });

  it('retries without limit with attempts Infinity', async () => {
    const { interceptor, requests } = network(...Array<number>(500).fill(503), 200);
    const endless = new RetryClient({ interceptors: [interceptor], strategy: { ...noDelay, attempts: Infinity } });

    expect((await only(endless.get('http://a.test/'))).status).toBe(200);
    expect(requests.length).toBe(501);
    expect(requests[0]?.attempt.of).toBe(Infinity);
  });

  it('retries the listed statuses, and other server errors unless retryAllServerErrors is false', async () => {
    const retried = async (status: number, strategy: RetryStrategy) => {
      const { interceptor, requests } = network(status, 200);
      await only(
        new RetryClient({ interceptors: [interceptor], strategy: { ...noDelay, ...strategy } }).get('http://a.test/'),
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

  it('retries the listed errors only', async () => {
    class Own extends Error {}
    const retried = async (error: (attempt: HttpNetworkError['attempt']) => Error, strategy: RetryStrategy) => {
      let calls = 0;
      const own = new RetryClient({
        strategy: { ...noDelay, ...strategy },
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

  it('retries a transport that throws like one that rejects', async () => {
    let calls = 0;
    const throwing = new RetryClient({
      strategy: noDelay,
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

  it('does not retry invalid arguments of fetch, and throws a TypeError', async () => {
    let calls = 0;
    const misused = new RetryClient({ strategy: noDelay, fetch: (...args) => ((calls += 1), fetch(...args)) });

    const error = await failureOf(misused.get(api.url('misuse', {}), { mode: 'nonsense' as RequestMode }));
    expect(error).toBeInstanceOf(TypeError);
    expect(calls).toBe(1);
  });

  it('does not retry an AbortError of no signal it knows, unless shouldRetry returns true', async () => {
    const abort = new DOMException('left', 'AbortError');
    const { interceptor, requests } = network(abort);
    const own = new RetryClient({ interceptors: [interceptor], strategy: noDelay });

    expect(await failureOf(own.get('http://a.test/'))).toBe(abort);
    expect(requests.length).toBe(1);
    expect(await failureOf(own.get('http://a.test/', { strategy: { shouldRetry: () => true } }))).toBe(abort);
    expect(requests.length).toBe(4);
  });

  it('does not retry an interceptor that emits something other than a Response', async () => {
    const own = new RetryClient({ interceptors: [() => ['not a response'] as never], strategy: noDelay });

    expect(await failureOf(own.get('http://a.test/'))).toBeInstanceOf(TypeError);
  });
});

describe('RetryClient and the idempotency of methods:', () => {
  let api: TestServer;

  beforeAll(async () => {
    api = await testServer();
  });

  afterAll(() => api.close());

  const client = new RetryClient({ strategy: noDelay });

  for (const method of ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'QUERY']) {
    it(`${method} is retried after a status and after a cut`, async () => {
      const key = `repeat ${method}`;
      const response = await only(
        client.request(method, api.url(key, [{ status: 503 }, { cut: 'before-headers' }, {}])),
      );

      expect(response.status).toBe(200);
      expect((await api.requests(key)).length).toBe(3);
    });
  }

  for (const method of ['POST', 'PATCH', 'PROPFIND']) {
    it(`${method} is not retried after a status, and the response is emitted`, async () => {
      const key = `status ${method}`;
      const own = new RetryClient({ strategy: noDelay });
      const events = listen(own.attempts$);
      const response = await only(own.request(method, api.url(key, [{ status: 503, body: 'busy' }, {}])));

      expect([response.status, await response.text()]).toEqual([503, 'busy']);
      expect((await api.requests(key)).length).toBe(1);
      expect(plot(events)).toEqual(['start 1', 'response 1', 'failure 1 method']);
    });

    it(`${method} is not retried after a cut, and the error is thrown`, async () => {
      const key = `cut ${method}`;
      const own = new RetryClient({ strategy: noDelay });
      const events = listen(own.attempts$);
      const error = await failureOf(own.request(method, api.url(key, [{ cut: 'before-headers' }, {}])));

      expect(error).toBeInstanceOf(HttpNetworkError);
      expect((error as HttpNetworkError).sent).toBeUndefined();
      expect((await api.requests(key)).length).toBe(1);
      expect(plot(events)).toEqual(['start 1', 'failure 1 method']);
    });
  }

  it('POST is not retried after a timeout', async () => {
    const events = listen(client.attempts$);
    const error = await failureOf(
      client.post(api.url('silent post', [{ stall: 'headers' }, {}]), 'x', { timeout: 200 }),
    );

    expect(error).toEqual(jasmine.objectContaining({ name: 'HttpTimeoutError' }));
    expect(plot(events)).toEqual(['start 1', 'failure 1 method']);
  });

  it('POST is not retried after the body of its response broke off', async () => {
    const error = await failureOf(
      client.post(api.url('broken post', [{ cut: 'in-body' }, {}]), 'x', { selector: text() }),
    );

    expect(error).toBeInstanceOf(HttpNetworkError);
    expect((await api.requests('broken post')).length).toBe(1);
  });

  it('POST is retried when methods lists it, in any case', async () => {
    for (const methods of [['POST'], ['post']]) {
      const { interceptor, requests } = network(503, 200);
      const own = new RetryClient({ interceptors: [interceptor], strategy: { ...noDelay, methods } });

      await only(own.post('http://a.test/', 'x'));
      expect(requests.length).toBe(2);
    }
  });

  it('GET is not retried when methods does not list it', async () => {
    const { interceptor, requests } = network(503, 200);
    const own = new RetryClient({ interceptors: [interceptor], strategy: { ...noDelay, methods: ['POST'] } });

    expect((await only(own.get('http://a.test/'))).status).toBe(503);
    expect(requests.length).toBe(1);
  });

  it('POST is retried with an Idempotency-Key of the request, the same in each attempt', async () => {
    const url = api.url('idempotent', [{ status: 503 }, { cut: 'before-headers' }, {}]);

    expect((await only(client.post(url, 'x', { headers: { 'idempotency-key': 'k1' } }))).status).toBe(200);
    expect((await api.requests('idempotent')).map(({ headers, body }) => [headers['idempotency-key'], body])).toEqual(
      Array(3).fill(['k1', 'x']),
    );
  });

  it('POST is retried with an Idempotency-Key in its entry of requests()', async () => {
    const { interceptor, requests } = network(503, 503);
    const own = new RetryClient({ interceptors: [interceptor], strategy: noDelay });
    const post = { method: 'POST', url: 'http://a.test/' };

    await only(own.requests([{ ...post, headers: { 'Idempotency-Key': 'k' } }, post]));
    expect(requests.length).toBe(2);
  });

  it('POST is not retried with an Idempotency-Key of the client, which all requests would share', async () => {
    const { interceptor, requests } = network(503, 200);
    const own = new RetryClient({
      headers: { 'Idempotency-Key': 'k' },
      interceptors: [interceptor],
      strategy: noDelay,
    });

    await only(own.post('http://a.test/', 'x'));
    expect(requests.length).toBe(1);
  });

  it('POST is retried after an error with sent: false', async () => {
    let calls = 0;
    const own = new RetryClient({
      strategy: noDelay,
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

  it('POST is retried when shouldRetry returns true', async () => {
    const { interceptor, requests } = network(404, 200);
    const own = new RetryClient({
      interceptors: [interceptor],
      strategy: { ...noDelay, shouldRetry: ({ response }) => response?.status === 404 },
    });

    await only(own.post('http://a.test/', 'x'));
    expect(requests.length).toBe(2);
  });
});

describe('shouldRetry of a RetryClient', () => {
  const answering = (...answers: readonly Answer[]) => {
    const { interceptor, requests } = network(...answers);
    return { client: new RetryClient({ interceptors: [interceptor], strategy: noDelay }), requests };
  };

  it('that returns false accepts a status that is retried by default; the events end with success', async () => {
    const { client, requests } = answering(503);
    const events = listen(client.attempts$);

    expect((await only(client.get('http://a.test/', { strategy: { shouldRetry: () => false } }))).status).toBe(503);
    expect(requests.length).toBe(1);
    expect(plot(events)).toEqual(['start 1', 'response 1', 'value 1', 'success 1']);
  });

  it('that returns false throws an error that is retried by default, with reason permanent', async () => {
    const down = new Error('down');
    const { client } = answering(down);
    const events = listen(client.attempts$);

    expect(
      await failureOf(client.get('http://a.test/', { strategy: { errors: [Error], shouldRetry: () => false } })),
    ).toBe(down);
    expect(plot(events)).toEqual(['start 1', 'failure 1 permanent']);
  });

  it('that returns true retries an accepted response, up to the number of attempts', async () => {
    const { client, requests } = answering(200);
    const events = listen(client.attempts$);

    expect((await only(client.get('http://a.test/', { strategy: { shouldRetry: () => true } }))).status).toBe(200);
    expect(requests.length).toBe(3);
    expect(plot(events).at(-1)).toBe('failure 3 attempts');
  });

  it('that returns undefined, or an empty Observable, leaves the decision to the other fields', async () => {
    for (const shouldRetry of [() => undefined, () => [], () => Promise.resolve(undefined)]) {
      const { client, requests } = answering(503, 404);
      expect((await only(client.get('http://a.test/', { strategy: { shouldRetry } }))).status).toBe(404);
      expect(requests.length).toBe(2);
    }
  });

  it('can read a clone of the body, and the emitted response stays readable', async () => {
    let calls = 0;
    const client = new RetryClient({
      strategy: {
        ...noDelay,
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

  it('can read a clone of the body before a selector reads the body', async () => {
    const client = new RetryClient({
      strategy: {
        ...noDelay,
        shouldRetry: async ({ response, kind }) => kind === 'response' && (await response.clone().text()) === 'never',
      },
      fetch: () => Promise.resolve(new Response('body')),
    });

    expect(await only(client.get('http://a.test/', { selector: text() }))).toBe('body');
  });

  it('is called with the response first, then with each value of the selector', async () => {
    const seen: string[] = [];
    const { client } = answering(200);

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

  it('can retry a value of a selector, before any value was emitted', async () => {
    const { client, requests } = answering(200);
    const request$ = client.get('http://a.test/', {
      selector: (_, { number }) => [number],
      strategy: { shouldRetry: (outcome) => outcome.kind === 'value' && outcome.value === 1 },
    });

    expect(await only(request$)).toBe(2);
    expect(requests.length).toBe(2);
  });

  it('that throws ends the request with its error, which has the attempt’s error as its cause', async () => {
    const [bug, down] = [new Error('a bug'), new Error('down')];
    const { client, requests } = answering(down);
    const strategy: RetryStrategy = {
      shouldRetry: () => {
        throw bug;
      },
    };

    expect(await failureOf(client.get('http://a.test/', { strategy }))).toBe(bug);
    expect(bug.cause).toBe(down);
    expect(requests.length).toBe(1);
  });

  it('that returns an Observable is unsubscribed with the request', () => {
    const { client } = answering(200);
    let unsubscribed = false;
    const shouldRetry = () =>
      new Observable<boolean>(() => () => {
        unsubscribed = true;
      });
    const subscription = client.get('http://a.test/', { strategy: { shouldRetry } }).subscribe();

    expect(unsubscribed).toBeFalse();
    subscription.unsubscribe();
    expect(unsubscribed).toBeTrue();
  });
});
