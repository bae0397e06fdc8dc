import { config, map, mergeMap, NEVER, of, Subject, type Subscription, throwError, timer } from 'rxjs';

import {
  type AdaptiveLimit,
  aimd,
  concurrencyLimit,
  constant,
  hedging,
  HttpNetworkError,
  type Interceptor,
  type LimitSample,
  RetryClient,
  retryWithStrategy,
} from '../../src/index.js';
import { watch } from '../support/event-log.js';
import { GatedRequests } from '../support/gated-requests.js';
import { HttpErrorResponse } from '../support/look-alikes.js';
import { marbles } from '../support/virtual-time.js';

/** An algorithm that keeps its limit, and notes the samples. */
function recorder(samples: LimitSample[], initial = 10): AdaptiveLimit<number> {
  return {
    initial,
    update: (limit, sample) => {
      samples.push(sample);
      return limit;
    },
    limit: (limit) => limit,
  };
}

/** An algorithm that takes its next limits from a list. */
function scripted(initial: number, ...limits: readonly number[]): AdaptiveLimit<number> {
  const next = [...limits];
  return { initial, update: (limit) => next.shift() ?? limit, limit: (limit) => limit };
}

const answered =
  (status: number, ms = 5): Interceptor =>
  () =>
    timer(ms).pipe(map(() => new Response(null, { status })));

const ignoreErrors = { error: (): undefined => undefined };

describe('concurrencyLimit() with a limit that adapts', () => {
  describe('learns from an attempt', () => {
    /** The samples of one request with one attempt. */
    function samplesOf(
      flush: () => void,
      interceptor: Interceptor,
      leave?: (client: RetryClient, request: Subscription) => void,
    ): LimitSample[] {
      const samples: LimitSample[] = [];
      const client = new RetryClient({
        interceptors: [interceptor],
        strategy: { gates: [concurrencyLimit({ max: recorder(samples) })], attempts: 1 },
        timeout: 50,
        totalTimeout: 70,
      });
      const request = client.get('http://a.test/').subscribe(ignoreErrors);
      timer(3).subscribe(() => {
        leave?.(client, request);
      });
      flush();
      return samples;
    }

    for (const status of [200, 204, 304, 399]) {
      marbles(`that a ${String(status)} is a success`, ({ flush }) => {
        expect(samplesOf(flush, answered(status))).toEqual([{ rtt: 5, inflight: 1, dropped: false }]);
      });
    }

    for (const status of [429, 502, 503, 504]) {
      marbles(`that a ${String(status)} is a drop`, ({ flush }) => {
        expect(samplesOf(flush, answered(status))).toEqual([{ rtt: 5, inflight: 1, dropped: true }]);
      });
    }

    for (const status of [400, 401, 404, 408, 409, 428, 430, 500, 501, 505]) {
      marbles(`nothing, if it is answered with a ${String(status)}`, ({ flush }) => {
        expect(samplesOf(flush, answered(status))).toEqual([]);
      });
    }

    marbles('that a network error is a drop', ({ flush }) => {
      const failing: Interceptor = ({ attempt }) =>
        timer(5).pipe(mergeMap(() => throwError(() => new HttpNetworkError({ attempt, summary: 'down' }))));
      expect(samplesOf(flush, failing)).toEqual([{ rtt: 5, inflight: 1, dropped: true }]);
    });

    marbles('that a timeout of the attempt is a drop', ({ flush }) => {
      expect(samplesOf(flush, () => NEVER)).toEqual([{ rtt: 50, inflight: 1, dropped: true }]);
    });

    marbles('nothing, if the total timeout ends it', ({ flush }) => {
      const samples: LimitSample[] = [];
      const client = new RetryClient({
        interceptors: [() => NEVER],
        strategy: { gates: [concurrencyLimit({ max: recorder(samples) })] },
        totalTimeout: 20,
      });
      client.get('http://a.test/').subscribe(ignoreErrors);
      flush();
      expect(samples).toEqual([]);
    });

    // https://github.com/Netflix/concurrency-limits/pull/146
    marbles('nothing, if it is cancelled', ({ flush }) => {
      const leave = (_: RetryClient, request: Subscription): void => {
        request.unsubscribe();
      };
      expect(samplesOf(flush, answered(200), leave)).toEqual([]);
    });

    marbles('nothing, if the client is closed', ({ flush }) => {
      const close = (client: RetryClient): void => {
        client.close();
      };
      expect(samplesOf(flush, answered(200), close)).toEqual([]);
    });

    marbles("nothing, if the consumer's own code fails", ({ flush }) => {
      const broken: Interceptor = () => timer(5).pipe(mergeMap(() => throwError(() => new RangeError('a bug'))));
      expect(samplesOf(flush, broken)).toEqual([]);
    });

    marbles('once: at the headers, whatever becomes of the body', ({ flush }) => {
      const samples: LimitSample[] = [];
      const client = new RetryClient({
        interceptors: [answered(200)],
        strategy: { gates: [concurrencyLimit({ max: recorder(samples) })] },
      });
      const selector = () => timer(20).pipe(mergeMap(() => throwError(() => new Error('broken'))));
      client.get('http://a.test/', { selector }).subscribe(ignoreErrors);
      flush();
      expect(samples).toEqual([{ rtt: 5, inflight: 1, dropped: false }]);
    });

    marbles('from its start, which is after the wait, and with the number in flight then', ({ flush }) => {
      const samples: LimitSample[] = [];
      const client = new RetryClient({
        interceptors: [answered(200)],
        strategy: { gates: [concurrencyLimit({ max: recorder(samples, 2) })] },
      });
      for (let request = 0; request < 3; request += 1) client.get('http://a.test/').subscribe();
      flush();
      expect(samples).toEqual([
        { rtt: 5, inflight: 1, dropped: false },
        { rtt: 5, inflight: 2, dropped: false },
        { rtt: 5, inflight: 2, dropped: false },
      ]);
    });

    marbles('and from its hedge, which holds a slot of its own, but not from the one that is cut', ({ flush }) => {
      const samples: LimitSample[] = [];
      const limit = concurrencyLimit({ max: recorder(samples, 2) });
      const client = new RetryClient({
        interceptors: [(request, next) => answered(200, 'hedge' in request.attempt ? 5 : 100)(request, next)],
        strategy: { gates: [limit], hedge: hedging({ after: 10 }) },
      });
      const changes: number[][] = [];
      limit.changes$.subscribe(({ inFlight, queued }) => changes.push([inFlight, queued]));
      watch(client.get('http://a.test/'));
      flush();
      expect(samples).toEqual([{ rtt: 5, inflight: 2, dropped: false }]);
      expect(changes).toEqual([
        [1, 0],
        [2, 0],
        [1, 0],
        [0, 0],
      ]);
    });

    marbles('and no hedge is sent, or seen, where no slot is free', ({ flush }) => {
      const samples: LimitSample[] = [];
      const limit = concurrencyLimit({ max: recorder(samples, 1) });
      const client = new RetryClient({
        interceptors: [answered(200, 30)],
        strategy: { gates: [limit], hedge: hedging({ after: 10 }) },
      });
      const changes: number[][] = [];
      limit.changes$.subscribe(({ inFlight, queued }) => changes.push([inFlight, queued]));
      const { lines } = watch(client.get('http://a.test/', { observe: 'attempts' }), ({ type }) => type);
      flush();
      expect(lines).toEqual(['0 start', '30 response', '30 value', '30 success', '30 complete']);
      expect(samples).toEqual([{ rtt: 30, inflight: 1, dropped: false }]);
      expect(changes).toEqual([
        [1, 0],
        [0, 0],
      ]);
    });

    marbles('each of a request', ({ flush }) => {
      const samples: LimitSample[] = [];
      const client = new RetryClient({
        interceptors: [({ attempt }) => timer(attempt.number).pipe(map(() => new Response(null, { status: 503 })))],
        strategy: { gates: [concurrencyLimit({ max: recorder(samples) })], attempts: 2, backoff: constant(100) },
      });
      client.get('http://a.test/').subscribe();
      flush();
      expect(samples.map(({ rtt }) => rtt)).toEqual([1, 2]);
    });
  });

  describe('in the bare operator learns', () => {
    /** The samples of one request that `act` ends after 7 ms; they are there once time has passed. */
    const samplesOf = (act: (requests: GatedRequests) => void): LimitSample[] => {
      const samples: LimitSample[] = [];
      const requests = new GatedRequests([concurrencyLimit({ max: recorder(samples) })]);
      requests.start('a');
      timer(7).subscribe(() => {
        act(requests);
      });
      return samples;
    };
    const success = { rtt: 7, inflight: 1, dropped: false };
    const drop = { rtt: 7, inflight: 1, dropped: true };

    marbles('from the first value', ({ flush }) => {
      const samples = samplesOf((requests) => {
        requests.emit('a');
        timer(3).subscribe(() => {
          requests.emit('a');
          requests.end('a');
        });
      });
      flush();
      expect(samples).toEqual([success]);
    });

    marbles('from the end, if there is no value', ({ flush }) => {
      const samples = samplesOf((requests) => {
        requests.end('a');
      });
      flush();
      expect(samples).toEqual([success]);
    });

    marbles('that an error is a drop, except one that reports a cancellation', ({ flush }) => {
      const failures = [new Error('down'), Object.assign(new Error('left'), { name: 'AbortError' })].map((error) =>
        samplesOf((requests) => {
          requests.fail('a', error);
        }),
      );
      flush();
      expect(failures).toEqual([[drop], []]);
    });

    marbles("from the status of a response that is another library's", ({ flush }) => {
      const statuses = [0, 404, 429, 500, 503].map((status) =>
        samplesOf((requests) => {
          requests.fail('a', new HttpErrorResponse(status));
        }),
      );
      flush();
      expect(statuses).toEqual([[drop], [], [drop], [], [drop]]);
    });
  });

  describe('when the limit grows', () => {
    it('lets those in that wait, before the attempt that made it grow is over', () => {
      const requests = new GatedRequests([concurrencyLimit({ max: scripted(1, 3) })]);
      requests.startAll('a', 'b', 'c', 'd');
      requests.emit('a');
      expect(requests.lines).toEqual(['a begins', 'b begins', 'c begins']);
    });

    it('lets them in one after the other, each before what begins meanwhile', () => {
      const limit = concurrencyLimit({ max: scripted(1, 4) });
      const requests = new GatedRequests([limit]);
      requests.start('a');
      new GatedRequests([limit]).start('x');
      const starting = of(1).pipe(
        map(() => {
          requests.start('d');
        }),
        retryWithStrategy({ gates: [limit] }),
      );
      starting.subscribe();
      requests.startAll('b', 'c');
      requests.emit('a');
      expect(requests.lines).toEqual(['a begins', 'b begins', 'c begins']);
      requests.end('b');
      expect(requests.lines.at(-2)).toBe('d begins');
    });

    it('lets thousands in one after the other that end at once, without recursion', () => {
      const limit = concurrencyLimit({ max: aimd({ initial: 1, min: 1, max: 1_000 }) });
      const blocker = new Subject<number>();
      blocker.pipe(retryWithStrategy({ gates: [limit] })).subscribe();
      let ended = 0;
      for (let request = 0; request < 20_000; request += 1) {
        of(1)
          .pipe(retryWithStrategy({ gates: [limit] }))
          .subscribe({ complete: () => (ended += 1) });
      }
      blocker.next(1);
      expect(ended).toBe(20_000);
      const { inFlight, queued } = limit.snapshot('all');
      expect([inFlight, queued]).toEqual([1, 0]);
    });
  });

  it('cuts nothing when the limit shrinks, and lets one in when fewer are in flight', () => {
    const limit = concurrencyLimit({ max: scripted(3, 1) });
    const requests = new GatedRequests([limit]);
    requests.startAll('a', 'b', 'c', 'd');
    requests.end('a');
    expect(limit.snapshot('all')).toEqual({ limit: 1, inFlight: 2, queued: 1 });
    requests.end('b');
    expect(requests.lines).toEqual(['a begins', 'b begins', 'c begins', 'a ends', 'b ends']);
    requests.end('c');
    expect(requests.lines.slice(-2)).toEqual(['d begins', 'c ends']);
  });

  it('shows a limit that shrinks while others wait', () => {
    const limit = concurrencyLimit({ max: scripted(2, 1) });
    const requests = new GatedRequests([limit]);
    requests.startAll('a', 'b', 'c');
    const changes: number[][] = [];
    limit.changes$.subscribe((change) => changes.push([change.limit, change.inFlight, change.queued]));
    requests.emit('a');
    requests.end('a');
    expect(changes).toEqual([
      [1, 2, 1],
      [1, 1, 1],
    ]);
  });

  it('shows a change of the limit, and nothing if it stays', () => {
    const limit = concurrencyLimit({ max: scripted(1, 1, 2) });
    const requests = new GatedRequests([limit]);
    const changes: number[][] = [];
    limit.changes$.subscribe((change) => changes.push([change.limit, change.inFlight]));
    requests.start('a');
    requests.end('a');
    requests.start('a');
    requests.end('a');
    expect(changes).toEqual([
      [1, 1],
      [1, 0],
      [1, 1],
      [2, 1],
      [2, 0],
    ]);
  });

  marbles('has a state for each key', ({ flush }) => {
    const client = new RetryClient({
      interceptors: [({ url }) => of(new Response(null, { status: url.startsWith('http://a.') ? 503 : 200 }))],
      strategy: { attempts: 1 },
    });
    const limit = concurrencyLimit({ max: aimd({ initial: 100 }) });
    for (const host of ['a', 'b']) client.get(`http://${host}.test/`, { strategy: { gates: [limit] } }).subscribe();
    flush();
    expect(limit.snapshot('http://a.test').limit).toBe(90);
    expect(limit.snapshot('http://b.test').limit).toBe(100);
    expect(limit.snapshot('http://c.test').limit).toBe(100);
  });

  describe("with an algorithm of the user's", () => {
    it('may be an object of a class', () => {
      class Half implements AdaptiveLimit<number> {
        readonly initial = 8;
        readonly factor = 0.5;
        update(limit: number): number {
          return limit * this.factor;
        }
        limit(limit: number): number {
          return limit * this.factor;
        }
      }
      const limit = concurrencyLimit({ max: new Half() });
      const requests = new GatedRequests([limit]);
      expect(limit.snapshot('all').limit).toBe(4);
      requests.start('a');
      requests.end('a');
      expect(limit.snapshot('all').limit).toBe(2);
    });

    it('cuts fractions off', () => {
      expect(concurrencyLimit({ max: scripted(3.9) }).snapshot('all').limit).toBe(3);
    });

    for (const [what, broken] of [
      [
        'update throws',
        {
          initial: 2,
          update: (): number => {
            throw new Error('a bug');
          },
          limit: (state: number) => state,
        },
      ],
      [
        'limit throws',
        {
          initial: 2,
          update: () => -1,
          limit: (state: number) => {
            if (state < 0) throw new Error('a bug');
            return state;
          },
        },
      ],
      ['the limit is NaN', { initial: 2, update: () => NaN, limit: (state: number) => state }],
      ['the limit is 0', { initial: 2, update: () => 0, limit: (state: number) => state }],
    ] as const) {
      it(`reports it and keeps the limit if ${what}`, (done) => {
        const limit = concurrencyLimit({ max: broken });
        const requests = new GatedRequests([limit]);
        config.onUnhandledError = (error) => {
          config.onUnhandledError = null;
          expect(String(error)).toMatch(/a bug|max.limit\(state\)/);
          expect(limit.snapshot('all')).toEqual({ limit: 2, inFlight: 0, queued: 0 });
          done();
        };
        requests.start('a');
        requests.end('a');
        expect(requests.lines).toEqual(['a begins', 'a ends']);
      });
    }
  });

  marbles('shrinks to its minimum while a server answers nothing, and grows again', ({ flush }) => {
    const limit = concurrencyLimit({ max: aimd({ initial: 10, min: 1 }) });
    let isDown = true;
    const client = new RetryClient({
      interceptors: [() => timer(5).pipe(map(() => new Response(null, { status: isDown ? 503 : 200 })))],
      strategy: { gates: [limit], attempts: 1 },
    });
    const lines: string[] = [];
    for (let request = 0; request < 100; request += 1) {
      watch(client.get('http://a.test/'), ({ status }) => String(status), lines);
    }
    timer(100).subscribe(() => {
      expect(limit.snapshot('http://a.test').limit).toBe(1);
      isDown = false;
    });
    flush();
    expect(limit.snapshot('http://a.test').limit).toBeGreaterThan(5);
    expect(lines.length).toBe(200);
  });
});
