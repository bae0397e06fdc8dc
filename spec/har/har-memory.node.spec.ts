import { Readable } from 'node:stream';

import { timer } from 'rxjs';

import { HarRecorder } from '../../src/har/index.js';
import { RetryClient, text } from '../../src/index.js';
import { GarbageWatch } from '../support/garbage-collection.js';
import { failureOf, only, settled } from '../support/settled.js';
import { type TestServer, testServer } from '../support/test-server.js';

describe('The memory of a HarRecorder', () => {
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
