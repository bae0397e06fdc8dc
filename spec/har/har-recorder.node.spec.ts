import { Readable } from 'node:stream';

import { takeUntil, timer } from 'rxjs';

import { HarRecorder } from '../../src/har/index.js';
import { json, RetryClient, text } from '../../src/index.js';
import { GarbageWatch } from '../support/garbage-collection.js';
import { failureOf, only, settled } from '../support/settled.js';
import { type TestServer, testServer } from '../support/test-server.js';

describe('A HarRecorder in Node', () => {
  let api: TestServer;
  beforeAll(async () => {
    api = await testServer();
  });
  afterAll(() => api.close());

  const clientOf = (bodies = false) => {
    const recorder = new HarRecorder({ bodies });
    return { recorder, client: new RetryClient({ strategy: { attempts: 1 } }).extend(recorder.options) };
  };

  it('holds no response, error or context of a request that has ended', async () => {
    const { recorder, client } = clientOf();
    const watch = new GarbageWatch();
    await (async () => {
      const context = watch.watch('context', {});
      watch.watch('response', await only(client.get(api.url('held', { body: 'unread' }), { context })));
      watch.watch(
        'error',
        (await failureOf(client.get(api.url('held-error', { status: 500 }), { selector: text() }))) as object,
      );
    })();
    expect(await watch.survivors()).toEqual([]);
    expect(recorder.entries.map(({ response }) => response.status)).toEqual([200, 500]);
  });

  it('copies the bytes of a Buffer', async () => {
    const { recorder, client } = clientOf(true);
    const bytes = Buffer.from('as it was sent');
    const url = api.url('buffers', { delay: 50, body: 'x' });
    await settled(client.post(url, () => Readable.from([bytes]), { selector: text() }));
    bytes.fill(0);
    expect(recorder.entries[0]!.request.postData!.text).toBe('as it was sent');
  });

  it('leaves a stream to its request that a factory gives again, and a Blob of another library', async () => {
    const { recorder, client } = clientOf(true);
    const selector = json<{ body: string }>();
    const stream = async function* () {
      yield await Promise.resolve(new TextEncoder().encode('once'));
    };
    const once = stream();
    const sent = await only(client.post(api.url('har-same', { echo: true }), () => once, { selector }));
    expect(sent.body).toBe('once');
    const foreign = {
      size: 7,
      type: '',
      arrayBuffer: () => new Blob(['foreign']).arrayBuffer(),
      slice: () => foreign,
    };
    const other = await only(client.post(api.url('har-foreign', { echo: true }), foreign as never, { selector }));
    expect(other.body).toBe('foreign');
    expect(recorder.entries.map(({ request }) => request.postData)).toEqual([undefined, undefined]);
  });

  it('says of a body that it was not read to its end, and closes what the factory opened', async () => {
    const { recorder, client } = clientOf(true);
    const closed: number[] = [];
    let opened = 0;
    const body = () => {
      const id = (opened += 1);
      return new ReadableStream<Uint8Array>({
        start: (controller) => {
          controller.enqueue(new TextEncoder().encode('begun'));
        },
        cancel: () => void closed.push(id),
      });
    };
    const send$ = client.post(api.url('har-begun', { stall: 'headers' }), body);
    await settled(send$.pipe(takeUntil(timer(100))));
    await only(timer(20));
    expect(recorder.entries[0]!.request.postData).toEqual({ mimeType: '', text: 'begun', _truncated: true });
    expect(closed.sort()).toEqual([1, 2]);
  });

  it('closes a stream of Node that a factory opened for it, even if it never gave anything', async () => {
    const { client } = clientOf(true);
    const opened: Readable[] = [];
    const stalled = () => {
      const stream = new Readable({ read: () => undefined });
      opened.push(stream);
      return stream;
    };
    await settled(client.post(api.url('stalled-upload', { stall: 'headers' }), stalled, { timeout: 50 }));
    await only(timer(20));
    expect(opened.map(({ destroyed }) => destroyed)).toEqual([true, true]);
  });
});
