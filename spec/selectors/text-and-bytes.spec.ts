import { bytes, constant, RetryClient, text } from '../../src/index.js';
import { only } from '../support/settled.js';
import { testServer, type TestServer } from '../support/test-server.js';

describe('text() and bytes()', () => {
  let api: TestServer;

  beforeAll(async () => {
    api = await testServer();
  });

  afterAll(() => api.close());

  const client = new RetryClient({ strategy: { backoff: constant(0) } });

  it('text() reads UTF-8 as one value', async () => {
    expect(await only(client.get(api.url('text', { body: 'ö€🎈\r\n' }), { selector: text() }))).toBe('ö€🎈\r\n');
  });

  it('text() reads UTF-8 with any charset in the content type, without a byte order mark, as fetch does', async () => {
    const url = api.url('latin', {
      body: '77u/w7Y=',
      encoding: 'base64',
      headers: { 'Content-Type': 'text/plain; charset=iso-8859-1' },
    });

    expect(await only(client.get(url, { selector: text() }))).toBe('ö');
  });

  it('text() reads an empty body as an empty string', async () => {
    expect(await only(client.get(api.url('empty text', {}), { selector: text() }))).toBe('');
    expect(await only(client.get(api.url('no text', { status: 204 }), { selector: text() }))).toBe('');
  });

  it('bytes() reads a Uint8Array as one value', async () => {
    const read = await only(
      client.get(api.url('bytes', { body: 'AAH+/w==', encoding: 'base64' }), { selector: bytes() }),
    );

    expect(read).toBeInstanceOf(Uint8Array);
    expect(read).toEqual(new Uint8Array([0, 1, 254, 255]));
  });

  it('bytes() reads an empty body as an empty Uint8Array', async () => {
    expect((await only(client.get(api.url('no bytes', { status: 204 }), { selector: bytes() }))).byteLength).toBe(0);
  });

  it('both read all of a large body', async () => {
    const url = api.url('large', { bytes: 5_000_000 });

    expect((await only(client.get(url, { selector: bytes() }))).byteLength).toBe(5_000_000);
    expect((await only(client.get(url, { selector: text() }))).length).toBe(5_000_000);
  });

  it('both retry a body that breaks off, and emit nothing of it', async () => {
    for (const [name, selector] of [
      ['text', text()],
      ['bytes', bytes()],
    ] as const) {
      const url = api.url(`broken ${name}`, [{ cut: 'in-body', body: 'broken' }, { body: 'ok' }]);
      const read = await only(client.get<string | Uint8Array>(url, { selector }));

      expect(read.length).toBe(2);
    }
  });
});
