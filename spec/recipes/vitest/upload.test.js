// @vitest-environment node
import { firstValueFrom } from 'rxjs';
import { RetryClient } from 'rxjs-retry-client';
import { expect, it, vi } from 'vitest';

it('uploads a file', async () => {
  const fetch = vi.fn(async (url, init) => new Response(await new Request(url, init).text()));
  const client = new RetryClient({ fetch });
  const file = new Blob(['name,age\nAda,36\n'], { type: 'text/csv' });

  expect(
    await firstValueFrom(
      client.put('https://api.example.com/users', file, { selector: (response) => response.text() }),
    ),
  ).toBe('name,age\nAda,36\n');
});
