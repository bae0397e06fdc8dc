import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';

import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { octokit, openai } from './sdks.js';
import { user } from './typed-client.js';

let server: Server;
const requests: { method?: string; url?: string; body: string; key?: string | string[] }[] = [];

/** Answers each URL with 503 first. */
async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method, url, headers } = request;
  const body = await text(request);
  const isFirst = !requests.some((earlier) => earlier.url === url);
  requests.push({ method, url, body, key: headers['idempotency-key'] });
  if (isFirst) response.writeHead(503).end();
  else response.setHeader('content-type', 'application/json').end(JSON.stringify({ name: 'Ada', id: 'x', output: [] }));
}

beforeEach(async () => {
  requests.length = 0;
  server = createServer((request, response) => void answer(request, response)).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  const origin = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  const send = globalThis.fetch;
  // All hosts of these libraries are this server.
  vi.stubGlobal('fetch', (input: string, init?: RequestInit) => {
    const { pathname, search } = new URL(input);
    return send(origin + pathname + search, init);
  });
});
afterEach(() => {
  vi.unstubAllGlobals();
  server.closeAllConnections();
  server.close();
});

it('retries the typed calls of openapi-fetch', async () => {
  const { data, response } = await user(1);
  expect(response.status).toBe(200);
  expect(data?.name).toBe('Ada');
  expect(requests.map(({ method, url }) => `${method} ${url}`)).toEqual(['GET /users/1', 'GET /users/1']);
});

it('retries the requests of the SDK of OpenAI, with one key', async () => {
  await openai.responses.create({ model: 'a-model', input: 'tea?' });
  expect(requests.map(({ method, url }) => `${method} ${url}`)).toEqual(['POST /v1/responses', 'POST /v1/responses']);
  expect(requests[1]?.body).toBe(requests[0]?.body);
  expect(requests[0]?.key).toBeTruthy();
  expect(requests[1]?.key).toBe(requests[0]?.key);
});

it('retries the requests of Octokit', async () => {
  const { status, data } = await octokit('GET /repos/{owner}/{repo}', { owner: 'a', repo: 'b' });
  expect(status).toBe(200);
  expect(data).toMatchObject({ name: 'Ada' });
  expect(requests.length).toBe(2);
});
