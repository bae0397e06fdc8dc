import { chunks, constant, HttpNetworkError, RetryClient } from '../../src/index.js';
import { listen, plot } from '../support/attempt-events.js';
import { inPieces } from '../support/bodies.js';
import { network } from '../support/scripted-network.js';
import { settled } from '../support/settled.js';
import { testServer, type TestServer } from '../support/test-server.js';

describe('chunks()', () => {
  let api: TestServer;

  beforeAll(async () => {
    api = await testServer();
  });

  afterAll(() => api.close());

  const client = new RetryClient({ strategy: { backoff: constant(0) } });

  it('emits each chunk as bytes when it arrives', async () => {
    const pieces = [new Uint8Array([1, 2]), new Uint8Array([]), new Uint8Array([3])];
    const scripted = new RetryClient({ interceptors: [network(() => inPieces(pieces)).interceptor] });

    expect(await settled(scripted.get('http://a.test/', { selector: chunks() }))).toEqual({
      values: [new Uint8Array([1, 2]), new Uint8Array([3])],
    });
  });

  it('emits nothing for an empty body', async () => {
    for (const step of [{ status: 204 }, { body: '' }]) {
      expect(await settled(client.get(api.url(JSON.stringify(step), step), { selector: chunks() }))).toEqual({
        values: [],
      });
    }
  });

  it('emits a chunk before the next one has arrived', async () => {
    const url = api.url('early', { chunks: ['first'], stall: 'body' });
    const first = await new Promise<Uint8Array>((resolve) => {
      const subscription = client.get(url, { selector: chunks() }).subscribe((chunk) => {
        resolve(chunk);
        subscription.unsubscribe();
      });
    });

    expect(new TextDecoder().decode(first)).toBe('first');
    expect((await api.ended('early')).aborted).toBeTrue();
  });

  it('reads all of a large body', async () => {
    const { values } = await settled(client.get(api.url('large', { bytes: 5_000_000 }), { selector: chunks() }));

    expect(values.reduce((sum, chunk) => sum + chunk.byteLength, 0)).toBe(5_000_000);
    expect(values.length).toBeGreaterThan(1);
  });

  it('retries a body that breaks off before its first chunk', async () => {
    const url = api.url('no piece', [{ cut: 'in-body', chunks: [] }, { body: 'ok' }]);

    expect((await settled(client.get(url, { selector: chunks() }))).values.length).toBe(1);
  });

  it('fails with reason partial after the first chunk, and emits nothing twice', async () => {
    const url = api.url('some', { stall: 'body', chunks: ['first'] });
    const watched = client.extend({});
    const events = listen(watched.attempts$);
    let bytes = 0;
    const error = await new Promise((resolve) => {
      watched.get(url, { selector: chunks() }).subscribe({
        next: (chunk) => {
          bytes += chunk.byteLength;
          void api.cut('some');
        },
        error: resolve,
      });
    });

    expect(error).toBeInstanceOf(HttpNetworkError);
    expect(bytes).toBe(5);
    expect(plot(events)).toEqual(['start 1', 'response 1', 'value 1', 'failure 1 partial']);
  });
});
