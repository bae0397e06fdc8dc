import '@angular/compiler';

import { rendered } from '../support/angular-page.js';
import { testServer, type TestServer } from '../support/test-server.js';

describe('What Node has fetched for a page', () => {
  let api: TestServer;

  beforeAll(async () => {
    api = await testServer();
  });

  afterAll(() => api.close());

  it('is kept as it came over the network, unless it sets a cookie', async () => {
    const headers = { 'Cache-Control': null };
    const target = api.url('kept', { chunks: ['{"name":', '"tea"}'], headers });
    const withCookie = api.url('cookie', { json: 'tea', headers: { ...headers, 'Set-Cookie': 'visitor=Ada' } });

    expect(await rendered((client) => client.getJSON(target), {})).toContain('{\\"name\\":\\"tea\\"}');
    expect(await rendered((client) => client.getJSON(withCookie), {})).toBe('{}');
  });
});
