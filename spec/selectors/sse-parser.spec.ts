import { createParser } from 'eventsource-parser';
import * as fc from 'fast-check';

import {
  constant,
  HttpNetworkError,
  HttpParseError,
  type RetryStrategy,
  RetryClient,
  type ServerSentEvent,
  serverSentEvents,
  type ServerSentEventsOptions,
} from '../../src/index.js';
import { ServerSentEventParser } from '../../src/selectors/sse-parser.js';
import { bytewise, halves, inPieces, thirds, utf8 } from '../support/bodies.js';
import { network } from '../support/scripted-network.js';
import { settled } from '../support/settled.js';

type Bytes = Uint8Array<ArrayBuffer>;

const headers = { 'content-type': 'text/event-stream' };

/**
 * Reads a stream in chunks with serverSentEvents(); returns the events, and the id with which it reconnects. The server
 * then sends 204.
 */
async function read(
  pieces: Iterable<Bytes>,
  options?: ServerSentEventsOptions,
  strategy: RetryStrategy = { backoff: constant(0) },
) {
  const { interceptor, header } = network(() => inPieces(pieces, { headers }), 204);
  const client = new RetryClient({ interceptors: [interceptor], strategy });
  const { values, ...end } = await settled(client.get('http://a.test/', { selector: serverSentEvents(options) }));
  return { values, lastEventId: header('last-event-id')[1] ?? '', ...end };
}

const eventsOf = async (text: string): Promise<readonly ServerSentEvent[]> => (await read([utf8(text)])).values;
const dataOf = async (text: string): Promise<string[]> => (await eventsOf(text)).map(({ data }) => data);

// One spec for each of the web platform tests named format-* and event-data, with what they require of EventSource.
describe('serverSentEvents(), by the web platform tests,', () => {
  it('bom: skips one byte order mark at the start', async () => {
    expect(await dataOf('\uFEFFdata:1\n\n\uFEFFdata:2\n\ndata:3\n\n')).toEqual(['1', '3']);
  });

  it('bom-2: reads a second byte order mark as part of a field’s name', async () => {
    expect(await dataOf('\uFEFF\uFEFFdata:1\n\ndata:2\n\ndata:3\n\n')).toEqual(['2', '3']);
  });

  it('comments: ignores lines that start with a colon, of any length', async () => {
    expect(
      await dataOf(
        `data:1\n:\0\n:\r\ndata:2\n:${'x'.repeat(2 ** 14)}\rdata:3\n:data:fail\r:${'x'.repeat(2 ** 14)}\ndata:4\n\n`,
      ),
    ).toEqual(['1\n2\n3\n4']);
  });

  it('data-before-final-empty-line: ignores an event without its final empty line, and its id', async () => {
    const { values, lastEventId } = await read([utf8('data:test1\n\nid:test\ndata:test2')]);

    expect(values).toEqual([{ type: 'message', data: 'test1', lastEventId: '' }]);
    expect(lastEventId).toBe('');
  });

  it('field-data: emits empty data, and joins the lines of data', async () => {
    expect(await dataOf('data:\n\ndata\ndata\n\ndata:test\n\n')).toEqual(['', '\n', 'test']);
  });

  it('event-data: ignores comments and unknown fields between lines of data', async () => {
    expect(
      await dataOf('data:msg\ndata:msg\n\n:\nfalsefield:msg\n\nfalsefield:msg\nData:data\n\ndata\n\ndata:end\n\n'),
    ).toEqual(['msg\nmsg', '', 'end']);
  });

  it('field-event: sets the type of one event', async () => {
    expect(await eventsOf('event:test\ndata:x\n\ndata:x\n\n')).toEqual([
      { type: 'test', data: 'x', lastEventId: '' },
      { type: 'message', data: 'x', lastEventId: '' },
    ]);
  });

  it('field-event-empty: reads an empty type as message, and discards a type without data', async () => {
    expect((await eventsOf('event: \ndata:data\n\nevent:lost\n\ndata:next\n\n')).map(({ type }) => type)).toEqual([
      'message',
      'message',
    ]);
  });

  it('field-id: is part of the event, and of the next request', async () => {
    const { values, lastEventId } = await read([utf8('data:x\nid:…\n\n')]);

    expect(values.map((event) => event.lastEventId)).toEqual(['…']);
    expect(lastEventId).toBe('\u00e2\u0080\u00a6');
  });

  it('field-id-3: keeps an id until another one, or an empty one', async () => {
    const ids = async (text: string) => (await eventsOf(text)).map(({ lastEventId }) => lastEventId);

    expect(await ids('id: 1\ndata: 1\n\ndata: 2\n\nid: 2\ndata: 3\n\ndata: 4\n\n')).toEqual(['1', '1', '2', '2']);
    expect(await ids('id: 1\ndata: 1\n\nid:\ndata: 2\n\ndata: 3\n\n')).toEqual(['1', '', '']);
    expect(await ids('id: 1\ndata: 1\n\nid\ndata: 2\n\ndata: 3\n\n')).toEqual(['1', '', '']);
  });

  it('field-id without data: sends the id with the next request', async () => {
    expect(await read([utf8('data:x\nid:1\n\nid:2\n\n')])).toEqual({
      values: [{ type: 'message', data: 'x', lastEventId: '1' }],
      lastEventId: '2',
    });
  });

  for (const id of ['\0', 'x\0', '\0x', 'x\0x', ' \0']) {
    it(`field-id-null: ignores an id with NULL: ${JSON.stringify(id)}`, async () => {
      expect(await read([utf8(`id:ok\ndata:1\n\nid:${id}\ndata:2\n\n`)])).toEqual(
        jasmine.objectContaining({ lastEventId: 'ok' }),
      );
    });
  }

  it('field-parsing: compares names literally, removes one space of a value, and takes every line end', async () => {
    expect(
      await dataOf(
        'data:\0\ndata:  2\rData:1\ndata\0:2\ndata:1\r\0data:4\nda-ta:3\rdata_5\ndata:3\rdata:\r\n data:32\ndata:4\n\n',
      ),
    ).toEqual(['\0\n 2\n1\n3\n\n4']);
  });

  it('field-unknown: ignores unknown fields', async () => {
    expect(await dataOf('data:test\n data\ndata\nfoobar:xxx\njustsometext\n:thisisacommentyay\ndata:test\n\n')).toEqual(
      ['test\n\ntest'],
    );
  });

  it('leading-space: removes one space, and keeps a tab', async () => {
    expect(await dataOf('data:\ttest\rdata: \ndata:test\n\n')).toEqual(['\ttest\n\ntest']);
  });

  it('newlines: takes CR, LF and CR LF as line ends', async () => {
    expect(await dataOf('data:test\r\ndata\ndata:test\r\n\r')).toEqual(['test\n\ntest']);
  });

  it('newlines: emits an event at its empty line, without waiting for the character after a CR', async () => {
    for (const end of ['\n\n', '\r\r', '\r\n\r\n']) {
      const silent = new ReadableStream<Bytes>({
        start: (controller) => {
          controller.enqueue(utf8(`data:x${end}`));
        },
      });
      const client = new RetryClient({ interceptors: [network(() => new Response(silent, { headers })).interceptor] });
      const event = await new Promise<ServerSentEvent>((resolve) => {
        const subscription = client.get('http://a.test/', { selector: serverSentEvents() }).subscribe((first) => {
          resolve(first);
          setTimeout(() => {
            subscription.unsubscribe();
          });
        });
      });

      expect(event.data).withContext(JSON.stringify(end)).toBe('x');
    }
  });

  it('null-character: keeps NULL in data', async () => {
    expect(await dataOf('data:\0\n\n\n\n')).toEqual(['\0']);
  });

  it('utf-8: decodes the stream as UTF-8 with any charset in the content type', async () => {
    const { interceptor } = network(
      () => inPieces([utf8('data:ok…\n\n')], { headers: { 'content-type': 'text/event-stream;charset=windows-1252' } }),
      204,
    );
    const client = new RetryClient({ interceptors: [interceptor], strategy: { backoff: constant(0) } });

    expect((await settled(client.get('http://a.test/', { selector: serverSentEvents() }))).values[0]?.data).toBe('ok…');
  });

  it('emits the same events wherever the bytes are cut', async () => {
    const bytes = utf8('\uFEFFid:ö\r\nevent:e\rdata: 1\r\n\r\ndata:2\n:c\ndata:€\n\nid\r\rdata:🎈\r\r');
    const whole = await read([bytes]);
    expect(whole.values.map(({ data }) => data)).toEqual(['1', '2\n€', '🎈']);
    for (const pieces of [
      ...halves(bytes),
      ...[...thirds(bytes)].filter((_, index) => index % 29 === 0),
      bytewise(bytes),
    ]) {
      expect(await read(pieces))
        .withContext(JSON.stringify(pieces.map(({ length }) => length)))
        .toEqual(whole);
    }
  });

  it('agrees with another parser on any stream', () => {
    const part = fc.constantFrom(
      'data',
      'data:',
      'data: x',
      'event:e',
      'event',
      'id:1',
      'id:',
      'retry:5',
      'retry:x',
      ':',
      ': c',
      'x',
      'datax:',
      ' data:',
      '\n',
      '\n',
      '\r',
      '\r\n',
      '\n\n',
      '\r\r',
      '\r\n\r\n',
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 40 }), fc.integer({ min: 1, max: 8 }), (parts, size) => {
        const text = parts.join('');
        const expected: Omit<ServerSentEvent, 'lastEventId'>[] = [];
        const parser = createParser({ onEvent: ({ event = 'message', data }) => expected.push({ type: event, data }) });
        // That parser waits for the character after a CR. The colon here begins a comment, and ends no line.
        parser.feed(`${text}:`);
        const stream = new ServerSentEventParser(Infinity, '', () => new Error('too long'));
        const pieces = Array.from({ length: Math.ceil(text.length / size) }, (_, index) =>
          text.slice(index * size, (index + 1) * size),
        );

        expect(pieces.flatMap((piece) => [...stream.parse(piece)]).map(({ type, data }) => ({ type, data }))).toEqual(
          expected,
        );
      }),
      { numRuns: 1_000 },
    );
  });

  it('takes time in proportion to the stream for one long event in many chunks', () => {
    const piece = 'x'.repeat(32);
    const timeOf = (count: number): number => {
      const stream = new ServerSentEventParser(Infinity, '', () => new Error('too long'));
      const start = performance.now();
      const events = [...stream.parse('data:')];
      for (let fed = 0; fed < count; fed += 1) events.push(...stream.parse(piece));
      events.push(...stream.parse('\n\n'));
      expect(events[0]?.data.length).toBe(32 * count);
      return performance.now() - start;
    };
    const shortest = (count: number): number => Math.min(...Array.from({ length: 5 }, () => timeOf(count)));
    timeOf(8_000);
    const [one, many] = [shortest(8_000), shortest(256_000)];

    // 32 times as many bytes take 32 times as long. If the line were joined for each chunk, it would be 1,000 times.
    expect(many / Math.max(one, 0.5)).toBeLessThan(600);
  });

  it('fails without another attempt for an event longer than maxLength, in one line or in several', async () => {
    for (const text of ['data:123456\n\n', 'data:12345678901234', 'data:1\ndata:2\ndata:3\n\n', `:${'x'.repeat(20)}`]) {
      const { values, ...end } = await read([utf8('data:ok\n\n'), utf8(text)], { maxLength: 10 });

      expect(values.length).withContext(text).toBe(1);
      expect('error' in end && end.error)
        .withContext(text)
        .toBeInstanceOf(HttpParseError);
      expect('error' in end && (end.error as HttpParseError).limit)
        .withContext(text)
        .toBe(10);
    }
    const many = utf8(': keep alive\n\ndata:1234567\n\n'.repeat(100));
    expect((await read([many], { maxLength: 12 })).values.length).toBe(100);
  });

  it('fails when the stream ends, as for a lost connection', async () => {
    const { values, ...end } = await read([utf8('data:x\n\n')], {}, { attempts: 1 });

    expect(values.length).toBe(1);
    expect('error' in end && end.error).toEqual(jasmine.any(HttpNetworkError));
    expect(String('error' in end && end.error)).toContain('the event stream ended, in phase body (attempt 1 of 1)');
  });
});
