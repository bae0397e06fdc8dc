import { firstValueFrom } from 'rxjs';
import { constant, RetryClient } from 'rxjs-retry-client';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

it('asks again after a minute', async () => {
  const fetch = vi
    .fn()
    .mockResolvedValueOnce(new Response(null, { status: 503 }))
    .mockResolvedValueOnce(Response.json({ name: 'Ada' }));
  const client = new RetryClient({ fetch, strategy: { backoff: constant(60_000) } });
  const user = firstValueFrom(client.getJSON('https://api.example.com/users/1'));

  await vi.advanceTimersByTimeAsync(59_999);
  expect(fetch).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(await user).toEqual({ name: 'Ada' });
});

it('gives up after half a minute of silence', async () => {
  const client = new RetryClient({ fetch: () => new Promise(() => {}), timeout: 30_000, strategy: { attempts: 1 } });
  const failure = firstValueFrom(client.get('https://api.example.com/users/1')).catch((error) => error);

  await vi.advanceTimersByTimeAsync(30_000);
  expect((await failure).name).toBe('HttpTimeoutError');
});
