import { concat, defer, of, throwError } from 'rxjs';

import {
  constant,
  equalJitter,
  exponential,
  fullJitter,
  list,
  retryWithStrategy,
  type AttemptEvent,
  type RetryStrategy,
} from '../../src/index.js';
import { formatEvent, watch } from '../support/event-log.js';
import { inVirtualTime, marbles } from '../support/virtual-time.js';

/** The number of subscriptions to a source that always fails. */
function attemptsMade(strategy?: RetryStrategy): number {
  return inVirtualTime(({ flush }) => {
    let attempts = 0;
    const down = defer(() => {
      attempts++;
      return throwError(() => new Error('down'));
    });
    watch(down.pipe(retryWithStrategy(strategy)));
    flush();
    return attempts;
  });
}

describe('The attempts of retryWithStrategy', () => {
  it('start with the subscription, not before', () => {
    let attempts = 0;
    const source = defer(() => {
      attempts++;
      return of('a');
    });
    const result = source.pipe(retryWithStrategy());
    expect(attempts).toBe(0);
    const eventLog = watch(result);
    expect(attempts).toBe(1);
    expect(eventLog.lines.map((line) => line.replace(/^\d+ /, ''))).toEqual(['a', 'complete']);
  });

  marbles('are 3 in all by default', ({ cold, expectObservable, expectSubscriptions }) => {
    const source = cold('-a-#');
    const expected = '   -a- 2ms -a- 2ms -a-#';
    const subs = ['      ^--!', '5ms ^--!', '10ms ^--!'];

    expectObservable(source.pipe(retryWithStrategy({ backoff: constant(2) }))).toBe(expected);
    expectSubscriptions(source.subscriptions).toBe(subs);
  });

  marbles('are as many as configured, including the first', ({ cold, expectObservable, expectSubscriptions }) => {
    const source = cold('-#');
    const expected = '   ---- ---- -#';
    const subs = ['      ^!', '  ----^!', '  --------^!'];

    expectObservable(source.pipe(retryWithStrategy({ attempts: 3, backoff: constant(3) }))).toBe(expected);
    expectSubscriptions(source.subscriptions).toBe(subs);
  });

  marbles('are a single one with attempts: 1', ({ cold, expectObservable, expectSubscriptions }) => {
    const source = cold('-a-#');
    const expected = '   -a-#';
    const subs = '       ^--!';

    expectObservable(source.pipe(retryWithStrategy({ attempts: 1 }))).toBe(expected);
    expectSubscriptions(source.subscriptions).toBe(subs);
  });

  it('come from the backoff when the strategy sets none', () => {
    expect(attemptsMade({ backoff: list([1, 2, 3, 4]) })).toBe(5);
    expect(attemptsMade({ backoff: list([1]) })).toBe(2);
    expect(attemptsMade({ backoff: Object.assign(() => 1, { attempts: 6 }) })).toBe(6);
  });

  it('come from a backoff inside a combinator', () => {
    expect(attemptsMade({ backoff: fullJitter(list([1, 2, 3, 4])) })).toBe(5);
    expect(attemptsMade({ backoff: equalJitter(fullJitter(list([1]))) })).toBe(2);
  });

  it('come from the strategy rather than from its backoff', () => {
    expect(attemptsMade({ attempts: 2, backoff: list([1, 2, 3, 4]) })).toBe(2);
    expect(attemptsMade({ attempts: 7, backoff: list([1]) })).toBe(7);
  });

  it('are 3 when neither the strategy nor its backoff sets them', () => {
    expect(attemptsMade()).toBe(3);
    expect(attemptsMade({})).toBe(3);
    expect(attemptsMade({ backoff: exponential() })).toBe(3);
  });

  marbles('have no end with Infinity, until it is unsubscribed', ({ cold, expectObservable, expectSubscriptions }) => {
    const source = cold('-a#');
    const unsub = '      9ms !';
    const expected = '   -a---a---';
    const subs = ['      ^-!', '----^-!', '--------^!'];

    expectObservable(
      source.pipe(retryWithStrategy({ attempts: Number.POSITIVE_INFINITY, backoff: constant(2) })),
      unsub,
    ).toBe(expected);
    expectSubscriptions(source.subscriptions).toBe(subs);
  });

  it('can be a thousand with Infinity', () => {
    let attempts = 0;
    const lines = inVirtualTime(({ flush }) => {
      const flaky = defer(() => (++attempts < 1_000 ? throwError(() => new Error('down')) : of('up')));
      const eventLog = watch(
        flaky.pipe(retryWithStrategy({ attempts: Number.POSITIVE_INFINITY, backoff: constant(1) })),
      );
      flush();
      return eventLog.lines;
    });
    expect(lines).toEqual(['999 up', '999 complete']);
  });

  marbles('count subscriptions to the source, not its values', ({ cold, expectObservable, expectSubscriptions }) => {
    const source = cold('-a-b-c-#');
    const expected = '   -a-b-c- 1ms -a-b-c-#';
    const subs = ['      ^------!', '8ms ^------!'];

    expectObservable(source.pipe(retryWithStrategy({ attempts: 2, backoff: constant(1) }))).toBe(expected);
    expectSubscriptions(source.subscriptions).toBe(subs);
  });

  marbles(
    'count an attempt that was retried for its value like one that failed',
    ({ cold, expectObservable, expectSubscriptions }) => {
      const bad = cold('-x-|');
      const worse = cold('-#');
      const good = cold('-a|');
      const sources = [bad, worse, good];
      const expected = '   ---- ---- -a|';
      const result = defer(() => sources.shift() ?? good).pipe(
        retryWithStrategy({ attempts: 3, backoff: constant(3), shouldRetry: isX }),
      );

      expectObservable(result).toBe(expected);
      expectSubscriptions(bad.subscriptions).toBe('  ^!');
      expectSubscriptions(worse.subscriptions).toBe('----^!');
      expectSubscriptions(good.subscriptions).toBe(' --------^-!');
    },
  );

  marbles(
    'are counted for each subscription, one after the other',
    ({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('-#');
      const result = source.pipe(retryWithStrategy({ attempts: 2, backoff: constant(1) }));

      expectObservable(result).toBe('       ---#');
      expectObservable(result, '10ms ^').toBe('10ms ---#');
      expectSubscriptions(source.subscriptions).toBe(['^!', '--^!', '10ms ^!', '12ms ^!']);
    },
  );

  marbles('are counted for each subscription, at the same time', ({ cold, expectObservable, expectSubscriptions }) => {
    const source = cold('-#');
    const result = source.pipe(retryWithStrategy({ attempts: 3, backoff: constant(4) }));

    expectObservable(result).toBe('       11ms #');
    expectObservable(result, '--^').toBe('13ms #');
    expectSubscriptions(source.subscriptions).toBe(['^!', '--^!', '5ms ^!', '7ms ^!', '10ms ^!', '12ms ^!']);
  });

  marbles('are counted for each source that shares one operator', ({ cold, expectObservable, expectSubscriptions }) => {
    const [fast, slow] = [cold('-#'), cold('--#')];
    const retried = retryWithStrategy<string>({ attempts: 2, backoff: constant(1) });

    expectObservable(fast.pipe(retried)).toBe('  ---#');
    expectObservable(slow.pipe(retried)).toBe('-----#');
    expectSubscriptions(fast.subscriptions).toBe(['  ^!', '--^!']);
    expectSubscriptions(slow.subscriptions).toBe(['^-!', '---^-!']);
  });

  it('are numbered from 1, with their limit and one request id', () => {
    const events: AttemptEvent[] = [];
    inVirtualTime(({ cold, flush }) => {
      cold('-#')
        .pipe(retryWithStrategy({ attempts: 3, backoff: constant(1) }, { observe: 'attempts' }))
        .subscribe({ next: (event) => events.push(event), error: () => undefined });
      flush();
    });
    const starts = events.filter((event) => event.type === 'start').map((event) => event.attempt);
    expect(starts.map(({ number, of }) => `${String(number)} of ${String(of)}`)).toEqual([
      '1 of 3',
      '2 of 3',
      '3 of 3',
    ]);
    expect(starts.map(({ startedAt }) => startedAt)).toEqual([0, 2, 4]);
    expect(new Set(events.map((event) => event.attempt.requestId)).size).toBe(1);
    expect(starts[0]?.requestId).toMatch(/./);
  });

  it('of two subscriptions have different request ids', () => {
    const ids = new Set<string>();
    const once = of('a').pipe(retryWithStrategy({}, { observe: 'attempts' }));
    for (let subscription = 0; subscription < 1_000; subscription++) {
      once.subscribe({ next: (event) => ids.add(event.attempt.requestId), error: fail });
    }
    expect(ids.size).toBe(1_000);
  });

  it('have Infinity as their limit when they have no end', () => {
    const lines = inVirtualTime(({ flush }) => {
      const eventLog = watch(
        of('a').pipe(retryWithStrategy({ attempts: Number.POSITIVE_INFINITY }, { observe: 'attempts' })),
        formatEvent,
      );
      flush();
      return eventLog.lines;
    });
    expect(lines[0]).toBe('0 start 1/Infinity');
  });

  it('do not include those of a retryWithStrategy above', () => {
    let attempts = 0;
    const flaky = defer(() => (++attempts % 3 === 0 ? of('up') : throwError(() => new Error('down'))));
    const lines = inVirtualTime(({ flush }) => {
      const inner = flaky.pipe(retryWithStrategy({ attempts: 3, backoff: constant(1) }));
      const outer = concat(inner, inner).pipe(retryWithStrategy({ attempts: 1 }, { observe: 'attempts' }));
      const eventLog = watch(outer, formatEvent);
      flush();
      return eventLog.lines;
    });
    expect(lines).toEqual(['0 start 1/1', '2 value 1 up +2', '4 value 1 up +4', '4 success 1 +4', '4 complete']);
  });

  it('can fail synchronously 100,000 times in a row', () => {
    let attempts = 0;
    const lines = inVirtualTime(({ flush }) => {
      const flaky = defer(() => (++attempts <= 100_000 ? throwError(() => 'down') : of('up')));
      const eventLog = watch(flaky.pipe(retryWithStrategy({ attempts: 100_001, backoff: constant(0) })));
      flush();
      return eventLog.lines;
    });
    expect(lines).toEqual(['0 up', '0 complete']);
    expect(attempts).toBe(100_001);
  });
});

function isX(outcome: { kind: string; value?: unknown }): boolean | undefined {
  return outcome.kind === 'value' ? outcome.value === 'x' : undefined;
}
