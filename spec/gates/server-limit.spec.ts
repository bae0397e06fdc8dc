import {
  asyncScheduler,
  defer,
  map,
  mergeMap,
  NEVER,
  type Observable,
  of,
  type Subscription,
  throwError,
  timer,
} from 'rxjs';

import {
  constant,
  defineGate,
  GateRejectedError,
  RetryClient,
  retryWithStrategy,
  serverLimit,
  type RetryStrategy,
  type ServerLimitSnapshot,
} from '../../src/index.js';
import { formatEvent, watch } from '../support/event-log.js';
import { expectRefusal } from '../support/expect-refusal.js';
import { type Answer, bodiless, network } from '../support/scripted-network.js';
import { marbles } from '../support/virtual-time.js';

type Limit = ReturnType<typeof serverLimit>;

const ORIGIN = 'https://api.example';
const OTHER = 'https://other.example';

/** A response with the fields of the IETF's draft. */
function quota(rateLimit: string, policy?: string, status = 200): () => Response {
  return bodiless(status, { RateLimit: rateLimit, ...(policy === undefined ? {} : { 'RateLimit-Policy': policy }) });
}

/** A client behind the gate, whose log says when each request was sent, and how it ended. */
function use(limit: Limit, answers: readonly Answer[], strategy: RetryStrategy = {}) {
  const log: string[] = [];
  const note = (text: string): void => {
    log.push(`${String(asyncScheduler.now())} ${text}`);
  };
  const server = network(...answers);
  const client = new RetryClient({
    interceptors: [
      (request, next) => {
        note(`sent ${request.url.replace(`${ORIGIN}/`, '')}`);
        return server.interceptor(request, next);
      },
    ],
    strategy: { attempts: 1, gates: [limit], ...strategy },
  });
  /** Sends a request now. */
  const send = (name: string): Subscription =>
    client.get(name.includes(':') ? name : `${ORIGIN}/${name}`).subscribe({
      error: (error: unknown) => {
        if (error instanceof GateRejectedError) note(`rejected ${name} for ${String(error.retryAfter)}`);
      },
    });
  /** Sends so many requests now, and returns a way to leave each. */
  const sendAll = (count: number, prefix = ''): Subscription[] =>
    Array.from({ length: count }, (_, index) => send(`${prefix}${String(index + 1)}`));
  return { log, client, send, sendAll, server };
}

/** Runs at a time. */
function at(time: number, work: () => void): void {
  asyncScheduler.schedule(work, time - asyncScheduler.now());
}

/** A response that takes its time. */
function slow(ms: number, answer: () => Response): Observable<Response> {
  return timer(ms).pipe(map(answer));
}

describe('serverLimit', () => {
  describe('Nothing is left', () => {
    marbles('so all attempts to that origin are held until the reset', ({ flush }) => {
      const { log, send } = use(serverLimit(), [quota('"a";r=0;t=5'), 200]);
      send('1');
      send('2');
      send(`${OTHER}/3`);
      at(3_000, () => send('4'));
      flush();
      expect(log).toEqual(['0 sent 1', `0 sent ${OTHER}/3`, '5000 sent 2', '5250 sent 4']);
    });

    marbles('whatever the status', ({ flush }) => {
      for (const status of [200, 204, 404, 429, 500]) {
        const { log, send } = use(serverLimit(), [quota('"a";r=0;t=5', undefined, status), 200]);
        const start = asyncScheduler.now();
        send('1');
        send('2');
        flush();
        expect(log).toEqual([`${String(start)} sent 1`, `${String(start + 5_000)} sent 2`]);
      }
    });

    marbles('so a hold is told, once for each attempt', ({ flush }) => {
      const limit = serverLimit();
      const { client, send } = use(limit, [quota('"a";r=0;t=5'), 200]);
      send('1');
      const { lines } = watch(client.attempts$, formatEvent);
      send('2');
      flush();
      expect(lines).toEqual([
        '0 hold 1 server-limit',
        '5000 start 1/1',
        '5000 response 1 200 +0',
        '5000 value 1 [object Response] +0',
        '5000 success 1 +0',
      ]);
    });

    marbles('but a reset of 0 holds nothing (apisix #9964)', ({ flush }) => {
      const { log, sendAll } = use(serverLimit(), [
        bodiless(200, { 'X-RateLimit-Remaining': '0', 'X-RateLimit-Reset': '0' }),
      ]);
      sendAll(3);
      flush();
      expect(log).toEqual(['0 sent 1', '0 sent 2', '0 sent 3']);
    });

    marbles('but an unknown reset holds nothing', ({ flush }) => {
      const { log, sendAll } = use(serverLimit(), [bodiless(200, { 'X-RateLimit-Remaining': '0' }), quota('"a";r=0')]);
      sendAll(3);
      flush();
      expect(log).toEqual(['0 sent 1', '0 sent 2', '0 sent 3']);
    });

    marbles('of one of several policies, so the longest reset counts', ({ flush }) => {
      const { log, sendAll } = use(serverLimit(), [quota('"a";r=0;t=2, "b";r=0;t=9, "c";r=7;t=30, "d";r=0;t=4'), 200]);
      sendAll(2);
      flush();
      expect(log).toEqual(['0 sent 1', '9000 sent 2']);
    });

    marbles('of the requests in a stream of the bare operator, too', ({ flush }) => {
      const limit = serverLimit();
      const strategy = { attempts: 1, gates: [limit] };
      const first = watch(of(quota('"a";r=0;t=3')()).pipe(retryWithStrategy(strategy)), () => 'value');
      const second = watch(of(1).pipe(retryWithStrategy(strategy)));
      flush();
      expect([first.lines, second.lines]).toEqual([
        ['0 value', '0 complete'],
        ['3000 1', '3000 complete'],
      ]);
    });

    marbles('says a value that looks like a response, as those of other clients', ({ flush }) => {
      const limit = serverLimit();
      const strategy = { attempts: 1, gates: [limit] };
      const answer = { status: 200, headers: new Headers({ RateLimit: '"a";r=0;t=3' }), body: null };
      of(answer).pipe(retryWithStrategy(strategy)).subscribe();
      const second = watch(of(1).pipe(retryWithStrategy(strategy)));
      flush();
      expect(second.lines).toEqual(['3000 1', '3000 complete']);
    });

    marbles('says a response that is retried, before it is', ({ flush }) => {
      const limit = serverLimit();
      const headers = new Headers({ 'X-RateLimit-Remaining': '0', 'X-RateLimit-Reset': '3' });
      const refused = throwError(() => Object.assign(new Error('refused'), { status: 503, headers }));
      refused.pipe(retryWithStrategy({ attempts: 2, backoff: constant(9_000), gates: [limit] })).subscribe({
        error: () => undefined,
      });
      const second = watch(of(1).pipe(retryWithStrategy({ gates: [limit] })));
      flush();
      expect(second.lines).toEqual(['3000 1', '3000 complete']);
    });

    marbles('says a response whose body is still being read', ({ flush }) => {
      const limit = serverLimit();
      const endless = (): Response => {
        const response = new Response(new ReadableStream(), { headers: { RateLimit: '"a";r=0;t=3' } });
        return response;
      };
      const { log, client, send } = use(limit, [endless, 200]);
      const reading = client.getJSON(`${ORIGIN}/1`).subscribe();
      send('2');
      flush();
      expect(log).toEqual(['0 sent 1', '3000 sent 2']);
      reading.unsubscribe();
    });

    marbles('says an error that has a response, as those of other clients', ({ flush }) => {
      const limit = serverLimit();
      const strategy = { attempts: 1, gates: [limit] };
      const headers = new Headers({ 'X-RateLimit-Remaining': '0', 'X-RateLimit-Reset': '3' });
      const refused = throwError(() => Object.assign(new Error('refused'), { status: 403, headers }));
      const first = watch(refused.pipe(retryWithStrategy(strategy)));
      const second = watch(of(1).pipe(retryWithStrategy(strategy)));
      flush();
      expect([first.lines, second.lines]).toEqual([['0 error: refused'], ['3000 1', '3000 complete']]);
    });

    marbles('for the key that `by` gives', ({ flush }) => {
      const limit = serverLimit({ by: ({ url = '' }) => (url.includes('search') ? 'search' : 'core') });
      const { log, send } = use(limit, [quota('"a";r=0;t=5'), 200]);
      send('search/1');
      send('search/2');
      send('core/1');
      flush();
      expect(log).toEqual(['0 sent search/1', '0 sent core/1', '5000 sent search/2']);
      expect([...limit.snapshot().keys()]).toEqual(['search', 'core']);
    });

    marbles('for all origins with by: all', ({ flush }) => {
      const { log, send } = use(serverLimit({ by: 'all' }), [quota('"a";r=0;t=5'), 200]);
      send('1');
      send(`${OTHER}/2`);
      flush();
      expect(log).toEqual(['0 sent 1', `5000 sent ${OTHER}/2`]);
    });
  });

  describe('Retry-After', () => {
    marbles('of one request holds the others', ({ flush }) => {
      const { log, sendAll } = use(serverLimit(), [bodiless(503, { 'Retry-After': '7' }), 200]);
      sendAll(2);
      flush();
      expect(log).toEqual(['0 sent 1', '7000 sent 2']);
    });

    marbles('is obeyed by the request itself as ever, and then paced with the others', ({ flush }) => {
      const { log, sendAll } = use(serverLimit(), [bodiless(429, { 'Retry-After': '1' }), 200], {
        attempts: 3,
        backoff: constant(0),
        random: () => 0,
      });
      sendAll(3);
      flush();
      expect(log).toEqual(['0 sent 1', '1000 sent 2', '1034 sent 3', '1067 sent 1']);
    });

    marbles('of a job that is not done holds nothing', ({ flush }) => {
      const { log, sendAll } = use(serverLimit(), [bodiless(202, { 'Retry-After': '7' }), 200]);
      sendAll(2);
      flush();
      expect(log).toEqual(['0 sent 1', '0 sent 2']);
    });

    marbles('that a later one would shorten stays', ({ flush }) => {
      const { log, sendAll } = use(serverLimit(), [
        slow(10, bodiless(429, { 'Retry-After': '9' })),
        slow(20, bodiless(429, { 'Retry-After': '3' })),
        200,
      ]);
      sendAll(2);
      at(15, () => sendAll(1, 'later '));
      flush();
      expect(log).toEqual(['0 sent 1', '0 sent 2', '9010 sent later%201']);
    });

    marbles('that a later one prolongs is longer', ({ flush }) => {
      const { log, sendAll } = use(serverLimit(), [
        slow(10, bodiless(429, { 'Retry-After': '3' })),
        slow(20, bodiless(429, { 'Retry-After': '9' })),
        200,
      ]);
      sendAll(2);
      at(15, () => sendAll(1, 'later '));
      flush();
      expect(log).toEqual(['0 sent 1', '0 sent 2', '9020 sent later%201']);
    });

    marbles('of exactly maxWait is waited for, however times are rounded', ({ flush }) => {
      for (let n = 0; n < 50; n += 1) {
        const { log, send } = use(serverLimit(), [slow(0.1 * n, bodiless(429, { 'Retry-After': '60' })), 200]);
        send('1');
        asyncScheduler.schedule(() => send('2'), 0.1 * n);
        flush();
        expect(log).toHaveSize(2);
        expect(log[1]).toContain('sent 2');
      }
    });

    marbles('of another origin that a redirection led to is not for this one', ({ flush }) => {
      const redirected = (): Response =>
        Object.defineProperties(bodiless(503, { 'Retry-After': '7' })(), {
          redirected: { value: true },
          url: { value: `${OTHER}/x` },
        });
      const { log, sendAll } = use(serverLimit(), [redirected, 200]);
      sendAll(2);
      flush();
      expect(log).toEqual(['0 sent 1', '0 sent 2']);
    });

    marbles('of the same origin after a redirection counts', ({ flush }) => {
      const redirected = (): Response =>
        Object.defineProperties(bodiless(503, { 'Retry-After': '7' })(), {
          redirected: { value: true },
          url: { value: `${ORIGIN}/x` },
        });
      const { log, sendAll } = use(serverLimit(), [redirected, 200]);
      sendAll(2);
      flush();
      expect(log).toEqual(['0 sent 1', '7000 sent 2']);
    });

    marbles('of a redirected response counts in the bare operator, which knows no origin', ({ flush }) => {
      const redirected = Object.defineProperties(bodiless(503, { 'Retry-After': '7' })(), {
        redirected: { value: true },
        url: { value: `${OTHER}/x` },
      });
      const strategy = { attempts: 1, gates: [serverLimit()] };
      of(redirected).pipe(retryWithStrategy(strategy)).subscribe();
      const second = watch(of(1).pipe(retryWithStrategy(strategy)));
      flush();
      expect(second.lines).toEqual(['7000 1', '7000 complete']);
    });

    marbles('that ends when an earlier one does leaves the hold as long as it was', ({ flush }) => {
      const { log, sendAll } = use(serverLimit(), [
        slow(0, bodiless(429, { 'Retry-After': '9' })),
        slow(4_000, bodiless(429, { 'Retry-After': '5' })),
        200,
      ]);
      sendAll(2);
      at(5_000, () => sendAll(3, 'a'));
      flush();
      // Within a tenth of 9 s, and not of 5 s.
      expect(log.slice(2)).toEqual(['9000 sent a1', '9300 sent a2', '9600 sent a3']);
    });

    marbles('that ends with a later reset is the hold', ({ flush }) => {
      const { log, sendAll } = use(serverLimit(), [
        slow(0, bodiless(429, { 'Retry-After': '9' })),
        slow(4_000, quota('"a";r=0;t=5')),
        200,
      ]);
      sendAll(2);
      at(5_000, () => sendAll(3, 'a'));
      flush();
      expect(log.slice(2)).toEqual(['9000 sent a1', '9300 sent a2', '9600 sent a3']);
    });

    marbles('is obeyed for a day at most', ({ flush }) => {
      const { log, send } = use(serverLimit({ maxWait: Infinity }), [bodiless(503, { 'Retry-After': '1000000' }), 200]);
      send('1');
      send('2');
      flush();
      expect(log).toEqual(['0 sent 1', '86400000 sent 2']);
    });
  });

  describe('What is left', () => {
    marbles('is not exceeded before the reset', ({ flush }) => {
      const { log, sendAll } = use(serverLimit(), [
        quota('"a";r=2;t=10'),
        ...Array.from({ length: 3 }, () => NEVER),
        200,
      ]);
      sendAll(5);
      flush();
      // The draft, in its section on client behaviour: no more than what remains.
      expect(log).toEqual(['0 sent 1', '0 sent 2', '0 sent 3', '10000 sent 4', '10500 sent 5']);
    });

    marbles('counts those sent since the response', ({ flush }) => {
      const limit = serverLimit();
      const { log, sendAll } = use(limit, [slow(100, quota('"a";r=2;t=10')), NEVER, NEVER, NEVER, 200]);
      // Three are under way when the response says that two are left.
      sendAll(3);
      at(50, () => {
        expect(limit.snapshot(ORIGIN).remaining).toBeUndefined();
      });
      at(150, () => {
        expect(limit.snapshot(ORIGIN).remaining).toBe(0);
        sendAll(1, 'later');
      });
      flush();
      expect(log).toEqual(['0 sent 1', '0 sent 2', '0 sent 3', '10100 sent later1']);
    });

    marbles('is what the response to the later attempt says, in whatever order they come', ({ flush }) => {
      const limit = serverLimit();
      const { log, sendAll } = use(limit, [
        slow(300, quota('"a";r=0;t=10')),
        slow(200, quota('"a";r=9;t=10')),
        slow(100, quota('"a";r=8;t=10')),
        200,
      ]);
      sendAll(3);
      at(400, () => {
        expect(limit.snapshot(ORIGIN).remaining).toBe(8);
        sendAll(2, 'later');
      });
      flush();
      expect(log.slice(3)).toEqual(['400 sent later1', '400 sent later2']);
    });

    marbles('grows with a newer response, which ends the hold', ({ flush }) => {
      const { log, sendAll } = use(serverLimit(), [quota('"a";r=1;t=50'), slow(500, quota('"a";r=7;t=50')), 200]);
      sendAll(3);
      flush();
      expect(log).toEqual(['0 sent 1', '0 sent 2', '500 sent 3']);
    });

    marbles('grows for its policy alone', ({ flush }) => {
      const { log, sendAll } = use(serverLimit(), [
        quota('"a";r=1;t=20, "b";r=1;t=9'),
        slow(500, quota('"a";r=7;t=50')),
        200,
      ]);
      sendAll(3);
      flush();
      expect(log).toEqual(['0 sent 1', '0 sent 2', '9000 sent 3']);
    });

    marbles('grows for its partition alone', ({ flush }) => {
      const { log, sendAll } = use(serverLimit(), [
        quota('"a";r=1;t=9;pk=:MQ==:'),
        slow(500, quota('"a";r=7;t=50;pk=:Mg==:')),
        200,
      ]);
      sendAll(3);
      flush();
      expect(log).toEqual(['0 sent 1', '0 sent 2', '9000 sent 3']);
    });

    marbles('is given back by an attempt that gets no response', ({ flush }) => {
      const { log, sendAll } = use(serverLimit(), [
        quota('"a";r=1;t=50'),
        timer(500).pipe(mergeMap(() => throwError(() => new TypeError('network')))),
        200,
      ]);
      sendAll(3);
      flush();
      expect(log).toEqual(['0 sent 1', '0 sent 2', '500 sent 3']);
    });

    marbles('is given back by an attempt that is left', ({ flush }) => {
      const { log, send } = use(serverLimit(), [quota('"a";r=1;t=50'), NEVER, 200]);
      send('1');
      const left = send('2');
      send('3');
      at(700, () => {
        left.unsubscribe();
      });
      flush();
      expect(log).toEqual(['0 sent 1', '0 sent 2', '700 sent 3']);
    });

    marbles('is not given back by an attempt that a later response has counted', ({ flush }) => {
      const { log, send } = use(serverLimit(), [NEVER, quota('"a";r=0;t=10'), 200]);
      const left = send('1');
      send('2');
      send('3');
      at(700, () => {
        left.unsubscribe();
      });
      flush();
      expect(log).toEqual(['0 sent 1', '0 sent 2', '10000 sent 3']);
    });

    marbles('is not given back by an attempt that is answered without such fields', ({ flush }) => {
      const { log, sendAll } = use(serverLimit(), [quota('"a";r=1;t=10'), 200]);
      sendAll(3);
      flush();
      expect(log).toEqual(['0 sent 1', '0 sent 2', '10000 sent 3']);
    });

    marbles('is given back by an attempt that another gate rejects', ({ flush }) => {
      const limit = serverLimit();
      let isClosed = false;
      const inner = defineGate({
        name: 'inner',
        admit: () => (isClosed ? throwError(() => new Error('closed')) : undefined),
      });
      const { log, send } = use(limit, [quota('"a";r=1;t=10'), 200], { gates: [limit, inner] });
      send('1');
      isClosed = true;
      send('2');
      isClosed = false;
      send('3');
      flush();
      expect(log).toEqual(['0 sent 1', '0 rejected 2 for undefined', '0 sent 3']);
    });

    marbles('says nothing after the reset', ({ flush }) => {
      const { log, sendAll } = use(serverLimit(), [quota('"a";r=1;t=10'), 200]);
      sendAll(1);
      at(10_000, () => sendAll(5, 'later'));
      flush();
      expect(log.slice(1)).toEqual([1, 2, 3, 4, 5].map((n) => `10000 sent later${String(n)}`));
    });

    marbles('more than 0 of a refusal holds nothing (agent-twitter-client #68)', ({ flush }) => {
      const { log, sendAll } = use(serverLimit(), [
        bodiless(429, { 'X-Rate-Limit-Remaining': '800', 'X-Rate-Limit-Reset': '900' }),
        200,
      ]);
      sendAll(2);
      flush();
      expect(log).toEqual(['0 sent 1', '0 sent 2']);
    });

    marbles('is known for ten policies, the latest', ({ flush }) => {
      const limit = serverLimit();
      const { sendAll } = use(limit, [
        quota(Array.from({ length: 30 }, (_, index) => `"${String(index)}";r=0;t=${String(60 - index)}`).join()),
      ]);
      sendAll(1);
      flush();
      expect(limit.snapshot(ORIGIN).policies.map(({ name }) => name)).toEqual(
        Array.from({ length: 10 }, (_, index) => String(index + 20)),
      );
      expect(limit.snapshot(ORIGIN).resetAfter).toBe(40_000);
    });
  });

  describe('After the hold', () => {
    marbles('those who wait are let in at the rate of the policy, in the order in which they came', ({ flush }) => {
      const { log, sendAll } = use(serverLimit(), [quota('"a";r=0;t=5', '"a";q=100;w=60'), 200]);
      sendAll(4);
      flush();
      expect(log).toEqual(['0 sent 1', '5000 sent 2', '5600 sent 3', '6200 sent 4']);
    });

    marbles('the rate is that of the policy, not what is left by the reset', ({ flush }) => {
      // The draft warns of this in its section on resource exhaustion.
      const { log, sendAll } = use(serverLimit(), [quota('"a";r=0;t=10', '"a";q=10000;w=1000'), 200]);
      sendAll(4);
      flush();
      expect(log).toEqual(['0 sent 1', '10000 sent 2', '10100 sent 3', '10200 sent 4']);
    });

    marbles('the rate is the limit by the reset where the window is unknown', ({ flush }) => {
      const { log, sendAll } = use(serverLimit(), [
        bodiless(200, { 'RateLimit-Limit': '20', 'RateLimit-Remaining': '0', 'RateLimit-Reset': '4' }),
        200,
      ]);
      sendAll(4);
      flush();
      expect(log).toEqual(['0 sent 1', '4000 sent 2', '4200 sent 3', '4400 sent 4']);
    });

    marbles('they are at most 1 s apart', ({ flush }) => {
      const { log, sendAll } = use(serverLimit(), [quota('"a";r=0;t=5', '"a";q=5;w=86400'), 200]);
      sendAll(4);
      flush();
      expect(log).toEqual(['0 sent 1', '5000 sent 2', '6000 sent 3', '7000 sent 4']);
    });

    marbles('of several rates the shortest interval counts', ({ flush }) => {
      const { log, sendAll } = use(serverLimit(), [
        quota('"day";r=5;t=90, "burst";r=0;t=5', '"day";q=1000;w=86400, "burst";q=10;w=1'),
        200,
      ]);
      sendAll(3);
      flush();
      expect(log).toEqual(['0 sent 1', '5000 sent 2', '5100 sent 3']);
    });

    marbles('without a rate they are let in within a tenth of the hold', ({ flush }) => {
      const { log, sendAll } = use(serverLimit(), [quota('"a";r=0;t=5'), 200]);
      sendAll(6);
      flush();
      expect(log).toEqual([
        '0 sent 1',
        ...[0, 100, 200, 300, 400].map((ms, n) => `${String(5_000 + ms)} sent ${String(n + 2)}`),
      ]);
    });

    marbles('without a rate they are let in within 1 s', ({ flush }) => {
      const { log, sendAll } = use(serverLimit(), [bodiless(429, { 'Retry-After': '50' }), 200]);
      sendAll(6);
      flush();
      expect(log).toEqual([
        '0 sent 1',
        ...[0, 200, 400, 600, 800].map((ms, n) => `${String(50_000 + ms)} sent ${String(n + 2)}`),
      ]);
    });

    marbles('who comes while others wait goes behind them; who comes later passes', ({ flush }) => {
      const { log, sendAll, send } = use(serverLimit(), [quota('"a";r=0;t=5', '"a";q=10;w=5'), 200]);
      sendAll(3);
      at(5_200, () => send('4'));
      at(6_100, () => send('5'));
      at(6_500, () => {
        send('6');
        send('7');
      });
      flush();
      expect(log).toEqual(
        ['0 sent 1', '5000 sent 2', '5500 sent 3', '6000 sent 4', '6500 sent 5', '6500 sent 6', '6500 sent 7']
          .filter((line) => !/ [567]$/.test(line))
          .concat(log.slice(4)),
      );
      expect(log.slice(4)).toEqual(['6500 sent 5', '7000 sent 6', '7500 sent 7']);
    });

    marbles('the server may say again that nothing is left', ({ flush }) => {
      const none = quota('"a";r=0;t=5', '"a";q=100;w=60');
      const { log, sendAll } = use(serverLimit(), [none, none, none, 200]);
      sendAll(4);
      flush();
      expect(log).toEqual(['0 sent 1', '5000 sent 2', '10000 sent 3', '15000 sent 4']);
    });

    marbles('the first response says how many of them may follow', ({ flush }) => {
      const { log, sendAll } = use(serverLimit(), [
        quota('"a";r=0;t=5', '"a";q=100;w=1'),
        quota('"a";r=2;t=9'),
        NEVER,
        NEVER,
        200,
      ]);
      sendAll(5);
      flush();
      expect(log).toEqual(['0 sent 1', '5000 sent 2', '5010 sent 3', '5020 sent 4', '14000 sent 5']);
    });

    marbles('100,000 wait, some leave, and the others are let in in their order', ({ flush }) => {
      const limit = serverLimit();
      const strategy = { attempts: 1, gates: [limit] };
      of(quota('"a";r=0;t=20')()).pipe(retryWithStrategy(strategy)).subscribe();
      const begun: number[] = [];
      const all = Array.from({ length: 100_000 }, (_, n) =>
        of(n)
          .pipe(retryWithStrategy(strategy))
          .subscribe((value) => {
            begun.push(value);
          }),
      );
      for (const one of all.slice(0, 40_000)) one.unsubscribe();
      for (const one of all.slice(60_000).reverse()) one.unsubscribe();
      expect(limit.snapshot('all').queued).toBe(20_000);
      flush();
      expect(begun).toEqual(Array.from({ length: 20_000 }, (_, n) => 40_000 + n));
      expect(asyncScheduler.now()).toBe(21_000);
    });
  });

  describe('maxWait', () => {
    marbles('rejects at once an attempt that would be held for longer', ({ flush }) => {
      const { log, sendAll } = use(serverLimit({ maxWait: 4_000 }), [quota('"a";r=0;t=5'), 200]);
      sendAll(2);
      at(500, () => sendAll(1, 'b'));
      at(1_000, () => sendAll(1, 'c'));
      flush();
      expect(log).toEqual(['0 sent 1', '0 rejected 2 for 5000', '500 rejected b1 for 4500', '5000 sent c1']);
    });

    marbles('is 60 s', ({ flush }) => {
      const { log, sendAll } = use(serverLimit(), [quota('"a";r=0;t=61'), 200]);
      sendAll(2);
      at(1_000, () => sendAll(1, 'b'));
      flush();
      expect(log).toEqual(['0 sent 1', '0 rejected 2 for 61000', '61000 sent b1']);
    });

    marbles('of 0 holds nothing', ({ flush }) => {
      const { log, sendAll } = use(serverLimit({ maxWait: 0 }), [quota('"a";r=0;t=1'), 200]);
      sendAll(2);
      at(1_000, () => sendAll(1, 'b'));
      flush();
      expect(log).toEqual(['0 sent 1', '0 rejected 2 for 1000', '1000 sent b1']);
    });

    marbles('counts the place behind others', ({ flush }) => {
      const { log, sendAll } = use(serverLimit({ maxWait: 6_000 }), [quota('"a";r=0;t=5', '"a";q=2;w=1'), 200]);
      sendAll(5);
      flush();
      expect(log).toEqual(['0 sent 1', '0 rejected 5 for 6500', '5000 sent 2', '5500 sent 3', '6000 sent 4']);
    });

    marbles('counts the place behind others after the hold, too', ({ flush }) => {
      const { log, sendAll } = use(serverLimit({ maxWait: 1_000 }), [quota('"a";r=0;t=1', '"a";q=2;w=1'), 200]);
      sendAll(2);
      at(1_100, () => {
        sendAll(3, 'a');
      });
      at(2_200, () => {
        sendAll(1, 'b');
      });
      flush();
      expect(log).toEqual([
        '0 sent 1',
        '1000 sent 2',
        '1100 rejected a3 for 1400',
        '1500 sent a1',
        '2000 sent a2',
        '2500 sent b1',
      ]);
    });

    marbles('rejects those who wait as soon as the hold becomes too long', ({ flush }) => {
      const { log, send } = use(serverLimit({ maxWait: 10_000 }), [
        quota('"a";r=2;t=5'),
        NEVER,
        slow(1_000, quota('"a";r=0;t=12')),
        200,
      ]);
      for (const name of ['1', '2', '3', '4']) send(name);
      at(500, () => send('5'));
      at(4_000, () => send('6'));
      flush();
      expect(log).toEqual([
        '0 sent 1',
        '0 sent 2',
        '0 sent 3',
        '1000 rejected 4 for 12000',
        '1000 rejected 5 for 12000',
        '13000 sent 6',
      ]);
    });

    marbles('turns to the next place, which has another limit', ({ flush }) => {
      const limit = serverLimit({ maxWait: 1_000 });
      const { log, client, send } = use(limit, [quota('"a";r=0;t=5'), 200]);
      send('1');
      client.get(['https://api.example/2', `${OTHER}/2`] as never).subscribe();
      flush();
      expect(log).toEqual(['0 sent 1', `0 sent ${OTHER}/2`]);
    });

    marbles('says in its error how long the server asks to wait', ({ flush }) => {
      const { client, send } = use(serverLimit(), [quota('"a";r=0;t=100'), 200]);
      send('1');
      const { lines } = watch(client.get(`${ORIGIN}/2`));
      flush();
      expect(lines).toEqual([
        '0 error: GET https://api.example/2: rejected by the gate "server-limit": ' +
          'the server asks for no requests for 100000 ms (attempt 1 of 1)',
      ]);
    });

    marbles('lets attempts ask again after ten minutes, whatever the reset', ({ flush }) => {
      const { log, send } = use(serverLimit({ maxWait: Infinity }), [quota('"a";r=0;t=36000'), 200]);
      send('1');
      send('2');
      flush();
      expect(log).toEqual(['0 sent 1', '600000 sent 2']);
    });
  });

  describe('A server with windows of 1 s and 10 requests in each', () => {
    /** The server counts, and answers after 20 ms. */
    const windows = (): Observable<Response> => {
      let window = -1;
      let count = 0;
      return defer(() => {
        const time = asyncScheduler.now();
        if (Math.floor(time / 1_000) !== window) {
          window = Math.floor(time / 1_000);
          count = 0;
        }
        count += 1;
        const left = Math.max(0, 10 - count);
        return slow(20, quota(`"a";r=${String(left)};t=1`, '"a";q=10;w=1', count > 10 ? 429 : 200));
      });
    };

    marbles('refuses none of a hundred that come at once, once it has answered', ({ flush }) => {
      const { client, sendAll, log } = use(serverLimit(), [windows()]);
      const statuses: number[] = [];
      client.attempts$.subscribe((event) => {
        if (event.type === 'response') statuses.push(event.response.status);
      });
      sendAll(1);
      at(30, () => {
        sendAll(100);
      });
      flush();
      expect(statuses).toEqual(Array.from({ length: 101 }, () => 200));
      expect(log.map((line) => Number(line.split(' ').at(-1))).slice(1)).toEqual(
        Array.from({ length: 100 }, (_, n) => n + 1),
      );
      expect(asyncScheduler.now()).toBeLessThan(20_000);
    });
  });

  describe('Leaving', () => {
    marbles('while waiting gives the place back', ({ flush }) => {
      const limit = serverLimit();
      const { log, sendAll } = use(limit, [quota('"a";r=0;t=5', '"a";q=10;w=1'), 200]);
      const [, second, third, , fifth] = sendAll(5);
      at(100, () => {
        third?.unsubscribe();
        expect(limit.snapshot(ORIGIN).queued).toBe(3);
      });
      at(200, () => second?.unsubscribe());
      at(300, () => fifth?.unsubscribe());
      flush();
      expect(log).toEqual(['0 sent 1', '5000 sent 4']);
    });

    marbles('as the last one leaves no timer behind', ({ flush }) => {
      const limit = serverLimit();
      const { sendAll } = use(limit, [quota('"a";r=0;t=50'), 200]);
      const all = sendAll(3);
      let schedule: jasmine.Spy | undefined;
      at(100, () => {
        schedule = spyOn(asyncScheduler, 'schedule').and.callThrough();
        for (const one of all.reverse()) one.unsubscribe();
      });
      flush();
      expect(schedule).not.toHaveBeenCalled();
      expect(asyncScheduler.now()).toBe(100);
      expect(limit.snapshot(ORIGIN).queued).toBe(0);
    });

    marbles('during one’s own admission, by a listener, lets the next one in', ({ flush }) => {
      const limit = serverLimit();
      const { log, send } = use(limit, [quota('"a";r=0;t=5', '"a";q=10;w=1'), 200]);
      send('1');
      const second = send('2');
      send('3');
      limit.changes$.subscribe(({ queued }) => {
        if (queued === 1) second.unsubscribe();
      });
      flush();
      expect(log).toEqual(['0 sent 1', '5100 sent 3']);
    });

    marbles('and coming, by those who are let in, goes on without recursion', ({ flush }) => {
      const limit = serverLimit();
      const strategy = { attempts: 1, gates: [limit] };
      of(quota('"a";r=0;t=5', '"a";q=1000000;w=1')()).pipe(retryWithStrategy(strategy)).subscribe();
      let count = 0;
      const again = (): void => {
        count += 1;
        if (count <= 3_000) of(count).pipe(retryWithStrategy(strategy)).subscribe(again);
      };
      for (let n = 0; n < 5; n += 1) again();
      expect(count).toBe(5);
      flush();
      expect(count).toBe(3_005);
    });
  });

  describe('A first attempt', () => {
    marbles('goes to the place that is not held', ({ flush }) => {
      const { log, client, send } = use(serverLimit(), [quota('"a";r=0;t=5'), 200]);
      send('1');
      client.get([`${ORIGIN}/2`, `${OTHER}/2`] as never).subscribe();
      flush();
      expect(log).toEqual(['0 sent 1', `0 sent ${OTHER}/2`]);
    });

    marbles('goes to the place with the shorter wait, those before it included', ({ flush }) => {
      const { log, client, send, sendAll } = use(serverLimit(), [
        quota('"a";r=0;t=5', '"a";q=2;w=1'),
        quota('"a";r=0;t=6'),
        200,
      ]);
      send('1');
      send(`${OTHER}/1`);
      sendAll(3, 'a');
      client.get([`${ORIGIN}/2`, `${OTHER}/2`] as never).subscribe();
      flush();
      expect(log).toContain('6000 sent a3');
      expect(log).toContain(`6000 sent ${OTHER}/2`);
    });
  });

  describe('A retry', () => {
    marbles('is planned for the reset', ({ flush }) => {
      const { client } = use(serverLimit(), [quota('"a";r=0;t=5', undefined, 503), 200], {
        attempts: 2,
        backoff: constant(100),
        random: () => 0.5,
      });
      const { lines } = watch(client.attempts$, formatEvent);
      client.get(`${ORIGIN}/1`).subscribe();
      flush();
      // The random tenth is the core's.
      expect(lines).toContain('0 retry 1 (response: 503) +0 in 5250');
    });

    marbles('waits for the reset that its own response announced', ({ flush }) => {
      const { log, send } = use(serverLimit(), [quota('"a";r=0;t=5', undefined, 503), 200], {
        attempts: 2,
        backoff: constant(100),
        random: () => 0,
      });
      send('1');
      flush();
      expect(log).toEqual(['0 sent 1', '5000 sent 1']);
    });

    marbles('turns to the place that is not held', ({ flush }) => {
      const { log, client } = use(serverLimit(), [quota('"a";r=0;t=5', undefined, 503), 200], {
        attempts: 2,
        backoff: constant(100),
      });
      client.get([`${ORIGIN}/1`, `${OTHER}/1`] as never).subscribe();
      flush();
      expect(log).toEqual(['0 sent 1', `100 sent ${OTHER}/1`]);
    });

    marbles('to a held place asks nothing of the gate, and changes nothing', ({ flush }) => {
      const limit = serverLimit();
      const { log, client } = use(limit, [503, 200], { attempts: 2, backoff: constant(100) });
      client.get([`${ORIGIN}/1`, `${OTHER}/1`] as never).subscribe();
      flush();
      expect(log).toEqual(['0 sent 1', `100 sent ${OTHER}/1`]);
      expect([...limit.snapshot().keys()]).toEqual([ORIGIN, OTHER]);
    });
  });

  describe('snapshot and changes$', () => {
    const shape = ({ remaining, resetAfter, queued, policies }: ServerLimitSnapshot): string =>
      [remaining, resetAfter, queued, ...policies.map(({ name }) => name)].join(' ');

    marbles('show what the server has said', ({ flush }) => {
      const limit = serverLimit();
      const { sendAll } = use(limit, [quota('"a";r=3;t=9, "b";r=9;t=5', '"a";q=10;w=60')]);
      expect(limit.snapshot(ORIGIN)).toEqual({ remaining: undefined, resetAfter: 0, policies: [], queued: 0 });
      sendAll(1);
      at(1_000, () => {
        expect(limit.snapshot(ORIGIN)).toEqual({
          remaining: 3,
          resetAfter: 4_000,
          policies: [
            { name: 'a', remaining: 3, resetAfter: 8_000, limit: 10, window: 60_000 },
            { name: 'b', remaining: 9, resetAfter: 4_000, limit: undefined, window: undefined },
          ],
          queued: 0,
        });
      });
      at(5_000, () => {
        expect(shape(limit.snapshot(ORIGIN))).toBe('3 4000 0 a');
      });
      at(9_000, () => {
        expect(shape(limit.snapshot(ORIGIN))).toBe(' 0 0');
      });
      flush();
    });

    marbles('show a limit without a reset, and one that came later', ({ flush }) => {
      const limit = serverLimit();
      const { sendAll } = use(limit, [quota('"a";r=3'), quota('"b";r=4;t=5')]);
      sendAll(1);
      at(1_000, () => {
        sendAll(1);
      });
      at(2_000, () => {
        expect(shape(limit.snapshot(ORIGIN))).toBe('2 4000 0 a b');
        expect(limit.snapshot(ORIGIN).policies.map(({ resetAfter }) => resetAfter)).toEqual([undefined, 4_000]);
      });
      flush();
      expect(shape(limit.snapshot(ORIGIN))).toBe('2 4000 0 a b');
    });

    marbles('show how long attempts are held', ({ flush }) => {
      const limit = serverLimit();
      const { sendAll } = use(limit, [bodiless(429, { 'Retry-After': '7', RateLimit: '"a";r=3;t=9' }), 200]);
      sendAll(2);
      at(1_000, () => {
        expect(shape(limit.snapshot(ORIGIN))).toBe('0 6000 1 a');
      });
      flush();
      expect(shape(limit.snapshot(ORIGIN))).toBe('2 2000 0 a');
    });

    marbles('show each change', ({ flush }) => {
      const limit = serverLimit();
      const { lines } = watch(limit.changes$, (state) => `${state.key.replace('https://', '')}: ${shape(state)}`);
      const { sendAll } = use(limit, [quota('"a";r=0;t=5', '"a";q=10;w=1'), 200]);
      const [, , third] = sendAll(3);
      at(100, () => third?.unsubscribe());
      flush();
      expect(lines).toEqual([
        '0 api.example:  0 0',
        '0 api.example: 0 5000 0 a',
        '0 api.example: 0 5000 1 a',
        '0 api.example: 0 5000 2 a',
        '100 api.example: 0 4900 1 a',
        '5000 api.example:  0 0',
      ]);
    });

    marbles('show a Map of all keys', ({ flush }) => {
      const limit = serverLimit();
      const { send } = use(limit, [quota('"a";r=4;t=5'), 200]);
      send('1');
      send(`${OTHER}/2`);
      flush();
      expect([...limit.snapshot()].map(([key, { remaining }]) => [key, remaining])).toEqual([
        [ORIGIN, 4],
        [OTHER, undefined],
      ]);
    });

    marbles('let a subscriber start requests', ({ flush }) => {
      const limit = serverLimit();
      const { log, send, sendAll } = use(limit, [quota('"a";r=0;t=5', '"a";q=10;w=1'), 200]);
      let isFirst = true;
      limit.changes$.subscribe(({ queued }) => {
        if (queued === 1 && isFirst) {
          isFirst = false;
          send('extra');
        }
      });
      sendAll(3);
      flush();
      expect(log).toEqual(['0 sent 1', '5000 sent 2', '5100 sent extra', '5200 sent 3']);
    });
  });

  describe('Keys', () => {
    /** Sends a request for each of so many other keys, which are answered at once. */
    const visitOthers = (send: (name: string) => unknown, prefix: string): void => {
      for (let n = 1; n <= 1_100; n += 1) send(`${prefix}${String(n)}`);
    };

    marbles('in use are kept, of the others the latest 1,000', ({ flush }) => {
      const limit = serverLimit({ by: ({ url = '' }) => url, maxWait: 6_000 });
      let answer = of(quota('"a";r=0;t=5')());
      const { send } = use(limit, [defer(() => answer)]);
      const named = (): string[] =>
        [...limit.snapshot().keys()].map((key) => key.slice(ORIGIN.length + 1)).filter((key) => !/\d/.test(key));
      send('held');
      send('held');
      answer = NEVER;
      send('under-way');
      send('left').unsubscribe();
      // Two attempts are under way when a third one, which waits, is rejected.
      answer = of(quota('"a";r=1;t=5')());
      send('rejecting');
      answer = slow(1, bodiless(503, { 'Retry-After': '7' }));
      send('rejecting');
      send('rejecting');
      answer = of(new Response());
      send('over');
      at(1_000, () => {
        visitOthers(send, 'early');
        expect(limit.snapshot().size).toBe(1_000);
        expect(named()).toEqual(jasmine.arrayWithExactContents(['held', 'under-way']));
        // Another key, with a rejection before: it was never heard of again.
        answer = of(quota('"a";r=1;t=5')());
        send('rejected');
        answer = slow(1, bodiless(503, { 'Retry-After': '7' }));
        send('rejected');
        send('rejected');
        answer = of(new Response());
      });
      at(9_000, () => {
        answer = NEVER;
        send('rejected');
        answer = of(new Response());
        visitOthers(send, 'late');
        expect(named()).toEqual(jasmine.arrayWithExactContents(['under-way', 'rejected']));
      });
      flush();
    });

    it('that throw end the request with their error', () => {
      const limit = serverLimit({
        by: () => {
          throw new Error('no key');
        },
      });
      const { lines } = watch(of(1).pipe(retryWithStrategy({ gates: [limit] })));
      expect(lines.map((line) => line.replace(/^\d+ /, ''))).toEqual(['error: no key']);
    });
  });

  describe('Options', () => {
    it('of another kind are refused by name', () => {
      expectRefusal(() => serverLimit({ maxWait: -1 }), [RangeError], 'maxWait', '-1');
      expectRefusal(() => serverLimit({ maxWait: NaN }), [RangeError], 'maxWait', 'NaN');
      expectRefusal(() => serverLimit({ maxWait: '5' as never }), [TypeError], 'maxWait', "'5'");
      expectRefusal(() => serverLimit({ by: 'host' as never }), [TypeError], 'by', "'host'");
      expectRefusal(() => serverLimit({ maxwait: 5 } as never), [TypeError], 'maxwait', 'maxWait, by');
      expectRefusal(() => serverLimit(null as never), [TypeError], 'options');
      expectRefusal(() => serverLimit(5 as never), [TypeError], 'options');
    });

    it('that are undefined count as absent, and none are needed', () => {
      expect(serverLimit({ maxWait: undefined, by: undefined }).name).toBe('server-limit');
      expect(serverLimit().name).toBe('server-limit');
      expect(serverLimit({ maxWait: Infinity }).name).toBe('server-limit');
    });
  });
});
