import { jest } from '@jest/globals';
import { firstValueFrom } from 'rxjs';
import { constant, RetryClient } from 'rxjs-retry-client';

it('gets a user at the second attempt', async () => {
  const fetch = jest
    .fn()
    .mockResolvedValueOnce(new Response(null, { status: 503 }))
    .mockResolvedValueOnce(Response.json({ name: 'Ada' }));
  const client = new RetryClient({ fetch, strategy: { backoff: constant(0) } });

  expect(await firstValueFrom(client.getJSON('https://api.example.com/users/1'))).toEqual({ name: 'Ada' });
  expect(fetch).toHaveBeenCalledTimes(2);
});
