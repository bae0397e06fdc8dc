import { createServer } from 'node:http';
import { firstValueFrom } from 'rxjs';
import { constant, lines, RetryClient } from 'rxjs-retry-client';
import { nodeFetch } from 'rxjs-retry-client/node';
import { undiciFetch } from 'rxjs-retry-client/undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const urls = [];
const server = createServer((request, response) => {
  urls.push(request.url);
  if (request.url.startsWith('/slow')) return;
  let text = '';
  request.setEncoding('utf8');
  request.on('data', (chunk) => (text += chunk));
  request.on('end', () => {
    const first = urls.filter((url) => url === request.url).length < 2;
    response.writeHead(first && request.url.startsWith('/flaky') ? 503 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ method: request.method, text }));
  });
});
let baseUrl;

beforeAll(async () => {
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  baseUrl = `http://127.0.0.1:${server.address().port}/`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const transports = {
  'the fetch of the environment': undefined,
  'nodeFetch()': nodeFetch(),
  'undiciFetch()': undiciFetch(),
};

describe.each(Object.entries(transports))('With %s, the client', (name, fetch) => {
  const make = () => new RetryClient({ baseUrl, ...(fetch && { fetch }), strategy: { backoff: constant(0) } });
  const key = encodeURIComponent(name);

  it('retries', async () => {
    expect(await firstValueFrom(make().getJSON(`flaky?${key}`))).toEqual({ method: 'GET', text: '' });
  });

  it('sends JSON, and emits an instance of Response', async () => {
    const response = await firstValueFrom(make().post('', { a: 1 }));
    expect(response).toBeInstanceOf(Response);
    expect(await response.json()).toEqual({ method: 'POST', text: '{"a":1}' });
  });

  it('reads streams', async () => {
    expect(await firstValueFrom(make().get('', { selector: lines() }))).toBe('{"method":"GET","text":""}');
  });

  // jsdom's Blob cannot be read.
  if (!globalThis.jsdom) {
    it('uploads a Blob and a form', async () => {
      const { text } = await firstValueFrom(
        make().put('', new Blob(['Ada']), { selector: (response) => response.json() }),
      );
      expect(text).toBe('Ada');
      const form = new FormData();
      form.append('name', 'Ada');
      expect((await firstValueFrom(make().put('', form, { selector: (response) => response.json() }))).text).toContain(
        'name="name"',
      );
    });
  }

  it('aborts a request on unsubscribe', async () => {
    const arrived = new Promise((resolve) => server.once('request', resolve));
    const subscription = make().get('slow').subscribe();
    const request = await arrived;
    const closed = new Promise((resolve) => request.once('close', resolve));
    subscription.unsubscribe();
    await closed;
  });
});
