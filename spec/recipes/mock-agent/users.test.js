import { firstValueFrom } from 'rxjs';
import { constant, RetryClient } from 'rxjs-retry-client';
import { undiciFetch } from 'rxjs-retry-client/undici';
import { MockAgent } from 'undici';
import { afterEach, beforeEach, expect, it } from 'vitest';

let agent;
beforeEach(() => {
  agent = new MockAgent();
  agent.disableNetConnect();
});
afterEach(() => agent.close());

it('gets a user at the second attempt', async () => {
  const api = agent.get('https://api.example.com');
  api.intercept({ path: '/users/1' }).reply(503);
  api.intercept({ path: '/users/1' }).reply(200, { name: 'Ada' });
  const client = new RetryClient({ fetch: undiciFetch({ dispatcher: agent }), strategy: { backoff: constant(0) } });

  expect(await firstValueFrom(client.getJSON('https://api.example.com/users/1'))).toEqual({ name: 'Ada' });
  agent.assertNoPendingInterceptors();
});

it('fails at once where nothing matches', async () => {
  const client = new RetryClient({ fetch: undiciFetch({ dispatcher: agent }), strategy: { attempts: 1 } });

  await expect(firstValueFrom(client.get('https://api.example.com/users/1'))).rejects.toThrow(
    'Mock dispatch not matched',
  );
});
