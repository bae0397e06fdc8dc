import fc from 'fast-check';
import {
  asyncScheduler,
  config,
  defer,
  EMPTY,
  map,
  mergeMap,
  NEVER,
  Observable,
  of,
  Subscriber,
  type Subscription,
  take,
  takeUntil,
  throwError,
  timer,
} from 'rxjs';

import {
  type AttemptEvent,
  constant,
  defineGate,
  type GateRejectedError,
  hedging,
  rateLimit,
  type RateLimitOptions,
  RetryClient,
  retryWithStrategy,
} from '../../src/index.js';
import { type EventLog, formatEvent, watch } from '../support/event-log.js';
import { expectRefusal } from '../support/expect-refusal.js';
import { network } from '../support/scripted-network.js';
import { inVirtualTime, marbles } from '../support/virtual-time.js';

type Limit = ReturnType<typeof rateLimit>;

const down = throwError(() => new Error('down'));

/** A source that notes when it is sent, and answers at once. */
function sending(sent: number[]): Observable<number> {
  return defer(() => {
    sent.push(asyncScheduler.now());
    return of(0);
  });
}

/** Starts requests at these times, and returns when they are sent. */
function sendAt(limit: Limit, times: readonly number[]): number[] {
  const sent: number[] = [];
  for (const time of times) {
    timer(time)
      .pipe(mergeMap(() => sending(sent).pipe(retryWithStrategy({ gates: [limit] }))))
      .subscribe();
  }
  return sent;
}

/** Starts a request now, and returns its log. */
function send(limit: Limit, sent: number[] = []): EventLog {
  return watch(sending(sent).pipe(retryWithStrategy({ gates: [limit] })));
}

/** The state of attempts without a URL, as `available/resetAfter/queued`. */
function stateOf(limit: Limit): string {
  const { available, resetAfter, queued } = limit.snapshot('all');
  return `${available}/${resetAfter}/${queued}`;
}

describe('rateLimit', () => {
  // brandur/redis-cell, src/cell/mod.rs, it_rate_limits, without its cases of other quantities than 1.
  marbles("follows redis-cell's vectors", ({ flush }) => {
    const limit = rateLimit({ permits: 1, burst: 5, maxWait: 0 });
    const rows: string[] = [];
    const note = (answer: string): void => {
      const { available, resetAfter } = limit.snapshot('all');
      rows.push(`${asyncScheduler.now()}: ${available}, ${resetAfter}, ${answer}`);
    };
    const at = (time: number): void => {
      timer(time)
        .pipe(mergeMap(() => of('allowed').pipe(retryWithStrategy({ gates: [limit] }))))
        .subscribe({
          next: note,
          error: (error: unknown) => {
            note(String((error as GateRejectedError).retryAfter));
          },
        });
    };
    for (const time of [0, 0, 0, 0, 0, 0, 3_000, 3_100, 4_000, 8_000, 9_500]) at(time);
    flush();

    expect(rows).toEqual([
      '0: 4, 1000, allowed',
      '0: 3, 2000, allowed',
      '0: 2, 3000, allowed',
      '0: 1, 4000, allowed',
      '0: 0, 5000, allowed',
      '0: 0, 5000, 1000',
      '3000: 2, 3000, allowed',
      '3100: 1, 3900, allowed',
      '4000: 1, 4000, allowed',
      '8000: 4, 1000, allowed',
      '9500: 4, 1000, allowed',
    ]);
  });

  marbles('lets as many go at once as there are permits, and spaces the others evenly', ({ flush }) => {
    const sent = sendAt(
      rateLimit({ permits: 4 }),
      Array.from({ length: 8 }, () => 0),
    );
    flush();

    expect(sent).toEqual([0, 0, 0, 0, 250, 500, 750, 1_000]);
  });

  marbles('lets none go at once with a burst of 1', ({ flush }) => {
    const sent = sendAt(rateLimit({ permits: 2, per: 60_000, burst: 1 }), [0, 0, 0]);
    flush();

    expect(sent).toEqual([0, 30_000, 60_000]);
  });

  marbles('has the whole burst again after a pause, and no more', ({ flush }) => {
    const sent = sendAt(rateLimit({ permits: 2 }), [0, 0, 0, 9_000, 9_000, 9_000]);
    flush();

    expect(sent).toEqual([0, 0, 500, 9_000, 9_000, 9_500]);
  });

  marbles('is exact where the interval is no whole number of ms: nothing is lost by rounding', ({ flush }) => {
    const limit = rateLimit({ permits: 3 });
    const sent = sendAt(
      limit,
      Array.from({ length: 303 }, () => 0),
    );
    let state = '';
    timer(100_999).subscribe(() => {
      state = stateOf(limit);
    });
    flush();

    expect(sent.slice(0, 8)).toEqual([0, 0, 0, 334, 667, 1_000, 1_334, 1_667]);
    expect(sent.at(-1)).toBe(100_000);
    expect(state).toBe('2/1/0');
  });

  marbles('waits for longer than a timer can', ({ flush }) => {
    const month = 31 * 86_400_000;
    const sent = sendAt(rateLimit({ permits: 1, per: month }), [0, 0]);
    flush();

    expect(sent).toEqual([0, month]);
  });

  marbles('lets more than one go per ms where the rate says so', ({ flush }) => {
    const sent = sendAt(
      rateLimit({ permits: 3_000, burst: 3 }),
      Array.from({ length: 9 }, () => 0),
    );
    flush();

    expect(sent).toEqual([0, 0, 0, 1, 1, 1, 2, 2, 2]);
  });

  // resilience4j#336: those that came later got ahead of those that waited.
  marbles('lets those go first that came first', ({ flush }) => {
    const limit = rateLimit({ permits: 1 });
    const order: string[] = [];
    const arrive = (name: string, time: number): void => {
      const request = defer(() => of(order.push(`${asyncScheduler.now()} ${name}`)));
      timer(time)
        .pipe(mergeMap(() => request.pipe(retryWithStrategy({ gates: [limit] }))))
        .subscribe();
    };
    arrive('a', 0);
    arrive('b', 100);
    arrive('c', 1_000);
    arrive('d', 1_999);
    flush();

    expect(order).toEqual(['0 a', '1000 b', '2000 c', '3000 d']);
  });

  marbles('tells that it holds an attempt, and does not count the wait as its time', ({ flush }) => {
    const limit = rateLimit({ permits: 1 });
    send(limit);
    const { lines } = watch(timer(5).pipe(retryWithStrategy({ gates: [limit] }, { observe: 'attempts' })), formatEvent);
    flush();

    expect(lines).toEqual([
      '0 hold 1 rate-limit',
      '1000 start 1/3',
      '1005 value 1 0 +5',
      '1005 success 1 +5',
      '1005 complete',
    ]);
  });

  // elbywan/wretch-middlewares#19: the timeout of a request ran while it was queued.
  marbles('does not begin the timeout of an attempt that waits; the total timeout ends it', ({ flush }) => {
    const limit = rateLimit({ permits: 1, per: 10_000, by: 'all' });
    const answers = network(200);
    const client = new RetryClient({ strategy: { gates: [limit] }, interceptors: [answers.interceptor], timeout: 100 });
    client.get('http://a.test/0').subscribe();
    const waiting = watch(client.get('http://a.test/1'), ({ status }) => String(status));
    const ended = watch(client.get('http://a.test/2', { totalTimeout: 500 }), ({ status }) => String(status));
    flush();

    expect(waiting.lines).toEqual(['10000 200', '10000 complete']);
    expect(ended.lines).toEqual([jasmine.stringMatching(/^500 error: .*2: not completed within 500 ms/)]);
    expect(stateOf(limit)).toBe('0/10000/0');
  });

  // jhurliman/node-rate-limiter#33, axios-rate-limit#21 and #50: what was cancelled went on to use up the rate.
  marbles('moves those behind up when one leaves that waits: the first, one between, the last', ({ flush }) => {
    const limit = rateLimit({ permits: 1 });
    const sent: number[] = [];
    const [, first, second, between, third, last] = Array.from({ length: 6 }, () => send(limit, sent));
    for (const one of [between, first, last]) one?.subscription.unsubscribe();
    const state = stateOf(limit);
    flush();

    expect(state).toBe('0/3000/2');
    expect(sent).toEqual([0, 1_000, 2_000]);
    expect(second?.lines).toEqual(['1000 0', '1000 complete']);
    expect(third?.lines).toEqual(['2000 0', '2000 complete']);
  });

  // axios-rate-limit#100: an abort in the queue had another error than one on the way.
  marbles('lets an aborted request leave with the reason of its signal', ({ flush }) => {
    const limit = rateLimit({ permits: 1, by: 'all' });
    const client = new RetryClient({ strategy: { gates: [limit] }, interceptors: [network(200).interceptor] });
    client.get('http://a.test/').subscribe();
    const controller = new AbortController();
    const { lines } = watch(client.get('http://a.test/', { signal: controller.signal }));
    const before = stateOf(limit);
    timer(300).subscribe(() => {
      controller.abort(new Error('no longer wanted'));
    });
    flush();

    expect(lines).toEqual(['300 error: no longer wanted']);
    expect([before, stateOf(limit)]).toEqual(['0/2000/1', '0/700/0']);
  });

  marbles('has no timer while nobody waits', ({ flush }) => {
    const limit = rateLimit({ permits: 1, per: 5_000 });
    send(limit);
    const waiting = send(limit);
    timer(10).subscribe(() => {
      waiting.subscription.unsubscribe();
    });
    flush();

    expect(asyncScheduler.now()).toBe(10);
  });

  marbles('has one timer for all that wait', ({ flush }) => {
    const schedule = spyOn(asyncScheduler, 'schedule').and.callThrough();
    const limit = rateLimit({ permits: 1 });
    const waiting = Array.from({ length: 100 }, () => send(limit));
    for (const { subscription } of waiting.slice(50)) subscription.unsubscribe();
    for (const { subscription } of waiting.slice(0, 49)) subscription.unsubscribe();

    expect(schedule).toHaveBeenCalledTimes(1);

    flush();
  });

  // resilience4j#1283, #2194: one whose wait would be too long waited for the whole time, to be rejected then.
  marbles('rejects one whose wait would be too long at once, and says when to come again', ({ flush }) => {
    const limit = rateLimit({ permits: 1, maxWait: 2_500, by: 'all' });
    const answers = network(200);
    const client = new RetryClient({ strategy: { gates: [limit] }, interceptors: [answers.interceptor] });
    const errors: unknown[] = [];
    for (let request = 0; request < 4; request += 1) {
      client.get('http://a.test/').subscribe({
        error: (error: unknown) => {
          const { name, message, gate, retryAfter, reason } = error as GateRejectedError;
          errors.push([asyncScheduler.now(), name, message, gate, retryAfter, reason]);
        },
      });
    }
    flush();

    expect(answers.requests.length).toBe(3);
    expect(errors).toEqual([
      [
        0,
        'GateRejectedError',
        'GET http://a.test/: rejected by the gate "rate-limit": the wait would be 3000 ms, and maxWait is 2500 ms ' +
          '(attempt 1 of 3)',
        'rate-limit',
        500,
        'rejected',
      ],
    ]);
  });

  marbles('accepts a wait of exactly maxWait', ({ flush }) => {
    const sent = sendAt(rateLimit({ permits: 1, maxWait: 1_000 }), [0, 0]);
    flush();

    expect(sent).toEqual([0, 1_000]);
  });

  marbles('goes to the place without a limit, or with the shorter wait', ({ flush }) => {
    const limit = rateLimit({ permits: 1 });
    const answers = network(200);
    const client = new RetryClient({
      baseUrl: ['http://a.test', 'http://b.test'],
      strategy: { gates: [limit] },
      interceptors: [answers.interceptor],
    });
    for (let request = 0; request < 4; request += 1) client.get('/').subscribe();
    flush();

    expect(answers.urls()).toEqual(['http://a.test/', 'http://b.test/', 'http://a.test/', 'http://b.test/']);
    expect(asyncScheduler.now()).toBe(1_000);
  });

  marbles('does not delay a retry that goes to a place of which it knows nothing', ({ flush }) => {
    const limit = rateLimit({ permits: 1 });
    const answers = network(503, 200);
    const client = new RetryClient({
      baseUrl: ['http://a.test', 'http://b.test'],
      strategy: { backoff: constant(0), gates: [limit] },
      interceptors: [answers.interceptor],
    });
    client.get('/').subscribe();
    flush();

    expect(answers.urls()).toEqual(['http://a.test/', 'http://b.test/']);
    expect(asyncScheduler.now()).toBe(0);
  });

  marbles('remembers nothing of a place that it is only asked about', ({ flush }) => {
    const limit = rateLimit({ permits: 1 });
    const answers = network(200);
    const slow = defineGate({ name: 'slow', delay: ({ url }) => (url?.startsWith('http://b.test') ? 5_000 : 1) });
    const client = new RetryClient({
      baseUrl: ['http://a.test', 'http://b.test'],
      strategy: { gates: [slow, limit] },
      interceptors: [answers.interceptor],
    });
    client.get('/').subscribe();
    flush();

    expect(answers.urls()).toEqual(['http://a.test/']);
    expect([...limit.snapshot().keys()]).toEqual(['http://a.test']);
  });

  marbles('keeps a limit in which one waits, however many others there are', ({ flush }) => {
    let key = 'waiting';
    const limit = rateLimit({ permits: 1, by: () => key });
    send(limit);
    send(limit);
    for (let other = 0; other < 1_001; other += 1) {
      key = String(other);
      send(limit);
    }

    expect(limit.snapshot('waiting')).toEqual({ available: 0, resetAfter: 2_000, queued: 1 });
    expect(limit.snapshot().size).toBe(1_000);

    flush();
  });

  marbles('lets none go ahead of one that waits, also when its timer is late', ({ flush }) => {
    const limit = rateLimit({ permits: 3_000, burst: 3 });
    const order: string[] = [];
    const go = (name: string): Observable<number> =>
      defer(() => of(order.push(name))).pipe(retryWithStrategy({ gates: [limit] }));
    // In the same ms as the timer, and before it.
    timer(1)
      .pipe(mergeMap(() => go('late')))
      .subscribe();
    for (const name of ['a', 'b', 'c', 'waiting']) go(name).subscribe();
    flush();

    expect(order).toEqual(['a', 'b', 'c', 'waiting', 'late']);
  });

  marbles('delays a retry until it may go, without a place in the queue', ({ flush }) => {
    const limit = rateLimit({ permits: 1 });
    const { lines } = watch(
      down.pipe(
        retryWithStrategy(
          { attempts: 2, backoff: constant(10), random: () => 0.5, gates: [limit] },
          { observe: 'attempts' },
        ),
      ),
      formatEvent,
    );
    const state = stateOf(limit);
    flush();

    expect(state).toBe('0/1000/0');
    expect(lines).toEqual([
      '0 start 1/2',
      '0 retry 1 (error: down) +0 in 1050',
      '1050 start 2/2',
      '1050 failure 2 (error: down) +0 attempts',
      '1050 error: down',
    ]);
  });

  marbles('delays each retry', ({ flush }) => {
    const limit = rateLimit({ permits: 1 });
    const strategy = { backoff: constant(0), random: () => 0, gates: [limit] };
    const { lines } = watch(down.pipe(retryWithStrategy(strategy, { observe: 'attempts' })), formatEvent);
    flush();

    expect(lines.filter((line) => line.includes('retry') || line.includes('hold'))).toEqual([
      '0 retry 1 (error: down) +0 in 1000',
      '1000 retry 2 (error: down) +0 in 1000',
    ]);
  });

  marbles('lets a retry whose wait is over wait in the queue, where none that comes later is ahead', ({ flush }) => {
    const limit = rateLimit({ permits: 1 });
    const strategy = { attempts: 2, backoff: constant(0), random: () => 0, gates: [limit] };
    const { lines } = watch(down.pipe(retryWithStrategy(strategy, { observe: 'attempts' })), formatEvent);
    // One more comes every 900 ms than can go.
    timer(500, 900)
      .pipe(
        take(100),
        mergeMap(() => of(0).pipe(retryWithStrategy({ gates: [limit] }))),
      )
      .subscribe();
    flush();

    expect(lines).toEqual([
      '0 start 1/2',
      '0 retry 1 (error: down) +0 in 1000',
      '1000 hold 2 rate-limit',
      '2000 start 2/2',
      '2000 failure 2 (error: down) +0 attempts',
      '2000 error: down',
    ]);
  });

  marbles('sends no hedge that would have to wait', ({ flush }) => {
    const limit = rateLimit({ permits: 1 });
    const answers = network(NEVER);
    const client = new RetryClient({
      strategy: { gates: [limit], hedge: hedging({ after: 10 }) },
      interceptors: [answers.interceptor],
    });
    client
      .get('http://a.test/')
      .pipe(takeUntil(timer(50)))
      .subscribe();
    flush();

    expect(answers.requests.length).toBe(1);
    expect(limit.snapshot('http://a.test')).toEqual({ available: 0, resetAfter: 950, queued: 0 });
  });

  describe('whose permit another gate makes useless', () => {
    marbles('has it back when the attempt is rejected', ({ flush }) => {
      const limit = rateLimit({ permits: 2 });
      const closed = defineGate({ name: 'closed', admit: () => throwError(() => new Error('closed')) });
      const sent: number[] = [];
      sending(sent)
        .pipe(retryWithStrategy({ gates: [limit, closed] }))
        .subscribe({ error: () => undefined });
      flush();

      expect(sent).toEqual([]);
      expect(stateOf(limit)).toBe('2/0/0');
    });

    marbles('has it back each time, also where many are rejected in one moment', ({ flush }) => {
      const limit = rateLimit({ permits: 2 });
      const closed = defineGate({ name: 'closed', admit: () => throwError(() => new Error('closed')) });
      for (let request = 0; request < 5; request += 1) {
        sending([])
          .pipe(retryWithStrategy({ gates: [limit, closed] }))
          .subscribe({ error: () => undefined });
      }
      flush();

      expect(stateOf(limit)).toBe('2/0/0');
    });

    marbles('has back no more than its own', ({ flush }) => {
      const limit = rateLimit({ permits: 2 });
      const closed = defineGate({ name: 'closed', admit: () => throwError(() => new Error('closed')) });
      send(limit);
      of(0)
        .pipe(retryWithStrategy({ gates: [limit, closed] }))
        .subscribe({ error: () => undefined });
      flush();

      expect(stateOf(limit)).toBe('1/500/0');
    });

    marbles('shows that it has it back', () => {
      const limit = rateLimit({ permits: 1 });
      const available: number[] = [];
      limit.changes$.subscribe((change) => available.push(change.available));
      const inner = defineGate({ name: 'inner', admit: () => NEVER });
      of(0)
        .pipe(retryWithStrategy({ gates: [limit, inner] }))
        .subscribe()
        .unsubscribe();

      expect(available).toEqual([0, 1]);
    });

    // resilience4j#314: a permit could not be given back.
    marbles('has it back, as far as time has not paid for it, when one leaves that is held', ({ flush }) => {
      const limit = rateLimit({ permits: 1, burst: 2 });
      const inner = defineGate({ name: 'inner', admit: () => NEVER });
      const held = of(0)
        .pipe(retryWithStrategy({ gates: [limit, inner] }))
        .subscribe();
      const sent = sendAt(limit, [900, 900, 900, 900]);
      let before = '';
      let after = '';
      timer(950).subscribe(() => {
        before = stateOf(limit);
        held.unsubscribe();
        after = stateOf(limit);
      });
      flush();

      // All of it would have let the third go at 950, too: 3 within 50 ms.
      expect([before, after]).toEqual(['0/4050/3', '0/4000/3']);
      expect(sent).toEqual([900, 950, 1_950, 2_950]);
    });

    marbles('lets one that waits go earlier', ({ flush }) => {
      const limit = rateLimit({ permits: 1 });
      const inner = defineGate({ name: 'inner', admit: () => NEVER });
      const held = of(0)
        .pipe(retryWithStrategy({ gates: [limit, inner] }))
        .subscribe();
      const sent = sendAt(limit, [0, 0]);
      timer(1).subscribe(() => {
        held.unsubscribe();
      });
      flush();

      expect(sent).toEqual([1, 1_001]);
    });

    marbles('keeps it for one that is held, and sent later', ({ flush }) => {
      const limit = rateLimit({ permits: 1 });
      const inner = defineGate({ name: 'inner', admit: () => timer(10) });
      of(0)
        .pipe(retryWithStrategy({ gates: [limit, inner] }))
        .subscribe();
      let state = '';
      timer(11).subscribe(() => {
        state = stateOf(limit);
      });
      flush();

      expect(state).toBe('0/989/0');
    });
  });

  marbles('keeps the permit of one that was sent, and left then', ({ flush }) => {
    const limit = rateLimit({ permits: 1 });
    NEVER.pipe(retryWithStrategy({ gates: [limit] }))
      .subscribe()
      .unsubscribe();
    flush();

    expect(stateOf(limit)).toBe('0/1000/0');
  });

  marbles('has a limit for each origin, for all, or for each key of yours', ({ flush }) => {
    const urls = ['http://a.test/', 'http://b.test/', 'http://a.test/'];
    const times = [{}, { by: 'all' as const }, { by: () => urls.length as never }].map((options) => {
      const limit = rateLimit({ permits: 1, ...options });
      const sent: number[] = [];
      const client = new RetryClient({
        strategy: { gates: [limit] },
        interceptors: [() => sending(sent).pipe(map(() => new Response()))],
      });
      for (const url of urls) client.get(url).subscribe();
      return { sent, limit };
    });
    flush();

    expect(times.map(({ sent }) => sent)).toEqual([
      [0, 0, 1_000],
      [0, 1_000, 2_000],
      [0, 1_000, 2_000],
    ]);
    expect(times.map(({ limit }) => [...limit.snapshot().keys()])).toEqual([
      ['http://b.test', 'http://a.test'],
      ['all'],
      ['3'],
    ]);
  });

  marbles('shows each change', ({ flush }) => {
    const limit = rateLimit({ permits: 1 });
    const changes: string[] = [];
    limit.changes$.subscribe(({ key, available, resetAfter, queued }) => {
      changes.push(`${asyncScheduler.now()} ${key} ${available}/${resetAfter}/${queued}`);
    });
    send(limit);
    send(limit);
    const { subscription } = send(limit);
    subscription.unsubscribe();
    flush();

    expect(changes).toEqual([
      '0 all 0/1000/0',
      '0 all 0/2000/1',
      '0 all 0/3000/2',
      '0 all 0/2000/1',
      '1000 all 0/1000/0',
    ]);
  });

  marbles('can be left, and entered, by those who see its changes', ({ flush }) => {
    const limit = rateLimit({ permits: 1 });
    const sent: number[] = [];
    let third: EventLog | undefined;
    limit.changes$.subscribe(({ queued }) => {
      const time = asyncScheduler.now();
      // The second has its permit, and is not sent yet; the third is behind.
      if (time === 1_000 && queued === 1) {
        second.subscription.unsubscribe();
        third ??= send(limit, sent);
      }
    });
    send(limit, sent);
    const second = send(limit, sent);
    send(limit, sent);
    flush();

    expect(second.lines).toEqual([]);
    expect(sent).toEqual([0, 1_000, 2_000]);
  });

  marbles('can be left by one who sees the change of its own admission', ({ flush }) => {
    const limit = rateLimit({ permits: 1 });
    const sent: number[] = [];
    const leave: Subscription[] = [];
    limit.changes$.pipe(take(1)).subscribe(() => leave[0]?.unsubscribe());
    const source = new Observable<number>((subscriber) => {
      leave.push(subscriber);
      return sending(sent)
        .pipe(retryWithStrategy({ gates: [limit] }))
        .subscribe(subscriber);
    });
    source.subscribe();
    flush();

    expect(sent).toEqual([]);
    expect(stateOf(limit)).toBe('1/0/0');
  });

  marbles('goes on when what it lets go fails or throws', ({ flush }) => {
    const limit = rateLimit({ permits: 2, per: 1 });
    const lines: string[] = [];
    for (let request = 0; request < 4; request += 1) {
      watch(
        defer((): Observable<number> => {
          throw new Error(`thrown ${request}`);
        }).pipe(retryWithStrategy({ attempts: 1, gates: [limit] })),
        String,
        lines,
      );
    }
    flush();

    expect(lines).toEqual(['0 error: thrown 0', '0 error: thrown 1', '1 error: thrown 2', '1 error: thrown 3']);
  });

  marbles('lets the next one go when a consumer throws', ({ flush }) => {
    const limit = rateLimit({ permits: 1 });
    const sent: number[] = [];
    const reported: unknown[] = [];
    config.onUnhandledError = (error) => reported.push(error);
    const thrown = new Error('thrown');
    send(limit, sent);
    // An ordinary consumer's errors are caught; those of an operator's own Subscriber are not.
    // eslint-disable-next-line @typescript-eslint/no-deprecated
    const consumer = new Subscriber<unknown>({
      next: ({ type }: AttemptEvent) => {
        if (type === 'start') throw thrown;
      },
      error: () => undefined,
      complete: () => undefined,
    });
    sending(sent)
      .pipe(retryWithStrategy({ gates: [limit] }, { observe: 'attempts' }))
      .subscribe(consumer);
    send(limit, sent);
    try {
      flush();
    } finally {
      config.onUnhandledError = null;
    }

    expect(sent).toEqual([0, 2_000]);
    expect(reported).toEqual([thrown]);
  });

  marbles('ends a request with the error of its own key function', ({ flush }) => {
    const limit = rateLimit({
      permits: 1,
      by: () => {
        throw new Error('no key');
      },
    });
    const { lines } = send(limit);
    flush();

    expect(lines).toEqual(['0 error: no key']);
  });

  it('lets 100,000 wait, leave from anywhere and go, in time that grows with their number', () => {
    inVirtualTime(({ flush }) => {
      const limit = rateLimit({ permits: 1, per: 1_000, burst: 1, by: 'all' });
      let sent = 0;
      const source = defer(() => {
        sent += 1;
        return EMPTY;
      });
      const requests = Array.from({ length: 100_001 }, () =>
        source.pipe(retryWithStrategy({ gates: [limit] })).subscribe(),
      );

      expect(limit.snapshot('all')).toEqual({ available: 0, resetAfter: 100_001_000, queued: 100_000 });

      // Backwards, forwards, and every second one.
      for (const request of requests.slice(60_000).reverse()) request.unsubscribe();
      for (const request of requests.slice(1, 30_001)) request.unsubscribe();
      for (const [index, request] of requests.entries()) if (index % 2 === 0) request.unsubscribe();

      expect(limit.snapshot('all').queued).toBe(15_000);

      flush();

      expect(sent).toBe(15_001);
    });
  });

  marbles('lets 100,000 go in one moment without recursion', ({ flush }) => {
    const limit = rateLimit({ permits: 50_000, per: 1 });
    let sent = 0;
    const source = defer(() => {
      sent += 1;
      return EMPTY;
    }).pipe(retryWithStrategy({ gates: [limit] }));
    for (let request = 0; request < 100_000; request += 1) source.subscribe();
    flush();

    expect([sent, asyncScheduler.now()]).toEqual([100_000, 1]);
  });

  const refused: readonly (readonly [unknown, ErrorConstructor, ...string[]])[] = [
    [undefined, TypeError, 'options must be an object of options, not undefined'],
    [{}, TypeError, 'permits must be a whole number of at least 1, not undefined'],
    [{ permits: 1, limit: 1 }, TypeError, 'unknown option "limit"', 'permits, per, burst, maxWait, by'],
    [{ permits: 0 }, RangeError, 'permits must be a whole number of at least 1, not 0'],
    [{ permits: 1.5 }, RangeError, 'permits', '1.5'],
    [{ permits: Infinity }, RangeError, 'permits', 'Infinity'],
    [{ permits: '1' }, TypeError, 'permits', "'1'"],
    [{ permits: 1, per: 0 }, RangeError, 'per must be a finite number above 0, not 0'],
    [{ permits: 1, per: Infinity }, RangeError, 'per', 'Infinity'],
    [{ permits: 1, burst: 0 }, RangeError, 'burst must be a whole number of at least 1, not 0'],
    [{ permits: 1, maxWait: -1 }, RangeError, 'maxWait must be a number of at least 0, not -1'],
    [{ permits: 1, maxWait: Number.NaN }, RangeError, 'maxWait', 'NaN'],
    [{ permits: 1, by: 1 }, TypeError, "by must be 'origin', 'all', or a function that returns a key, not 1"],
  ];
  for (const [options, kind, ...parts] of refused) {
    it(`refuses: ${parts.join(', ')}`, () => {
      expectRefusal(() => rateLimit(options as RateLimitOptions), [kind], ...parts);
    });
  }

  it('is free when virtual time starts again', () => {
    const limit = rateLimit({ permits: 1 });
    inVirtualTime(({ flush }) => {
      timer(5_000)
        .pipe(mergeMap(() => of(0).pipe(retryWithStrategy({ gates: [limit] }))))
        .subscribe();
      flush();
    });
    inVirtualTime(({ flush }) => {
      const { lines } = send(limit);
      flush();

      expect(lines).toEqual(['0 0', '0 complete']);
    });
  });

  marbles('shows times in whole ms', () => {
    const limit = rateLimit({ permits: 3 });
    send(limit);

    expect(stateOf(limit)).toBe('2/334/0');
  });

  it('accepts options that are undefined', () => {
    const limit = rateLimit({ permits: 7, per: undefined, burst: undefined, maxWait: undefined, by: undefined });

    expect(limit.snapshot('all')).toEqual({ available: 7, resetAfter: 0, queued: 0 });
    expect(limit.snapshot().size).toBe(0);
  });

  it('lets at most burst + T · permits / per go in any T ms, whoever leaves; and none wait for less', () => {
    const arrival = fc.record({
      at: fc.nat(3_000),
      leavesAfter: fc.option(fc.nat(3_000), { nil: undefined }),
      isHeld: fc.boolean(),
    });
    fc.assert(
      fc.property(
        fc.record({
          permits: fc.integer({ min: 1, max: 7 }),
          per: fc.constantFrom(50, 400, 1_000),
          burst: fc.integer({ min: 1, max: 4 }),
        }),
        fc.array(arrival, { minLength: 1, maxLength: 60 }),
        (options, arrivals) => {
          const sent: number[] = [];
          const { permits, per, burst } = options;
          inVirtualTime(({ flush }) => {
            const limit = rateLimit(options);
            // It holds some, which leave unsent.
            const inner = defineGate({ name: 'inner', admit: () => NEVER });
            for (const { at, leavesAfter, isHeld } of arrivals) {
              timer(at)
                .pipe(
                  mergeMap(() =>
                    sending(sent).pipe(
                      retryWithStrategy({ gates: isHeld ? [limit, inner] : [limit] }),
                      takeUntil(leavesAfter === undefined && !isHeld ? NEVER : timer(leavesAfter ?? 500)),
                    ),
                  ),
                )
                .subscribe();
            }
            flush();
          });
          for (const [index, last] of sent.entries()) {
            for (const [before, first] of sent.slice(0, index + 1).entries()) {
              expect(index - before + 1).toBeLessThanOrEqual(burst + ((last - first) * permits) / per);
            }
          }
        },
      ),
    );
  });

  it('lets each go at the first whole ms that the rate allows, if none leaves', () => {
    fc.assert(
      fc.property(
        fc.record({
          permits: fc.integer({ min: 1, max: 9 }),
          per: fc.constantFrom(50, 400, 1_000),
          burst: fc.integer({ min: 1, max: 4 }),
        }),
        fc.array(fc.nat(3_000), { minLength: 1, maxLength: 60 }),
        (options, arrivals) => {
          const { permits, per, burst } = options;
          const ordered = [...arrivals].sort((a, b) => a - b);
          const sent = inVirtualTime(({ flush }) => {
            const times = sendAt(rateLimit(options), ordered);
            flush();
            return times;
          });
          const isAllowed = (earlier: readonly number[], time: number): boolean =>
            earlier.every((first, index) => (earlier.length - index + 1 - burst) * per <= (time - first) * permits);
          const expected: number[] = [];
          for (const arrival of ordered) {
            let time = Math.max(arrival, expected.at(-1) ?? 0);
            while (!isAllowed(expected, time)) time += 1;
            expected.push(time);
          }

          expect(sent).toEqual(expected);
        },
      ),
    );
  });
});
