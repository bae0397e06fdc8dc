import { concat, delay, EMPTY, map, of, tap, timer } from 'rxjs';

import {
  constant,
  defineGate,
  hedging,
  type HedgingOptions,
  type HttpAttempt,
  HttpStatusError,
  HttpTimeoutError,
  type Interceptor,
  type RequestOptions,
  RetryClient,
  type RetryStrategy,
  retryWithStrategy,
} from '../../../src/index.js';
import { findSequenceViolation } from '../../support/attempt-events.js';
import { formatEvent, watch } from '../../support/event-log.js';
import { expectRefusal } from '../../support/expect-refusal.js';
import { network } from '../../support/scripted-network.js';
import { failureOf } from '../../support/settled.js';
import { inVirtualTime, marbles } from '../../support/virtual-time.js';
import {
  after,
  type Answer,
  asia,
  broken,
  eu,
  failing,
  hostOf,
  type Scene,
  scene,
  silence,
  us,
} from './hedge-scene.js';

const urls = [eu, us];
const statusOf = (value: unknown): string => (value instanceof Response ? String(value.status) : String(value));

/** Sends one GET that is hedged after 10 frames; returns every sending and the result, with their frames. */
function get(
  answers: readonly Answer[],
  {
    to = urls,
    hedge,
    strategy,
    ...options
  }: RequestOptions<unknown> & { to?: readonly string[]; hedge?: Partial<HedgingOptions> } = {},
  play: (played: Scene) => void = () => undefined,
): string[] {
  return inVirtualTime(({ flush }) => {
    const played = scene(...answers);
    const client = played.client({
      strategy: { hedge: hedging({ after: 10, ...hedge }), backoff: constant(5), ...strategy },
    });
    play(played);
    watch(client.get(to, options as RequestOptions), statusOf, played.lines);
    flush();
    expect(findSequenceViolation(played.events)).toBeUndefined();
    return played.lines;
  });
}

/** Returns the events of such a request. */
function plotted(answers: readonly Answer[]): string[] {
  let events: Scene['events'] = [];
  get(answers, {}, (played) => ({ events } = played));
  return events.map(formatEvent);
}

describe('hedging()', () => {
  describe('sends an attempt once more', () => {
    it('after so many ms without a response, to the next URL; the first response wins, and the other is cut', () => {
      expect(get([silence, after(5)])).toEqual(['0 sent eu', '10 sent us', '15 cut eu', '15 200', '15 complete']);
      expect(get([after(12), silence])).toEqual(['0 sent eu', '10 sent us', '12 cut us', '12 200', '12 complete']);
    });

    it('never before that', () => {
      expect(get([after(9), silence])).toEqual(['0 sent eu', '9 200', '9 complete']);
    });

    it('to the same URL if it is the only one', () => {
      expect(get([silence, after(5)], { to: [eu] })).toEqual([
        '0 sent eu',
        '10 sent eu',
        '15 cut eu',
        '15 200',
        '15 complete',
      ]);
    });

    it('at once after 0 ms', () => {
      expect(get([silence, after(5)], { hedge: { after: 0 } }).slice(0, 2)).toEqual(['0 sent eu', '0 sent us']);
    });

    it('once by default, and up to `max` times', () => {
      expect(get([silence], { totalTimeout: 100 }).filter((line) => line.includes('sent'))).toEqual([
        '0 sent eu',
        '10 sent us',
      ]);
      // gRPC A6 has this example: a delay of .5 s and four attempts.
      expect(
        get([silence], { hedge: { after: 500, max: 3 }, totalTimeout: 9000 }).filter((line) => line.includes('sent')),
      ).toEqual(['0 sent eu', '500 sent us', '1000 sent eu', '1500 sent us']);
    });

    it('to the URL after the last one that was asked, and so does the retry', () => {
      expect(
        get([after(20, 503), after(5, 503), after(1)], { to: [eu, us, asia] }).filter((line) => line.includes('sent')),
      ).toEqual(['0 sent eu', '10 sent us', '25 sent asia']);
    });

    it('past one that is left alone, and so does the retry', () => {
      const tired = after(1, 503, { 'retry-after': '9' });
      expect(
        get([silence, tired, after(2, 503), silence], {
          to: [eu, us, `${us}2`, asia],
          hedge: { max: 2 },
          timeout: 30,
          totalTimeout: 60,
        }).filter((line) => line.includes('sent')),
      ).toEqual(['0 sent eu', '10 sent us', '11 sent asia', '35 sent eu', '45 sent asia', '55 sent eu']);
    });

    it("to no earlier URL with rotation: 'hold'", () => {
      const options = { hedge: { max: 3 }, strategy: { rotation: 'hold' }, totalTimeout: 100 } as const;
      expect(get([silence], options).filter((line) => line.includes('sent'))).toEqual([
        '0 sent eu',
        '10 sent us',
        '20 sent us',
        '30 sent us',
      ]);
    });

    it('each through the interceptors', () => {
      inVirtualTime(({ flush }) => {
        const played = scene(silence, after(5));
        const hedges: unknown[] = [];
        const token: Interceptor = (request, next) => {
          hedges.push([request.attempt.number, request.url, 'hedge' in request.attempt]);
          request.headers.set('authorization', `token ${String(hedges.length)}`);
          return next(request);
        };
        const client = new RetryClient({
          interceptors: [token, played.interceptor],
          strategy: { hedge: hedging({ after: 10 }) },
        });
        watch(client.get(urls), statusOf, played.lines);
        flush();

        expect(played.requests.map(({ headers }) => headers.get('authorization'))).toEqual(['token 1', 'token 2']);
        expect(hedges).toEqual([
          [1, eu, false],
          [1, us, true],
        ]);
      });
    });

    it('each with a timeout of its own', () => {
      const lines = get([silence], { timeout: 15, strategy: { attempts: 1 } });

      expect(lines.slice(0, 4)).toEqual(['0 sent eu', '10 sent us', '15 cut eu', '25 cut us']);
      expect(lines[4]).toContain('25 error: GET http://eu.test/: no data received for 15 ms');
    });
  });

  describe('when a sending fails', () => {
    it('sends the next at once, and the one after it `after` ms later', () => {
      expect(get([after(3, 503), silence, after(5)], { hedge: { max: 2 } })).toEqual([
        '0 sent eu',
        '3 sent us',
        '13 sent eu',
        '18 cut us',
        '18 200',
        '18 complete',
      ]);
    });

    it('waits for the others', () => {
      expect(get([after(20), after(5, 503)])).toEqual(['0 sent eu', '10 sent us', '20 200', '20 complete']);
      expect(get([after(12, 503), after(5)])).toEqual(['0 sent eu', '10 sent us', '15 200', '15 complete']);
      expect(get([broken(12), after(5)])).toEqual(['0 sent eu', '10 sent us', '15 200', '15 complete']);
    });

    it('and so do all: the outcome is that of the first, and the retry has its backoff', () => {
      expect(
        get([after(20, 503), after(5, 500), after(1)], {
          strategy: {
            backoff: ({ outcome }) => (outcome.response?.status === 503 ? 5 : 99),
          },
        }),
      ).toEqual(['0 sent eu', '10 sent us', '25 sent eu', '26 200', '26 complete']);
      expect(
        get([after(3, 503), after(5, 500), after(1)], {
          strategy: {
            backoff: ({ outcome }) => (outcome.response?.status === 503 ? 5 : 99),
          },
        }),
      ).toEqual(['0 sent eu', '3 sent us', '13 sent eu', '14 200', '14 complete']);
    });

    it('in all attempts: the last response of a first sending is handed over', () => {
      const statuses = [503, 500, 502, 501].map((status) => after(1, status));
      expect(get(statuses, { strategy: { attempts: 2 } })).toEqual([
        '0 sent eu',
        '1 sent us',
        '7 sent eu',
        '8 sent us',
        '9 502',
        '9 complete',
      ]);
    });

    it('its Retry-After counts from when it came', () => {
      expect(
        get([after(0, 503, { 'retry-after': '1' }), after(900, 503, { 'retry-after': '3' }), after(0)], {
          strategy: { random: () => 0 },
        }),
      ).toEqual(['0 sent eu', '0 sent us', '1000 sent eu', '1000 200', '1000 complete']);
    });

    it('by a permanent error at every URL, that ends the request', () => {
      const lines = get([(request) => broken(1, true)(request)]);
      expect(lines.length).toBe(3);
      expect(lines.slice(0, 2)).toEqual(['0 sent eu', '1 sent us']);
      expect(lines[2]).toContain('error: GET http://eu.test/');
    });
  });

  describe('a sending wins', () => {
    it('by a status that is not retried, an error status, too', () => {
      expect(get([silence, after(5, 404)])).toEqual(['0 sent eu', '10 sent us', '15 cut eu', '15 404', '15 complete']);
    });

    it('by an error that is not retried', () => {
      expect(get([silence, failing(5, new Error('a bug'))])).toEqual([
        '0 sent eu',
        '10 sent us',
        '15 cut eu',
        '15 error: a bug',
      ]);
    });

    it('if shouldRetry accepts it', () => {
      const strategy: RetryStrategy = {
        shouldRetry: ({ response }) => (response?.status === 500 ? false : response?.status === 200 ? true : undefined),
      };
      expect(get([after(12), after(5, 500)], { strategy })).toEqual([
        '0 sent eu',
        '10 sent us',
        '15 500',
        '15 complete',
      ]);
    });

    it('if shouldRetry accepts it later; meanwhile nothing is sent, and an earlier decision comes first', () => {
      const decided: string[] = [];
      const strategy: RetryStrategy = {
        shouldRetry: ({ response }) => {
          decided.push(String(response?.status));
          return timer(20).pipe(map(() => response?.status === 201));
        },
      };
      expect(get([after(5, 200)], { strategy: { shouldRetry: () => of(false).pipe(delay(20)) } })).toEqual([
        '0 sent eu',
        '25 200',
        '25 complete',
      ]);
      expect(get([after(12, 201), after(5, 202)], { strategy })).toEqual([
        '0 sent eu',
        '10 sent us',
        '52 202',
        '52 complete',
      ]);
      expect(decided).toEqual(['201', '202']);
    });

    it('also if it completes without a response', () => {
      expect(get([EMPTY])).toEqual(['0 sent eu', '0 complete']);
      expect(get([silence, EMPTY])).toEqual(['0 sent eu', '10 sent us', '10 cut eu', '10 complete']);
    });
  });

  describe('hedges no', () => {
    const sent = (method: string, options: RequestOptions, strategy: RetryStrategy = {}): number =>
      inVirtualTime(({ flush }) => {
        const played = scene(silence);
        const client = played.client({ strategy: { hedge: hedging({ after: 10 }), ...strategy } });
        watch(client.request(method, urls, { totalTimeout: 50, ...options }));
        flush();
        return played.requests.length;
      });

    it('POST, unless `methods` lists it, or it has a key', () => {
      expect(sent('GET', {})).toBe(2);
      expect(sent('POST', { body: 'a' })).toBe(1);
      expect(sent('POST', { body: 'a' }, { methods: ['POST'] })).toBe(2);
      expect(sent('POST', { body: 'a', headers: { 'idempotency-key': 'a' } })).toBe(2);
      expect(sent('POST', { body: 'a', idempotencyKey: true })).toBe(2);
      expect(sent('PATCH', { body: 'a', idempotencyKey: 'a' })).toBe(2);
    });

    it('body that can be sent only once', () => {
      const stream = (): ReadableStream<Uint8Array> => new ReadableStream();
      expect(sent('PUT', { body: stream() })).toBe(1);
      expect(sent('PUT', { body: stream })).toBe(2);
    });

    it('POST by the GET that follows in requests(), nor a GET by such a POST', () => {
      for (const methods of [
        ['POST', 'GET'],
        ['GET', 'POST'],
      ] as const) {
        inVirtualTime(({ flush }) => {
          const played = scene(silence);
          const client = played.client({ strategy: { hedge: hedging({ after: 10 }) } });
          watch(
            client.requests(
              methods.map((method) => ({ method, url: eu })),
              { totalTimeout: 50 },
            ),
          );
          flush();
          expect(played.requests.map(({ method }) => method))
            .withContext(methods.join())
            // The GET is sent once more, by itself.
            .toEqual(methods[0] === 'POST' ? ['POST'] : ['GET', 'GET']);
        });
      }
    });

    it('origin that asks to be left alone', () => {
      const tired = after(1, 503, { 'retry-after': '1' });
      expect(get([tired, after(1)], { to: [eu], strategy: { random: () => 0 } })).toEqual([
        '0 sent eu',
        '1001 sent eu',
        '1002 200',
        '1002 complete',
      ]);
      expect(
        get([tired, silence, after(1)], { hedge: { max: 2 }, totalTimeout: 500 }).filter((line) =>
          line.includes('sent'),
        ),
      ).toEqual(['0 sent eu', '1 sent us', '11 sent us']);
    });

    it('URL that is not valid', () => {
      expect(get([silence], { to: [eu, 'http://[/', us], totalTimeout: 50 }).slice(0, 2)).toEqual([
        '0 sent eu',
        '10 sent us',
      ]);
    });

    it('attempt that has a value', () => {
      const selector = () => concat(of('a'), of('b').pipe(delay(50)));
      expect(get([after(5)], { selector })).toEqual(['0 sent eu', '5 a', '55 b', '55 complete']);
    });

    it('Observable of the operator', () => {
      inVirtualTime(({ flush }) => {
        let subscriptions = 0;
        const { lines } = watch(
          timer(50).pipe(
            tap({ subscribe: () => (subscriptions += 1) }),
            retryWithStrategy({ hedge: hedging({ after: 10 }) }),
          ),
        );
        flush();
        expect(subscriptions).toBe(1);
        expect(lines).toEqual(['50 0', '50 complete']);
      });
    });
  });

  describe('tells listeners of one attempt', () => {
    it('with a hedge, and the response that was accepted', () => {
      expect(plotted([silence, after(5)])).toEqual([
        'start 1/3',
        'hedge 1 http://us.test/ +10',
        'response 1 200 +15',
        'value 1 [object Response] +15',
        'success 1 +15',
      ]);
    });

    it("and the first's outcome if all fail", () => {
      expect(plotted([after(20, 503), after(5, 500), after(1)])).toEqual([
        'start 1/3',
        'hedge 1 http://us.test/ +10',
        'response 1 503 +20',
        'retry 1 (response: 503) +20 in 5',
        'start 2/3',
        'response 2 200 +1',
        'value 2 [object Response] +1',
        'success 2 +1',
      ]);
    });

    it('also with observe: "attempts", and names the URL that answered', () => {
      inVirtualTime(({ flush }) => {
        const played = scene(silence, after(5));
        const client = played.client({ strategy: { hedge: hedging({ after: 10 }) } });
        const urlsOf: string[] = [];
        client.get(urls, { observe: 'attempts' }).subscribe((event) => {
          urlsOf.push(`${event.type} ${hostOf(event.attempt.url)}`);
          if (event.type === 'hedge' || event.type === 'response') urlsOf.push(hostOf(event.url));
        });
        flush();
        expect(urlsOf).toEqual(['start eu', 'hedge eu', 'us', 'response eu', 'us', 'value eu', 'success eu']);
        expect(new Set(played.events.map(({ attempt }) => attempt)).size).toBe(1);
      });
    });
  });

  describe('with a selector', () => {
    it('has the headers win, and reads that response alone', () => {
      const read: string[] = [];
      const selector = (response: Response, { url }: { readonly url: string }) => {
        read.push(`${String(response.status)} ${hostOf(url)}`);
        return of('read').pipe(delay(30));
      };
      expect(get([after(12, 201), after(5, 202)], { selector })).toEqual([
        '0 sent eu',
        '10 sent us',
        '12 cut us',
        '42 read',
        '42 complete',
      ]);
      expect(get([after(20, 201), after(5, 202)], { selector })).toEqual([
        '0 sent eu',
        '10 sent us',
        '15 cut eu',
        '45 read',
        '45 complete',
      ]);
      expect(read).toEqual(['201 eu', '202 us']);
    });

    it('retries when what it reads fails, at the URL after the winner', () => {
      let reads = 0;
      const selector = (_: Response, attempt: HttpAttempt) => {
        reads += 1;
        if (reads > 1) return of('read');
        throw new HttpTimeoutError({ attempt, scope: 'attempt', limit: 1 });
      };
      expect(get([silence, after(5), after(1)], { selector, to: [eu, us, asia] })).toEqual([
        '0 sent eu',
        '10 sent us',
        '15 cut eu',
        '20 sent asia',
        '21 read',
        '21 complete',
      ]);
    });

    it('emits a status error of the winner, with its body', async () => {
      let sendings = 0;
      const client = new RetryClient({
        interceptors: [
          () => timer((sendings += 1) === 1 ? 500 : 1).pipe(map(() => new Response('no such user', { status: 404 }))),
        ],
        strategy: { hedge: hedging({ after: 5 }) },
      });
      const error = (await failureOf(client.get(urls, { throwHttpErrors: true }))) as HttpStatusError;
      expect([error.status, error.body, error.attempt.url]).toEqual([404, 'no such user', us]);
    });

    it("emits a status error of the first's if all fail", () => {
      inVirtualTime(({ flush }) => {
        const played = scene(after(20, 503), after(5, 500));
        const client = played.client({ strategy: { hedge: hedging({ after: 10 }), attempts: 1 } });
        let error: unknown;
        client.get(urls, { throwHttpErrors: true }).subscribe({ error: (e: unknown) => (error = e) });
        flush();
        expect(error).toBeInstanceOf(HttpStatusError);
        expect((error as HttpStatusError).status).toBe(503);
        expect((error as HttpStatusError).attempt.url).toBe(eu);
        expect((error as HttpStatusError).reason).toBe('attempts');
      });
    });
  });

  it('refuses bad options by name', () => {
    expectRefusal(() => hedging(undefined as never), [TypeError], 'options', 'undefined');
    expectRefusal(() => hedging({} as never), [TypeError], 'after', 'undefined');
    for (const value of [-1, NaN, Infinity, 'p', 'p0', 'p100', 'p95.', '95', 'p-5', ['p95'], null]) {
      expectRefusal(() => hedging({ after: value as never }), [TypeError, RangeError], 'after', 'p95');
    }
    for (const value of [0, 11, 1.5, NaN, '1']) {
      expectRefusal(() => hedging({ after: 1, max: value as never }), [TypeError, RangeError], 'max');
    }
    for (const after of [0, 'p0.1', 'p99.9'] as const) {
      for (const max of [1, 10, undefined]) expect(() => hedging({ after, max })).not.toThrow();
    }
    expectRefusal(() => hedging({ after: 1, delay: 1 } as never), [TypeError], 'delay', 'after');
    expectRefusal(() => new RetryClient({ strategy: { hedge: {} as never } }), [TypeError], 'strategy.hedge');
    expectRefusal(() => new RetryClient({ strategy: { hedge: null as never } }), [TypeError], 'strategy.hedge');
  });
});

describe('hedge: false', () => {
  marbles("turns the client's hedging off, for one request", ({ flush }) => {
    const slow = timer(50).pipe(map(() => new Response(null, { status: 200 })));
    const { interceptor, requests } = network(slow);
    const client = new RetryClient({ interceptors: [interceptor], strategy: { hedge: hedging({ after: 10 }) } });
    client.get('http://eu.test/', { strategy: { hedge: false } }).subscribe();
    flush();
    expect(requests.length).toBe(1);
    client.get('http://eu.test/').subscribe();
    flush();
    expect(requests.length).toBe(3);
  });
});

describe('A gate whose delay is no time', () => {
  marbles('ends a request as it would be hedged, with an error that names the gate', ({ flush }) => {
    const { interceptor } = network(timer(50).pipe(map(() => new Response(null, { status: 200 }))));
    const broken = defineGate({ name: 'broken', delay: ({ hedge }) => (hedge ? NaN : 0) });
    const client = new RetryClient({
      interceptors: [interceptor],
      strategy: { hedge: hedging({ after: 10 }), gates: [broken] },
    });
    const { lines } = watch(client.get('http://eu.test/'));
    flush();

    expect(lines).toEqual([
      jasmine.stringMatching(/^10 error: what the gate "broken" returns from delay must be .*NaN/),
    ]);
  });
});
