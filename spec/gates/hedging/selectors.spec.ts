import { first, map, Observable, of, timer } from 'rxjs';

import {
  constant,
  download,
  type DownloadDone,
  type DownloadedBytes,
  type DownloadProgress,
  hedging,
  type Interceptor,
  json,
  lines,
  type ResumableSelector,
  RetryClient,
  type Selector,
  serverSentEvents,
  text,
} from '../../../src/index.js';
import { utf8 } from '../../support/bodies.js';
import { settled } from '../../support/settled.js';
import { inVirtualTime } from '../../support/virtual-time.js';
import { hostOf } from './hedge-scene.js';

const eu = 'http://eu.test/file';
const us = 'http://us.test/file';

/** A mirror of a file: it honours Range if If-Range is its own validator, and can break off a body. */
interface Mirror {
  readonly bytes: string;
  readonly etag: string;
}

interface Reply {
  /** In ms; `Infinity` never answers. */
  readonly after: number;
  /** After how many bytes the body breaks off. */
  readonly cut?: number;
}

/** A network of two mirrors whose files differ, though their validators may be the same. */
function mirrors(files: Readonly<Record<string, Mirror>>, replies: readonly Reply[]) {
  const log: string[] = [];
  const interceptor: Interceptor = (request) =>
    new Observable((output) => {
      const host = hostOf(request.url);
      const range = request.headers.get('range');
      log.push(`${host} ${range ?? 'whole'} ${request.headers.get('if-range') ?? ''}`.trimEnd());
      const { after, cut = Infinity } = replies[Math.min(log.length, replies.length) - 1]!;
      if (after === Infinity) return undefined;
      // Without a timer, which a busy machine would let fire together with that of the hedge.
      return (after === 0 ? of(0) : timer(after))
        .pipe(map(() => respond(files[host]!, range, request.headers.get('if-range'), cut, request.url)))
        .subscribe(output);
    });
  return { log, interceptor };
}

function respond(
  { bytes, etag }: Mirror,
  range: string | null,
  ifRange: string | null,
  cut: number,
  url: string,
): Response {
  const start = range && ifRange === etag ? Number(/\d+/.exec(range)![0]) : 0;
  const rest = bytes.slice(start);
  let isSent = false;
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      if (!isSent) controller.enqueue(utf8(rest.slice(0, cut)));
      else if (cut < rest.length) controller.error(new TypeError('terminated'));
      else controller.close();
      isSent = true;
    },
  });
  const response = new Response(body, {
    status: start > 0 ? 206 : 200,
    headers: {
      etag,
      'content-length': String(rest.length),
      ...(start > 0 && {
        'content-range': `bytes ${String(start)}-${String(bytes.length - 1)}/${String(bytes.length)}`,
      }),
    },
  });
  Object.defineProperty(response, 'url', { value: url });
  return response;
}

type Progress = DownloadProgress | DownloadDone | DownloadedBytes;

async function downloaded(files: Readonly<Record<string, Mirror>>, replies: readonly Reply[]) {
  const { log, interceptor } = mirrors(files, replies);
  const client = new RetryClient({
    interceptors: [interceptor],
    strategy: { hedge: hedging({ after: 5 }), backoff: constant(0), attempts: 6 },
  });
  const { values, ...end } = await settled<Progress>(client.get([eu, us], { selector: download() }));
  const last = values.at(-1);
  const bytes =
    last && 'bytes' in last ? new TextDecoder().decode(last.bytes) : String((end as { error?: unknown }).error);
  return { log, bytes };
}

describe('hedging() with download()', () => {
  const files = {
    eu: { bytes: 'EUEUEUEUEU', etag: '"1"' },
    // Another file of the same length, and with the same validator.
    us: { bytes: 'ususususus', etag: '"1"' },
  };

  it('resumes the URL that the part came from, whichever was asked last', async () => {
    const { log, bytes } = await downloaded(files, [{ after: 0, cut: 4 }, { after: Infinity }, { after: 10 }]);
    // The second attempt goes to us, and its hedge to eu, which wins.
    expect(log).toEqual(['eu whole', 'us whole', 'eu bytes=4- "1"']);
    expect(bytes).toBe('EUEUEUEUEU');
  });

  it('starts over with the other URL, if that wins while the first resumes', async () => {
    const { log, bytes } = await downloaded(files, [
      { after: 0, cut: 4 },
      // us answers with the whole; it breaks off, and resumes at us or not at all.
      { after: 12, cut: 3 },
      { after: Infinity },
      { after: Infinity },
      { after: 5 },
    ]);
    expect(log.slice(0, 3)).toEqual(['eu whole', 'us whole', 'eu bytes=4- "1"']);
    expect(['EUEUEUEUEU', 'ususususus']).toContain(bytes);
    expect(log.slice(3)).toEqual(['us bytes=3- "1"', 'eu whole']);
  });

  it('never puts bytes of two URLs together, whoever wins and breaks off', async () => {
    let seed = 7;
    const random = (below: number): number => {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((seed / 2 ** 32) * below);
    };
    for (let round = 0; round < 60; round += 1) {
      const replies = Array.from({ length: 14 }, (): Reply => ({ after: random(4) * 3, cut: 1 + random(12) }));
      const { log, bytes } = await downloaded(files, replies);
      if (!bytes.startsWith('HttpNetworkError')) {
        expect(['EUEUEUEUEU', 'ususususus']).withContext(log.join('; ')).toContain(bytes);
      }
      for (const line of log) expect(line).toMatch(/whole$|bytes=\d+- "1"$/);
    }
    // It waits in real time: for 1 s, if nothing else runs.
  }, 10_000);
});

describe('hedging() with selectors', () => {
  const answer = (body: string, type: string) => () => new Response(body, { headers: { 'content-type': type } });
  const selectors: readonly (readonly [string, Selector<unknown>, string, string, unknown[]])[] = [
    ['json()', json(), '{"a":1}', 'application/json', [{ a: 1 }]],
    ['text()', text(), 'abc', 'text/plain', ['abc']],
    ['lines()', lines(), 'a\nb\n', 'text/plain', ['a', 'b']],
  ];
  for (const [name, selector, body, type, values] of selectors) {
    for (const winner of ['the first', 'the hedge']) {
      it(`${name} reads the response of ${winner} alone`, async () => {
        let sendings = 0;
        let cut = 0;
        // The other one never answers: on a busy machine it could be the first to do so.
        const other = new Observable<never>(() => () => {
          cut += 1;
        });
        const interceptor: Interceptor = () => {
          sendings += 1;
          const isWinner = (sendings === 1) === (winner === 'the first');
          return isWinner ? timer(15).pipe(map(answer(body, type))) : other;
        };
        const client = new RetryClient({ interceptors: [interceptor], strategy: { hedge: hedging({ after: 5 }) } });
        expect((await settled(client.get([eu, us], { selector }))).values).toEqual(values);
        expect([sendings, cut]).toEqual([2, 1]);
      });
    }
  }

  it('serverSentEvents() resumes from the last id with each sending, and counts a hedged connect once', async () => {
    const log: string[] = [];
    const streams = ['retry: 1\nid: 7\ndata: a\n\n', undefined, 'data: b\n\n'];
    const interceptor: Interceptor = (request) => {
      log.push(`${hostOf(request.url)} ${request.headers.get('last-event-id') ?? ''}`.trimEnd());
      const stream = streams[log.length - 1];
      return timer(stream === undefined ? 1000 : 1).pipe(
        map(() => new Response(stream ?? '', { headers: { 'content-type': 'text/event-stream' } })),
      );
    };
    const client = new RetryClient({
      interceptors: [interceptor],
      strategy: { hedge: hedging({ after: 10 }), attempts: 2, backoff: constant(0) },
    });
    const { values } = await settled(client.get([eu, us], { selector: serverSentEvents() }));
    expect(values.map(({ data }) => data)).toEqual(['a', 'b']);
    expect(log).toEqual(['eu', 'us 7', 'eu 7']);
  });

  it('serverSentEvents() waits no longer after connects that were hedged', async () => {
    const delayAfter = async (after: number): Promise<number | undefined> => {
      const client = new RetryClient({
        interceptors: [
          () =>
            timer(after).pipe(
              map(() => new Response('retry: 200\n', { headers: { 'content-type': 'text/event-stream' } })),
            ),
        ],
        strategy: { hedge: hedging({ after: 5 }), attempts: 2, backoff: constant(0) },
      });
      const retried = client.get([eu, us], { selector: serverSentEvents(), observe: 'attempts' }).pipe(
        first(({ type }) => type === 'retry'),
        map((event) => event.type === 'retry' && event.delay),
      );
      return (await settled(retried)).values[0] as number;
    };
    expect(await delayAfter(0)).toBe(400);
    expect(await delayAfter(30)).toBe(400);
  });

  it('a resumable selector selects once for an attempt, after it has prepared the request of the winner last', () => {
    const log: string[] = [];
    const selector: ResumableSelector<string> = {
      open: () => ({
        prepare: (request) => {
          log.push(`prepare ${hostOf(request.url)}`);
          return request;
        },
        select: (_, attempt) => {
          log.push(`select ${hostOf(attempt.url)}`);
          return of('read');
        },
      }),
    };
    const play = (first: number, second: number): string[] =>
      inVirtualTime(({ flush }) => {
        log.length = 0;
        let sendings = 0;
        const client = new RetryClient({
          interceptors: [() => timer((sendings += 1) === 1 ? first : second).pipe(map(() => new Response()))],
          strategy: { hedge: hedging({ after: 5 }) },
        });
        client.get([eu, us], { selector }).subscribe();
        flush();
        return [...log];
      });
    expect(play(0, 0)).toEqual(['prepare eu', 'select eu']);
    expect(play(200, 5)).toEqual(['prepare eu', 'prepare us', 'prepare us', 'select us']);
    expect(play(30, 200)).toEqual(['prepare eu', 'prepare us', 'prepare eu', 'select eu']);
  });
});
