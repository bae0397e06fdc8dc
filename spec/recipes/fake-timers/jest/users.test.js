import { jest } from '@jest/globals';
import { firstValueFrom } from 'rxjs';
import { constant, RetryClient } from 'rxjs-retry-client';

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

it('asks again after a minute', async () => {
  const fetch = jest
    .fn()
    .mockResolvedValueOnce(new Response(null, { status: 503 }))
    .mockResolvedValueOnce(Response.json({ name: 'Ada' }));
  const client = new RetryClient({ fetch, strategy: { backoff: constant(60_000) } });
  const user = firstValueFrom(client.getJSON('https://api.example.com/users/1'));

  await jest.advanceTimersByTimeAsync(60_000);
  expect(await user).toEqual({ name: 'Ada' });
});
