import { createServer } from 'node:http';
import { firstValueFrom } from 'rxjs';
import { constant, RetryClient } from 'rxjs-retry-client';
import { nodeFetch } from 'rxjs-retry-client/node';
import { undiciFetch } from 'rxjs-retry-client/undici';
import { getGlobalDispatcher, MockAgent, setGlobalDispatcher } from 'undici';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

const before = getGlobalDispatcher();
const real = createServer((_, response) => response.end('real'));
let origin;
let agent;
beforeAll(async () => {
  await new Promise((resolve) => real.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${real.address().port}`;
});
afterAll(() => {
  real.closeAllConnections();
  real.close();
});
beforeEach(() => {
  agent = new MockAgent();
  agent.disableNetConnect();
  setGlobalDispatcher(agent);
});
afterEach(async () => {
  setGlobalDispatcher(before);
  await agent.close();
});

describe.each([
  ['fetch', () => undefined],
  ['undiciFetch({ dispatcher })', () => undiciFetch({ dispatcher: agent })],
])('MockAgent, with %s', (_, transport) => {
  const make = (options) => {
    const fetch = transport();
    return new RetryClient({ ...(fetch && { fetch }), strategy: { backoff: constant(0) }, ...options });
  };

  it('fails with replyWithError()', async () => {
    agent.get(origin).intercept({ path: '/' }).replyWithError(new Error('down'));
    agent.get(origin).intercept({ path: '/' }).reply(200, 'mocked');
    expect(await firstValueFrom(make().get(`${origin}/`, { selector: (response) => response.text() }))).toBe('mocked');
  });

  it('matches the body', async () => {
    agent.get(origin).intercept({ path: '/', method: 'POST', body: '{"a":1}' }).reply(201, { b: 1 });
    expect(
      await firstValueFrom(make().post(`${origin}/`, { a: 1 }, { selector: (response) => response.json() })),
    ).toEqual({ b: 1 });
  });

  it('can delay an answer until the timeout of the attempt', async () => {
    agent.get(origin).intercept({ path: '/' }).reply(200, 'late').delay(60_000);
    const client = make({ timeout: 50, strategy: { attempts: 1 } });
    await expect(firstValueFrom(client.get(`${origin}/`))).rejects.toMatchObject({ name: 'HttpTimeoutError' });
  });

  it('turns an unmatched request into a network error, which is retried', async () => {
    const client = make();
    let attempts = 0;
    client.attempts$.subscribe(({ type }) => (attempts += type === 'start' ? 1 : 0));
    await expect(firstValueFrom(client.get(`${origin}/`))).rejects.toMatchObject({ name: 'HttpNetworkError' });
    expect(attempts).toBe(3);
  });
});

it.each([
  ['undiciFetch() without a dispatcher', undiciFetch()],
  ['nodeFetch()', nodeFetch()],
])('the global MockAgent does not intercept %s', async (_, fetch) => {
  agent.get(origin).intercept({ path: '/' }).reply(200, 'mocked');
  const client = new RetryClient({ fetch });
  expect(await firstValueFrom(client.get(`${origin}/`, { selector: (response) => response.text() }))).toBe('real');
});
