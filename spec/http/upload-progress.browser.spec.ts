import { RetryClient, withProgress } from '../../src/index.js';
import { only } from '../support/settled.js';
import { testServer, type TestServer } from '../support/test-server.js';

describe('withProgress(), in a browser,', () => {
  let api: TestServer;

  beforeAll(async () => {
    api = await testServer();
  });

  afterAll(() => api.close());

  it('sends a Blob or bytes as they are, and reports nothing', async () => {
    let reports = 0;
    const listener = () => (reports += 1);
    const client = new RetryClient();
    await only(client.put(api.url('blob', {}), withProgress(new Blob(['12345'], { type: 'x/y' }), listener)));
    await only(
      client.put(
        api.url('bytes', {}),
        withProgress(() => new Uint8Array(7), listener),
      ),
    );

    const [blob] = await api.requests('blob');
    expect([blob?.body, blob?.headers['content-type'], blob?.headers['content-length']]).toEqual(['12345', 'x/y', '5']);
    expect((await api.requests('bytes'))[0]?.bytes).toBe(7);
    expect(reports).toBe(0);
  });
});
