import type { Observable } from 'rxjs';
import { z } from 'zod';

import { HttpValidationError, RetryClient, type StandardSchema } from '../../src/index.js';
import { expectRefusal } from '../support/expect-refusal.js';
import { network } from '../support/scripted-network.js';
import { failureOf, only } from '../support/settled.js';
import { type Echo, testServer, type TestServer } from '../support/test-server.js';

describe('RetryClient methods', () => {
  const client = new RetryClient();
  let api: TestServer;

  beforeAll(async () => {
    api = await testServer();
  });

  afterAll(() => api.close());

  for (const method of ['GET', 'HEAD', 'OPTIONS', 'DELETE'] as const) {
    const name = method.toLowerCase() as 'get' | 'head' | 'options' | 'delete';

    it(`${name}() sends ${method} without a body`, async () => {
      const response = await only(client[name](api.url(name, { echo: true })));

      expect(response.status).toBe(200);
      const [request] = await api.requests(name);
      expect([request?.method, request?.bytes, request?.headers['content-type']]).toEqual([method, 0, undefined]);
    });
  }

  for (const method of ['POST', 'PUT', 'PATCH'] as const) {
    const name = method.toLowerCase() as 'post' | 'put' | 'patch';

    it(`${name}() sends ${method} with the body that is its second argument`, async () => {
      expect(await echo(client[name](api.url(name, { echo: true }), 'content'))).toEqual(
        jasmine.objectContaining({ method, body: 'content' }),
      );
    });

    it(`${name}() sends ${method} without a body when there is none`, async () => {
      expect(await echo(client[name](api.url(`${name} nothing`, { echo: true })))).toEqual(
        jasmine.objectContaining({ method, body: '' }),
      );
    });
  }

  it('head() emits a response without a body', async () => {
    const response = await only(client.head(api.url('head body', { body: 'content' })));

    expect(await response.text()).toBe('');
  });

  for (const method of ['GET', 'PATCH', 'PROPFIND', 'QUERY']) {
    it(`request() sends ${method}`, async () => {
      const url = api.url(`request ${method}`, { echo: true });

      expect(await echo(client.request(method, url))).toEqual(jasmine.objectContaining({ method }));
    });
  }

  it("request() sends HTTP's standard methods in upper case, also patch, which fetch sends as it is", async () => {
    for (const method of ['get', 'Post', 'put', 'patch', 'delete', 'options', 'query']) {
      const url = api.url(`lower ${method}`, { echo: true });
      expect(await echo(client.request(method, url))).toEqual(
        jasmine.objectContaining({ method: method.toUpperCase() }),
      );
    }
  });

  it('request() shows interceptors and attempts standard methods in upper case, and other methods unchanged', async () => {
    const { interceptor, requests } = network(200);
    const stubbed = new RetryClient({ interceptors: [interceptor] });

    for (const method of ['patch', 'head', 'Frobnicate']) await only(stubbed.request(method, 'http://a.test/'));
    expect(requests.map((request) => [request.method, request.attempt.method])).toEqual([
      ['PATCH', 'PATCH'],
      ['HEAD', 'HEAD'],
      ['Frobnicate', 'Frobnicate'],
    ]);
  });

  it('request(), delete() and post() take the body from the options', async () => {
    const url = api.url('body in options', { echo: true });

    expect(await echo(client.request('QUERY', url, { body: 'a' }))).toEqual(
      jasmine.objectContaining({ method: 'QUERY', body: 'a' }),
    );
    expect(await echo(client.delete(url, { body: 'b' }))).toEqual(
      jasmine.objectContaining({ method: 'DELETE', body: 'b' }),
    );
    expect(await echo(client.post(url, undefined, { body: 'c' }))).toEqual(
      jasmine.objectContaining({ method: 'POST', body: 'c' }),
    );
  });

  it('get() and request() work when detached from the client', async () => {
    const detachable: { readonly get: RetryClient['get']; readonly request: RetryClient['request'] } = client;
    const { get, request } = detachable;
    const url = api.url('detached', { echo: true });

    expect((await only(get(url))).status).toBe(200);
    expect((await only(request('PUT', url))).status).toBe(200);
  });

  it('getJSON() emits the parsed body, and sends accept: application/json', async () => {
    const url = api.url('json', { json: { name: 'Ada', tags: [1, null] } });

    expect(await only(client.getJSON<{ name: string; tags: unknown[] }>(url))).toEqual({
      name: 'Ada',
      tags: [1, null],
    });
    expect((await api.received('json')).headers.accept).toBe('application/json');
  });

  it('getJSON() emits what its schema returns, and errors with HttpValidationError', async () => {
    const url = api.url('schema', { json: { name: 'Ada' } });

    expect(await only(client.getJSON(url, { schema: z.object({ name: z.string() }) }))).toEqual({ name: 'Ada' });
    expect(await failureOf(client.getJSON(url, { schema: z.object({ name: z.number() }) }))).toBeInstanceOf(
      HttpValidationError,
    );
    expectRefusal(
      () => client.getJSON(url, { schema: {} as StandardSchema<unknown> }),
      [TypeError],
      'schema',
      'Standard Schema',
    );
  });

  it('getJSON() keeps an accept header of the request or the client', async () => {
    const accept = 'application/problem+json';
    const url = api.url('accept', { json: 1 });

    await only(client.getJSON(url, { headers: { Accept: accept } }));
    await only(new RetryClient({ headers: { accept: 'text/json' } }).getJSON(url));
    expect((await api.requests('accept')).map(({ headers }) => headers.accept)).toEqual([accept, 'text/json']);
  });

  it('request() errors when fetch forbids the method, and does not retry', async () => {
    let calls = 0;
    const counting = new RetryClient({
      fetch: (url, init) => {
        calls += 1;
        return fetch(url, init);
      },
    });

    expect(await failureOf(counting.request('TRACE', api.url('trace', {})))).toBeInstanceOf(TypeError);
    expect(calls).toBe(1);
    expect(await api.requests('trace')).toEqual([]);
  });
});

async function echo(response$: Observable<Response>): Promise<Echo> {
  const response = await only(response$);
  return (await response.json()) as Echo;
}
