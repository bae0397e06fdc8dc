import { of, timer, map, NEVER, concat, ignoreElements, throwError, type Observable } from 'rxjs';

import {
  type AttemptEvent,
  constant,
  HttpNetworkError,
  HttpTimeoutError,
  type Interceptor,
  json,
  RetryClient,
  retryWithStrategy,
} from '../../src/index.js';
import { bodiless } from '../support/scripted-network.js';
import { settled } from '../support/settled.js';

const HOUR = 3_600_000;
const url = 'http://a.test/';

describe('A system clock set by an hour', () => {
  const real = Date.now;
  let shift = 0;

  const set = (ms: number): void => {
    shift = ms;
  };

  beforeEach(() => {
    shift = 0;
    Date.now = () => real() + shift;
  });

  afterEach(() => {
    Date.now = real;
  });

  /** Sets the clock and answers, by the turn of each attempt; the last turn repeats. */
  function answering(
    ...turns: readonly { readonly set: number; readonly answer: Observable<Response> }[]
  ): Interceptor {
    return ({ attempt }) => {
      const turn = turns[attempt.number - 1] ?? turns[turns.length - 1]!;
      set(turn.set);
      return turn.answer;
    };
  }
  const status = (code: number, headers?: Record<string, string>): Observable<Response> =>
    timer(1).pipe(map(() => bodiless(code, headers)()));

  for (const jump of [HOUR, -HOUR]) {
    const direction = jump > 0 ? 'forward' : 'back';

    it(`${direction} does not end a request that has time left`, async () => {
      const interceptor = answering({ set: jump, answer: status(503) }, { set: jump, answer: status(200) });
      const client = new RetryClient({
        interceptors: [interceptor],
        totalTimeout: 60_000,
        strategy: { backoff: constant(1) },
      });

      expect((await settled(client.get(url))).values.map((response) => response.status)).toEqual([200]);
    });

    it(`${direction} does not change the wait of a Retry-After`, async () => {
      const interceptor = answering(
        { set: 0, answer: status(503, { 'Retry-After': '0' }) },
        { set: jump, answer: status(503) },
        { set: jump, answer: status(200) },
      );
      const client = new RetryClient({ interceptors: [interceptor], strategy: { backoff: constant(1), attempts: 3 } });
      const delays: number[] = [];
      client.attempts$.subscribe((event) => {
        if (event.type === 'retry') delays.push(event.delay);
      });

      expect((await settled(client.get(url))).values.map((response) => response.status)).toEqual([200]);
      expect(delays).toEqual([1, 1]);
    });

    it(`${direction} does not change elapsed, in the client or the operator`, async () => {
      const events: AttemptEvent[] = [];
      const client = new RetryClient({ interceptors: [answering({ set: jump, answer: status(200) })] });
      client.attempts$.subscribe((event) => events.push(event));
      await settled(client.get(url));
      set(0);
      const source = timer(1).pipe(
        map(() => {
          set(jump);
        }),
      );
      events.push(...(await settled(source.pipe(retryWithStrategy(undefined, { observe: 'attempts' })))).values);

      const elapsed = events.map((event) => ('elapsed' in event ? event.elapsed : 0));
      expect(Math.min(...elapsed)).toBeGreaterThanOrEqual(0);
      expect(Math.max(...elapsed)).toBeLessThan(HOUR / 2);
    });

    it(`${direction} neither times out a body that arrives nor prolongs a timeout`, async () => {
      const pieces = (): Response => {
        let left = 6;
        const body = new ReadableStream<Uint8Array>({
          async pull(controller) {
            await new Promise((resolve) => setTimeout(resolve, 20));
            set(jump);
            left -= 1;
            if (left === 0) controller.close();
            else controller.enqueue(new TextEncoder().encode('1'));
          },
        });
        return new Response(body);
      };
      const lively = new RetryClient({ interceptors: [() => of(pieces())], timeout: 2_000, strategy: { attempts: 1 } });
      expect((await settled(lively.get(url, { selector: json() }))).values).toEqual([11_111]);

      const silent = new RetryClient({
        interceptors: [
          () =>
            concat(
              timer(20).pipe(
                map(() => {
                  set(jump);
                }),
                ignoreElements(),
              ),
              NEVER,
            ),
        ],
        timeout: 60,
        strategy: { attempts: 1 },
      });
      const began = performance.now();
      const { error } = await settled(silent.get(url));
      expect(error).toBeInstanceOf(HttpTimeoutError);
      expect(performance.now() - began).toBeGreaterThanOrEqual(59);
    });
  }

  it('is what a Retry-After date is measured against when there is no Date header', async () => {
    set(HOUR);
    const date = new Date(Date.now() + 30_000).toUTCString();
    const client = new RetryClient({
      interceptors: [() => of(bodiless(503, { 'Retry-After': date })())],
      strategy: { maxRetryAfter: 20_000 },
    });
    const reasons: string[] = [];
    client.attempts$.subscribe((event) => {
      if (event.type === 'failure') reasons.push(event.reason);
    });
    await settled(client.get(url));

    expect(reasons).toEqual(['retry-after']);
  });
});

describe('Fake timers with a mocked date', () => {
  beforeEach(() => {
    jasmine.clock().install();
    jasmine.clock().mockDate(new Date(1_000_000));
  });

  afterEach(() => {
    jasmine.clock().uninstall();
  });

  it('run waits, timeouts and deadlines, and elapsed is measured on them', () => {
    const lines: string[] = [];
    const interceptor: Interceptor = ({ attempt }) =>
      attempt.number === 1
        ? timer(250).pipe(map(() => bodiless(503)()))
        : attempt.number === 2
          ? NEVER
          : throwError(() => new HttpNetworkError({ attempt }));
    const client = new RetryClient({
      interceptors: [interceptor],
      timeout: 1_000,
      totalTimeout: 4_000,
      strategy: { attempts: 9, backoff: constant(500) },
    });
    client.attempts$.subscribe((event) =>
      lines.push(
        `${String(event.attempt.startedAt - 1_000_000)} ${event.type}${'elapsed' in event ? ` ${String(event.elapsed)}` : ''}`,
      ),
    );
    client.get(url).subscribe({ error: (error: unknown) => lines.push((error as Error).name) });
    jasmine.clock().tick(10_000);

    expect(lines).toEqual([
      '0 start',
      '0 response 250',
      '0 retry 250',
      '750 start',
      '750 retry 1000',
      '2250 start',
      '2250 retry 0',
      '2750 start',
      '2750 retry 0',
      '3250 start',
      '3250 retry 0',
      '3750 start',
      '3750 failure 0',
      'HttpNetworkError',
    ]);
  });
});

describe('Fake timers without a mocked date', () => {
  beforeEach(() => {
    jasmine.clock().install();
  });

  afterEach(() => {
    jasmine.clock().uninstall();
  });

  for (const limit of ['timeout', 'totalTimeout'] as const) {
    it(`end a ${limit}`, () => {
      const errors: unknown[] = [];
      new RetryClient({ interceptors: [() => NEVER], [limit]: 5_000, strategy: { attempts: 1 } })
        .get(url)
        .subscribe({ error: (error: unknown) => errors.push(error) });
      jasmine.clock().tick(4_999);
      expect(errors).toEqual([]);
      jasmine.clock().tick(1);
      expect(errors[0]).toBeInstanceOf(HttpTimeoutError);
    });
  }
});
