import { map, timer } from 'rxjs';

import {
  constant,
  download,
  type DownloadOptions,
  type DownloadToOptions,
  HttpValidationError,
  type Outcome,
  type RandomAccessFile,
  RetryClient,
  type RetryStrategy,
  type Transport,
} from '../../src/index.js';
import { fileBytes, sha256 } from '../support/served-file.js';
import { settled } from '../support/settled.js';
import { keeping } from './download-cases.js';

type Bytes = Uint8Array<ArrayBuffer>;
type Judge = NonNullable<RetryStrategy['shouldRetry']>;

const file = { size: 60, seed: 1 };
const whole = fileBytes(file);
/** Waits for one turn of the event loop, without the 4 ms by which browsers delay nested timers. */
const turn = () =>
  new Promise<void>((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(0);
  });

/** Creates a server of ranges that sends chunks of `size` bytes, one in each turn of the event loop. */
function server(
  size = 10,
  headers: Readonly<Record<string, string>> = { etag: '"1"' },
): { readonly fetch: Transport; readonly ranges: (string | null)[] } {
  const ranges: (string | null)[] = [];
  const fetch: Transport = async (_, { headers: sent, signal }) => {
    const range = new Headers(sent).get('range');
    ranges.push(range);
    const start = Number(/\d+/.exec(range ?? '0')?.[0]);
    await turn();
    if (start >= whole.length) {
      return new Response(null, { status: 416, headers: { ...headers, 'content-range': `bytes */${whole.length}` } });
    }
    let at = start;
    const body = new ReadableStream<Bytes>(
      {
        async pull(controller) {
          await turn();
          if (signal?.aborted) {
            controller.error(signal.reason);
          } else if (at === whole.length) {
            controller.close();
          } else {
            controller.enqueue(whole.slice(at, at + size));
            at = Math.min(whole.length, at + size);
          }
        },
      },
      { highWaterMark: 0 },
    );
    const rangeHeaders = { ...headers, 'content-length': String(whole.length - start) };
    return new Response(
      body,
      range === null
        ? { headers: rangeHeaders }
        : {
            status: 206,
            headers: { ...rangeHeaders, 'content-range': `bytes ${start}-${whole.length - 1}/${whole.length}` },
          },
    );
  };
  return { fetch, ranges };
}

/** Retries the first value that passes, `ms` after it has arrived. */
function retryOnce(passes: (value: { type: string; loaded: number }) => boolean, ms: number | undefined): Judge {
  let done = false;
  return (outcome: Outcome) => {
    if (outcome.kind !== 'value' || done || !passes(outcome.value as never)) return undefined;
    done = true;
    return ms === undefined ? true : timer(ms).pipe(map(() => true));
  };
}

/** Creates a file that takes `ms` for each write, and records the calls. */
function slowFile(ms: number) {
  let bytes = new Uint8Array();
  let writing = 0;
  const calls: string[] = [];
  const to: RandomAccessFile = {
    async write(data, offset, length, position) {
      writing += 1;
      calls.push(`write ${position}${writing > 1 ? ' at once with another' : ''}`);
      await new Promise((resolve) => setTimeout(resolve, ms));
      writing -= 1;
      const grown = new Uint8Array(Math.max(bytes.length, position + length));
      grown.set(bytes);
      grown.set(data.subarray(offset, offset + length), position);
      bytes = grown;
      return { bytesWritten: length };
    },
    truncate(length) {
      calls.push(`truncate ${length}${writing > 0 ? ' at once with another' : ''}`);
      const cut = new Uint8Array(length);
      cut.set(bytes.subarray(0, length));
      bytes = cut;
      return Promise.resolve();
    },
  };
  return { to, calls, bytes: () => bytes };
}

describe('download(), if a value is retried instead of being emitted,', () => {
  const run = (
    shouldRetry: Judge,
    options: DownloadOptions | DownloadToOptions,
    from = server(),
    extra: RetryStrategy = {},
  ) => {
    const client = new RetryClient({
      fetch: from.fetch,
      strategy: { backoff: constant(0), attempts: 9, shouldRetry, ...extra },
    });
    return settled(client.get('http://a.test/', { selector: download(options) }));
  };
  const places: Readonly<Record<string, (value: { type: string; loaded: number }) => boolean>> = {
    'the first': ({ loaded }) => loaded === 0,
    'one in the midst': ({ loaded }) => loaded === 30,
    'the last progress': ({ loaded }) => loaded === 60,
    done: ({ type }) => type === 'done',
  };

  for (const [place, passes] of Object.entries(places)) {
    for (const ms of [undefined, 0, 3, 30]) {
      const when = ms === undefined ? 'at once' : `after ${ms} ms`;

      it(`emits the bytes, and no zeros: ${place}, ${when}`, async () => {
        const { values, ...end } = await run(retryOnce(passes, ms), { sha256: await sha256(whole) });
        const last = values.at(-1);

        expect(end).toEqual({});
        expect(last && 'bytes' in last && last.bytes).toEqual(whole);
        expect(values.filter(({ type }) => type === 'done').length).toBe(1);
      });

      it(`emits the bytes if the server sends no validator: ${place}, ${when}`, async () => {
        const { values, ...end } = await run(retryOnce(passes, ms), {}, server(10, {}));
        const last = values.at(-1);

        expect(end).toEqual({});
        expect(last && 'bytes' in last && last.bytes).toEqual(whole);
      });

      it(`writes to a file in one attempt at a time: ${place}, ${when}`, async () => {
        for (const headers of [{ etag: '"1"' }, {}]) {
          const target = slowFile(4);
          const { values, ...end } = await run(
            retryOnce(passes, ms),
            { to: target.to, sha256: await sha256(whole), hash: hashOf },
            server(10, headers),
          );

          expect(end).toEqual({});
          expect(values.at(-1)?.type).toBe('done');
          expect(target.bytes()).toEqual(whole);
          expect(target.calls.filter((call) => call.includes('at once'))).toEqual([]);
        }
      });

      it(`writes each byte once to a stream, or to a new one: ${place}, ${when}`, async () => {
        const opened: ReturnType<typeof keeping>[] = [];
        const { values, ...end } = await run(
          retryOnce(passes, ms),
          {
            to: async (position) => {
              await turn();
              expect(position).toBe(0);
              opened.push(keeping());
              return opened.at(-1)!.stream;
            },
          },
          server(10, ms === 3 ? {} : { etag: '"1"' }),
        );

        expect(end).toEqual({});
        expect(values.at(-1)?.type).toBe('done');
        expect(new Uint8Array(opened.at(-1)!.bytes())).toEqual(whole);
        expect(opened.at(-1)!.end()).toBe('closed');
      });
    }
  }

  it('is complete after any number of retried values and slow decisions', async () => {
    let state = 7;
    const random = (below: number) => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    for (let trial = 0; trial < 20; trial += 1) {
      let left = 6;
      const judge: Judge = ({ kind }) =>
        kind === 'value' && left > 0 && random(4) === 0
          ? timer(random(6)).pipe(map(() => (left -= 1) >= 0))
          : undefined;
      const target = slowFile(random(3));
      const { values, ...end } = await run(
        judge,
        trial % 2 ? { to: target.to } : {},
        server(4 + random(20), random(3) ? { etag: '"1"' } : {}),
      );
      const last = values.at(-1);

      expect(end).withContext(String(trial)).toEqual({});
      expect(trial % 2 ? target.bytes() : last && 'bytes' in last && last.bytes)
        .withContext(String(trial))
        .toEqual(whole);
      expect(target.calls.filter((call) => call.includes('at once'))).toEqual([]);
    }
  });

  it('fails in the next attempt if a write of the previous one has failed', async () => {
    const full = new Error('the disk is full');
    const to: RandomAccessFile = {
      write: () =>
        new Promise((_, reject) =>
          setTimeout(() => {
            reject(full);
          }, 20),
        ),
      truncate: () => Promise.resolve(),
    };
    const { error } = await run(
      retryOnce(() => true, 3),
      { to },
    );

    expect(error).toBe(full);
  });

  it('starts over if a failed write is retried', async () => {
    const target = slowFile(0);
    let failures = 2;
    const to: RandomAccessFile = {
      ...target.to,
      write: (data, offset, length, position) =>
        position === 20 && failures-- > 0
          ? Promise.reject(new Error('try again'))
          : target.to.write(data, offset, length, position),
    };
    const from = server();
    const { values } = await run(({ kind }) => kind === 'error' || undefined, { to }, from);

    expect(values.at(-1)?.type).toBe('done');
    expect(target.bytes()).toEqual(whole);
    expect(from.ranges).toEqual([null, null, null]);
  });

  it('writes nothing more after a restart that has failed', async () => {
    const target = keeping();
    const { values, error } = await run(
      ({ kind }) => kind === 'error' || undefined,
      { to: target.stream },
      cutting(server(10, {})),
    );

    expect(String(error)).toContain('to must be a function that opens a new stream');
    expect(values.some(({ type }) => type === 'done')).toBeFalse();
    expect(new Uint8Array(target.bytes())).toEqual(whole.slice(0, 10));
  });

  it('starts over if a wrong digest is retried', async () => {
    const wrong = new Uint8Array(whole);
    wrong[30] = 0;
    const right = server();
    let sent = 0;
    const fetch: Transport = (url, init) =>
      sent++ === 0 ? Promise.resolve(new Response(wrong, { headers: { etag: '"1"' } })) : right.fetch(url, init);
    for (const target of [undefined, slowFile(0)]) {
      sent = 0;
      const options = { sha256: await sha256(whole), ...(target && { to: target.to, hash: hashOf }) };
      const { values } = await run(
        (outcome) => (outcome.kind === 'error' && outcome.error instanceof HttpValidationError) || undefined,
        options,
        { fetch, ranges: [] },
      );
      const last = values.at(-1);

      expect(target ? target.bytes() : last && 'bytes' in last && last.bytes).toEqual(whole);
    }
    expect(right.ranges).toEqual([null, null]);
  });

  it('writes nothing more after it is unsubscribed', async () => {
    const calls: number[] = [];
    const to: RandomAccessFile = {
      write: async (_data, _offset, _length, position) => {
        calls.push(position);
        await new Promise((resolve) => setTimeout(resolve, 5));
        return { bytesWritten: 1 };
      },
      truncate: () => Promise.resolve(),
    };
    const client = new RetryClient({ fetch: server().fetch });
    await new Promise<void>((resolve) => {
      const subscription = client.get('http://a.test/', { selector: download({ to }) }).subscribe();
      setTimeout(() => {
        subscription.unsubscribe();
        resolve();
      }, 20);
    });
    const before = calls.length;
    await new Promise((resolve) => setTimeout(resolve, 30));

    expect(before).toBeGreaterThan(0);
    expect(calls.length).toBe(before);
  });
});

/** Creates the same server, each response of which breaks off after its first chunk. */
function cutting(from: ReturnType<typeof server>): ReturnType<typeof server> {
  const fetch: Transport = async (url, init) => {
    const { body, status, headers } = await from.fetch(url, init);
    const reader = body?.getReader();
    let pieces = 0;
    const cut = new ReadableStream<Bytes>(
      {
        async pull(controller) {
          const { value } = (await reader?.read()) ?? {};
          if (pieces++ === 0 && value) controller.enqueue(value);
          else controller.error(new TypeError('cut'));
        },
      },
      { highWaterMark: 0 },
    );
    return new Response(cut, { status, headers });
  };
  return { ...from, fetch };
}

/** Creates a hash with the digest of Web Crypto. Its digest can be read only once, as that of node:crypto. */
function hashOf() {
  const taken: number[] = [];
  let read = false;
  return {
    update: (data: Uint8Array) => taken.push(...data),
    digest: () => {
      if (read) throw new Error('the digest was read before');
      read = true;
      return new Uint8Array(
        taken.length === whole.length && whole.every((byte, index) => taken[index] === byte) ? DIGEST : [0],
      );
    },
  };
}

let DIGEST: number[] = [];

beforeAll(async () => {
  DIGEST = (await sha256(whole)).match(/../g)!.map((pair) => parseInt(pair, 16));
});
