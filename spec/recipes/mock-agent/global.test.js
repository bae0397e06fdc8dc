import { firstValueFrom } from 'rxjs';
import { constant, RetryClient } from 'rxjs-retry-client';
import { getGlobalDispatcher, MockAgent, setGlobalDispatcher } from 'undici';
import { afterEach, beforeEach, expect, it } from 'vitest';

const before = getGlobalDispatcher();
let agent;
beforeEach(() => {
  agent = new MockAgent();
  agent.disableNetConnect();
  setGlobalDispatcher(agent);
});
afterEach(async () => {
  setGlobalDispatcher(before);
  await agent.close();
});

it("gets a user at the second attempt, over Node's own fetch", async () => {
  const api = agent.get('https://api.example.com');
  api.intercept({ path: '/users/1' }).reply(503);
  api.intercept({ path: '/users/1' }).reply(200, { name: 'Ada' });
  const client = new RetryClient({ strategy: { backoff: constant(0) } });

  expect(await firstValueFrom(client.getJSON('https://api.example.com/users/1'))).toEqual({ name: 'Ada' });
});
