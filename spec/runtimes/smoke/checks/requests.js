import { firstValueFrom, lastValueFrom, toArray } from 'rxjs';
import { bytes, HttpStatusError, json, ndjson, RetryClient, text, toFetch, withResponse } from 'rxjs-retry-client';

import { equal, ok, rejects } from '../expect.js';

export const requests = {
  'get: emits a Response': async ({ serve, client }) => {
    const { url } = serve({ body: 'tea' });
    const response = await firstValueFrom(client.get(url));
    equal([response.status, await response.text()], [200, 'tea']);
  },
  'getJSON: emits what is in the body': async ({ serve, client }) => {
    equal(await firstValueFrom(client.getJSON(serve({ json: { tea: 'sencha' } }).url)), { tea: 'sencha' });
  },
  'text: decodes UTF-8 that is cut between chunks': async ({ serve, client }) => {
    const { url } = serve({ chunks: ['ww==', 'qcOp'], encoding: 'base64' });
    equal(await firstValueFrom(client.get(url, { selector: text() })), 'éé');
  },
  'bytes: emits all bytes': async ({ serve, client }) => {
    const all = await firstValueFrom(client.get(serve({ bytes: 200_000 }).url, { selector: bytes() }));
    ok(all instanceof Uint8Array && all.byteLength === 200_000, 'all bytes have come');
  },
  'ndjson: emits one value for each line': async ({ serve, client }) => {
    const { url } = serve({ chunks: ['{"a":1}\n{"a"', ':2}\n'] });
    equal(await firstValueFrom(client.get(url, { selector: ndjson() }).pipe(toArray())), [{ a: 1 }, { a: 2 }]);
  },
  'withResponse: emits headers beside the value': async ({ serve, client }) => {
    const { url } = serve({ json: 5, headers: { 'x-tea': 'sencha' } });
    const { body, headers, status } = await firstValueFrom(client.get(url, { selector: withResponse(json()) }));
    equal([body, headers.get('x-tea'), status], [5, 'sencha', 200]);
  },
  'methods, base URL, params and headers: arrive': async ({ serve }) => {
    const { url, requests } = serve({ echo: true });
    const client = new RetryClient({ baseUrl: `${url}/`, headers: { 'x-client': '1' }, params: { a: 1 } });
    const options = { params: { b: 'ä' }, headers: { 'x-request': '2' } };
    for (const method of ['head', 'options', 'delete']) {
      await firstValueFrom(client[method]('teas', options));
    }
    for (const method of ['put', 'patch']) await firstValueFrom(client[method]('teas', { a: 1 }, options));
    const received = await requests();
    equal(
      received.map(({ method }) => method),
      ['HEAD', 'OPTIONS', 'DELETE', 'PUT', 'PATCH'],
    );
    for (const { url: to, headers } of received) {
      ok(to.endsWith('/teas?a=1&b=%C3%A4'), `the URL ends in teas and its parameters: ${to}`);
      equal([headers['x-client'], headers['x-request']], ['1', '2']);
    }
  },
  'extend: adds to the options of a client': async ({ serve, client }) => {
    const { url } = serve({ echo: true });
    const child = client.extend({ headers: { 'x-a': '1' } }).extend({ headers: { 'x-b': '2' } });
    const { headers } = await firstValueFrom(child.getJSON(url));
    equal([headers['x-a'], headers['x-b']], ['1', '2']);
  },
  'interceptors: change each attempt': async ({ serve, client }) => {
    const { url, requests } = serve([{ status: 503 }, { json: 1 }]);
    const counting = client.extend({
      interceptors: [
        (request, next) => {
          request.headers.set('x-attempt', String(request.attempt.number));
          return next(request);
        },
      ],
    });
    await firstValueFrom(counting.getJSON(url));
    equal(
      (await requests()).map(({ headers }) => headers['x-attempt']),
      ['1', '2'],
    );
  },
  'status error: has the body, parsed': async ({ serve, client }) => {
    const { url } = serve({ status: 404, json: { code: 7 } });
    const error = await rejects(firstValueFrom(client.getJSON(url)), 'HttpStatusError');
    ok(error instanceof HttpStatusError, 'it is of the class');
    equal([error.status, error.data, error.reason], [404, { code: 7 }, 'permanent']);
  },
  'errors: their JSON says what happened, without a password': async ({ serve, client }) => {
    const { url } = serve({ status: 403 });
    const secret = url.replace('//', '//me:secret@');
    const error = await rejects(lastValueFrom(client.getJSON(secret)), 'HttpStatusError');
    const written = JSON.stringify(error);
    equal(JSON.parse(written).name, 'HttpStatusError');
    ok(!`${written}${error}${error.stack}`.includes('secret'), 'nothing has the password');
  },
  'malformed JSON: is an HttpParseError, and not retried': async ({ serve, client }) => {
    const { url, requests } = serve({ body: '{', headers: { 'content-type': 'application/json' } });
    await rejects(firstValueFrom(client.getJSON(url)), 'HttpParseError');
    equal((await requests()).length, 1);
  },
  'toFetch: is a fetch that retries': async ({ serve, client }) => {
    const { url, requests } = serve([{ status: 503 }, { echo: true }]);
    const response = await toFetch(client)(new Request(url, { method: 'PUT', body: 'tea' }));
    equal([(await response.json()).body, (await requests()).length], ['tea', 2]);
  },
  'closeGracefully: waits for what runs, and refuses what comes': async ({ serve, options }) => {
    const { url, received } = serve({ json: 1, delay: 50 });
    const own = new RetryClient(options);
    const running = firstValueFrom(own.getJSON(url));
    await received();
    const closed = lastValueFrom(own.closeGracefully(), { defaultValue: undefined });
    equal(await running, 1);
    await closed;
    ok(await firstValueFrom(own.get(url)).catch((error) => error instanceof Error), 'a later request fails');
  },
};
