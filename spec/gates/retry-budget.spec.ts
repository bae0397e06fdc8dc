import fc from 'fast-check';
import { asyncScheduler, concat, defer, map, mergeMap, NEVER, of, takeUntil, throwError, timer } from 'rxjs';

import {
  constant,
  hedging,
  RetryClient,
  retryBudget,
  type RetryBudgetOptions,
  retryWithStrategy,
  type RetryStrategy,
} from '../../src/index.js';
import { formatEvent, watch } from '../support/event-log.js';
import { expectRefusal } from '../support/expect-refusal.js';
import { network } from '../support/scripted-network.js';
import { inVirtualTime, marbles } from '../support/virtual-time.js';

type Budget = ReturnType<typeof retryBudget>;

const down = throwError(() => new Error('down'));

/** The key of attempts without a URL. */
const KEY = 'all';

function balanceOf(budget: Budget): number {
  return budget.snapshot(KEY).balance;
}

/** Starts a request that fails, and leaves it; returns whether a retry was allowed: then it waits. */
function failOnce(budget: Budget): boolean {
  let isRetried = true;
  down
    .pipe(retryWithStrategy({ attempts: 2, gates: [budget] }))
    .subscribe({
      error: () => {
        isRetried = false;
      },
    })
    .unsubscribe();
  return isRetried;
}

/** Starts a request that succeeds. */
function succeed(budget: Budget): void {
  of(1)
    .pipe(retryWithStrategy({ gates: [budget] }))
    .subscribe();
}

/** Starts a request that fails, with all of its attempts, and returns its log. */
function failing(budget: Budget, strategy: RetryStrategy = {}): string[] {
  return watch(
    down.pipe(retryWithStrategy({ backoff: constant(0), gates: [budget], ...strategy }, { observe: 'attempts' })),
    formatEvent,
  ).lines;
}

function client(budget: Budget, answers: ReturnType<typeof network>, strategy: RetryStrategy = {}): RetryClient {
  return new RetryClient({
    strategy: { backoff: constant(0), gates: [budget], ...strategy },
    interceptors: [answers.interceptor],
  });
}

describe('retryBudget', () => {
  // twitter/finagle, RetryBudgetTest.scala: time stands still.
  const vectors = [
    ...[0.1, 0.5, 0.25, 0.75, 0.99, 0.999, 0.9999, 0.01, 0.001, 0.0001].map((ratio) => ({
      ratio,
      minPerSecond: 0,
      window: 60_000,
    })),
    { ratio: 0, minPerSecond: 10, window: 1_000 },
    { ratio: 0, minPerSecond: 5, window: 2_000 },
    { ratio: 0.1, minPerSecond: 10, window: 1_000 },
    { ratio: 0.5, minPerSecond: 5, window: 2_000 },
  ];
  for (const { ratio, minPerSecond, window } of vectors) {
    marbles(`follows Finagle's vector of ${ratio} and ${minPerSecond}/s in ${window} ms`, () => {
      const budget = retryBudget({ ratio, minPerSecond, window });
      const reserve = (minPerSecond * window) / 1_000;

      expect(balanceOf(budget)).toBe(reserve);

      let retries = 0;
      for (let request = 0; request < 10_000; request += 1) {
        if (failOnce(budget)) retries += 1;
        else if (balanceOf(budget) !== 0) fail(`not retried with a balance of ${balanceOf(budget)}`);
      }

      expect(Math.abs(retries - Math.trunc(10_000 * ratio) - reserve)).toBeLessThanOrEqual(1);
    });
  }

  marbles("follows Finagle's vector of a ratio above 1", () => {
    const budget = retryBudget({ ratio: 2, minPerSecond: 0, window: 60_000 });
    for (let request = 0; request < 10_000; request += 1) succeed(budget);

    expect(balanceOf(budget)).toBe(20_000);
  });

  marbles('is empty without a ratio and a minimum', () => {
    const budget = retryBudget({ ratio: 0, minPerSecond: 0 });

    expect([balanceOf(budget), failOnce(budget), balanceOf(budget)]).toEqual([0, false, 0]);
  });

  marbles('allows a fifth of the requests by default, and 10 more within 10 s', () => {
    const budget = retryBudget();
    const starts = balanceOf(budget);
    let retries = 0;
    for (let request = 0; request < 10_000; request += 1) if (failOnce(budget)) retries += 1;

    expect([starts, retries]).toEqual([10, 2_010]);
  });

  marbles('ends a request whose retry it does not allow with its last outcome', ({ flush }) => {
    const budget = retryBudget({ ratio: 0, minPerSecond: 1, window: 1_000 });
    const lines = failing(budget, { attempts: 5 });
    flush();

    expect(lines).toEqual([
      '0 start 1/5',
      '0 retry 1 (error: down) +0 in 0',
      '0 start 2/5',
      '0 failure 2 (error: down) +0 rejected',
      '0 error: down',
    ]);
  });

  marbles('is named in the failure, and leaves the response as it is', ({ flush }) => {
    const budget = retryBudget({ ratio: 0, minPerSecond: 0 });
    const gates: unknown[] = [];
    const base = client(budget, network(503));
    base.attempts$.subscribe((event) => {
      if (event.type === 'failure') gates.push(event.gate, event.reason);
    });
    const { lines } = watch(base.get('http://a.test/'), ({ status }) => String(status));
    flush();

    expect(gates).toEqual(['retry-budget', 'rejected']);
    expect(lines).toEqual(['0 503', '0 complete']);
  });

  marbles('lets first attempts pass, also when it is spent', ({ flush }) => {
    const budget = retryBudget({ ratio: 0, minPerSecond: 0 });
    const lines = [...failing(budget), ...failing(budget)];
    flush();

    expect(lines.filter((line) => line.includes('start'))).toEqual(['0 start 1/3', '0 start 1/3']);
  });

  marbles('counts no retry as a first attempt', ({ flush }) => {
    const budget = retryBudget({ ratio: 1, minPerSecond: 0 });
    const lines = failing(budget, { attempts: Infinity });
    flush();

    expect(lines.filter((line) => line.includes('start')).length).toBe(2);
  });

  marbles('counts no attempt after a value as a first attempt', ({ flush }) => {
    const budget = retryBudget({ ratio: 1, minPerSecond: 0 });
    let attempts = 0;
    const source = defer(() => {
      attempts += 1;
      return concat(of(attempts), down);
    });
    source.pipe(retryWithStrategy({ resetOnSuccess: true, gates: [budget] })).subscribe({ error: () => undefined });
    flush();

    expect(attempts).toBe(2);
  });

  marbles('charges a retry when it is planned, and keeps the charge of one that is left', ({ flush }) => {
    const budget = retryBudget({ ratio: 0, minPerSecond: 1, window: 2_000 });
    const { subscription } = watch(down.pipe(retryWithStrategy({ backoff: constant(500), gates: [budget] })));
    const planned = balanceOf(budget);
    subscription.unsubscribe();
    flush();

    expect([planned, balanceOf(budget)]).toEqual([1, 1]);
  });

  marbles('gives the charge back after the window', ({ flush }) => {
    const budget = retryBudget({ ratio: 0, minPerSecond: 3, window: 1_000 });
    const balances: string[] = [];
    for (const time of [0, 999, 1_000]) {
      timer(time).subscribe(() => balances.push(`${time}: ${balanceOf(budget)}`));
    }
    failOnce(budget);
    flush();

    expect(balances).toEqual(['0: 2', '999: 2', '1000: 3']);
  });

  // linkedin/venice#1498: after a pause without requests the budget was never computed again.
  marbles('is as at the start after an hour of silence', ({ flush }) => {
    const budget = retryBudget({ ratio: 0.5, minPerSecond: 2, window: 1_000 });
    for (let request = 0; request < 100; request += 1) succeed(budget);
    const before = balanceOf(budget);
    let after = -1;
    let isRetried = false;
    timer(3_600_000).subscribe(() => {
      after = balanceOf(budget);
      isRetried = failOnce(budget);
    });
    flush();

    expect([before, after, isRetried]).toEqual([52, 2, true]);
  });

  marbles('shows no debt: first attempts can expire before the retries that they allowed', ({ flush }) => {
    const budget = retryBudget({ ratio: 1, minPerSecond: 0, window: 1_000 });
    const source = concat(timer(900), down);
    source.pipe(retryWithStrategy({ attempts: 2, gates: [budget] })).subscribe({ error: () => undefined });
    const balances: number[] = [];
    for (const time of [0, 900, 1_000, 1_899, 1_900]) timer(time).subscribe(() => balances.push(balanceOf(budget)));
    let isRetried = true;
    timer(1_000).subscribe(() => {
      isRetried = failOnce(budget);
    });
    flush();

    expect(balances).toEqual([1, 0, 0, 0, 1]);
    expect(isRetried).toBeFalse();
  });

  // linkerd/linkerd#737: one server that failed spent the budget of all.
  marbles('has a budget for each origin', ({ flush }) => {
    const budget = retryBudget({ ratio: 0, minPerSecond: 1, window: 1_000 });
    const answers = network(503);
    const all = client(budget, answers, { attempts: 4 });
    for (const url of ['http://a.test/1', 'http://a.test/2', 'http://b.test/']) {
      all.get(url).subscribe({ error: () => 0 });
    }
    flush();

    expect(answers.urls()).toEqual([
      'http://a.test/1',
      'http://a.test/2',
      'http://b.test/',
      'http://a.test/1',
      'http://b.test/',
    ]);
    expect([...budget.snapshot()]).toEqual([
      ['http://a.test', { balance: 0 }],
      ['http://b.test', { balance: 0 }],
    ]);
  });

  marbles('can have one budget for all origins, or one for each key of yours', ({ flush }) => {
    const one = retryBudget({ ratio: 0, minPerSecond: 1, window: 1_000, by: 'all' });
    const own = retryBudget({ ratio: 0, minPerSecond: 1, window: 1_000, by: ({ method }) => String(method) });
    const counts = [one, own].map((budget) => {
      const answers = network(503);
      const all = client(budget, answers);
      all.get('http://a.test/').subscribe({ error: () => 0 });
      all.get('http://b.test/').subscribe({ error: () => 0 });
      all.delete('http://b.test/').subscribe({ error: () => 0 });
      return answers.requests;
    });
    flush();

    expect(counts.map(({ length }) => length)).toEqual([4, 5]);
    expect([...own.snapshot().keys()]).toEqual(['GET', 'DELETE']);
  });

  marbles('charges a hedge when it is sent', ({ flush }) => {
    const budget = retryBudget({ ratio: 0, minPerSecond: 2, window: 1_000 });
    const answers = network(NEVER, NEVER);
    const balances: number[] = [];
    const { subscription } = watch(client(budget, answers, { hedge: hedging({ after: 10 }) }).get('http://a.test/'));
    for (const time of [9, 10]) {
      timer(time).subscribe(() => balances.push(budget.snapshot('http://a.test').balance));
    }
    timer(20).subscribe(() => {
      subscription.unsubscribe();
    });
    flush();

    expect(answers.requests.length).toBe(2);
    expect(balances).toEqual([2, 1]);
  });

  marbles('has no hedge sent that it does not allow', ({ flush }) => {
    const budget = retryBudget({ ratio: 0, minPerSecond: 0 });
    const answers = network(NEVER);
    const { subscription } = watch(client(budget, answers, { hedge: hedging({ after: 10 }) }).get('http://a.test/'));
    timer(20).subscribe(() => {
      subscription.unsubscribe();
    });
    flush();

    expect(answers.requests.length).toBe(1);
  });

  marbles('remembers nothing of an origin that it has no hedge sent to', ({ flush }) => {
    const budget = retryBudget({ ratio: 0, minPerSecond: 0 });
    const answers = network(NEVER);
    client(budget, answers, { hedge: hedging({ after: 10 }) })
      .extend({ baseUrl: ['http://a.test', 'http://b.test'] })
      .get('/')
      .pipe(takeUntil(timer(20)))
      .subscribe();
    flush();

    expect([...budget.snapshot().keys()]).toEqual(['http://a.test']);
  });

  marbles('charges the retry of an attempt that was hedged', ({ flush }) => {
    const budget = retryBudget({ ratio: 0, minPerSecond: 9, window: 1_000 });
    const late = timer(30).pipe(map(() => new Response(null, { status: 503 })));
    const answers = network(late, late, 200);
    client(budget, answers, { attempts: 2, hedge: hedging({ after: 10 }) })
      .get('http://a.test/')
      .subscribe({ error: () => 0 });
    let balance = -1;
    timer(500).subscribe(() => {
      ({ balance } = budget.snapshot('http://a.test'));
    });
    flush();

    expect(answers.requests.length).toBe(3);
    expect(balance).toBe(7);
  });

  marbles('shows each change, also to one who starts a request then', () => {
    const budget = retryBudget({ ratio: 1, minPerSecond: 0 });
    const changes: string[] = [];
    let nested = 0;
    budget.changes$.subscribe(({ key, balance }) => {
      changes.push(`${key} ${balance}`);
      nested += 1;
      if (nested === 1) succeed(budget);
    });
    failOnce(budget);

    expect(changes).toEqual(['all 1', 'all 2', 'all 1']);
  });

  marbles('keeps the budgets of 1,000 keys', ({ flush }) => {
    let key = 0;
    const budget = retryBudget({ by: () => String((key += 1)) });
    for (let request = 0; request < 1_002; request += 1) succeed(budget);
    flush();

    expect(budget.snapshot().size).toBe(1_000);
  });

  it('remembers nothing of a key that is only asked about', () => {
    const budget = retryBudget();

    expect(budget.snapshot('http://a.test')).toEqual({ balance: 10 });
    expect(budget.snapshot().size).toBe(0);
  });

  const refused: readonly (readonly [unknown, ErrorConstructor, ...string[]])[] = [
    [null, TypeError, 'options must be an object of options, not null'],
    [{ ratios: 1 }, TypeError, 'unknown option "ratios"', 'ratio, minPerSecond, window, by'],
    [{ ratio: -1 }, RangeError, 'ratio must be a number from 0 to 1000, not -1'],
    [{ ratio: 1_001 }, RangeError, 'ratio', '1001'],
    [{ ratio: Number.NaN }, RangeError, 'ratio', 'NaN'],
    [{ ratio: '0.2' }, TypeError, 'ratio', "'0.2'"],
    [{ minPerSecond: -1 }, RangeError, 'minPerSecond must be a finite number of at least 0, not -1'],
    [{ minPerSecond: Infinity }, RangeError, 'minPerSecond', 'Infinity'],
    [{ window: 0 }, RangeError, 'window must be a number of ms from 1000 to 60000, not 0'],
    [{ window: 61_000 }, RangeError, 'window', '61000'],
    [{ by: 'host' }, TypeError, "by must be 'origin', 'all', or a function that returns a key, not 'host'"],
  ];
  for (const [options, kind, ...parts] of refused) {
    it(`refuses: ${parts.join(', ')}`, () => {
      expectRefusal(() => retryBudget(options as RetryBudgetOptions), [kind], ...parts);
    });
  }

  it('accepts the ends of the ranges, and options that are undefined', () => {
    for (const options of [
      { ratio: 0, minPerSecond: 0, window: 1_000 },
      { ratio: 1_000, minPerSecond: 0.1, window: 60_000 },
      { ratio: undefined, minPerSecond: undefined, window: undefined, by: undefined },
    ]) {
      expect(retryBudget(options).name).toBe('retry-budget');
    }
  });

  it('never allows more retries than first attempts and the minimum pay for, and refuses none that they do', () => {
    // The slice of an event starts up to a tenth of the window before it, and is forgotten as a whole. So of a retry at
    // t, with cost = trunc(1000 / ratio) and reserve = minPerSecond · window in s:
    // allowed: retries in (t − 9/10 window, t] <= reserve + first attempts in (t − window, t] · 1000 / cost
    // refused: retries in (t − window, t] + 1  >  reserve + first attempts in (t − 9/10 window, t] · 1000 / cost
    fc.assert(
      fc.property(
        fc.record({
          ratio: fc.constantFrom(0.1, 0.3, 0.5, 1, 2),
          minPerSecond: fc.constantFrom(0, 0.5, 1, 3),
          window: fc.constantFrom(1_000, 1_500, 3_000),
        }),
        fc.array(fc.tuple(fc.nat(5_000), fc.nat(3)), { minLength: 1, maxLength: 60 }),
        fc.nat(300),
        (options, requests, backoff) => {
          const firsts: number[] = [];
          const retries: number[] = [];
          const count = (times: number[], from: number, to: number): number =>
            times.filter((time) => time > from && time <= to).length;
          const { window } = options;
          const reserve = (options.minPerSecond * window) / 1_000;
          const perFirst = 1_000 / Math.trunc(1_000 / options.ratio);
          inVirtualTime(({ flush }) => {
            const budget = retryBudget(options);
            const strategy = { backoff: constant(backoff), gates: [budget] };
            for (const [at, extra] of requests) {
              timer(at)
                .pipe(
                  mergeMap(() =>
                    down.pipe(retryWithStrategy({ ...strategy, attempts: extra + 1 }, { observe: 'attempts' })),
                  ),
                )
                .subscribe({ next: onEvent, error: () => undefined });
            }
            flush();
          });
          function onEvent(event: { type: string; attempt: { number: number }; reason?: string }): void {
            const time = asyncScheduler.now();
            if (event.type === 'start' && event.attempt.number === 1) firsts.push(time);
            if (event.type === 'retry') {
              retries.push(time);

              expect(count(retries, time - 0.9 * window, time)).toBeLessThanOrEqual(
                reserve + count(firsts, time - window, time) * perFirst,
              );
            }
            if (event.type === 'failure' && event.reason === 'rejected') {
              expect(count(retries, time - window, time) + 1).toBeGreaterThan(
                reserve + count(firsts, time - 0.9 * window, time) * perFirst,
              );
            }
          }
        },
      ),
    );
  });
});
