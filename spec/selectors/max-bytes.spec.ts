import { bytes, constant, HttpParseError, json, RetryClient, type SelectorFunction, text } from '../../src/index.js';
import { bytewise, inPieces, utf8 } from '../support/bodies.js';
import { expectRefusal } from '../support/expect-refusal.js';
import { network } from '../support/scripted-network.js';
import { failureOf, only } from '../support/settled.js';
import { testServer, type TestServer } from '../support/test-server.js';

type Bounded = (maxBytes: number) => SelectorFunction<unknown>;

const all: Readonly<Record<string, Bounded>> = {
  'json()': (maxBytes) => json(undefined, { maxBytes }),
  'text()': (maxBytes) => text({ maxBytes }),
  'bytes()': (maxBytes) => bytes({ maxBytes }),
};
const values: Readonly<Record<string, unknown>> = { 'json()': ['öö'], 'text()': '["öö"]', 'bytes()': utf8('["öö"]') };
/** The size of the body in bytes. */
const SIZE = 8;

for (const [name, bounded] of Object.entries(all)) {
  describe(`${name} with maxBytes`, () => {
    let api: TestServer;

    beforeAll(async () => {
      api = await testServer();
    });

    afterAll(() => api.close());

    const client = new RetryClient({ strategy: { backoff: constant(0) } });
    const body = '["öö"]';

    it('reads a body of exactly maxBytes, in chunks of any size', async () => {
      for (const limit of [SIZE, SIZE + 1, Infinity]) {
        expect(await only(client.get(api.url(`fits ${limit}`, { body }), { selector: bounded(limit) }))).toEqual(
          values[name],
        );
        expect(
          await only(
            client.get(api.url(`fits in pieces ${limit}`, { chunks: [body.slice(0, 3), body.slice(3)] }), {
              selector: bounded(limit),
            }),
          ),
        ).toEqual(values[name]);
        const { interceptor } = network(() => inPieces(bytewise(utf8(body))));
        expect(
          await only(
            client.extend({ interceptors: [interceptor] }).get('http://a.test/', { selector: bounded(limit) }),
          ),
        ).toEqual(values[name]);
      }
    });

    it('fails with an HttpParseError that has the limit, and does not retry', async () => {
      for (const [key, step] of Object.entries({ announced: { body }, unannounced: { chunks: [body] } })) {
        const error = await failureOf(client.get(api.url(key, step), { selector: bounded(SIZE - 1) }));

        expect(error).withContext(key).toBeInstanceOf(HttpParseError);
        expect((error as HttpParseError).limit)
          .withContext(key)
          .toBe(SIZE - 1);
        expect((error as HttpParseError).message)
          .withContext(key)
          .toContain(': the body is larger than maxBytes, which is 7 bytes (status 200, ');
        expect((await api.requests(key)).length)
          .withContext(key)
          .toBe(1);
      }
    });

    it('stops reading at once, and closes the connection', async () => {
      for (const [key, step] of Object.entries({
        'stalls announced': { body: 'x'.repeat(100), stall: 'body' as const },
        'stalls unannounced': { chunks: ['x'.repeat(100)], stall: 'body' as const },
      })) {
        expect(await failureOf(client.get(api.url(key, step), { selector: bounded(10) })))
          .withContext(key)
          .toBeInstanceOf(HttpParseError);
        expect((await api.ended(key)).aborted)
          .withContext(key)
          .toBeTrue();
      }
    });

    it('reads nothing of a body that is announced as larger, and only the first chunks of an endless one', async () => {
      let pulled = 0;
      function* endless(): Generator<Uint8Array<ArrayBuffer>> {
        for (;;) {
          pulled += 1;
          yield utf8('x'.repeat(100));
        }
      }
      for (const [headers, reads] of [
        [{ 'content-length': '1001' }, 0],
        [{ 'content-length': '1001, 1001' }, 0],
        [{ 'content-length': 'x' }, 11],
        [{ 'content-length': '5', 'content-encoding': 'gzip' }, 11],
        [{ 'content-length': '9999', 'content-encoding': 'gzip' }, 11],
      ] as const) {
        pulled = 0;
        const { interceptor } = network(() => inPieces(endless(), { headers }));

        expect(
          await failureOf(
            client.extend({ interceptors: [interceptor] }).get('http://a.test/', { selector: bounded(1_000) }),
          ),
        ).toBeInstanceOf(HttpParseError);
        expect(pulled).withContext(JSON.stringify(headers)).toBe(reads);
      }
    });

    it('retries a body that breaks off', async () => {
      const url = api.url('broken', [{ cut: 'in-body', body: '["a long text"]' }, { body }]);

      expect(await only(client.get(url, { selector: bounded(100) }))).toEqual(values[name]);
    });

    it('throws at once for a bad limit and for unknown options', () => {
      expectRefusal(() => bounded(-1), [RangeError], 'maxBytes', '-1');
      expectRefusal(() => bounded(NaN), [RangeError], 'maxBytes', 'NaN');
      expectRefusal(() => bounded('5' as never), [TypeError], 'maxBytes', "'5'");
    });
  });
}

describe('A selector that reads a whole body', () => {
  it('has no limit by default, and throws for unknown options', () => {
    expectRefusal(
      () => text({ maxByte: 5 } as never),
      [TypeError],
      'unknown option "maxByte"',
      'known options: maxBytes',
    );
    expectRefusal(() => bytes(5 as never), [TypeError], 'options', '5');
    expectRefusal(() => json(undefined, { max: 5 } as never), [TypeError], 'unknown option "max"');
    expect(() => [text({}), bytes({ maxBytes: undefined }), json(undefined, {})]).not.toThrow();
  });
});
