import { testServer, type LoggedRequest, type TestServer } from './test-server.js';

describe('The test server', () => {
  let api: TestServer;

  beforeAll(async () => {
    api = await testServer();
  });

  afterAll(() => api.close());

  it('takes one step of the script for each request, and repeats the last', async () => {
    const url = api.url('steps', [{ status: 503, headers: { 'Retry-After': '1' } }, { body: 'ö' }]);

    const first = await fetch(url);
    expect([first.status, first.headers.get('retry-after'), await first.text()]).toEqual([503, '1', '']);
    expect(await textOf(url)).toBe('ö');
    expect(await textOf(url)).toBe('ö');
  });

  it('logs what it received', async () => {
    const url = `${api.url('log', {})}/users?page=2`;
    await textOf(url, { method: 'POST', body: 'ö', headers: { 'X-Trace': 'abc' } });

    expect(await api.requests('log')).toEqual([
      jasmine.objectContaining<LoggedRequest>({
        number: 1,
        method: 'POST',
        url,
        body: 'ö',
        bytes: 2,
        ended: true,
        aborted: false,
      }),
    ]);
    expect((await api.received('log')).headers).toEqual(jasmine.objectContaining({ 'x-trace': 'abc' }));
  });

  it('echoes, redirects, and answers in chunks, in bytes and in JSON', async () => {
    const target = api.otherUrl('echo', { echo: true });
    expect(JSON.parse(await textOf(api.url('redirect', { redirect: target })))).toEqual(
      jasmine.objectContaining({ number: 1, method: 'GET', url: target, body: '' }),
    );
    expect(await textOf(api.url('chunks', { chunks: ['w6', 'Ya'].map(btoa), encoding: 'base64' }))).toBe('w6Ya');
    expect((await textOf(api.url('bytes', { bytes: 100_000 }))).length).toBe(100_000);
    expect(await textOf(api.url('json', { json: { a: 1 } }))).toBe('{"a":1}');
  });

  for (const cut of ['before-headers', 'in-headers', 'in-body'] as const) {
    it(`cuts the connection ${cut}, and counts no request that the client did not make`, async () => {
      const url = api.url(cut, [{ cut }, {}]);

      await expectAsync(textOf(url)).toBeRejected();
      expect(await textOf(url)).toBe('');
      const log = await api.requests(cut);
      expect(log.map(({ ended, aborted }) => ({ ended, aborted }))).toEqual(
        Array(2).fill({ ended: true, aborted: false }),
      );
    });
  }

  for (const stall of ['upload', 'headers', 'body'] as const) {
    it(`stalls (${stall}), and notices the disconnect of the client`, async () => {
      const client = new AbortController();
      const text = textOf(api.url(stall, { stall }), { method: 'POST', body: 'x', signal: client.signal });

      expect((await api.received(stall)).ended).toBeFalse();
      client.abort();
      await expectAsync(text).toBeRejected();
      expect((await api.ended(stall)).aborted).toBeTrue();
    });
  }

  it('cuts a stalled request on demand, after the client has read the bytes before', async () => {
    const { body } = await fetch(api.url('on demand', { stall: 'body', chunks: ['a'] }));
    const reader = body?.getReader();

    expect((await reader?.read())?.value).toEqual(new TextEncoder().encode('a'));
    await api.cut('on demand');
    await expectAsync(reader?.read()).toBeRejected();
  });

  it('lets pages of other origins read Retry-After and Date', async () => {
    const { headers } = await fetch(api.otherUrl('exposed', { headers: { 'Retry-After': '3' } }));

    expect(headers.get('retry-after')).toBe('3');
    expect(headers.get('date')).not.toBeNull();
  });

  it('has a URL that refuses connections', async () => {
    await expectAsync(textOf(api.refusedUrl)).toBeRejected();
  });

  it('throws if a key is used twice, or unknown', async () => {
    api.url('once', {});
    expect(() => api.url('once', {})).toThrowError(/"once" already has a URL/);
    await expectAsync(api.requests('never')).toBeRejectedWithError(/no URL was made for the key "never"/);
  });

  it('reports a step that cannot be performed', async () => {
    expect(await textOf(api.url('bad step', { headers: { 'not a name': '' } }))).toContain('cannot perform the step');
  });
});

async function textOf(url: string, init?: RequestInit): Promise<string> {
  const response = await fetch(url, init);
  return response.text();
}
