import nock from 'nock';
import { firstValueFrom } from 'rxjs';
import { constant, RetryClient } from 'rxjs-retry-client';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';

beforeAll(() => nock.disableNetConnect());
afterEach(() => nock.cleanAll());
afterAll(() => nock.restore());

it('gets a user at the second attempt', async () => {
  const api = nock('https://api.example.com').get('/users/1').reply(503).get('/users/1').reply(200, { name: 'Ada' });
  const client = new RetryClient({ strategy: { backoff: constant(0) } });

  expect(await firstValueFrom(client.getJSON('https://api.example.com/users/1'))).toEqual({ name: 'Ada' });
  expect(api.isDone()).toBe(true);
});

it('fails at once where nothing matches', async () => {
  const client = new RetryClient({ strategy: { attempts: 1 } });

  await expect(firstValueFrom(client.get('https://api.example.com/users/1'))).rejects.toThrow('Disallowed net connect');
});
