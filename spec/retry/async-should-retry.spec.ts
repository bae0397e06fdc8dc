import {
  concatMap,
  defer,
  EMPTY,
  map,
  NEVER,
  of,
  queueScheduler,
  range,
  Subject,
  take,
  tap,
  throwError,
  timer,
  type Observable,
} from 'rxjs';

import { constant, retryWithStrategy, type Outcome, type RetryStrategy } from '../../src/index.js';
import { formatEvent, watch } from '../support/event-log.js';
import { inVirtualTime, marbles } from '../support/virtual-time.js';

const isX = (outcome: Outcome): boolean => outcome.kind === 'value' && outcome.value === 'x';

/** Decides after 3 ms to retry the value `x`, and nothing else. */
const shouldRetry = (outcome: Outcome): Observable<boolean> => timer(3).pipe(map(() => isX(outcome)));
const strategy: RetryStrategy = { attempts: 2, backoff: constant(2), shouldRetry };

describe('retryWithStrategy with an asynchronous shouldRetry', () => {
  marbles('emits a value when shouldRetry has accepted it', ({ cold, expectObservable, expectSubscriptions }) => {
    const source = cold('-a-----|');
    const expected = '   ----a--|';
    const subs = '       ^------!';

    expectObservable(source.pipe(retryWithStrategy(strategy))).toBe(expected);
    expectSubscriptions(source.subscriptions).toBe(subs);
  });

  marbles(
    'queues later values behind the one that shouldRetry decides on, and decides on them in order',
    ({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('-abc-------|');
      const expected = '   ----a--b--c|';
      const subs = '       ^----------!';

      expectObservable(source.pipe(retryWithStrategy(strategy))).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subs);
    },
  );

  marbles('queues completion behind the values', ({ cold, expectObservable, expectSubscriptions }) => {
    const source = cold('-ab|');
    const expected = '   ----a--(b|)';
    const subs = '       ^--!';

    expectObservable(source.pipe(retryWithStrategy(strategy))).toBe(expected);
    expectSubscriptions(source.subscriptions).toBe(subs);
  });

  marbles(
    'queues an error behind the values, and decides on it last',
    ({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('-a#');
      const expected = '   ----a--#';
      const subs = '       ^-!';

      expectObservable(source.pipe(retryWithStrategy(strategy))).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subs);
    },
  );

  marbles(
    'discards the queue behind a value that is retried, including the completion',
    ({ cold, expectObservable, expectSubscriptions }) => {
      const bad = cold('     -axbc|');
      const good = cold('             -d---|');
      const expected = '     ----a---- ----d|';
      const sources = [bad, good];

      expectObservable(defer(() => sources.shift() ?? good).pipe(retryWithStrategy(strategy))).toBe(expected);
      expectSubscriptions(bad.subscriptions).toBe('   ^----!');
      expectSubscriptions(good.subscriptions).toBe('  ---------^----!');
    },
  );

  marbles(
    'leaves the source subscribed while shouldRetry decides, and unsubscribes it at the decision',
    ({ cold, expectObservable, expectSubscriptions }) => {
      const bad = cold('     -x-b---c--');
      const good = cold('          -|');
      const expected = '     ------ -|';
      const sources = [bad, good];

      expectObservable(defer(() => sources.shift() ?? good).pipe(retryWithStrategy(strategy))).toBe(expected);
      expectSubscriptions(bad.subscriptions).toBe('   ^---!');
      expectSubscriptions(good.subscriptions).toBe('  ------^!');
    },
  );

  marbles('waits the delay from the decision on an error', ({ cold, expectObservable, expectSubscriptions }) => {
    const source = cold('-#');
    const expected = '   9ms #';
    const subs = ['      ^!', '------^!'];
    const decision = cold('--t', { t: true });

    expectObservable(
      source.pipe(retryWithStrategy({ attempts: 2, backoff: constant(3), shouldRetry: () => decision })),
    ).toBe(expected);
    expectSubscriptions(source.subscriptions).toBe(subs);
    expectSubscriptions(decision.subscriptions).toBe(['-^-!', '-------^-!']);
  });

  marbles(
    'takes the first value of the decision, and unsubscribes it',
    ({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('  -a---|');
      const decision = cold(' -ft|', { f: false, t: true });
      const expected = '     --a--|';

      expectObservable(source.pipe(retryWithStrategy({ shouldRetry: () => decision }))).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe('  ^----!');
      expectSubscriptions(decision.subscriptions).toBe('-^!');
    },
  );

  it('takes the first value of a synchronous decision, without delay', () => {
    const produced: boolean[] = [];
    const decision = defer(() =>
      of(false, true).pipe(
        map((decision) => {
          produced.push(decision);
          return decision;
        }),
      ),
    );
    const seen: string[] = [];
    of('a')
      .pipe(retryWithStrategy({ shouldRetry: () => decision }))
      .subscribe({ next: (value) => seen.push(value), error: fail, complete: () => seen.push('complete') });
    expect(seen).toEqual(['a', 'complete']);
    expect(produced).toEqual([false]);
  });

  it('leaves the decision to the other fields when it is empty or undefined', () => {
    const lines = inVirtualTime(({ flush }) => {
      const eventLog: string[] = [];
      for (const decision of [EMPTY, of(undefined), timer(3).pipe(map(() => undefined))]) {
        watch(of('a').pipe(retryWithStrategy({ shouldRetry: () => decision })), String, eventLog);
        watch(
          throwError(() => new Error('down')).pipe(
            retryWithStrategy({ errors: [], shouldRetry: () => decision }, { observe: 'attempts' }),
          ),
          formatEvent,
          eventLog,
        );
        flush();
      }
      return eventLog.filter((line) => !line.includes('start'));
    });
    expect(lines.map((line) => line.replace(/^\d+ /, ''))).toEqual([
      'a',
      'complete',
      'failure 1 (error: down) +0 permanent',
      'error: down',
      'a',
      'complete',
      'failure 1 (error: down) +0 permanent',
      'error: down',
      'a',
      'complete',
      'failure 1 (error: down) +3 permanent',
      'error: down',
    ]);
  });

  marbles('emits nothing while a decision never comes', ({ cold, expectObservable, expectSubscriptions }) => {
    const source = cold('-ab|');
    const expected = '   -';
    const subs = '       ^--!';

    expectObservable(source.pipe(retryWithStrategy({ shouldRetry: () => NEVER }))).toBe(expected);
    expectSubscriptions(source.subscriptions).toBe(subs);
  });

  marbles(
    'gives up with the last value when it returns true at the last attempt',
    ({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('-xb|');
      const expected = '   ----(x|)';
      const subs = '       ^--!';

      expectObservable(source.pipe(retryWithStrategy({ ...strategy, attempts: 1 }))).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subs);
    },
  );

  marbles(
    'errors when the decision errors, and unsubscribes the source',
    ({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('  -a-b-c|');
      const decision = cold<boolean>(' --#', undefined, 'cannot decide');
      const expected = '     ---#';

      expectObservable(source.pipe(retryWithStrategy({ shouldRetry: () => decision }))).toBe(
        expected,
        {},
        'cannot decide',
      );
      expectSubscriptions(source.subscriptions).toBe('  ^--!');
      expectSubscriptions(decision.subscriptions).toBe('-^-!');
    },
  );

  it('is called for the next value only after the decision on the value before', () => {
    const log: string[] = [];
    const decisions = new Subject<boolean>();
    const source = new Subject<string>();
    const shouldRetryLater = (outcome: Outcome): Observable<boolean> => {
      log.push(`asked about ${outcome.kind === 'value' ? String(outcome.value) : outcome.kind}`);
      return decisions;
    };
    source
      .pipe(retryWithStrategy({ shouldRetry: shouldRetryLater }))
      .subscribe({ next: (value) => log.push(value), error: fail });
    source.next('a');
    source.next('b');
    log.push('decide');
    decisions.next(false);
    log.push('decide');
    decisions.next(false);
    expect(log).toEqual(['asked about a', 'decide', 'a', 'asked about b', 'decide', 'b']);
  });

  it('keeps the order when a consumer makes the source emit within next()', () => {
    const source = new Subject<string>();
    const seen: string[] = [];
    const first = new Subject<boolean>();
    source
      .pipe(
        retryWithStrategy({
          shouldRetry: (outcome) => (outcome.kind === 'value' && outcome.value === 'a' ? first : false),
        }),
      )
      .subscribe({
        next: (value) => {
          seen.push(value);
          if (value === 'a') source.next('c');
        },
        error: fail,
      });
    source.next('a');
    source.next('b');
    first.next(false);
    expect(seen).toEqual(['a', 'b', 'c']);
  });

  it('keeps the order when synchronous and asynchronous decisions alternate', () => {
    const lines = inVirtualTime(({ cold, flush }) => {
      const mixed = (outcome: Outcome): boolean | Observable<boolean> =>
        outcome.kind === 'value' && outcome.value === 'a' ? timer(5).pipe(map(() => false)) : false;
      const eventLog = watch(cold('-ab----c|').pipe(retryWithStrategy({ shouldRetry: mixed })));
      flush();
      return eventLog.lines;
    });
    expect(lines).toEqual(['6 a', '6 b', '7 c', '8 complete']);
  });

  it('can return a promise', async () => {
    const seen: string[] = [];
    const accepted = of('a', 'b').pipe(retryWithStrategy({ shouldRetry: () => Promise.resolve(false) }));
    await accepted.forEach((value) => seen.push(value));
    expect(seen).toEqual(['a', 'b']);

    const types: string[] = [];
    const retried = of('a', 'b').pipe(
      retryWithStrategy({ attempts: 1, shouldRetry: () => Promise.resolve(true) }, { observe: 'attempts' }),
    );
    await retried.forEach((event) => types.push(event.type === 'failure' ? event.reason : event.type));
    expect(types).toEqual(['start', 'attempts']);
  });

  it('can be an async function that resolves with undefined', async () => {
    const seen: string[] = [];
    const accepted = of('a').pipe(retryWithStrategy({ shouldRetry: async () => Promise.resolve(undefined) }));
    await accepted.forEach((value) => seen.push(value));
    expect(seen).toEqual(['a']);
  });

  it('errors when it returns a rejected promise', async () => {
    const refused = new Error('cannot decide');
    const rejected = of('a', 'b').pipe(retryWithStrategy({ shouldRetry: () => Promise.reject(refused) }));
    await expectAsync(rejected.forEach(fail)).toBeRejectedWith(refused);
  });

  it('queues 100,000 values behind one decision, and emits them without recursion', () => {
    const first = new Subject<boolean>();
    let accepted = 0;
    range(0, 100_000)
      .pipe(
        retryWithStrategy({
          shouldRetry: (outcome) => (outcome.kind === 'value' && outcome.value === 0 ? first : of(false)),
        }),
      )
      .subscribe({ next: () => accepted++, error: fail, complete: () => (accepted += 0.5) });
    expect(accepted).toBe(0);
    first.next(false);
    expect(accepted).toBe(100_000.5);
  });

  it('is called value by value for a synchronous source that take(1) ends, also within another run or queueScheduler', () => {
    let read = 0;
    const first$ = range(0, 10_000).pipe(
      tap(() => (read += 1)),
      retryWithStrategy({ shouldRetry: () => undefined }),
      take(1),
    );
    const values: number[] = [];
    of('outer')
      .pipe(
        retryWithStrategy({ shouldRetry: () => undefined }),
        concatMap(() => first$),
      )
      .subscribe((value) => values.push(value));
    queueScheduler.schedule(() => first$.subscribe((value) => values.push(value)));

    expect(values).toEqual([0, 0]);
    expect(read).toBe(2);
  });
});
