import { type Observable, tap } from 'rxjs';

import {
  constant,
  download,
  type DownloadDone,
  type DownloadProgress,
  type DownloadedBytes,
  HttpNetworkError,
  HttpStatusError,
  HttpTimeoutError,
  HttpValidationError,
  RetryClient,
  type Transport,
} from '../../src/index.js';
import { base64 } from '../support/bodies.js';
import { IS_FIREFOX } from '../support/browser-name.js';
import { fileBytes, sha256 } from '../support/served-file.js';
import { type Settled, settled } from '../support/settled.js';
import { type LoggedRequest, type Step, testServer, type TestServer } from '../support/test-server.js';

type Event = DownloadProgress | DownloadedBytes | DownloadDone;

/** Returns the bytes of a download; throws if it has failed. */
function bytesOf({ values, ...end }: Settled<Event>): Uint8Array<ArrayBuffer> {
  if ('error' in end) throw end.error;
  const last = values.at(-1);
  if (last === undefined || !('bytes' in last)) throw new Error('The download ended without bytes.');
  expect(last.loaded).toBe(last.bytes.byteLength);
  expect(values.filter(({ type }) => type === 'done').length).toBe(1);
  return last.bytes;
}

/** Creates a stream that keeps the bytes written to it, and how it ended. */
export function keeping(): {
  readonly stream: WritableStream<Uint8Array<ArrayBuffer>>;
  readonly bytes: () => number[];
  readonly end: () => string;
} {
  const bytes: number[] = [];
  let end = 'open';
  const stream = new WritableStream<Uint8Array<ArrayBuffer>>({
    write: (chunk) => {
      for (const byte of chunk) bytes.push(byte);
    },
    close: () => {
      end = 'closed';
    },
    abort: () => {
      end = 'aborted';
    },
  });
  return { stream, bytes: () => bytes, end: () => end };
}

/** Creates a seeded generator of random integers below `below`. */
function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const ranges = (requests: readonly LoggedRequest[]): (string | undefined)[] =>
  requests.map(({ headers }) => headers.range);

/** Describes download() through a transport. */
export function describeDownloads(name: string, make: () => Transport | undefined): void {
  describe(`download(), through ${name},`, () => {
    let api: TestServer;
    let client: RetryClient;
    let urls = 0;

    beforeAll(async () => {
      api = await testServer();
      client = new RetryClient({ fetch: make(), strategy: { backoff: constant(0), attempts: 8 } });
    });

    afterAll(async () => {
      client.close();
      await api.close();
    });

    const plain = (url: string): Observable<Event> => client.get(url, { selector: download() });

    /**
     * Downloads from a URL with these steps; returns the result and the requests.
     *
     * @param cuts - the n-th request is cut as soon as so many bytes of the file have arrived. If the server cut it by
     * itself, a browser could drop the bytes right before the cut
     */
    async function run(
      steps: Step | readonly Step[],
      ask = plain,
      cuts: readonly number[] = [],
    ): Promise<{ readonly result: Settled<Event>; readonly requests: readonly LoggedRequest[] }> {
      const key = `download ${urls++}`;
      let cut = 0;
      const watched$ = ask(api.url(key, steps)).pipe(
        tap(({ loaded }) => {
          if (loaded === cuts[cut]) void api.cut(key, ++cut);
        }),
      );
      return { result: await settled(watched$), requests: await api.requests(key) };
    }

    const file = { size: 40, seed: 1 };
    const whole = fileBytes(file);
    const other = { size: 40, seed: 2 };

    it('emits its progress, then the bytes', async () => {
      const { result, requests } = await run({ file: { size: 300_000, seed: 3 } });

      expect(await sha256(bytesOf(result))).toBe(await sha256(fileBytes({ size: 300_000, seed: 3 })));
      const loaded = result.values.map((event) => event.loaded);
      expect(loaded).toEqual([...loaded].sort((a, b) => a - b));
      expect([loaded[0], loaded.at(-1)]).toEqual([0, 300_000]);
      for (const event of result.values) {
        expect(event.total).toBe(300_000);
        expect(event.validator).toBe('"3"');
        expect(event.bytesPerSecond).toBeGreaterThanOrEqual(0);
      }
      expect(requests.length).toBe(1);
      expect(requests[0]?.headers.range).toBeUndefined();
    });

    it('reads a body without a length, an empty one, and a response without content', async () => {
      expect(bytesOf((await run({ file, chunked: true })).result)).toEqual(whole);
      expect(bytesOf((await run({ file: { size: 0, seed: 1 } })).result)).toEqual(new Uint8Array());
      expect(bytesOf((await run({ status: 204 })).result)).toEqual(new Uint8Array());
    });

    for (const chunked of [false, true]) {
      it(`is complete wherever the body is cut${chunked ? ' without an announced length' : ''}`, async () => {
        for (let at = 0; at <= file.size; at += 1) {
          const { result, requests } = await run([{ file, chunked, cutAfter: at }, { file }]);

          expect(bytesOf(result)).withContext(String(at)).toEqual(whole);
          if (at === file.size && !chunked) continue;
          expect(requests.length).withContext(String(at)).toBe(2);
          // A browser may drop the bytes right before the cut.
          const loaded = Number(/^bytes=(\d+)-$/.exec(requests[1]?.headers.range ?? 'bytes=0-')?.[1]);
          expect(loaded).withContext(String(at)).toBeLessThanOrEqual(at);
          if (loaded > 0) expect(requests[1]?.headers['if-range']).toBe('"1"');
        }
      });
    }

    it('is complete after several random cuts of a large body', async () => {
      const large = { size: 2_000_000, seed: 4 };
      const digest = await sha256(fileBytes(large));
      for (const seed of [11, 12, 13]) {
        const random = seeded(seed);
        const cuts = Array.from({ length: 6 }, () => 1 + random(large.size - 1)).sort((one, two) => one - two);
        const steps = cuts.map((stallAt): Step => ({ file: large, stallAt, chunked: random(2) === 0 }));
        const { result, requests } = await run([...steps, { file: large }], plain, cuts);

        expect(await sha256(bytesOf(result)))
          .withContext(String(seed))
          .toBe(digest);
        expect(ranges(requests))
          .withContext(String(seed))
          .toEqual([undefined, ...cuts.map((at) => `bytes=${at}-`)]);
        expect(requests.slice(1).every(({ headers }) => headers['if-range'] === '"4"')).toBeTrue();
      }
    });

    it('is complete if the server itself cuts a large body', async () => {
      const large = { size: 2_000_000, seed: 4 };
      const random = seeded(14);
      const steps = Array.from({ length: 6 }, (): Step => ({
        file: large,
        cutAfter: random(500_000),
        chunked: random(2) === 0,
      }));
      const { result, requests } = await run([...steps, { file: large }]);

      expect(await sha256(bytesOf(result))).toBe(await sha256(fileBytes(large)));
      expect(requests.length).toBe(7);
    });

    it('starts over if the server sends the whole', async () => {
      const { result, requests } = await run(
        [
          { file, stallAt: 10 },
          { file, ignores: 'range' },
        ],
        plain,
        [10],
      );

      expect(bytesOf(result)).toEqual(whole);
      expect(ranges(requests)).toEqual([undefined, 'bytes=10-']);
    });

    it('starts over if the representation has changed', async () => {
      const { result } = await run([{ file, stallAt: 10 }, { file: other }], plain, [10]);

      expect(bytesOf(result)).toEqual(fileBytes(other));
    });

    it('starts over if the representation has changed and the server ignores If-Range', async () => {
      const { result, requests } = await run(
        [
          { file, stallAt: 10 },
          { file: other, ignores: 'if-range' },
        ],
        plain,
        [10],
      );

      expect(bytesOf(result)).toEqual(fileBytes(other));
      expect(ranges(requests)).toEqual([undefined, 'bytes=10-', undefined]);
    });

    const rest = base64(whole.slice(10));
    const wrong: Readonly<Record<string, Step>> = {
      'that begins elsewhere': {
        status: 206,
        headers: { ETag: '"1"', 'Content-Range': 'bytes 11-39/40' },
        body: rest,
        encoding: 'base64',
      },
      'of another length': {
        status: 206,
        headers: { ETag: '"1"', 'Content-Range': 'bytes 10-40/41' },
        body: rest,
        encoding: 'base64',
      },
      'without a Content-Range': { status: 206, headers: { ETag: '"1"' }, body: rest, encoding: 'base64' },
      'whose Content-Range makes no sense': {
        status: 206,
        headers: { ETag: '"1"', 'Content-Range': 'bytes 10-9/40' },
        body: rest,
        encoding: 'base64',
      },
      'in other units': {
        status: 206,
        headers: { ETag: '"1"', 'Content-Range': 'lines 10-39/40' },
        body: rest,
        encoding: 'base64',
      },
      'without the entity tag': {
        status: 206,
        headers: { 'Content-Range': 'bytes 10-39/40' },
        body: rest,
        encoding: 'base64',
      },
      'with another entity tag': {
        status: 206,
        headers: { ETag: '"2"', 'Content-Range': 'bytes 10-39/40' },
        body: rest,
        encoding: 'base64',
      },
      'with a weak entity tag': {
        status: 206,
        headers: { ETag: 'W/"1"', 'Content-Range': 'bytes 10-39/40' },
        body: rest,
        encoding: 'base64',
      },
      'without the entity tag, but with a date': {
        status: 206,
        headers: { 'Last-Modified': 'Tue, 01 Jan 2019 00:00:00 GMT', 'Content-Range': 'bytes 10-39/40' },
        body: rest,
        encoding: 'base64',
      },
      'that is made of parts': {
        status: 206,
        headers: { ETag: '"1"', 'Content-Range': 'bytes 10-39/40', 'Content-Type': 'multipart/byteranges; boundary=x' },
        body: rest,
        encoding: 'base64',
      },
      'larger than it says': {
        status: 206,
        headers: { ETag: '"1"', 'Content-Range': 'bytes 10-29/40' },
        chunks: [rest],
        encoding: 'base64',
      },
    };
    for (const [what, part] of Object.entries(wrong)) {
      it(`starts over after a part ${what}`, async () => {
        const { result, requests } = await run([{ file, stallAt: 10 }, part, { file }], plain, [10]);

        expect(bytesOf(result)).toEqual(whole);
        expect(ranges(requests)).toEqual([undefined, 'bytes=10-', undefined]);
      });
    }

    it('joins parts that are shorter than requested', async () => {
      const part = (start: number, end: number): Step => ({
        status: 206,
        headers: { ETag: '"1"', 'Content-Range': `bytes ${start}-${end - 1}/40` },
        body: base64(whole.slice(start, end)),
        encoding: 'base64',
      });
      const { result, requests } = await run(
        [{ file, chunked: true, stallAt: 10 }, part(10, 20), part(20, 40)],
        plain,
        [10],
      );

      expect(bytesOf(result)).toEqual(whole);
      expect(ranges(requests)).toEqual([undefined, 'bytes=10-', 'bytes=20-']);
    });

    describe('after a 416 for the rest,', () => {
      const ends: Readonly<Record<string, readonly [headers: Record<string, string>, requests: number]>> = {
        'is done if the length and the validator match': [{ 'Content-Range': 'bytes */40', ETag: '"1"' }, 2],
        'is done if a proxy has sent both headers twice': [
          { 'Content-Range': 'bytes */40, bytes */40', ETag: '"1", "1"' },
          2,
        ],
        'starts over if the length matches, and nothing proves that the version is the same': [
          { 'Content-Range': 'bytes */40' },
          3,
        ],
        'starts over if only a weak entity tag matches': [{ 'Content-Range': 'bytes */40', ETag: 'W/"1"' }, 3],
        'starts over if the length differs': [{ 'Content-Range': 'bytes */41' }, 3],
        'starts over without a length': [{}, 3],
        'starts over if the entity tag differs': [{ 'Content-Range': 'bytes */40', ETag: '"2"' }, 3],
      };
      for (const [title, [headers, count]] of Object.entries(ends)) {
        it(title, async () => {
          const { result, requests } = await run(
            [{ file, chunked: true, stallAt: 40 }, { status: 416, headers }, { file }],
            plain,
            [40],
          );

          expect(bytesOf(result)).toEqual(whole);
          expect(ranges(requests)).toEqual([undefined, 'bytes=40-', undefined].slice(0, count));
        });
      }

      it('is done if the length matches the one announced before', async () => {
        // The connection breaks after the last byte, and before the end of the message.
        const { result, requests } = await run(
          [{ file, chunked: true, stallAt: 20 }, { file, chunked: true, stallAt: 40 }, { status: 416 }],
          plain,
          [20, 40],
        );

        expect(bytesOf(result)).toEqual(whole);
        expect(ranges(requests)).toEqual([undefined, 'bytes=20-', 'bytes=40-']);
      });
    });

    it('treats 416 as an error if it did not request a part', async () => {
      const { result } = await run({ status: 416 });

      expect('error' in result && result.error).toBeInstanceOf(HttpStatusError);
    });

    it('never takes an error page for the file, even with throwHttpErrors: false', async () => {
      const { result } = await run(
        [
          { file, stallAt: 10 },
          { status: 404, body: 'no such file' },
        ],
        (url) => client.get(url, { selector: download(), throwHttpErrors: false }),
        [10],
      );

      expect('error' in result && result.error).toBeInstanceOf(HttpStatusError);
    });

    for (const [what, make] of Object.entries({
      'without a validator': () => ({ ETag: null }),
      'with a weak entity tag': () => ({ ETag: 'W/"1"' }),
      'with a date that is too recent to be strong': () => ({ ETag: null, 'Last-Modified': new Date().toUTCString() }),
    })) {
      it(`starts over ${what}`, async () => {
        const headers = make();
        const { result, requests } = await run(
          [
            { file, headers, stallAt: 10 },
            { file, headers },
          ],
          plain,
          [10],
        );

        expect(bytesOf(result)).toEqual(whole);
        expect(ranges(requests)).toEqual([undefined, undefined]);
      });
    }

    it('starts over after a part without the date that it was requested by', async () => {
      const headers = { ETag: null, 'Last-Modified': 'Tue, 01 Jan 2019 00:00:00 GMT' };
      const part: Step = {
        status: 206,
        headers: { 'Content-Range': 'bytes 10-39/40' },
        body: rest,
        encoding: 'base64',
      };
      const { result, requests } = await run([{ file, headers, stallAt: 10 }, part, { file }], plain, [10]);

      expect(bytesOf(result)).toEqual(whole);
      expect(ranges(requests)).toEqual([undefined, 'bytes=10-', undefined]);
    });

    it('resumes if a proxy has sent each header twice', async () => {
      const part: Step = {
        status: 206,
        headers: { ETag: '"1", "1"', 'Content-Range': 'bytes 10-39/40, bytes 10-39/40' },
        body: rest,
        encoding: 'base64',
      };
      const { result, requests } = await run([{ file, headers: { ETag: '"1", "1"' }, stallAt: 10 }, part], plain, [10]);

      expect(bytesOf(result)).toEqual(whole);
      expect(requests.map(({ headers }) => headers['if-range'])).toEqual([undefined, '"1"']);
    });

    it('does not accept a part that it did not request', async () => {
      const part: Step = {
        status: 206,
        headers: { ETag: '"1"', 'Content-Range': 'bytes 0-39/40' },
        body: base64(whole),
        encoding: 'base64',
      };
      const { result, requests } = await run([part, { file }]);

      expect(bytesOf(result)).toEqual(whole);
      expect(requests.length).toBe(2);
    });

    describe('behind a redirect,', () => {
      /**
       * Downloads from a URL that redirects to each target in turn; the first request for `key` is cut after `at`
       * bytes.
       */
      async function redirected(targets: readonly string[], at: number, key: string, selector = download()) {
        const front = `front ${urls++}`;
        let cut = false;
        const watched$ = client
          .get(
            api.url(
              front,
              targets.map((redirect) => ({ redirect })),
            ),
            { selector },
          )
          .pipe(
            tap(({ loaded }) => {
              if (loaded === at && !cut) void api.cut(key, 1);
              cut ||= loaded === at;
            }),
          );
        return { result: await settled<Event>(watched$), asked: ranges(await api.requests(front)) };
      }

      it('resumes if it leads to the same URL, and emits that URL', async () => {
        const key = `same ${urls++}`;
        const target = api.url(key, [{ file, stallAt: 10 }, { file }]);
        const { result } = await redirected([target, target], 10, key);

        expect(bytesOf(result)).toEqual(whole);
        expect(ranges(await api.requests(key))).toEqual([undefined, 'bytes=10-']);
        expect([...new Set(result.values.map(({ url }) => url))]).toEqual([target]);
      });

      it('starts over if it leads to another URL, even if the entity tags are the same', async () => {
        const [one, two] = [`one ${urls++}`, `two ${urls++}`];
        const tag = { headers: { ETag: '"same"' } };
        const elsewhere = api.url(two, { file: other, ...tag });
        const { result } = await redirected(
          [api.url(one, [{ file, ...tag, stallAt: 10 }]), elsewhere, elsewhere],
          10,
          one,
        );

        expect(bytesOf(result)).toEqual(fileBytes(other));
        expect(ranges(await api.requests(two))).toEqual(['bytes=10-', undefined]);
        expect(result.values.at(-1)?.url).toBe(elsewhere);
      });

      it('starts over if another URL reports that the part is complete', async () => {
        const [one, two] = [`one ${urls++}`, `two ${urls++}`];
        const tag = { headers: { ETag: '"same"' } };
        const elsewhere = api.url(two, { file: other, ...tag });
        const { result } = await redirected(
          [api.url(one, [{ file: { size: 80, seed: 1 }, chunked: true, ...tag, stallAt: 40 }]), elsewhere, elsewhere],
          40,
          one,
        );

        expect(bytesOf(result)).toEqual(fileBytes(other));
      });

      it('resumes at a presigned URL with a new signature each time, and never emits the signature', async () => {
        const key = `signed ${urls++}`;
        const target = api.url(key, [{ file, stallAt: 10 }, { file }]);
        const signed = (n: number) =>
          `${target}?versionId=7&X-Amz-Date=2026010${n}&X-Amz-Expires=60&X-Amz-Signature=secret${n}`;
        const { result } = await redirected([signed(1), signed(2)], 10, key);

        expect(bytesOf(result)).toEqual(whole);
        expect(ranges(await api.requests(key))).toEqual([undefined, 'bytes=10-']);
        expect(result.values.at(-1)?.url).toBe(`${target}?versionId=7`);
      });

      it('resumes an earlier download only at the URL that its bytes came from', async () => {
        const [key, second] = [`earlier ${urls++}`, `elsewhere ${urls++}`];
        const target = api.url(key, { file });
        const elsewhere = api.url(second, { file: other, headers: { ETag: '"1"' } });
        const from = { loaded: 10, validator: '"1"', url: target };
        for (const [targets, expected, positions] of [
          [[target], whole.slice(10), [10]],
          [[elsewhere, elsewhere], fileBytes(other), [0]],
        ] as const) {
          const kept = keeping();
          const opened: number[] = [];
          const to = (position: number) => {
            opened.push(position);
            return kept.stream;
          };
          await redirected(targets, -1, key, download({ to, from }) as never);

          expect(new Uint8Array(kept.bytes())).toEqual(expected);
          expect(opened).toEqual([...positions]);
        }
      });
    });

    it('emits progress of 0 bytes again when it starts over', async () => {
      const { result } = await run([{ file, stallAt: 10 }, { file: other }], plain, [10]);
      const began = result.values.flatMap(({ loaded, validator }) => (loaded === 0 ? [validator] : []));

      expect(began).toEqual(['"1"', '"2"']);
    });

    it('resumes by a strong date', async () => {
      const modified = 'Tue, 01 Jan 2019 00:00:00 GMT';
      const headers = { ETag: null, 'Last-Modified': modified };
      const { result, requests } = await run(
        [
          { file, headers, stallAt: 10 },
          { file, headers },
        ],
        plain,
        [10],
      );

      expect(bytesOf(result)).toEqual(whole);
      expect([requests[1]?.headers.range, requests[1]?.headers['if-range']]).toEqual(['bytes=10-', modified]);
    });

    it('starts over after a compressed body, whose bytes have other positions', async () => {
      const zipped = 'H4sIAAAAAAAAA0tMSk5JTUvPyMzKzsnNyy8oLCouKS0rr6isMjAwMDQyNjE1M7ewtAQAxPzbTSoAAAA=';
      const headers = { ETag: '"1"', 'Content-Encoding': 'gzip' };
      const bytes = Uint8Array.from(atob(zipped), (char) => char.charCodeAt(0));
      const step: Step = { chunks: [base64(bytes.slice(0, 30))], encoding: 'base64', headers, cut: 'in-body' };
      const { result, requests } = await run([step, { file }]);

      expect(bytesOf(result)).toEqual(whole);
      expect(ranges(requests)).toEqual([undefined, undefined]);
    });

    it('starts over at another URL, and resumes when it is back at the first', async () => {
      const second = api.otherUrl('second', { cut: 'before-headers' });
      const { result, requests } = await run(
        [{ file, stallAt: 10 }, { file }],
        (url) => client.get([url, second], { selector: download() }),
        [10],
      );

      expect(bytesOf(result)).toEqual(whole);
      expect(ranges(await api.requests('second'))).toEqual([undefined]);
      expect(ranges(requests)).toEqual([undefined, 'bytes=10-']);

      const mirror = api.otherUrl('mirror', { file: other, headers: { ETag: '"1"' } });
      const mirrored = await run(
        { file, stallAt: 10 },
        (url) => client.get([url, mirror], { selector: download() }),
        [10],
      );
      expect(bytesOf(mirrored.result)).toEqual(fileBytes(other));
    });

    it('requests no part with a POST', async () => {
      const { result, requests } = await run(
        [{ file, stallAt: 10 }, { file }],
        (url) => client.post(url, 'x', { selector: download(), strategy: { methods: ['POST'] } }),
        [10],
      );

      expect(bytesOf(result)).toEqual(whole);
      expect(ranges(requests)).toEqual([undefined, undefined]);
    });

    it('gives up after the last attempt, and resets the attempts with resetOnSuccess', async () => {
      const cuts = [10, 20, 30, 35];
      const steps = [...cuts.map((stallAt): Step => ({ file, stallAt })), { file }];
      const { result } = await run(
        steps,
        (url) => client.get(url, { selector: download(), strategy: { attempts: 2 } }),
        cuts,
      );
      expect('error' in result && result.error).toBeInstanceOf(HttpNetworkError);

      const lasting = await run(
        steps,
        (url) => client.get(url, { selector: download(), strategy: { attempts: 2, resetOnSuccess: true } }),
        cuts,
      );
      expect(bytesOf(lasting.result)).toEqual(whole);
    });

    it('does not reset the attempts with resetOnSuccess if no byte arrives', async () => {
      const step: Step = { file, stallAt: 0 };
      const patience = { strategy: { attempts: 3, resetOnSuccess: true }, timeout: 150 };
      const { result, requests } = await run(step, (url) => client.get(url, { selector: download(), ...patience }));

      expect('error' in result && result.error).toBeInstanceOf(HttpTimeoutError);
      // The first attempt emits the progress of 0 bytes, which resets the attempts once.
      expect(requests.length).toBeLessThanOrEqual(4);
      // Firefox tells the headers with the first byte.
      expect(result.values.length).toBe(IS_FIREFOX ? 0 : 1);
    });

    it('fails with a status error whose body can be read, even with throwHttpErrors: false', async () => {
      for (const status of [404, 503]) {
        const { result } = await run({ status, body: 'why' }, (url) =>
          client.get(url, { selector: download(), throwHttpErrors: false, strategy: { attempts: 2 } }),
        );

        const error = 'error' in result ? (result.error as HttpStatusError) : undefined;
        expect(error).toBeInstanceOf(HttpStatusError);
        expect(await error?.response.text()).toBe('why');
      }
    });

    it('throws for a Range header of the caller', async () => {
      const { result } = await run({ file }, (url) =>
        client.get(url, { selector: download(), headers: { Range: 'bytes=5-' } }),
      );

      expect('error' in result && String(result.error)).toContain('range');
    });

    describe('with a digest,', () => {
      it('is done if it matches, in upper case and after a break too', async () => {
        const digest = await sha256(whole);
        const { result } = await run(
          [{ file, stallAt: 10 }, { file }],
          (url) => client.get(url, { selector: download({ sha256: digest.toUpperCase() }) }),
          [10],
        );

        expect(bytesOf(result)).toEqual(whole);
      });

      it('fails if it differs, and does not retry', async () => {
        const digest = await sha256(fileBytes(other));
        const { result, requests } = await run({ file }, (url) =>
          client.get(url, { selector: download({ sha256: digest }) }),
        );

        expect('error' in result && result.error).toBeInstanceOf(HttpValidationError);
        expect('error' in result && String(result.error)).toContain(
          `the SHA-256 of the download is ${await sha256(whole)}, not ${digest}`,
        );
        expect(requests.length).toBe(1);
      });

      it('hashes the written bytes, and starts a new hash when it starts over', async () => {
        let hashes = 0;
        const hash = () => {
          let seen: number[] = [];
          hashes += 1;
          return {
            update: (data: Uint8Array) => {
              seen = [...seen, ...data];
            },
            digest: () => new Uint8Array(32).fill(seen.length),
          };
        };
        const sha = '28'.repeat(32);
        const targets = [keeping(), keeping()];
        let opened = 0;
        const { result } = await run(
          [
            { file, stallAt: 10 },
            { file, ignores: 'range' },
          ],
          (url) => client.get(url, { selector: download({ to: () => targets[opened++]!.stream, sha256: sha, hash }) }),
          [10],
        );

        expect(result.values.at(-1)?.type).toBe('done');
        expect(hashes).toBe(2);
      });

      it('aborts the target if it differs', async () => {
        const target = keeping();
        const { result } = await run({ file }, (url) =>
          client.get(url, {
            selector: download({
              to: target.stream,
              sha256: '0'.repeat(64),
              hash: () => ({ update: () => undefined, digest: () => new Uint8Array(32).fill(1) }),
            }),
          }),
        );

        expect('error' in result && result.error).toBeInstanceOf(HttpValidationError);
        expect(target.end()).toBe('aborted');
      });
    });

    describe('into a stream,', () => {
      it('writes each chunk, then closes the stream, and keeps no bytes', async () => {
        const target = keeping();
        const { result } = await run(
          [{ file, stallAt: 10 }, { file }],
          (url) => client.get(url, { selector: download({ to: target.stream }) }),
          [10],
        );

        expect(result).toEqual({ values: jasmine.any(Array) as never });
        expect(result.values.at(-1)).toEqual(jasmine.objectContaining({ type: 'done', loaded: 40, total: 40 }));
        expect('bytes' in result.values.at(-1)!).toBeFalse();
        expect(new Uint8Array(target.bytes())).toEqual(whole);
        expect(target.end()).toBe('closed');
      });

      it('opens a new stream when it starts over', async () => {
        const targets: ReturnType<typeof keeping>[] = [];
        const positions: number[] = [];
        const open = (position: number) => {
          positions.push(position);
          targets.push(keeping());
          return Promise.resolve(targets.at(-1)!.stream);
        };
        const { result } = await run(
          [{ file, stallAt: 10 }, { file: other }],
          (url) => client.get(url, { selector: download({ to: open }) }),
          [10],
        );

        expect(result.values.at(-1)?.type).toBe('done');
        expect(positions).toEqual([0, 0]);
        expect(targets.map(({ end }) => end())).toEqual(['aborted', 'closed']);
        expect(new Uint8Array(targets[1]!.bytes())).toEqual(fileBytes(other));
      });

      it('fails if it must start over in a stream that has bytes already', async () => {
        const target = keeping();
        const { result } = await run(
          [{ file, stallAt: 10 }, { file: other }],
          (url) => client.get(url, { selector: download({ to: target.stream }) }),
          [10],
        );

        expect('error' in result && String(result.error)).toContain('to must be a function that opens a new stream');
        expect(target.end()).toBe('aborted');
        expect(new Uint8Array(target.bytes())).toEqual(whole.slice(0, 10));
      });

      it('fails with the error of the stream, and does not retry', async () => {
        const full = new Error('the disk is full');
        const target = new WritableStream<Uint8Array<ArrayBuffer>>({
          write: () => {
            throw full;
          },
        });
        const { result, requests } = await run({ file }, (url) =>
          client.get(url, { selector: download({ to: target }) }),
        );

        expect('error' in result && result.error).toBe(full);
        expect(requests.length).toBe(1);
      });

      it('aborts the stream if it gives up before any byte was written', async () => {
        const target = keeping();
        const { result } = await run({ status: 404 }, (url) =>
          client.get(url, { selector: download({ to: target.stream }) }),
        );
        expect('error' in result && String(result.error)).toContain('404');
        expect(target.end()).toBe('aborted');
      });

      it('aborts the stream if it gives up, or if the consumer unsubscribes', async () => {
        const target = keeping();
        await run({ file, cutAfter: 10 }, (url) =>
          client.get(url, { selector: download({ to: target.stream }), strategy: { attempts: 1 } }),
        );
        expect(target.end()).toBe('aborted');

        const left = keeping();
        const url = api.url(`left ${urls++}`, { chunks: ['x'], stall: 'body' });
        await new Promise<void>((resolve) => {
          const subscription = client.get(url, { selector: download({ to: left.stream }) }).subscribe(({ loaded }) => {
            if (loaded === 0) return;
            setTimeout(() => {
              subscription.unsubscribe();
              setTimeout(resolve);
            });
          });
        });
        expect(left.end()).toBe('aborted');
      });

      it('resumes where an earlier download broke off', async () => {
        const target = keeping();
        const positions: number[] = [];
        const to = (position: number) => {
          positions.push(position);
          return target.stream;
        };
        const { result, requests } = await run({ file }, (url) =>
          client.get(url, { selector: download({ to, from: { loaded: 10, validator: '"1"' } }) }),
        );

        expect(result.values[0]).toEqual(jasmine.objectContaining({ loaded: 10, total: 40 }));
        expect(new Uint8Array(target.bytes())).toEqual(whole.slice(10));
        expect([ranges(requests), positions]).toEqual([['bytes=10-'], [10]]);
      });

      it('starts over if the earlier part is of another version or URL', async () => {
        for (const from of [
          { loaded: 10, validator: '"old"' },
          { loaded: 10, validator: '"1"', url: 'http://a.test/' },
        ]) {
          const target = keeping();
          const positions: number[] = [];
          const to = (position: number) => {
            positions.push(position);
            return target.stream;
          };
          await run({ file }, (url) => client.get(url, { selector: download({ to, from }) }));

          expect(new Uint8Array(target.bytes())).toEqual(whole);
          expect(positions).toEqual([0]);
        }
      });
    });
  });
}
