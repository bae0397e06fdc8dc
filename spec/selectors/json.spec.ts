import { constant, json, RetryClient } from '../../src/index.js';
import { failureOf, only } from '../support/settled.js';
import { testServer, type TestServer } from '../support/test-server.js';

describe('json()', () => {
  let api: TestServer;

  beforeAll(async () => {
    api = await testServer();
  });

  afterAll(() => api.close());

  const client = new RetryClient({ strategy: { backoff: constant(0) } });

  for (const value of [{ a: [1, { b: 'ö' }] }, [], 'text', 5, true, null]) {
    it(`reads ${JSON.stringify(value)}, as one value`, async () => {
      expect(await only(client.get(api.url(JSON.stringify(value), { json: value }), { selector: json() }))).toEqual(value);
    });
  }

  it('reads whatever the content type', async () => {
    const url = api.url('type', { body: '{"a":1}', headers: { 'Content-Type': 'text/plain' } });

    expect(await only(client.get(url, { selector: json<{ a: number }>() }))).toEqual({ a: 1 });
  });

  it('puts together what comes in pieces, amid a character too', async () => {
    const chunks = ['eyJhIjoiw', '7Yi', 'fQ=='];
    const bytes = Array.from(atob(chunks.join('')), (char) => btoa(char));
    const url = api.url('pieces', { chunks: bytes, encoding: 'base64', chunkDelay: 1 });

    expect(await only(client.get(url, { selector: json() }))).toEqual({ a: 'ö' });
  });

  it('tries again after a body that breaks off', async () => {
    const url = api.url('broken', [{ cut: 'in-body', json: { a: 'long enough' } }, { json: { a: 1 } }]);

    expect(await only(client.get(url, { selector: json() }))).toEqual({ a: 1 });
    expect((await api.requests('broken')).length).toBe(2);
  });

  for (const body of ['', '{"a":', 'nope', '{"a":1}}']) {
    it(`does not try again after what is whole but malformed: '${body}'`, async () => {
      const key = `malformed ${body}`;

      expect(await failureOf(client.get(api.url(key, { body }), { selector: json() }))).toBeInstanceOf(SyntaxError);
      expect((await api.requests(key)).length).toBe(1);
    });
  }

  it('can be used for many requests', async () => {
    const selector = json<number>();
    const url = api.url('many', [{ json: 1 }, { json: 2 }]);

    expect(await only(client.get(url, { selector }))).toBe(1);
    expect(await only(client.get(url, { selector }))).toBe(2);
  });
});
