import {
  asyncScheduler,
  config,
  map,
  NEVER,
  type Observer,
  of,
  Subject,
  Subscriber,
  type Subscription,
  takeUntil,
  timer,
} from 'rxjs';

import {
  circuitBreaker,
  concurrencyLimit,
  type ConcurrencyLimitOptions,
  type ConcurrencyLimitSnapshot,
  constant,
  type Gate,
  type GateAttempt,
  GateRejectedError,
  isHttpError,
  RetryClient,
  retryWithStrategy,
} from '../../src/index.js';
import { GATE } from '../../src/retry/gate.js';
import { askGate } from '../support/ask-gate.js';
import { formatEvent, watch } from '../support/event-log.js';
import { expectRefusal } from '../support/expect-refusal.js';
import { GatedRequests } from '../support/gated-requests.js';
import { network } from '../support/scripted-network.js';
import { marbles } from '../support/virtual-time.js';

/** Requests through a limit of their own. */
function through(options: ConcurrencyLimitOptions): {
  readonly limit: ReturnType<typeof concurrencyLimit>;
  readonly requests: GatedRequests;
  readonly state: () => ConcurrencyLimitSnapshot;
} {
  const limit = concurrencyLimit(options);
  return { limit, requests: new GatedRequests([limit]), state: () => limit.snapshot('all') };
}

/** Asks a gate to let an attempt in, as a run does. */
function ask(gate: Gate, attempt: Partial<GateAttempt>, observer: Partial<Observer<unknown>>): Subscription {
  const base = { number: 1, of: 1, requestId: 'r', startedAt: 0 };
  // Not a plain observer: RxJS would catch what it throws.
  // eslint-disable-next-line @typescript-eslint/no-deprecated
  const subscriber = new Subscriber<unknown>(observer as Observer<unknown>);
  return askGate(gate, { ...base, ...attempt }).subscribe(subscriber);
}

const delayed = { attempts: 2, backoff: constant(5) };

describe('concurrencyLimit()', () => {
  describe('lets attempts in', () => {
    it('as many as max at a time; the others wait, and the first that came is first', () => {
      const { requests, state } = through({ max: 2 });
      requests.startAll('a', 'b', 'c', 'd', 'e');
      expect(requests.lines).toEqual(['a begins', 'b begins']);
      expect(state()).toEqual({ limit: 2, inFlight: 2, queued: 3 });
      requests.end('b');
      expect(requests.lines.slice(2)).toEqual(['c begins', 'b ends']);
      requests.end('a');
      requests.end('c');
      expect(requests.lines.slice(4)).toEqual(['d begins', 'a ends', 'e begins', 'c ends']);
      expect(state()).toEqual({ limit: 2, inFlight: 2, queued: 0 });
      requests.end('d');
      requests.end('e');
      expect(state()).toEqual({ limit: 2, inFlight: 0, queued: 0 });
    });

    it('the last that came first, with order lifo', () => {
      const { requests } = through({ max: 1, order: 'lifo' });
      requests.startAll('a', 'b', 'c', 'd');
      requests.end('a');
      requests.start('e');
      for (const name of ['d', 'e', 'c', 'b']) requests.end(name);
      expect(requests.lines.filter((line) => line.endsWith('begins'))).toEqual([
        'a begins',
        'd begins',
        'e begins',
        'c begins',
        'b begins',
      ]);
    });

    it('when one fails', () => {
      const { requests, state } = through({ max: 1 });
      requests.startAll('a', 'b');
      requests.fail('a');
      expect(requests.lines).toEqual(['a begins', 'b begins', 'a: down']);
      expect(state()).toEqual({ limit: 1, inFlight: 1, queued: 0 });
    });

    it('when one is unsubscribed', () => {
      const { requests, state } = through({ max: 1 });
      requests.startAll('a', 'b');
      requests.leave('a');
      expect(requests.lines).toEqual(['a begins', 'b begins']);
      expect(state()).toEqual({ limit: 1, inFlight: 1, queued: 0 });
    });

    it('with an event before and after the wait', () => {
      const { limit, requests } = through({ max: 1 });
      requests.start('a');
      const log = watch(of(1).pipe(retryWithStrategy({ gates: [limit] }, { observe: 'attempts' })), formatEvent);
      expect(log.lines.map((line) => line.replace(/^\d+ /, ''))).toEqual(['hold 1 concurrency-limit']);
      requests.end('a');
      expect(log.lines.map((line) => line.replace(/^\d+ /, '').replace(/\+.*/, '+'))).toEqual([
        'hold 1 concurrency-limit',
        'start 1/3',
        'value 1 1 +',
        'success 1 +',
        'complete',
      ]);
    });
  });

  describe('with retries', () => {
    for (const [order, expected] of [
      ['fifo', ['x', 'y', 'c', 'd']],
      ['lifo', ['y', 'x', 'd', 'c']],
    ] as const) {
      marbles(`lets them in before first attempts, each class in ${order} order`, ({ flush }) => {
        const { requests } = through({ max: 2, order });
        requests.start('x', delayed);
        requests.start('y', delayed);
        requests.fail('x');
        requests.fail('y');
        requests.startAll('a', 'b', 'c', 'd');
        flush();
        expect(requests.lines.splice(0)).toEqual(['x begins', 'y begins', 'a begins', 'b begins']);
        requests.end('a');
        for (const name of expected) requests.end(name);
        expect(requests.lines.filter((line) => line.endsWith('begins'))).toEqual(
          expected.map((name) => `${name} begins`),
        );
      });
    }

    marbles('holds no slot between two attempts', () => {
      const { requests, state } = through({ max: 1 });
      requests.start('x', delayed);
      requests.start('a');
      requests.fail('x');
      expect(requests.lines).toEqual(['x begins', 'a begins']);
      expect(state()).toEqual({ limit: 1, inFlight: 1, queued: 0 });
    });

    marbles('leaves a backoff as it is when its own slot was the last', () => {
      const { limit } = through({ max: 1 });
      let drawn = 0;
      const random = (): number => (drawn += 1);
      const strategy = { gates: [limit], backoff: constant(0), attempts: 2, random };
      const client = new RetryClient({ interceptors: [network(503, 200).interceptor], strategy });
      const { lines } = watch(client.get('http://a.test/', { observe: 'attempts' }), formatEvent);
      expect(lines).toContain('0 retry 1 (response: 503) +0 in 0');
      expect(drawn).toBe(0);
    });
  });

  describe('holds a slot', () => {
    const answerAfter = (ms: number): RetryClient =>
      new RetryClient({
        interceptors: [() => timer(ms).pipe(map(() => new Response('body')))],
        strategy: { gates: [concurrencyLimit({ max: 1 })] },
      });

    marbles('until the headers have come', ({ flush }) => {
      const client = answerAfter(5);
      const lines: string[] = [];
      for (const path of ['a', 'b']) watch(client.get(`http://a.test/${path}`), () => path, lines);
      flush();
      expect(lines).toEqual(['5 a', '5 complete', '10 b', '10 complete']);
    });

    marbles('until the body was read, with a selector', ({ flush }) => {
      const client = answerAfter(5);
      const lines: string[] = [];
      const selector = () => timer(20);
      for (const path of ['a', 'b']) watch(client.get(`http://a.test/${path}`, { selector }), () => path, lines);
      flush();
      expect(lines).toEqual(['25 a', '25 complete', '50 b', '50 complete']);
    });

    marbles('and a selector that fails gives it back', ({ flush }) => {
      const client = answerAfter(5);
      const lines: string[] = [];
      const selector = (): never => {
        throw new Error('a bug');
      };
      for (const path of ['a', 'b']) watch(client.get(`http://a.test/${path}`, { selector }), String, lines);
      flush();
      expect(lines).toEqual(['5 error: a bug', '10 error: a bug']);
    });
  });

  describe('rejects', () => {
    it('one more than may wait', () => {
      const { limit, requests, state } = through({ max: 1, queue: 2 });
      requests.startAll('a', 'b', 'c', 'd');
      expect(requests.lines).toEqual([
        'a begins',
        'd: rejected by the gate "concurrency-limit": the queue is full (queue: 2) (attempt 1 of 1)',
      ]);
      expect(state()).toEqual({ limit: 1, inFlight: 1, queued: 2 });
      let thrown: unknown;
      NEVER.pipe(retryWithStrategy({ gates: [limit] })).subscribe({ error: (error: unknown) => (thrown = error) });
      expect(thrown).toBeInstanceOf(GateRejectedError);
      expect((thrown as GateRejectedError).gate).toBe('concurrency-limit');
      expect((thrown as GateRejectedError).retryAfter).toBeUndefined();
      requests.leave('b');
      requests.start('e');
      expect(state().queued).toBe(2);
    });

    it('all that would wait, if none may', () => {
      const { requests, state } = through({ max: 1, queue: 0 });
      requests.startAll('a', 'b');
      expect(requests.lines[1]).toContain('the queue is full (queue: 0)');
      requests.end('a');
      requests.start('c');
      expect(requests.lines.at(-1)).toBe('c begins');
      expect(state()).toEqual({ limit: 1, inFlight: 1, queued: 0 });
    });

    marbles('those that have waited for maxWait', ({ flush }) => {
      const limit = concurrencyLimit({ max: 1, maxWait: 10 });
      const requests = new GatedRequests([limit], true);
      requests.startAll('a', 'b', 'c');
      timer(4).subscribe(() => {
        requests.start('d');
      });
      timer(6).subscribe(() => {
        requests.end('a');
      });
      flush();
      const rejected = 'rejected by the gate "concurrency-limit": no slot became free within 10 ms (maxWait)';
      expect(requests.lines).toEqual([
        '0 a begins',
        '6 b begins',
        '6 a ends',
        `10 c: ${rejected} (attempt 1 of 1)`,
        `14 d: ${rejected} (attempt 1 of 1)`,
      ]);
      expect(limit.snapshot('all')).toEqual({ limit: 1, inFlight: 1, queued: 0 });
    });

    for (const order of ['fifo', 'lifo'] as const) {
      marbles(`retries and first attempts alike that have waited for too long, with order ${order}`, ({ flush }) => {
        const limit = concurrencyLimit({ max: 1, maxWait: 10, order });
        const requests = new GatedRequests([limit], true);
        requests.start('x', delayed);
        requests.fail('x');
        requests.startAll('a', 'b');
        timer(7).subscribe(() => {
          requests.start('c');
        });
        flush();
        expect(requests.lines.map((line) => line.replace(/ rejected.*/, ''))).toEqual([
          '0 x begins',
          '0 a begins',
          '10 b:',
          '15 x:',
          '17 c:',
        ]);
        expect(limit.snapshot('all')).toEqual({ limit: 1, inFlight: 1, queued: 0 });
      });
    }

    marbles('after a fraction of a millisecond, too', ({ flush }) => {
      const limit = concurrencyLimit({ max: 1, maxWait: 0.3 });
      const requests = new GatedRequests([limit], true);
      timer(0.1).subscribe(() => {
        requests.startAll('a', 'b');
      });
      flush();
      expect(requests.lines.at(-1)).toMatch(/^0\.4\d* b: rejected/);
    });

    marbles('at once if the wait may take no time', () => {
      const { requests, state } = through({ max: 1, maxWait: 0 });
      requests.startAll('a', 'b');
      expect(requests.lines[1]).toContain('no slot became free within 0 ms (maxWait)');
      expect(state()).toEqual({ limit: 1, inFlight: 1, queued: 0 });
    });

    marbles('with an error that names the request, after which another place is asked', ({ flush }) => {
      const gates = [concurrencyLimit({ max: 1, queue: 0 })];
      const client = new RetryClient({
        interceptors: [() => timer(5).pipe(map(() => new Response(null)))],
        strategy: { gates },
      });
      const places = ['http://a.test/', 'http://b.test/'];
      const lines: string[] = [];
      const formatUrl = ({ url }: Response): string => url;
      for (let request = 0; request < 2; request += 1) watch(client.get(places), formatUrl, lines);
      expect(gates[0]?.snapshot()).toEqual(
        new Map([
          ['http://a.test', { limit: 1, inFlight: 1, queued: 0 }],
          ['http://b.test', { limit: 1, inFlight: 1, queued: 0 }],
        ]),
      );
      let thrown: unknown;
      client.get(places).subscribe({ error: (error: unknown) => (thrown = error) });
      expect(isHttpError(thrown)).toBeTrue();
      expect(String(thrown)).toContain('GET http://a.test/: rejected by the gate "concurrency-limit"');
      flush();
      expect(lines.length).toBe(4);
    });

    it('nothing that a hedge leaves: it is sent if a slot is free, and else is not seen', () => {
      const { limit, requests, state } = through({ max: 2 });
      const changes: unknown[] = [];
      limit.changes$.subscribe((change) => changes.push(change));
      const seen: string[] = [];
      const hedge = (): Subscription | undefined =>
        ask(
          limit,
          { hedge: true },
          { next: () => seen.push('sent'), error: ({ message }: Error) => seen.push(message) },
        );
      requests.start('a');
      const sent = hedge();
      expect(seen).toEqual(['sent']);
      expect(changes.splice(0).length).toBe(2);
      hedge();
      expect(seen).toEqual(['sent', 'no slot is free']);
      expect(changes).toEqual([]);
      expect(state()).toEqual({ limit: 2, inFlight: 2, queued: 0 });
      sent?.unsubscribe();
      expect(state()).toEqual({ limit: 2, inFlight: 1, queued: 0 });
    });
  });

  describe('has one timer', () => {
    let timers: Subscription[];

    beforeEach(() => {
      timers = [];
      const schedule = asyncScheduler.schedule.bind(asyncScheduler);
      spyOn(asyncScheduler, 'schedule').and.callFake((...args) => {
        const scheduled = schedule(...(args as Parameters<typeof schedule>));
        timers.push(scheduled);
        return scheduled;
      });
    });

    const running = (): number => timers.filter(({ closed }) => !closed).length;

    it('for all that wait, and only while some do', () => {
      const { requests } = through({ max: 1, maxWait: 60_000 });
      requests.start('a');
      expect(timers.length).toBe(0);
      requests.startAll('b', 'c', 'd');
      expect(timers.length).toBe(1);
      requests.leave('b');
      requests.leave('d');
      expect(running()).toBe(1);
      requests.end('a');
      expect(running()).toBe(0);
      expect(timers.length).toBe(1);
    });

    it('that ends when the last one leaves', () => {
      const { requests } = through({ max: 1, maxWait: 60_000 });
      requests.startAll('a', 'b');
      requests.leave('b');
      expect(running()).toBe(0);
      requests.start('c');
      expect(running()).toBe(1);
      requests.leave('c');
      expect(running()).toBe(0);
    });

    it('and none if waits are not limited', () => {
      const { requests } = through({ max: 1 });
      requests.startAll('a', 'b');
      expect(timers.length).toBe(0);
    });
  });

  describe('forgets those that leave while they wait', () => {
    it('wherever they are', () => {
      for (const leaving of ['b', 'c', 'd']) {
        const { requests, state } = through({ max: 1 });
        requests.startAll('a', 'b', 'c', 'd');
        requests.leave(leaving);
        expect(state().queued).toBe(2);
        for (const name of ['a', 'b', 'c', 'd']) requests.end(name);
        const begun = ['a', 'b', 'c', 'd'].filter((name) => name !== leaving);
        expect(requests.lines.filter((line) => line.endsWith('begins'))).toEqual(begun.map((name) => `${name} begins`));
        expect(state()).toEqual({ limit: 1, inFlight: 0, queued: 0 });
      }
    });

    // https://github.com/failsafe-lib/failsafe/issues/393
    marbles('and gives no slot to one whose wait was too long', ({ flush }) => {
      const { requests, state } = through({ max: 1, maxWait: 5 });
      requests.startAll('a', 'b', 'c');
      flush();
      expect(state().queued).toBe(0);
      requests.end('a');
      expect(state()).toEqual({ limit: 1, inFlight: 0, queued: 0 });
      requests.start('d');
      expect(requests.lines.at(-1)).toBe('d begins');
    });

    // https://github.com/sindresorhus/p-queue/issues/168
    it('also if those under way leave at the same time', () => {
      const { requests, state } = through({ max: 1 });
      requests.startAll('a', 'b');
      requests.leave('a');
      requests.leave('b');
      expect(state()).toEqual({ limit: 1, inFlight: 0, queued: 0 });
      requests.start('c');
      expect(requests.lines).toEqual(['a begins', 'b begins', 'c begins']);
    });

    // https://github.com/sindresorhus/p-queue/issues/241
    it('and ends them by their signal', () => {
      const limit = concurrencyLimit({ max: 1 });
      const client = new RetryClient({ interceptors: [() => NEVER], strategy: { gates: [limit] } });
      client.get('http://a.test/').subscribe({ error: () => undefined });
      const controller = new AbortController();
      const { lines } = watch(client.get('http://a.test/', { signal: controller.signal }));
      expect(limit.snapshot('http://a.test').queued).toBe(1);
      controller.abort(new Error('enough'));
      expect(lines.map((line) => line.replace(/^\d+ /, ''))).toEqual(['error: enough']);
      expect(limit.snapshot('http://a.test')).toEqual({ limit: 1, inFlight: 1, queued: 0 });
      client.close();
      expect(limit.snapshot('http://a.test')).toEqual({ limit: 1, inFlight: 0, queued: 0 });
    });

    marbles('and ends them by the total timeout, which counts the wait; timeout does not', ({ flush }) => {
      const limit = concurrencyLimit({ max: 1 });
      const client = new RetryClient({
        interceptors: [() => timer(30).pipe(map(() => new Response(null)))],
        strategy: { gates: [limit], attempts: 1 },
        timeout: 40,
      });
      const lines: string[] = [];
      const status = ({ status }: Response): string => String(status);
      watch(client.get('http://a.test/'), status, lines);
      watch(client.get('http://a.test/', { totalTimeout: 20 }), status, lines);
      watch(client.get('http://a.test/'), status, lines);
      flush();
      expect(lines.map((line) => line.replace(/(error:).*/, '$1'))).toEqual([
        '20 error:',
        '30 200',
        '30 complete',
        '60 200',
        '60 complete',
      ]);
      expect(limit.snapshot('http://a.test')).toEqual({ limit: 1, inFlight: 0, queued: 0 });
    });
  });

  describe('has a limit for each key', () => {
    const paths = ['http://a.test/1', 'http://a.test/2', 'http://b.test/1'];

    function begun(by?: ConcurrencyLimitOptions['by']): string[] {
      const { interceptor, urls } = network(NEVER);
      const limit = concurrencyLimit({ max: 1, ...(by && { by }) });
      const client = new RetryClient({ interceptors: [interceptor], strategy: { gates: [limit] } });
      for (const path of paths) client.get(path).subscribe({ error: () => undefined });
      const used = [...urls(), ...[...limit.snapshot().keys()].sort()];
      // Their timeouts would fail a spec that runs later.
      client.close();
      return used;
    }

    it('for each origin by default', () => {
      const origins = ['http://a.test/1', 'http://b.test/1', 'http://a.test', 'http://b.test'];
      expect(begun()).toEqual(origins);
      expect(begun('origin')).toEqual(origins);
    });

    it('for all', () => {
      expect(begun('all')).toEqual(['http://a.test/1', 'all']);
    });

    it('for what a function returns', () => {
      expect(begun(({ url }) => String(url).slice(-1))).toEqual(['http://a.test/1', 'http://a.test/2', '1', '2']);
    });

    it('and a function that throws ends the request, and holds nothing', () => {
      const error = new Error('no key');
      const limit = concurrencyLimit({
        max: 1,
        by: () => {
          throw error;
        },
      });
      let thrown: unknown;
      of(1)
        .pipe(retryWithStrategy({ gates: [limit] }))
        .subscribe({ error: (reason: unknown) => (thrown = reason) });
      expect(thrown).toBe(error);
      expect(limit.snapshot().size).toBe(0);
    });

    it('and prefers a place with a free slot', () => {
      const { interceptor, urls } = network(NEVER);
      const limit = concurrencyLimit({ max: 1 });
      const client = new RetryClient({ interceptors: [interceptor], strategy: { gates: [limit] } });
      const places = ['http://a.test/', 'http://b.test/'];
      for (let request = 0; request < 3; request += 1) client.get(places).subscribe({ error: () => undefined });
      expect(urls()).toEqual(places);
      expect(limit.snapshot('http://a.test').queued).toBe(1);
      expect(limit.snapshot('http://b.test').queued).toBe(0);
      client.close();
    });

    it('and with an open breaker before it, queues for a busy place instead of one that is dead', () => {
      const { interceptor, urls } = network(NEVER);
      const breaker = circuitBreaker();
      const limit = concurrencyLimit({ max: 1 });
      const client = new RetryClient({ interceptors: [interceptor], strategy: { gates: [breaker, limit] } });
      breaker.isolate('http://dead.test');
      const places = ['http://dead.test/', 'http://live.test/'];
      for (let request = 0; request < 3; request += 1) client.get(places).subscribe({ error: () => undefined });
      expect(urls()).toEqual(['http://live.test/']);
      expect(limit.snapshot('http://live.test')).toEqual({ limit: 1, inFlight: 1, queued: 2 });
      client.close();
    });

    it('of which it keeps 1,000, and those in use', () => {
      const limit = concurrencyLimit({ max: 1, by: ({ requestId }) => requestId });
      const touch = (key: string): Subscription | undefined =>
        ask(limit, { requestId: key }, { next: () => undefined });
      touch('held');
      for (let key = 0; key < 1_100; key += 1) touch(`k${String(key)}`)?.unsubscribe();
      expect(limit.snapshot().size).toBe(1_000);
      expect(limit.snapshot().get('held')).toEqual({ limit: 1, inFlight: 1, queued: 0 });
      expect(limit.snapshot().has('k0')).toBeFalse();
      expect(limit.snapshot().has('k1099')).toBeTrue();
    });

    it('which a question does not create', () => {
      const limit = concurrencyLimit({ max: 1 });
      expect(limit.snapshot('http://a.test')).toEqual({ limit: 1, inFlight: 0, queued: 0 });
      const attempt = { number: 1, of: 1, requestId: 'r', startedAt: 0 };
      expect(limit[GATE].definition.delay?.(attempt)).toBe(0);
      expect(limit.snapshot().size).toBe(0);
    });
  });

  it('shows each change', () => {
    const { limit, requests } = through({ max: 2, queue: 1 });
    const changes: unknown[] = [];
    limit.changes$.subscribe(({ key, limit: max, inFlight, queued }) => changes.push([key, max, inFlight, queued]));
    requests.startAll('a', 'b');
    expect(changes.splice(0)).toEqual([
      ['all', 2, 1, 0],
      ['all', 2, 2, 0],
    ]);
    requests.startAll('c', 'd');
    expect(changes.splice(0)).toEqual([['all', 2, 2, 1]]);
    requests.end('a');
    // A slot that goes from one to the next was never free.
    expect(changes.splice(0)).toEqual([['all', 2, 2, 0]]);
    requests.start('e');
    requests.leave('e');
    expect(changes.splice(0)).toEqual([
      ['all', 2, 2, 1],
      ['all', 2, 2, 0],
    ]);
    requests.end('b');
    requests.end('c');
    expect(changes.splice(0)).toEqual([
      ['all', 2, 1, 0],
      ['all', 2, 0, 0],
    ]);
  });

  describe('with code that runs inside it', () => {
    it('lets 30,000 in one after the other that end at once, without recursion', () => {
      const { limit, requests, state } = through({ max: 1, maxWait: 60_000 });
      requests.start('a');
      let ended = 0;
      for (let request = 0; request < 30_000; request += 1) {
        of(1)
          .pipe(retryWithStrategy({ gates: [limit] }))
          .subscribe({ complete: () => (ended += 1) });
      }
      expect(state()).toEqual({ limit: 1, inFlight: 1, queued: 30_000 });
      requests.end('a');
      expect(ended).toBe(30_000);
      expect(state()).toEqual({ limit: 1, inFlight: 0, queued: 0 });
    });

    it('takes a request that begins when one ends as the last in line', () => {
      const { limit, requests } = through({ max: 1 });
      requests.startAll('a', 'b');
      of(1)
        .pipe(retryWithStrategy({ gates: [limit] }))
        .subscribe({
          complete: () => {
            requests.start('d');
          },
        });
      requests.start('c');
      requests.end('a');
      requests.end('b');
      expect(requests.lines).toEqual(['a begins', 'b begins', 'a ends', 'c begins', 'b ends']);
      requests.end('c');
      expect(requests.lines.at(-2)).toBe('d begins');
    });

    it('lets a listener of changes$ unsubscribe the request that is being let in, or held', () => {
      for (const change of [
        { inFlight: 1, queued: 0 },
        { inFlight: 1, queued: 1 },
      ]) {
        const { limit, requests, state } = through({ max: 1 });
        if (change.queued > 0) requests.start('a');
        const leave$ = new Subject<void>();
        const watching = limit.changes$.subscribe(({ inFlight, queued }) => {
          if (inFlight === change.inFlight && queued === change.queued) leave$.next();
        });
        NEVER.pipe(retryWithStrategy({ gates: [limit] }), takeUntil(leave$)).subscribe();
        watching.unsubscribe();
        expect(state()).toEqual({ limit: 1, inFlight: change.queued, queued: 0 });
        requests.start('b');
        expect(requests.lines.at(-1)).toBe(change.queued > 0 ? 'a begins' : 'b begins');
      }
    });

    it('lets a listener of changes$ unsubscribe one whose turn it is', () => {
      const { limit, requests, state } = through({ max: 1 });
      requests.startAll('a', 'b', 'c');
      const watching = limit.changes$.subscribe(({ queued }) => {
        if (queued === 1) requests.leave('b');
      });
      requests.end('a');
      watching.unsubscribe();
      expect(requests.lines).toEqual(['a begins', 'c begins', 'a ends']);
      expect(state()).toEqual({ limit: 1, inFlight: 1, queued: 0 });
    });

    it('lets a listener of changes$ begin a request when a slot is free', () => {
      const { limit, requests, state } = through({ max: 1 });
      requests.start('a');
      limit.changes$.subscribe(({ inFlight }) => {
        if (inFlight === 0 && !requests.lines.includes('b begins')) requests.start('b');
      });
      requests.end('a');
      expect(requests.lines).toEqual(['a begins', 'b begins', 'a ends']);
      expect(state()).toEqual({ limit: 1, inFlight: 1, queued: 0 });
    });

    marbles('lets one whose wait was too long unsubscribe the others that wait', ({ flush }) => {
      const { limit, requests, state } = through({ max: 1, maxWait: 5 });
      requests.start('a');
      NEVER.pipe(retryWithStrategy({ gates: [limit] })).subscribe({
        error: () => {
          requests.leave('b');
          requests.start('d');
        },
      });
      requests.startAll('b', 'c');
      flush();
      expect(requests.lines.map((line) => line.replace(/ rejected.*/, ''))).toEqual(['a begins', 'c:', 'd:']);
      expect(state()).toEqual({ limit: 1, inFlight: 1, queued: 0 });
    });

    it('reports what code throws that is let in, and goes on', (done) => {
      const { limit, requests, state } = through({ max: 1 });
      requests.start('a');
      const failure = new Error('a bug');
      config.onUnhandledError = (error) => {
        config.onUnhandledError = null;
        expect(error).toBe(failure);
        done();
      };
      const failing = ask(
        limit,
        {},
        {
          next: () => {
            throw failure;
          },
        },
      );
      requests.start('b');
      requests.end('a');
      expect(state()).toEqual({ limit: 1, inFlight: 1, queued: 1 });
      failing.unsubscribe();
      expect(requests.lines.at(-1)).toBe('b begins');
    });
  });

  describe('refuses', () => {
    it('a max that is neither a whole number of at least 1 nor an algorithm', () => {
      const expected = 'max must be a whole number of at least 1, or an algorithm such as aimd()';
      for (const max of [0, -1, 1.5, NaN, Infinity]) {
        expectRefusal(() => concurrencyLimit({ max }), [RangeError], expected, String(max));
      }
      const update = (): number => 1;
      const limit = (): number => 1;
      for (const max of [
        undefined,
        null,
        '5',
        [],
        {},
        { update, limit },
        { initial: 1, update },
        { initial: 1, limit },
      ]) {
        expectRefusal(() => concurrencyLimit({ max } as never), [TypeError], expected);
      }
      expectRefusal(() => concurrencyLimit({} as never), [TypeError], expected, 'undefined');
    });

    it('an algorithm whose limit at the start is not a number of at least 1', () => {
      for (const limit of [0, 0.9, NaN, -1]) {
        const max = { initial: 1, update: () => 1, limit: () => limit };
        expectRefusal(() => concurrencyLimit({ max }), [RangeError], 'max.limit(state)', 'at least 1', String(limit));
      }
      const max = { initial: 1, update: () => 1, limit: () => '5' };
      expectRefusal(() => concurrencyLimit({ max } as never), [TypeError], 'max.limit(state)', "'5'");
    });

    it('other bad options, by name', () => {
      for (const queue of [-1, 0.5, NaN]) {
        expectRefusal(() => concurrencyLimit({ max: 1, queue }), [RangeError], 'queue', String(queue), 'whole number');
      }
      for (const maxWait of [-1, NaN]) {
        expectRefusal(() => concurrencyLimit({ max: 1, maxWait }), [RangeError], 'maxWait', String(maxWait));
      }
      expectRefusal(() => concurrencyLimit({ max: 1, order: 'random' } as never), [RangeError], 'order', "'lifo'");
      expectRefusal(() => concurrencyLimit({ max: 1, by: 'host' } as never), [TypeError], 'by', "'origin'", "'host'");
      expectRefusal(
        () => concurrencyLimit({ max: 1, concurrency: 3 } as never),
        [TypeError],
        '"concurrency"',
        'max, queue, maxWait, order, by',
      );
      expectRefusal(() => concurrencyLimit(5 as never), [TypeError], '5');
      expectRefusal(() => (concurrencyLimit as () => unknown)(), [TypeError], 'undefined');
    });

    it('no option that is undefined, except max', () => {
      const absent = { queue: undefined, maxWait: undefined, order: undefined, by: undefined };
      expect(() => concurrencyLimit({ max: 1, ...absent } as never)).not.toThrow();
    });
  });
});
