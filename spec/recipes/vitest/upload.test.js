// @vitest-environment node
import { firstValueFrom } from 'rxjs';
import { RetryClient } from 'rxjs-retry-client';
import { expect, it, vi } from 'vitest';

it('uploads a form', async () => {
  const fetch = vi.fn(async (url, init) => new Response((await new Request(url, init).formData()).get('name')));
  const client = new RetryClient({ fetch });
  const form = new FormData();
  form.append('name', 'Ada');

  expect(await firstValueFrom(client.put('https://api.example.com/users/1', form, { selector: (response) => response.text() }))).toBe('Ada');
});
