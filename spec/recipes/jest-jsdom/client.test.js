/** @jest-environment jest-fixed-jsdom */
const { createServer } = require('node:http');
const { firstValueFrom } = require('rxjs');
const { constant, RetryClient } = require('rxjs-retry-client');

const requests = [];
const server = createServer((request, response) => {
  requests.push(request);
  response.setHeader('access-control-allow-origin', '*');
  if (request.url === '/slow') return;
  response.writeHead(requests.length < 2 ? 503 : 200, { 'content-type': 'application/json' }).end('{"name":"Ada"}');
});
let client;

beforeAll(async () => {
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  client = new RetryClient({
    baseUrl: `http://127.0.0.1:${server.address().port}/`,
    strategy: { backoff: constant(0) },
  });
});
afterAll(() => {
  client.close();
  server.closeAllConnections();
  server.close();
});

it('sends requests beside a DOM', async () => {
  expect(document.body).toBeDefined();
  expect(await firstValueFrom(client.getJSON('users/1'))).toEqual({ name: 'Ada' });
  expect(requests).toHaveLength(2);
});

it('gives instances of Response', async () => {
  expect(await firstValueFrom(client.get('users/1'))).toBeInstanceOf(Response);
});

it('aborts a request on unsubscribe', async () => {
  const arrived = new Promise((resolve) => server.once('request', resolve));
  const subscription = client.get('slow').subscribe();
  const request = await arrived;
  const closed = new Promise((resolve) => request.once('close', resolve));
  subscription.unsubscribe();
  await closed;
});
