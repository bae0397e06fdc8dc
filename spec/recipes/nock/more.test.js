import { createServer } from 'node:http';
import nock from 'nock';
import { firstValueFrom } from 'rxjs';
import { constant, RetryClient } from 'rxjs-retry-client';
import { nodeFetch } from 'rxjs-retry-client/node';
import { undiciFetch } from 'rxjs-retry-client/undici';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

const real = createServer((_, response) => response.end('real'));
let origin;
beforeAll(async () => {
  await new Promise((resolve) => real.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${real.address().port}`;
  nock.disableNetConnect();
});
afterEach(() => nock.cleanAll());
afterAll(() => {
  nock.restore();
  real.closeAllConnections();
  real.close();
});

const text = (response) => response.text();

describe.each([
  ['fetch', undefined],
  ['nodeFetch()', nodeFetch()],
])('nock, with %s', (_, fetch) => {
  const make = (options) =>
    new RetryClient({ ...(fetch && { fetch }), strategy: { backoff: constant(0) }, ...options });

  it('answers each attempt, with errors too', async () => {
    const down = Object.assign(new Error('down'), { code: 'ECONNRESET' });
    nock(origin)
      .get('/')
      .replyWithError(down)
      .get('/')
      .reply(429, '', { 'retry-after': '0' })
      .get('/')
      .reply(200, 'mocked');
    expect(await firstValueFrom(make().get(`${origin}/`, { selector: text }))).toBe('mocked');
  });

  it('matches the body', async () => {
    nock(origin).post('/', { a: 1 }).reply(201, { b: 1 });
    expect(
      await firstValueFrom(make().post(`${origin}/`, { a: 1 }, { selector: (response) => response.json() })),
    ).toEqual({ b: 1 });
  });

  it('turns an unmatched request into a network error, which is retried', async () => {
    const client = make();
    let attempts = 0;
    client.attempts$.subscribe(({ type }) => (attempts += type === 'start' ? 1 : 0));
    await expect(firstValueFrom(client.get(`${origin}/`))).rejects.toMatchObject({ name: 'HttpNetworkError' });
    expect(attempts).toBe(3);
  });
});

const { NOCK = '14' } = process.env;

it(`nock ${NOCK} ${NOCK === '14' ? 'does not intercept' : 'intercepts'} undiciFetch()`, async () => {
  nock(origin).get('/').reply(200, 'mocked');
  const client = new RetryClient({ fetch: undiciFetch() });
  expect(await firstValueFrom(client.get(`${origin}/`, { selector: text }))).toBe(NOCK === '14' ? 'real' : 'mocked');
});
