import { Agent } from 'node:http';
import { gzipSync } from 'node:zlib';

import { constant, json, RetryClient, text } from '../../src/index.js';
import { nodeFetch, type NodeFetchOptions } from '../../src/transports/node-fetch.js';
import { nodeTestServer, type NodeTestServer } from '../support/node-server.js';
import { failureOf, only } from '../support/settled.js';
import type { Echo } from '../support/test-server.js';

describe('nodeFetch()', () => {
  let api: NodeTestServer;

  beforeEach(async () => {
    api = await nodeTestServer();
  });

  afterEach(() => api.close());

  const clientOf = (options?: NodeFetchOptions) =>
    new RetryClient({ fetch: nodeFetch(options), strategy: { backoff: constant(0) } });

  it('can be used without a client, like fetch', async () => {
    const response = await nodeFetch()(api.url('bare', { body: 'ok' }), {});

    expect(response).toBeInstanceOf(Response);
    expect(await response.text()).toBe('ok');
  });

  it('sends sequential requests over one kept connection', async () => {
    const client = clientOf();
    const url = api.url('row', { body: 'x' });
    for (let count = 0; count < 5; count++) await only(client.get(url, { selector: text() }));

    expect(new Set((await api.requests('row')).map(({ socket }) => socket)).size).toBe(1);
    expect(api.openSockets()).toBe(1);
  });

  it('creates its own agents, so that two transports share no connection', async () => {
    const url = api.url('two', { body: 'x' });
    await only(clientOf().get(url, { selector: text() }));
    await only(clientOf().get(url, { selector: text() }));

    expect(new Set((await api.requests('two')).map(({ socket }) => socket)).size).toBe(2);
  });

  it('sends through a given agent, and obeys its limits', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const client = clientOf({ agent });
    const url = api.url('agent', { body: 'x', delay: 10 });
    await Promise.all(
      Array.from({ length: 4 }, (_, index) => only(client.get(`${url}?${String(index)}`, { selector: text() }))),
    );

    expect(new Set((await api.requests('agent')).map(({ socket }) => socket)).size).toBe(1);
    agent.destroy();
    await api.socketsClosed();
    expect(api.openSockets()).toBe(0);
  });

  it('calls a function for the agent of each URL, also after a redirect', async () => {
    const urls: string[] = [];
    const agent = new Agent();
    const client = clientOf({
      agent: (url) => {
        urls.push(url.href);
        return url.origin === api.origin ? agent : undefined;
      },
    });
    const target = api.otherUrl('target', { body: 'x' });
    const url = api.url('picked', { redirect: target });
    await only(client.get(url, { selector: text() }));

    expect(urls).toEqual([url, target]);
  });

  it('requests compressed responses by default; with compress false it neither requests nor decompresses them', async () => {
    const body = gzipSync('compressed').toString('base64');
    const answer = { body, encoding: 'base64', headers: { 'Content-Encoding': 'gzip' } } as const;
    expect(await only(clientOf().get(api.url('yes', answer), { selector: text() }))).toBe('compressed');
    const raw = await only(clientOf({ compress: false }).get(api.url('no', answer)));

    expect(Buffer.from(await raw.arrayBuffer()).toString('base64')).toBe(body);
    expect((await api.received('yes')).headers['accept-encoding']).toContain('gzip');
    expect((await api.received('no')).headers['accept-encoding']).toBeUndefined();
  });

  it('rejects a response body larger than size, however it is read', async () => {
    const client = clientOf({ size: 100 });
    const url = api.url('size', { bytes: 101 });

    await expectAsync(only(client.get(url)).then((response) => response.text())).toBeRejected();
    await expectAsync(only(client.get(url)).then((response) => new Response(response.body).text())).toBeRejected();
    expect(await failureOf(client.get(url, { selector: text(), strategy: { attempts: 1 } }))).toBeInstanceOf(Error);
    expect((await only(client.get(api.url('fits', { bytes: 100 }), { selector: text() }))).length).toBe(100);
  });

  it('closes the connection of a response larger than size', async () => {
    const response = await only(
      clientOf({ size: 1000, agent: new Agent() }).get(api.url('beyond', { stall: 'body', body: 'x'.repeat(4000) })),
    );

    await expectAsync(response.text()).toBeRejected();
    await api.socketsClosed();
    expect(api.openSockets()).toBe(0);
  });

  it('reads bodies larger than highWaterMark', async () => {
    const client = clientOf({ highWaterMark: 1024 });

    expect((await only(client.get(api.url('mark', { bytes: 300_000 }), { selector: text() }))).length).toBe(300_000);
  });

  it('buffers only a part of an unread body', async () => {
    const url = api.url('demand', { bytes: 200_000_000 });
    const response = await only(clientOf().get(url));
    const before = process.memoryUsage().rss;
    await new Promise((resolve) => setTimeout(resolve, 100));

    expect(process.memoryUsage().rss - before).toBeLessThan(100_000_000);
    await response.body?.cancel();
    await api.ended('demand');
  });

  it('treats undefined options as absent', async () => {
    const client = clientOf({ agent: undefined, size: undefined, highWaterMark: undefined, compress: undefined });

    expect(await only(client.get(api.url('undefined', { body: 'ok' }), { selector: text() }))).toBe('ok');
  });

  it('aborts the request when the signal aborts', async () => {
    const controller = new AbortController();
    const answer = nodeFetch()(api.url('signal', { stall: 'headers' }), { signal: controller.signal });
    await api.received('signal');
    controller.abort();

    await expectAsync(answer).toBeRejectedWith(jasmine.objectContaining({ name: 'AbortError' }));
    expect((await api.ended('signal')).aborted).toBeTrue();
  });

  it('sends a body of known length with content-length, and a stream in chunks', async () => {
    const client = clientOf();
    const known = await only(client.put(api.url('known', { echo: true }), 'x'.repeat(10), { selector: json<Echo>() }));
    const stream = new Blob(['x'.repeat(10)]).stream();
    const chunked = await only(client.put(api.url('chunked', { echo: true }), stream, { selector: json<Echo>() }));

    expect([known.headers['content-length'], known.headers['transfer-encoding']]).toEqual(['10', undefined]);
    expect([chunked.headers['content-length'], chunked.headers['transfer-encoding']]).toEqual([undefined, 'chunked']);
    expect(chunked.body).toBe('x'.repeat(10));
  });
});
