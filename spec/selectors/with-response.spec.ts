import { from, Observable, of, take } from 'rxjs';

import {
  chunks,
  constant,
  download,
  each,
  json,
  lines,
  RetryClient,
  serverSentEvents,
  type SelectedResponse,
  type Selector,
  text,
  withResponse,
} from '../../src/index.js';
import { bytewise, inPieces, utf8 } from '../support/bodies.js';
import { expectRefusal } from '../support/expect-refusal.js';
import { network } from '../support/scripted-network.js';
import { failureOf, only, settled } from '../support/settled.js';
import { testServer, type TestServer } from '../support/test-server.js';

describe('withResponse()', () => {
  let api: TestServer;

  beforeAll(async () => {
    api = await testServer();
  });

  afterAll(() => api.close());

  const client = new RetryClient({ strategy: { backoff: constant(0) } });

  it('emits the value with the status, headers and URL of its response', async () => {
    const url = api.url('created', { status: 201, json: { a: 1 }, headers: { Date: 'Thu, 01 Jan 2026 00:00:00 GMT' } });
    const created = await only(client.post(url, {}, { selector: withResponse(json<{ a: number }>()) }));
    const body: { a: number } = created.body;

    expect(body).toEqual({ a: 1 });
    expect([created.status, created.statusText, created.headers.get('content-type'), created.url]).toEqual([
      201,
      'Created',
      'application/json',
      url,
    ]);
  });

  it('emits the URL after a redirect, or the requested one if the response has none', async () => {
    const target = api.url('target', { body: 'x' });
    expect(
      (await only(client.get(api.url('moved', { redirect: target }), { selector: withResponse(text()) }))).url,
    ).toBe(target);

    const { interceptor } = network(200);
    const scripted = client.extend({ interceptors: [interceptor] });
    expect((await only(scripted.get('http://me:secret@a.test/x', { selector: withResponse(text()) }))).url).toBe(
      'http://a.test/x',
    );
  });

  it('emits no user and password', async () => {
    const { interceptor } = network(() =>
      Object.defineProperty(new Response('x'), 'url', { value: 'http://me:secret@a.test/x' }),
    );

    expect(
      (
        await only(
          client.extend({ interceptors: [interceptor] }).get('http://a.test/', { selector: withResponse(text()) }),
        )
      ).url,
    ).toBe('http://a.test/x');
  });

  it('emits each of several values so, for any ObservableInput of the selector', async () => {
    const { interceptor } = network(() => inPieces(bytewise(utf8('a\nb'))));
    const scripted = client.extend({ interceptors: [interceptor] });
    for (const selector of [lines(), () => of('a', 'b'), () => ['a', 'b'], () => from(['a', 'b'])]) {
      const { values } = await settled(
        scripted.get('http://a.test/', { selector: withResponse(selector as Selector<string>) }),
      );

      expect(values.map(({ status, body }) => [status, body])).toEqual([
        [200, 'a'],
        [200, 'b'],
      ]);
    }
  });

  it('passes on all methods of a resumable selector', async () => {
    const headers = { 'Content-Type': 'text/event-stream' };
    const url = api.url('events', [
      { headers, body: 'id: 1\ndata: a\n\n' },
      { headers, body: 'data: b\n\n' },
      { status: 204 },
    ]);
    const { values } = await settled(
      client.get(url, { selector: withResponse(serverSentEvents()), strategy: { attempts: 5 } }),
    );

    expect(values.map(({ status, body }) => [status, body.data])).toEqual([
      [200, 'a'],
      [200, 'b'],
    ]);
    expect((await api.requests('events'))[1]?.headers['last-event-id']).toBe('1');
    expect(withResponse(serverSentEvents()).allowsIdle).toBeTrue();

    const file = { size: 40, seed: 1 };
    const done = await settled(client.get(api.url('file', { file }), { selector: withResponse(download()) }));
    expect(done.values.at(-1)?.body.loaded).toBe(40);
  });

  it('can be wrapped by each(), and can wrap it', async () => {
    let sent = 0;
    function* all(): Generator<Uint8Array<ArrayBuffer>> {
      while (sent < 100) yield utf8(`${++sent}\n`);
    }
    const scripted = client.extend({ interceptors: [network(() => inPieces(all())).interceptor] });
    const held$: Observable<string> = scripted.get('http://a.test/', {
      selector: each(withResponse(lines()), ({ status, body }) => of(`${status} ${body}`)),
    });

    expect((await settled(held$.pipe(take(2)))).values).toEqual(['200 1', '200 2']);
    expect(sent).toBeLessThan(5);

    const around$: Observable<SelectedResponse<number>> = scripted.get('http://a.test/', {
      selector: withResponse(each(chunks(), ({ byteLength }) => of(byteLength))),
    });
    expect((await only(around$.pipe(take(1)))).body).toBeGreaterThan(0);
  });

  it('is retried like the selector: after a body that breaks off, not after the selector’s own error', async () => {
    expect(
      (
        await only(
          client.get(api.url('broken', [{ cut: 'in-body', json: 'long enough' }, { json: 1 }]), {
            selector: withResponse(json()),
          }),
        )
      ).body,
    ).toBe(1);
    const bug = new Error('a bug');
    expect(await failureOf(client.get(api.url('bug', {}), { selector: withResponse(() => Promise.reject(bug)) }))).toBe(
      bug,
    );
  });

  it('judges the response once: the value, which has its status, is not judged by it again', async () => {
    const { interceptor, requests } = network(503);
    const scripted = client.extend({ interceptors: [interceptor] });
    const options = {
      selector: withResponse(text()),
      throwHttpErrors: false,
      strategy: { shouldRetry: ({ kind }: { kind: string }) => (kind === 'response' ? false : undefined) },
    } as const;

    expect((await only(scripted.get('http://a.test/', options))).status).toBe(503);
    expect(requests.length).toBe(1);
  });

  it('throws at once for a value that is not a selector', () => {
    expectRefusal(() => withResponse(5 as never), [TypeError], 'selector', '5');
    expectRefusal(() => withResponse({} as never), [TypeError], 'selector', 'open()');
  });
});
