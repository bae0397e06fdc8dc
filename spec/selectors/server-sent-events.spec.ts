import { map, take, timer } from 'rxjs';

import {
  type AttemptRequest,
  constant,
  each,
  type HttpAttempt,
  HttpNetworkError,
  HttpParseError,
  HttpStatusError,
  HttpTimeoutError,
  RetryClient,
  serverSentEvents,
  type ServerSentEventsOptions,
} from '../../src/index.js';
import { listen, plot } from '../support/attempt-events.js';
import { inPieces, utf8 } from '../support/bodies.js';
import { expectRefusal } from '../support/expect-refusal.js';
import { network } from '../support/scripted-network.js';
import { failureOf, only, settled } from '../support/settled.js';
import { testServer, type TestServer } from '../support/test-server.js';

const stream = { 'Content-Type': 'text/event-stream' };
const end = { status: 204 };

describe('serverSentEvents(), over the network,', () => {
  let api: TestServer;

  beforeAll(async () => {
    api = await testServer();
  });

  afterAll(() => api.close());

  const client = new RetryClient({ strategy: { backoff: constant(0), attempts: 5 } });
  const selector = serverSentEvents();

  it('reconnects after the stream has ended or broken, with the id of the last event', async () => {
    const url = api.url('ids', [
      { headers: stream, body: 'id: 1\ndata: a\n\nid: 2\ndata: b\n\nid: 3\ndata: in part' },
      { headers: stream, body: 'data: c\n\n' },
      { headers: stream, cut: 'before-headers' },
      { headers: stream, body: 'id: ö4\ndata: d\n\n' },
      end,
    ]);
    const { values, ...failure } = await settled(client.get(url, { selector }));

    expect(failure).toEqual({});
    expect(values.map(({ data, lastEventId }) => `${data}${lastEventId}`)).toEqual(['a1', 'b2', 'c2', 'dö4']);
    const requests = await api.requests('ids');
    expect(requests.map(({ headers }) => headers['last-event-id'])).toEqual([
      undefined,
      '2',
      '2',
      '2',
      '\u00c3\u00b64',
    ]);
    expect(requests.map(({ headers }) => headers.accept)).toEqual(Array(5).fill('text/event-stream'));
  });

  it('emits each event once, wherever the stream is cut', async () => {
    const text = 'id: 1\ndata: ä\n\nid: 2\ndata: b\n\n';
    for (let at = 0; at <= text.length; at += 1) {
      const rest = (id: string | undefined) =>
        id === undefined ? text : id === '1' ? text.slice(text.indexOf('id: 2')) : '';
      let sent = 0;
      const broken = () =>
        new Response(
          new ReadableStream({
            start(controller) {
              controller.enqueue(utf8(text.slice(0, at)));
            },
            pull(controller) {
              controller.error(new TypeError('broken'));
            },
          }),
          { headers: stream },
        );
      const cutting = new RetryClient({
        strategy: { backoff: constant(0), attempts: 5 },
        fetch: (_, init) => {
          const id = new Headers(init.headers).get('last-event-id') ?? undefined;
          sent += 1;
          return Promise.resolve(
            sent === 1 ? broken() : sent === 2 ? new Response(rest(id), { headers: stream }) : new Response(null, end),
          );
        },
      });
      const { values } = await settled(cutting.get('http://a.test/', { selector }));

      expect(values.map(({ data }) => data))
        .withContext(String(at))
        .toEqual(['ä', 'b']);
    }
  });

  it("sends requests with cache: 'no-store'", async () => {
    await settled(client.get(api.url('cache', [{ headers: stream, body: '' }, end]), { selector }));

    for (const { headers } of await api.requests('cache')) expect(headers['cache-control']).toBe('no-cache');
  });

  it('accepts the content type with parameters and in any case, by RFC 9110', async () => {
    for (const type of [
      'text/event-stream;',
      'text/event-stream; charset=utf-8',
      'Text/Event-Stream',
      'text/event-stream ;x=y',
      'text/event-stream, text/event-stream',
      'text/event-stream;x="a,b", text/event-stream',
      'text/event-stream, */*',
      'x, text/event-stream',
    ]) {
      const { interceptor } = network(() => inPieces([utf8('data:1\n\n')], { headers: { 'content-type': type } }), 204);
      const scripted = new RetryClient({ interceptors: [interceptor], strategy: { backoff: constant(0) } });

      expect((await settled(scripted.get('http://a.test/', { selector }))).values.length)
        .withContext(type)
        .toBe(1);
    }
  });

  for (const [name, step] of Object.entries({
    'text/html': { headers: { 'Content-Type': 'text/html' } },
    'x bogus': { headers: { 'Content-Type': 'x bogus' } },
    'text/event-streams': { headers: { 'Content-Type': 'text/event-streams' } },
    'no type': {},
    '205': { status: 205, headers: stream },
    '210': { status: 210, headers: stream },
    '299': { status: 299, headers: stream },
  })) {
    it(`does not retry a response that is not an event stream: ${name}`, async () => {
      const error = await failureOf(
        client.get(api.url(`mime ${name}`, { body: 'data: data\n\n', ...step }), { selector }),
      );

      expect(error).toBeInstanceOf(HttpParseError);
      expect((error as HttpParseError).status).toBe('status' in step ? step.status : 200);
      expect((error as Error).message).toMatch(
        /: the response is not an event stream \(status \d+, (?:no content type|content type .*)\)/,
      );
      expect((await api.requests(`mime ${name}`)).length).toBe(1);
    });
  }

  for (const status of [404, 410]) {
    it(`ends with a status that is not retried: ${status}`, async () => {
      expect(await failureOf(client.get(api.url(`status ${status}`, { status }), { selector }))).toBeInstanceOf(
        HttpStatusError,
      );
      expect((await api.requests(`status ${status}`)).length).toBe(1);
    });
  }

  it('retries after a status that the strategy retries, even between events', async () => {
    const url = api.url('503', [
      { headers: stream, body: 'id:1\ndata: a\n\n' },
      { status: 503 },
      { headers: stream, body: 'data: b\n\n' },
      end,
    ]);

    expect((await settled(client.get(url, { selector }))).values.map(({ data }) => data)).toEqual(['a', 'b']);
    expect((await api.requests('503'))[2]?.headers['last-event-id']).toBe('1');
  });

  it('follows redirects, and reconnects to the first URL', async () => {
    const target = api.url('redirected', { headers: stream, body: 'data: a\n\n' });
    const url = api.url('redirects', [{ redirect: target, status: 307 }, end]);

    expect((await settled(client.get(url, { selector }))).values.length).toBe(1);
    expect((await api.requests('redirects')).length).toBe(2);
  });

  it('sends the caller’s headers, which take precedence over its own', async () => {
    const options = {
      headers: { Authorization: 'Bearer x', Accept: 'text/event-stream, */*' },
      cache: 'default',
    } as const;
    await settled(client.get(api.url('own', [{ headers: stream, body: '' }, end]), { selector, ...options }));

    const [{ headers } = { headers: {} as Record<string, string> }] = await api.requests('own');
    expect([headers.authorization, headers.accept, headers['cache-control']]).toEqual([
      'Bearer x',
      'text/event-stream, */*',
      undefined,
    ]);
  });

  it('sends a POST, and repeats it only if the strategy lists POST', async () => {
    const steps = [{ headers: stream, body: 'id: 7\ndata: a\n\n' }, { headers: stream, body: 'data: b\n\n' }, end];
    const once = await settled(client.post(api.url('post once', steps), { q: 1 }, { selector }));
    expect(once.values.length).toBe(1);
    expect('error' in once && once.error).toBeInstanceOf(HttpNetworkError);

    const again = await settled(
      client.post(api.url('post', steps), { q: 1 }, { selector, strategy: { methods: ['POST'] } }),
    );
    expect(again).toEqual({
      values: [jasmine.objectContaining({ data: 'a' }), jasmine.objectContaining({ data: 'b' })],
    });
    expect(
      (await api.requests('post')).map(({ method, body, headers }) => [method, body, headers['last-event-id']]),
    ).toEqual([
      ['POST', '{"q":1}', undefined],
      ['POST', '{"q":1}', '7'],
      ['POST', '{"q":1}', '7'],
    ]);
  });

  it('closes the connection when the consumer unsubscribes', async () => {
    const url = api.url('left', { headers: stream, chunks: ['data: 1\n\n', 'data: 2\n\n'], stall: 'body' });

    expect((await settled(client.get(url, { selector }).pipe(take(2)))).values.map(({ data }) => data)).toEqual([
      '1',
      '2',
    ]);
    expect((await api.ended('left')).aborted).toBeTrue();
  });

  it('treats an idle stream as a lost connection if the caller has set a timeout', async () => {
    const url = api.url('silent', [{ headers: stream, chunks: ['id: 1\ndata: a\n\n'], stall: 'body' }, end]);
    const watched = client.extend({});
    const events = listen(watched.attempts$);

    // Longer than it takes a busy browser to be answered.
    expect((await settled(watched.get(url, { selector, timeout: 500 }))).values.length).toBe(1);
    expect(plot(events)).toEqual(['start 1', 'response 1', 'value 1', 'retry 1', 'start 2', 'response 2', 'success 2']);
    expect(events.find((event) => event.type === 'retry')?.outcome).toEqual(
      jasmine.objectContaining({ error: jasmine.any(HttpTimeoutError) }),
    );
  });

  it('counts a comment as activity', async () => {
    const url = api.url('alive', {
      headers: stream,
      chunks: [...Array<string>(10).fill(':\n'), 'data: a\n\n'],
      chunkDelay: 40,
    });

    expect(
      (await only(client.get(url, { selector, timeout: 300, strategy: { attempts: 1 } }).pipe(take(1)))).data,
    ).toBe('a');
  });

  it('gives up after the last attempt', async () => {
    const { values, ...failure } = await settled(
      client.get(api.url('spent', { headers: stream, body: 'data: a\n\n' }), { selector }),
    );

    expect(values.length).toBe(5);
    expect('error' in failure && failure.error).toBeInstanceOf(HttpNetworkError);
  });

  it('continues with resetOnSuccess as long as events arrive', async () => {
    const url = api.url('lives', [
      ...Array.from({ length: 12 }, (_, index) => ({ headers: stream, body: `data: ${index}\n\n` })),
      end,
    ]);
    const { values, ...failure } = await settled(
      client.get(url, { selector, strategy: { attempts: 2, resetOnSuccess: true } }),
    );

    expect([values.length, failure]).toEqual([12, {}]);
  });

  it('continues with resetOnSuccess if only comments arrive, and gives up if nothing arrives', async () => {
    const strategy = { attempts: 2, resetOnSuccess: true };
    const of = (body: string): object[] => [...Array.from({ length: 6 }, () => ({ headers: stream, body })), end];

    expect(await settled(client.get(api.url('comments', of(': still here\n\n')), { selector, strategy }))).toEqual({
      values: [],
    });
    expect(await failureOf(client.get(api.url('nothing', of('')), { selector, strategy }))).toBeInstanceOf(
      HttpNetworkError,
    );
    expect([(await api.requests('comments')).length, (await api.requests('nothing')).length]).toEqual([7, 2]);
    // Without resetOnSuccess the comments reset nothing.
    expect(
      await failureOf(client.get(api.url('kept', of(': still here\n\n')), { selector, strategy: { attempts: 2 } })),
    ).toBeInstanceOf(HttpNetworkError);
  });

  it('can be held back by each()', async () => {
    const url = api.url('held', [{ headers: stream, body: 'id: 1\ndata: a\n\nid: 2\ndata: b\n\n' }, end]);
    const held = each(selector, ({ data }) => timer(5).pipe(map(() => data)));

    expect(await settled(client.get(url, { selector: held }))).toEqual({ values: ['a', 'b'] });
    expect((await api.requests('held'))[1]?.headers['last-event-id']).toBe('2');
  });

  it('starts each subscription without an id', async () => {
    const source$ = client.get(api.url('subscriptions', [{ headers: stream, body: 'id: 1\ndata: a\n\n' }, end, end]), {
      selector,
    });
    await settled(source$);
    await settled(source$);

    expect((await api.requests('subscriptions')).map(({ headers }) => headers['last-event-id'])).toEqual([
      undefined,
      '1',
      undefined,
    ]);
  });

  it('throws an error that names the bad option', () => {
    expectRefusal(() => serverSentEvents({ maxLength: -1 }), [RangeError], 'maxLength', '-1');
    expectRefusal(() => serverSentEvents({ maxRetry: -1 }), [RangeError], 'maxRetry', '-1');
    expectRefusal(() => serverSentEvents({ maxLenght: 5 } as never), [TypeError], 'maxLenght', 'maxLength, maxRetry');
    expectRefusal(() => serverSentEvents('x' as never), [TypeError], 'options', "'x'");
  });
});

describe('serverSentEvents(), the delay before it reconnects,', () => {
  const attempt: HttpAttempt = {
    number: 1,
    of: 1,
    requestId: 'r',
    startedAt: 0,
    method: 'GET',
    url: 'http://a.test/',
    context: {},
  };
  const request: AttemptRequest = {
    method: 'GET',
    url: attempt.url,
    headers: new Headers(),
    body: null,
    attempt,
    init: {},
  };

  /** Opens a reading; returns its delays after an attempt that gets a stream, and after attempts that get none. */
  function reader(options?: ServerSentEventsOptions) {
    const reading = serverSentEvents(options).open();
    let attempts = 0;
    const prepare = (): void => {
      attempts += 1;
      reading.prepare?.({ ...request, attempt: { ...attempt, number: attempts } });
    };
    const after = async (text: string): Promise<number | undefined> => {
      prepare();
      try {
        for await (const _ of reading.select(inPieces([utf8(text)], { headers: stream }), attempt));
      } catch {
        // Each stream ends with an error.
      }
      return reading.delay?.();
    };
    const missing = (times: number) =>
      Array.from({ length: times }, () => {
        prepare();
        return reading.delay?.();
      });
    return { after, missing };
  }

  async function waits(texts: readonly string[], options?: ServerSentEventsOptions): Promise<(number | undefined)[]> {
    const { after } = reader(options);
    const all: (number | undefined)[] = [];
    for (const text of texts) all.push(await after(text));
    return all;
  }

  it('is that of the backoff, unless the server sets one', async () => {
    const { interceptor } = network(
      () => inPieces([utf8('data:x\n\n')], { headers: stream }),
      () => inPieces([utf8('data:x\n\nretry: 300\n\n')], { headers: stream }),
      204,
    );
    const client = new RetryClient({ interceptors: [interceptor], strategy: { backoff: constant(7), attempts: 20 } });
    const events = listen(client.attempts$);
    await settled(client.get('http://a.test/', { selector: serverSentEvents() }));

    expect(events.flatMap((event) => (event.type === 'retry' ? [event.delay] : []))).toEqual([7, 300]);
  });

  it('is the one that the server has set, before an event or after it, until it sets another', async () => {
    expect(await waits(['data:x\n\n', 'retry:3000\n\ndata:x\n\n', 'data:x\n\n', 'data:x\n\nretry: 2000'])).toEqual([
      undefined,
      3_000,
      3_000,
      3_000,
    ]);
    expect(await waits(['data:x\n\nretry: 2000\n', 'data:x\n\n'])).toEqual([2_000, 2_000]);
  });

  it('field-retry-bogus, -empty: is not changed by a value that is not all digits', async () => {
    const bogus = ['retry:1000x', 'retry', 'retry:', 'retry:-1', 'retry:1e1', 'retry:٣', `retry:${'9'.repeat(400)}`];

    expect(await waits(['retry:3000\ndata:x\n\n', ...bogus.map((line) => `${line}\ndata:x\n\n`)])).toEqual(
      Array(8).fill(3_000),
    );
  });

  it('is at least 200 ms and at most 60,000 ms, whatever the server sets', async () => {
    expect(
      await waits([
        'retry:0\ndata:x\n\n',
        'retry:199\ndata:x\n\n',
        'retry:60000\ndata:x\n\n',
        'retry:60001\ndata:x\n\n',
        'retry:999999999999999\ndata:x\n\n',
      ]),
    ).toEqual([200, 200, 60_000, 60_000, 60_000]);
  });

  it('is at most maxRetry, and that of the backoff if maxRetry is 0', async () => {
    const texts = ['retry:0\ndata:x\n\n', 'retry:5000\ndata:x\n\n', 'retry:999999999999999\ndata:x\n\n'];

    expect(await waits(texts, { maxRetry: 1_000 })).toEqual([200, 1_000, 1_000]);
    expect(await waits(texts, { maxRetry: 50 })).toEqual([50, 50, 50]);
    expect(await waits(texts, { maxRetry: 0 })).toEqual([undefined, undefined, undefined]);
    expect(await waits(texts, { maxRetry: Infinity })).toEqual([200, 5_000, 999_999_999_999_999]);
  });

  it('doubles while the server sends no stream, up to 30,000 ms', async () => {
    const { after, missing } = reader();

    expect(missing(3)).toEqual([undefined, undefined, undefined]);
    expect(await after('retry:0\ndata:x\n\n')).toBe(200);
    expect(missing(9)).toEqual([400, 800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000, 30_000]);
    expect(await after('retry:4000\ndata:x\n\n')).toBe(4_000);
    expect(missing(4)).toEqual([8_000, 16_000, 30_000, 30_000]);
    expect(await after('retry:50000\ndata:x\n\n')).toBe(50_000);
    expect(missing(2)).toEqual([50_000, 50_000]);
  });

  it('doubles while the streams bring no events', async () => {
    expect(await waits(['retry:0\n\n', '', 'id: 1\n\n', 'data: in part', 'data:x\n\n', ''])).toEqual([
      400, 800, 1_600, 3_200, 200, 400,
    ]);
  });
});
