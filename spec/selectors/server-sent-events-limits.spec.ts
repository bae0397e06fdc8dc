import { EMPTY, from } from 'rxjs';

import {
  type AttemptRequest,
  constant,
  each,
  type HttpAttempt,
  RetryClient,
  serverSentEvents,
  withResponse,
} from '../../src/index.js';
import { listen, plot } from '../support/attempt-events.js';
import { bytewise, inPieces, utf8 } from '../support/bodies.js';
import { network } from '../support/scripted-network.js';
import { settled } from '../support/settled.js';
import { testServer, type TestServer } from '../support/test-server.js';

const stream = { 'content-type': 'text/event-stream' };
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

describe('serverSentEvents(), an id that cannot be sent in a header,', () => {
  let api: TestServer;

  beforeAll(async () => {
    api = await testServer();
  });

  afterAll(() => api.close());

  const client = new RetryClient({ strategy: { backoff: constant(0), attempts: 5 } });
  const bad = {
    'with a control character': 'a\u0001b',
    'with a DEL': 'a\u007fb',
    'of more than 4,096 bytes': 'i'.repeat(4_097),
    'of 100 KB': 'i'.repeat(100_000),
    'of as many bytes in UTF-8': 'ö'.repeat(2_049),
  };
  for (const [what, id] of Object.entries(bad)) {
    it(`is ignored, and the previous id stays: ${what}`, async () => {
      const body = `id: 1\ndata: a\n\nid: ${id}\ndata: b\n\n`;
      // The test server's script is in the URL, which such an id would make too long.
      const { interceptor, header } = network(() => inPieces([utf8(body)], { headers: stream }), 204);
      const { values, ...end } = await settled(
        client.extend({ interceptors: [interceptor] }).get('http://a.test/', { selector: serverSentEvents() }),
      );

      expect(end).toEqual({});
      expect(values.map(({ data, lastEventId }) => [data, lastEventId])).toEqual([
        ['a', '1'],
        ['b', '1'],
      ]);
      expect(header('last-event-id')).toEqual([null, '1']);
    });
  }

  it('does not end the stream over the network', async () => {
    const body = 'retry: 0\nid: a\u0001b\ndata: x\n\n';
    const url = api.url('control', [
      { headers: { 'Content-Type': 'text/event-stream' }, body },
      { headers: { 'Content-Type': 'text/event-stream' }, body },
      { status: 204 },
    ]);

    expect((await settled(client.get(url, { selector: serverSentEvents() }))).values.length).toBe(2);
    expect((await api.requests('control')).map(({ headers }) => headers['last-event-id'])).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('is not one with a tab, with characters beyond ASCII, or of 4,096 bytes', async () => {
    for (const id of ['a\tb', '\u0085\u2028…🎈', 'i'.repeat(4_096)]) {
      const { interceptor, header } = network(
        () => inPieces([utf8(`id: ${id}\ndata: a\n\n`)], { headers: stream }),
        204,
      );
      const { values } = await settled(
        client.extend({ interceptors: [interceptor] }).get('http://a.test/', { selector: serverSentEvents() }),
      );

      expect(values[0]?.lastEventId).toBe(id);
      expect(header('last-event-id')[1]).toBe(Array.from(utf8(id), (byte) => String.fromCharCode(byte)).join(''));
    }
  });
});

describe('serverSentEvents(), an event that is retried instead of being emitted,', () => {
  it('comes again, since its id is not sent', async () => {
    const { interceptor, header } = network(
      () => inPieces([utf8('id: 1\ndata: a\n\nid: 2\ndata: bad\n\nid: 3\ndata: c\n\n')], { headers: stream }),
      () => inPieces([utf8('id: 2\ndata: b\n\nid: 3\ndata: c\n\n')], { headers: stream }),
      204,
    );
    const client = new RetryClient({
      interceptors: [interceptor],
      strategy: {
        backoff: constant(0),
        shouldRetry: (outcome) =>
          (outcome.kind === 'value' && (outcome.value as { data: string }).data === 'bad') || undefined,
      },
    });
    const { values } = await settled(client.get('http://a.test/', { selector: serverSentEvents() }));

    expect(values.map(({ data }) => data)).toEqual(['a', 'b', 'c']);
    expect(header('last-event-id')).toEqual([null, '1', '3']);
  });
});

describe('serverSentEvents(), an attempt that has been given up,', () => {
  it('changes nothing if its body still receives data', async () => {
    const reading = serverSentEvents().open();
    let late: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>> | undefined;
    const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
      start: (controller) => {
        late = controller;
      },
    });
    reading.prepare?.(request);
    const values = settled(from(reading.select(new Response(body, { headers: stream }), attempt)));
    await Promise.resolve();
    reading.prepare?.(request);
    late?.enqueue(utf8('retry: 5000\nid: 7\n\n:\n'));

    expect(await values).toEqual({ values: [] });
    expect(reading.madeProgress?.()).toBeFalse();
    expect(reading.delay?.()).toBeUndefined();
    expect(reading.prepare?.(request).headers.get('last-event-id')).toBeNull();
  });
});

describe('serverSentEvents(), madeProgress(),', () => {
  /** Whether an attempt on this stream, which stays open for `lasting` ms, has made progress. */
  async function progressOf(text: string, lasting = 0): Promise<boolean | undefined> {
    const reading = serverSentEvents().open();
    let close: () => void = () => undefined;
    const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
      start: (controller) => {
        if (text !== '') controller.enqueue(utf8(text));
        close = () => {
          controller.close();
        };
      },
    });
    const read = async (): Promise<void> => {
      for await (const _ of reading.select(new Response(body, { headers: stream }), attempt));
    };
    jasmine.clock().install().mockDate();
    try {
      reading.prepare?.(request);
      const over = read();
      await Promise.resolve();
      jasmine.clock().tick(lasting);
      close();
      await expectAsync(over).toBeRejected();
      return reading.madeProgress?.();
    } finally {
      jasmine.clock().uninstall();
    }
  }

  it('is true after an event, after a comment, and after a connection of 10,000 ms', async () => {
    expect(await progressOf('data: x\n\n')).toBeTrue();
    expect(await progressOf(':\n')).toBeTrue();
    expect(await progressOf(': keep alive\n\n')).toBeTrue();
    expect(await progressOf('', 10_000)).toBeTrue();
  });

  it('is false after a connection that brought no complete event or comment', async () => {
    for (const text of ['', 'retry: 0\n\n', 'data: in part', 'event: x\n\n', ': in part']) {
      expect(await progressOf(text))
        .withContext(text)
        .toBeFalse();
    }
    expect(await progressOf('', 9_999)).toBeFalse();
  });

  it('starts over for each attempt', async () => {
    const reading = serverSentEvents().open();
    reading.prepare?.(request);
    try {
      for await (const _ of reading.select(inPieces([utf8(':\n')], { headers: stream }), attempt));
    } catch {
      // The stream ends with an error.
    }
    expect(reading.madeProgress?.()).toBeTrue();
    reading.prepare?.(request);
    expect(reading.madeProgress?.()).toBeFalse();
  });

  it('is passed on by each() and withResponse()', async () => {
    const wrapped = withResponse(serverSentEvents()).open();
    for (const reading of [each(serverSentEvents(), () => EMPTY).open(), wrapped]) {
      reading.prepare?.(request);
      expect(reading.madeProgress?.()).toBeFalse();
      await settled(from(reading.select(inPieces([utf8(':\n')], { headers: stream }), attempt)));
      expect(reading.madeProgress?.()).toBeTrue();
    }
  });
});

describe('serverSentEvents(), the text of a stream,', () => {
  it('keeps a U+FEFF that is not at its start, even after a character that was cut', async () => {
    const { interceptor } = network(
      () => inPieces(bytewise(utf8('\uFEFFdata: ö\uFEFFx\n\ndata: \uFEFF\n\n')), { headers: stream }),
      204,
    );
    const client = new RetryClient({ interceptors: [interceptor], strategy: { backoff: constant(0) } });
    const events = listen(client.attempts$);

    expect(
      (await settled(client.get('http://a.test/', { selector: serverSentEvents() }))).values.map(({ data }) => data),
    ).toEqual(['ö\uFEFFx', '\uFEFF']);
    expect(plot(events)).toEqual([
      'start 1',
      'response 1',
      'value 1',
      'value 1',
      'retry 1',
      'start 2',
      'response 2',
      'success 2',
    ]);
  });
});
