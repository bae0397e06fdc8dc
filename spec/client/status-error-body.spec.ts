import { of } from 'rxjs';

import { constant, HttpStatusError, json, RetryClient, text } from '../../src/index.js';
import { listen, plot } from '../support/attempt-events.js';
import { IS_FIREFOX } from '../support/browser-name.js';
import { failureOf, only, settled } from '../support/settled.js';
import { testServer, type TestServer } from '../support/test-server.js';

const LIMIT = 64 * 1024;

describe('The body of an HttpStatusError', () => {
  let api: TestServer;

  beforeAll(async () => {
    api = await testServer();
  });

  afterAll(() => api.close());

  const client = new RetryClient({ strategy: { backoff: constant(0) } });
  const errorOf = async (key: string, step: object): Promise<HttpStatusError> =>
    (await failureOf(client.getJSON(api.url(key, { status: 404, ...step })))) as HttpStatusError;

  it('is body as text, and data as parsed JSON', async () => {
    const error = await errorOf('json', {
      json: { title: 'no such tea' },
      headers: { 'Content-Type': 'application/problem+json' },
    });

    expect([error.body, error.data, error.truncated]).toEqual([
      '{"title":"no such tea"}',
      { title: 'no such tea' },
      false,
    ]);
    expect(await error.response.clone().text()).toBe('{"title":"no such tea"}');
    expect(await error.response.json()).toEqual({ title: 'no such tea' });
    expect(error.response.bodyUsed).toBeTrue();
    expect(await error.response.clone().json()).toEqual({ title: 'no such tea' });
  });

  it('has no data when it is not JSON', async () => {
    const error = await errorOf('html', { body: '<h1>no</h1>', headers: { 'Content-Type': 'text/html' } });

    expect([error.body, error.data]).toEqual(['<h1>no</h1>', undefined]);
  });

  it('has no text when its type is binary, or without a type its bytes are', async () => {
    const png = { chunks: ['AAEC/w=='], encoding: 'base64' };
    const typed = await errorOf('png', { ...png, headers: { 'Content-Type': 'image/png' } });
    const untyped = await errorOf('untyped png', png);
    const words = await errorOf('untyped text', { chunks: ['no tea'] });

    expect([typed.body, untyped.body, words.body]).toEqual([undefined, undefined, 'no tea']);
    expect(new Uint8Array(await typed.response.arrayBuffer())).toEqual(new Uint8Array([0, 1, 2, 255]));
  });

  it('is decoded by its charset', async () => {
    const error = await errorOf('latin', {
      body: '6Q==',
      encoding: 'base64',
      headers: { 'Content-Type': 'text/plain; charset=iso-8859-1' },
    });

    expect(error.body).toBe('é');
  });

  for (const [bytes, truncated] of [
    [LIMIT, false],
    [LIMIT + 1, true],
    [300_000, true],
  ] as const) {
    it(`of ${bytes} bytes is read ${truncated ? 'up to 64 KiB' : 'completely'}`, async () => {
      const error = await errorOf(`bytes ${bytes}`, { bytes, headers: { 'Content-Type': 'text/plain' } });

      expect([error.body?.length, error.truncated]).toEqual([Math.min(bytes, LIMIT), truncated]);
      if (truncated) await expectAsync(error.response.text()).toBeRejectedWithError(TypeError, /in part only/);
      else expect((await error.response.text()).length).toBe(bytes);
    });
  }

  it('that was truncated gives a stream reader its bytes, then a TypeError', async () => {
    const error = await errorOf('stream', { bytes: LIMIT + 1 });
    const reader = error.response.body!.getReader();
    let size = 0;
    const read = async (): Promise<void> => {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        size += value.byteLength;
      }
    };

    await expectAsync(read()).toBeRejectedWithError(TypeError, /in part only/);
    expect(size).toBe(LIMIT);
  });

  it('that stalls or breaks off is what arrived before, and the error keeps its status and reason', async () => {
    const stalled = await errorOf('stall', {
      status: 404,
      stall: 'body',
      chunks: ['what ', 'came'],
      headers: { 'Content-Type': 'text/plain' },
    });
    const cut = await errorOf('cut', {
      status: 404,
      cut: 'in-body',
      chunks: ['what ', 'came'],
      chunkDelay: 50,
      headers: { 'Content-Type': 'text/plain' },
    });

    expect([stalled.body, stalled.truncated, stalled.reason]).toEqual(['what came', true, 'permanent']);
    // Firefox does not notice that.
    expect([cut.truncated, cut.status, cut.reason]).toEqual([!IS_FIREFOX, 404, 'permanent']);
  });

  for (const limit of ['timeout', 'totalTimeout'] as const) {
    it(`that stalls is waited for no longer than ${limit}, and the error stays an HttpStatusError`, async () => {
      const url = api.url(`stall ${limit}`, { status: 404, stall: 'body', chunks: ['came'] });
      const began = performance.now();
      const error = await failureOf(client.getJSON(url, { [limit]: 300 }));

      expect(error).toBeInstanceOf(HttpStatusError);
      expect(performance.now() - began).toBeLessThan(900);
    });
  }

  it('is read without a selector too, before the failure event', async () => {
    const events = listen(client.attempts$);
    const error = (await failureOf(
      client.get(api.url('plain', { status: 400, body: 'no' }), { throwHttpErrors: true }),
    )) as HttpStatusError;

    expect(error.body).toBe('no');
    expect(plot(events)).toEqual(['start 1', 'response 1', 'failure 1 permanent']);
    expect(events.at(-1)).toEqual(
      jasmine.objectContaining({ outcome: jasmine.objectContaining({ kind: 'error', error }) }),
    );
  });

  it('is that of the last attempt', async () => {
    const url = api.url('last', [
      { status: 503, body: 'first' },
      { status: 503, body: 'second' },
      { status: 503, body: 'third' },
    ]);
    const error = (await failureOf(client.get(url, { selector: text() }))) as HttpStatusError;

    expect([error.body, error.reason, error.attempt.number]).toEqual(['third', 'attempts', 3]);
  });

  it('is read for an HttpStatusError that a selector throws without reading', async () => {
    const selector = (response: Response, attempt: never): never => {
      throw new HttpStatusError({ attempt, response });
    };
    const error = (await failureOf(
      client.get(api.url('own', { status: 404, body: 'no' }), { throwHttpErrors: false, selector: selector as never }),
    )) as HttpStatusError;

    expect([error.body, await error.response.text()]).toEqual(['no', 'no']);
  });

  it('that is still read when the request is unsubscribed leaves a cancel event', async () => {
    const events = listen(client.attempts$);
    const subscription = client
      .getJSON(api.url('left', { status: 404, stall: 'body', chunks: ['came'] }))
      .subscribe({ error: () => undefined });
    await new Promise((resolve) => setTimeout(resolve, 200));
    subscription.unsubscribe();

    expect(plot(events)).toEqual(['start 1', 'response 1', 'cancel 1']);
  });

  it('without bytes is there synchronously', () => {
    const direct = new RetryClient({ interceptors: [() => of(new Response(null, { status: 404 }))] });
    let error: unknown;
    direct.getJSON('http://a.test/').subscribe({ error: (thrown: unknown) => (error = thrown) });

    expect(error).toBeInstanceOf(HttpStatusError);
    expect((error as HttpStatusError).body).toBeUndefined();
    expect((error as HttpStatusError).truncated).toBeFalse();
  });

  it('is not in the enumerable properties nor in toJSON() of the error', async () => {
    const error = await errorOf('private', { json: { secret: 'pa55' } });

    expect(Object.keys(error)).toEqual(['name', 'status']);
    expect(Object.keys(error.toJSON())).toEqual([
      'name',
      'status',
      'message',
      'reason',
      'gaveUp',
      'request',
      'attempt',
    ]);
  });

  it('causes no second call of shouldRetry', async () => {
    const kinds: string[] = [];
    const recording = client.extend({ strategy: { shouldRetry: ({ kind }) => void kinds.push(kind) } });
    await settled(recording.get(api.url('asked', { status: 404, body: 'no' }), { selector: json() }));

    expect(kinds).toEqual(['response']);
    expect((await only(client.get(api.url('after', {})))).status).toBe(200);
  });
});
