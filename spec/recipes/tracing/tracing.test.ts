import { readFileSync, rmSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';

import { register } from 'prom-client';
import { lastValueFrom } from 'rxjs';
import { constant, RetryClient } from 'rxjs-retry-client';
import { afterEach, expect, it, vi } from 'vitest';

import { measureAttempts } from './metrics.js';

let server: Server;
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

async function listen(listener: RequestListener): Promise<string> {
  server = createServer(listener).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/`;
}

/** Answers with 503 first, then cuts, then with JSON. */
function recovering(): RequestListener {
  let count = 0;
  return (request, response) => {
    count += 1;
    if (count === 1) response.writeHead(503).end();
    else if (count === 2) request.socket.destroy();
    else response.setHeader('content-type', 'application/json').end('{"ok":true}');
  };
}

const soon = { backoff: constant(1) };

it('counts requests, responses, retries and waits for Prometheus', async () => {
  const url = await listen(recovering());
  const client = new RetryClient({ name: 'billing', strategy: soon });
  client.attempts$.subscribe(measureAttempts);
  expect(await lastValueFrom(client.getJSON(url))).toEqual({ ok: true });

  const text = await register.metrics();
  expect(text).toContain('http_client_request_seconds_count{client="billing",outcome="success"} 1');
  expect(text).toContain('http_client_response_seconds_count{client="billing",status="503"} 1');
  expect(text).toContain('http_client_response_seconds_count{client="billing",status="200"} 1');
  expect(text).toContain('http_client_retries_total{client="billing",because="status"} 1');
  expect(text).toContain('http_client_retries_total{client="billing",because="HttpNetworkError"} 1');
  expect(text).toContain('http_client_wait_seconds_total{client="billing"} 0.002');
});

it('logs each event as fields, with pino', async () => {
  const url = await listen(recovering());
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  const lines: string[] = [];
  vi.doMock('pino', async (original) => {
    const { pino } = await original<typeof import('pino')>();
    return { pino: (options: object) => pino(options, { write: (line: string) => void lines.push(line) }) };
  });
  const { client } = await import('./logs.js');
  await lastValueFrom(client.getJSON(url, { strategy: soon }));
  write.mockRestore();

  const logged = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(logged.map(({ level, event, status }) => [level, event, status])).toEqual([
    [40, 'retry', 503],
    [40, 'retry', undefined],
    [30, 'success', 200],
  ]);
  expect(logged.at(-1)).toMatchObject({ client: 'billing', method: 'GET', url, attempt: 3, of: 3 });
});

it('writes what led to a failure to a HAR file', async () => {
  const url = await listen((_, response) => response.writeHead(404).end());
  const { client } = await import('./on-failure.js');
  await expect(lastValueFrom(client.getJSON(`${url}lost`))).rejects.toThrow('404');
  const { log } = JSON.parse(readFileSync('last-failure.har', 'utf8'));
  rmSync('last-failure.har');
  expect(log.entries.map(({ response }: { response: { status: number } }) => response.status)).toEqual([404]);
});
