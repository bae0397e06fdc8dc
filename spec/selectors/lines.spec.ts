import * as fc from 'fast-check';

import { constant, HttpNetworkError, HttpParseError, type HttpAttempt, lines, RetryClient } from '../../src/index.js';
import { base64, bytewise, halves, inPieces, thirds, utf8 } from '../support/bodies.js';
import { expectRefusal } from '../support/expect-refusal.js';
import { failureOf, only, settled } from '../support/settled.js';
import { testServer, type TestServer } from '../support/test-server.js';

const attempt: HttpAttempt = {
  number: 1,
  of: 1,
  requestId: 'r',
  startedAt: 0,
  method: 'GET',
  url: 'http://a.test/',
  context: {},
};

/** Reads a body in chunks with lines(). */
async function linesOf(pieces: Iterable<Uint8Array<ArrayBuffer>>, maxLength?: number): Promise<string[]> {
  const read: string[] = [];
  for await (const line of lines({ maxLength })(inPieces(pieces), attempt)) read.push(line);
  return read;
}

/** The reference implementation: splits the whole text. */
function referenceLines(text: string): string[] {
  const all = text.replace(/^\uFEFF/, '').split('\n');
  const last = all.pop() ?? '';
  return [...all.map((line) => line.replace(/\r$/, '')), ...(last === '' ? [] : [last])];
}

describe('lines()', () => {
  const known: Readonly<Record<string, readonly string[]>> = {
    '': [],
    a: ['a'],
    'a\n': ['a'],
    'a\nb': ['a', 'b'],
    'a\r\nb\r\n': ['a', 'b'],
    '\n\n': ['', ''],
    'a\n\r\n\nb': ['a', '', '', 'b'],
    'a\rb\n': ['a\rb'],
    'a\r\r\n': ['a\r'],
    'a\r': ['a\r'],
    'ö€🎈\n🎈': ['ö€🎈', '🎈'],
    '\uFEFFa\nb': ['a', 'b'],
    'a\n\uFEFFb': ['a', '\uFEFFb'],
    'a\u2028b\u0085c\n': ['a\u2028b\u0085c'],
    '\uFEFF\uFEFFö\uFEFFa\n': ['\uFEFFö\uFEFFa'],
  };

  for (const [text, expected] of Object.entries(known)) {
    it(`reads ${JSON.stringify(text)} as ${JSON.stringify(expected)}, wherever its bytes are cut`, async () => {
      const bytes = utf8(text);
      expect(expected).toEqual(referenceLines(text));
      for (const pieces of [...halves(bytes), ...thirds(bytes), bytewise(bytes)]) {
        expect(await linesOf(pieces))
          .withContext(JSON.stringify(pieces.map(({ length }) => length)))
          .toEqual([...expected]);
      }
    });
  }

  it('reads any text, wherever its bytes are cut', async () => {
    const text = fc
      .array(fc.constantFrom('\n', '\r', '\r\n', 'a', 'ö', '€', '🎈', '\uFEFF', 'line'), { maxLength: 30 })
      .map((parts) => parts.join(''));
    await fc.assert(
      fc.asyncProperty(text, fc.array(fc.nat(60), { maxLength: 8 }), async (body, cuts) => {
        const bytes = utf8(body);
        const places = [0, ...cuts.filter((at) => at < bytes.length).sort((a, b) => a - b), bytes.length];
        const pieces = places.slice(1).map((end, index) => bytes.slice(places[index], end));

        expect(await linesOf(pieces)).toEqual(referenceLines(body));
      }),
    );
  });

  it('reads invalid UTF-8 as U+FFFD, even at the end of the body', async () => {
    expect(await linesOf([new Uint8Array([0x61, 0xff, 0x0a, 0xe2, 0x82])])).toEqual(['a\uFFFD', '\uFFFD']);
  });

  it('takes time in proportion to the body for one long line in many chunks', async () => {
    const piece = utf8('x'.repeat(64));
    const timeOf = async (count: number): Promise<number> => {
      const start = performance.now();
      const [line] = await linesOf(Array<Uint8Array<ArrayBuffer>>(count).fill(piece));
      expect(line?.length).toBe(64 * count);
      return performance.now() - start;
    };
    // The shortest of several measurements is the one that other processes have disturbed least.
    const shortest = async (count: number): Promise<number> =>
      Math.min(await timeOf(count), await timeOf(count), await timeOf(count));
    const [one, many] = [await shortest(2_000), await shortest(64_000)];

    // 32 times as many bytes take 32 times as long. If the line were joined for each chunk, it would be 1,000 times.
    expect(many / Math.max(one, 0.5)).toBeLessThan(300);
  });

  it('reads no line longer than maxLength, whether it is complete or not', async () => {
    for (const pieces of [[utf8('12345\n1234\r\n')], bytewise(utf8('12345\r\n1234'))]) {
      expect((await linesOf(pieces, 5)).length).toBe(2);
      await expectAsync(linesOf(pieces, 4)).toBeRejectedWithError(
        HttpParseError,
        /line 1 of the body is longer than maxLength, which is 4/,
      );
    }
    await expectAsync(linesOf([utf8('1\n12345')], 4)).toBeRejectedWithError(HttpParseError, /line 2/);
  });

  it('stops reading a line that is too long, without waiting for its end', async () => {
    let pulled = 0;
    function* endless(): Generator<Uint8Array<ArrayBuffer>> {
      for (;;) {
        pulled += 1;
        yield utf8('x'.repeat(100));
      }
    }

    await expectAsync(linesOf(endless(), 1_000)).toBeRejectedWithError(HttpParseError);
    expect(pulled).toBeLessThan(15);
  });

  it('throws an error that names the bad option', () => {
    expectRefusal(() => lines({ maxLength: 0 }), [RangeError], 'maxLength', '0');
    expectRefusal(() => lines({ maxLength: '5' as never }), [TypeError], 'maxLength', "'5'");
    expectRefusal(() => lines({ maxLenght: 5 } as never), [TypeError], 'unknown option "maxLenght"', 'maxLength');
    expectRefusal(() => lines(5 as never), [TypeError], 'options', '5');
  });
});

describe('lines(), of a request', () => {
  let api: TestServer;

  beforeAll(async () => {
    api = await testServer();
  });

  afterAll(() => api.close());

  const client = new RetryClient({ strategy: { backoff: constant(0) } });

  it('emits a line as soon as its end has arrived', async () => {
    const url = api.url('early', { chunks: ['one\r\ntwo'], stall: 'body' });
    const first = await new Promise((resolve) => {
      const subscription = client.get(url, { selector: lines() }).subscribe((line) => {
        resolve(line);
        subscription.unsubscribe();
      });
    });

    expect(first).toBe('one');
  });

  it('emits no line twice and no partial line, wherever the body is cut', async () => {
    const bytes = utf8('ä\r\nbc\nd🎈');
    const whole = ['ä', 'bc', 'd🎈'];
    for (let at = 0; at < bytes.length; at += 1) {
      const url = api.url(`cut at ${at}`, [
        { chunks: [base64(bytes.slice(0, at))], encoding: 'base64', cut: 'in-body' },
        { body: base64(bytes), encoding: 'base64' },
      ]);
      const { values, ...end } = await settled(client.get(url, { selector: lines() }));

      // A browser may drop the bytes right before the cut, so it may emit no line of this attempt.
      if ('error' in end) {
        expect(end.error).toBeInstanceOf(HttpNetworkError);
        expect(values.length).toBeGreaterThan(0);
        expect(whole.slice(0, 2).slice(0, values.length)).toEqual([...values]);
      } else {
        expect(values).toEqual(whole);
      }
      expect((await api.requests(`cut at ${at}`)).length).toBe('error' in end ? 1 : 2);
    }
  });

  it('does not retry after a line that is too long', async () => {
    const url = api.url('long', { body: 'x'.repeat(100) });

    expect(await failureOf(client.get(url, { selector: lines({ maxLength: 10 }) }))).toEqual(
      jasmine.objectContaining({ name: 'HttpParseError', limit: 10, line: 1 }),
    );
    expect((await api.requests('long')).length).toBe(1);
  });

  it('can be used for several requests', async () => {
    const selector = lines();
    const url = api.url('many', [{ body: 'a' }, { body: 'b' }]);

    expect(await only(client.get(url, { selector }))).toBe('a');
    expect(await only(client.get(url, { selector }))).toBe('b');
  });
});
