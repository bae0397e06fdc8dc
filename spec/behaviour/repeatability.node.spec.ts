import { catchError, defer, mergeMap, of, throwError } from 'rxjs';

import { constant, type HttpAttempt, HttpNetworkError, type Interceptor, RetryClient } from '../../src/index.js';
import { nodeFetch } from '../../src/transports/node-fetch.js';
import { undiciFetch } from '../../src/transports/undici.js';
import { failureOf, only } from '../support/settled.js';
import { testServer, type TestServer } from '../support/test-server.js';

// Node only: browsers report a refused connection and a cut one by the same error.
for (const [transport, fetch] of [
  ['fetch', undefined],
  ['nodeFetch()', nodeFetch()],
  ['undiciFetch()', undiciFetch()],
] as const) {
  describe(`RetryClient with ${transport}`, () => {
    let api: TestServer;

    beforeAll(async () => {
      api = await testServer();
    });

    afterAll(() => api.close());

    /** An attempt of another request, which this client did not send. */
    const elsewhere: HttpAttempt = {
      number: 1,
      of: 1,
      requestId: 'other',
      startedAt: 0,
      method: 'GET',
      url: 'http://auth.test/',
      context: {},
    };
    const client = new RetryClient({ fetch, strategy: { backoff: constant(0) } });
    const localhost = (url: string) => url.replace('127.0.0.1', 'localhost');

    it('repeats a POST after a refused connection, on the next URL', async () => {
      const response = await only(client.post([api.refusedUrl, api.url('refused', {})], 'x'));

      expect(response.status).toBe(200);
      expect((await api.requests('refused')).map(({ body }) => body)).toEqual(['x']);
    });

    it('repeats a POST after a refused connection at each address of a name', async () => {
      const response = await only(client.post([localhost(api.refusedUrl), api.url('refused name', {})], 'x'));

      expect(response.status).toBe(200);
    });

    it('repeats a POST to a name that cannot be resolved, on the next URL', async () => {
      const response = await only(client.post(['http://does-not-exist.invalid/', api.url('unresolved', {})], 'x'));

      expect(response.status).toBe(200);
    });

    it('has sent: false and phase connect in an error before anything was sent', async () => {
      for (const url of [api.refusedUrl, localhost(api.refusedUrl), 'http://does-not-exist.invalid/']) {
        const error = await failureOf(client.post(url, 'x', { strategy: { attempts: 1 } }));
        expect(error).toBeInstanceOf(HttpNetworkError);
        const { sent, phase } = error as HttpNetworkError;
        expect({ sent, phase }).toEqual({ sent: false, phase: 'connect' });
      }
    });

    it('does not repeat a POST that was redirected to a port that refuses, since the first server received it', async () => {
      for (const status of [302, 307, 308]) {
        const key = `redirected ${String(status)}`;
        const url = api.url(key, { redirect: api.refusedUrl, status });
        const error = await failureOf(client.post(url, 'x'));

        expect(error).toBeInstanceOf(HttpNetworkError);
        expect((error as HttpNetworkError).sent).toBeUndefined();
        expect((await api.requests(key)).length).toBe(1);
      }
    });

    it('does not repeat a POST that was redirected to a name that cannot be resolved', async () => {
      const url = api.url('redirected name', { redirect: 'http://does-not-exist.invalid/', status: 307 });

      expect(await failureOf(client.post(url, 'x'))).toBeInstanceOf(HttpNetworkError);
      expect((await api.requests('redirected name')).length).toBe(1);
    });

    it('does not repeat a POST that an interceptor sent twice, when one call was refused and the other cut', async () => {
      const elsewhere =
        (url: string): Interceptor =>
        (request, next) =>
          next(request).pipe(catchError(() => next({ ...request, url })));
      const cut = api.url('sent twice', { cut: 'before-headers' });
      for (const [first, second] of [
        [cut, api.refusedUrl],
        [api.refusedUrl, cut],
      ] as const) {
        const error = await failureOf(client.extend({ interceptors: [elsewhere(second)] }).post(first, 'x'));
        expect(error).toBeInstanceOf(HttpNetworkError);
        expect((error as HttpNetworkError).sent).toBeUndefined();
      }
      expect((await api.requests('sent twice')).length).toBe(2);
    });

    it('does not repeat a POST that was sent when its interceptor throws the error of an earlier refused call', async () => {
      const cut = api.url('error before', { cut: 'before-headers' });
      const interceptor: Interceptor = (request, next) =>
        next(request).pipe(
          catchError((refused: unknown) =>
            next({ ...request, url: cut }).pipe(catchError(() => throwError(() => refused))),
          ),
        );
      const error = await failureOf(client.extend({ interceptors: [interceptor] }).post(api.refusedUrl, 'x'));

      expect((error as HttpNetworkError).sent).toBeUndefined();
      expect((await api.requests('error before')).length).toBe(1);
    });

    it('does not repeat a sent POST when its interceptor fails by another request, but repeats an unsent one', async () => {
      const token$ = defer(() => (fetch ?? globalThis.fetch)(api.refusedUrl, {})).pipe(
        catchError((cause: unknown) =>
          throwError(() => new HttpNetworkError({ attempt: elsewhere, cause, sent: false })),
        ),
      );
      const url = api.url('token', [{ status: 401 }, {}]);
      const afterwards: Interceptor = (request, next) =>
        next(request).pipe(mergeMap((response) => (response.status === 401 ? token$ : of(response))));
      const error = (await failureOf(client.extend({ interceptors: [afterwards] }).post(url, 'x'))) as HttpNetworkError;
      expect([error.request.url, error.sent]).toEqual([elsewhere.url, false]);
      expect((await api.requests('token')).length).toBe(1);

      const before: Interceptor = (request, next) => (request.attempt.number === 1 ? token$ : next(request));
      expect((await only(client.extend({ interceptors: [before] }).post(url, 'x'))).status).toBe(200);
    });

    it('repeats a POST that an interceptor sent twice, when both calls were refused', async () => {
      const interceptor: Interceptor = (request, next) =>
        request.attempt.number === 1 ? next(request).pipe(catchError(() => next(request))) : next(request);
      const response = await only(
        client.extend({ interceptors: [interceptor] }).post([api.refusedUrl, api.url('both refused', {})], 'x'),
      );

      expect(response.status).toBe(200);
    });

    it('has phase body in the error of a body that was cut', async () => {
      const error = await failureOf(
        client.get(api.url('phase', { cut: 'in-body' }), { selector: (r) => r.text(), strategy: { attempts: 1 } }),
      );

      expect(error).toEqual(jasmine.objectContaining({ name: 'HttpNetworkError', phase: 'body' }));
      expect((error as HttpNetworkError).sent).toBeUndefined();
    });

    it('has phase headers in the error of a connection that was cut before the response', async () => {
      for (const cut of ['before-headers', 'in-headers'] as const) {
        const error = await failureOf(client.get(api.url(`phase ${cut}`, { cut }), { strategy: { attempts: 1 } }));

        expect(error).toEqual(jasmine.objectContaining({ name: 'HttpNetworkError', phase: 'headers' }));
        expect((error as HttpNetworkError).sent).toBeUndefined();
      }
    });
  });
}
