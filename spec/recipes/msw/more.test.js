import { createServer } from 'node:http';
import { delay, http, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import { firstValueFrom } from 'rxjs';
import { constant, RetryClient } from 'rxjs-retry-client';
import { nodeFetch } from 'rxjs-retry-client/node';
import { undiciFetch } from 'rxjs-retry-client/undici';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

const mocks = setupServer();
const real = createServer((_, response) => response.end('real'));
let url;
beforeAll(async () => {
  await new Promise((resolve) => real.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${real.address().port}/`;
  mocks.listen({ onUnhandledRequest: 'error', onUnhandledFrame: 'error' });
});
afterEach(() => mocks.resetHandlers());
afterAll(() => {
  mocks.close();
  real.closeAllConnections();
  real.close();
});

const text = (response) => response.text();
const early = new RetryClient();

describe.each([
  ['fetch', undefined],
  ['nodeFetch()', nodeFetch()],
])('msw, with %s', (_, fetch) => {
  const make = (options) =>
    new RetryClient({ ...(fetch && { fetch }), strategy: { backoff: constant(0) }, ...options });

  it('answers attempt by attempt', async () => {
    const answers = [
      HttpResponse.error(),
      new HttpResponse(null, { status: 429, headers: { 'retry-after': '0' } }),
      HttpResponse.text('mocked'),
    ];
    mocks.use(http.get(url, () => answers.shift()));
    expect(await firstValueFrom(make({ strategy: { backoff: constant(0) } }).get(url, { selector: text }))).toBe(
      'mocked',
    );
  });

  it('receives the body', async () => {
    mocks.use(http.post(url, async ({ request }) => HttpResponse.json(await request.json())));
    expect(await firstValueFrom(make().post(url, { a: 1 }, { selector: (response) => response.json() }))).toEqual({
      a: 1,
    });
  });

  it('can delay an answer until the timeout of the attempt', async () => {
    mocks.use(http.get(url, () => delay('infinite')));
    const client = make({ timeout: 50, strategy: { attempts: 1 } });
    await expect(firstValueFrom(client.get(url))).rejects.toMatchObject({ name: 'HttpTimeoutError' });
  });

  // msw 2 throws an error class of its own into fetch. Through nodeFetch(), and with msw 3, it is a network error.
  const isNetworkError = process.env.MSW === '3' || fetch !== undefined;

  it(`msw ends a request without a handler ${isNetworkError ? 'with a network error, which is retried' : 'at once'}`, async () => {
    const client = make();
    let attempts = 0;
    client.attempts$.subscribe(({ type }) => (attempts += type === 'start' ? 1 : 0));
    await expect(firstValueFrom(client.get(url))).rejects.toMatchObject({
      name: isNetworkError ? 'HttpNetworkError' : 'InternalError',
    });
    expect(attempts).toBe(isNetworkError ? 3 : 1);
  });
});

it('msw intercepts a client that was created before', async () => {
  mocks.use(http.get(url, () => HttpResponse.text('mocked')));
  expect(await firstValueFrom(early.get(url, { selector: text }))).toBe('mocked');
});

it('msw does not intercept undiciFetch()', async () => {
  mocks.use(http.get(url, () => HttpResponse.text('mocked')));
  const client = new RetryClient({ fetch: undiciFetch() });
  expect(await firstValueFrom(client.get(url, { selector: text }))).toBe('real');
});
