import assert from 'node:assert/strict';
import { it } from 'node:test';
import { firstValueFrom } from 'rxjs';
import { constant, RetryClient } from 'rxjs-retry-client';

it('asks again after a minute', async ({ mock }) => {
  mock.timers.enable({ apis: ['setInterval', 'Date'] });
  const responses = [new Response(null, { status: 503 }), Response.json({ name: 'Ada' })];
  const client = new RetryClient({ fetch: async () => responses.shift(), strategy: { backoff: constant(60_000) } });
  const user = firstValueFrom(client.getJSON('https://api.example.com/users/1'));

  await new Promise(setImmediate);
  mock.timers.tick(60_000);
  assert.deepEqual(await user, { name: 'Ada' });
});
