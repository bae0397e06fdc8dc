import { http, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import { firstValueFrom } from 'rxjs';
import { constant, RetryClient } from 'rxjs-retry-client';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';

const server = setupServer();
// In msw 3 the option is called onUnhandledFrame.
beforeAll(() => server.listen({ onUnhandledRequest: 'error', onUnhandledFrame: 'error' }));
afterEach(() => server.resetHandlers());
afterAll(() => server.close());

it('gets a user at the second attempt', async () => {
  server.use(
    http.get('https://api.example.com/users/1', () => new HttpResponse(null, { status: 503 }), { once: true }),
    http.get('https://api.example.com/users/1', () => HttpResponse.json({ name: 'Ada' })),
  );
  const client = new RetryClient({ strategy: { backoff: constant(0) } });

  expect(await firstValueFrom(client.getJSON('https://api.example.com/users/1'))).toEqual({ name: 'Ada' });
});

it('fails at once where no handler matches', async () => {
  const client = new RetryClient({ strategy: { attempts: 1 } });

  await expect(firstValueFrom(client.get('https://api.example.com/users/1'))).rejects.toThrow(
    '[MSW] Cannot bypass a request',
  );
});
