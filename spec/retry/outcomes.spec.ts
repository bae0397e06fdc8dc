import { concat, defer, EMPTY, finalize, Observable, of, range, throwError } from 'rxjs';

import { constant, retryWithStrategy, type Outcome, type RetryStrategy } from '../../src/index.js';
import { formatEvent, watch } from '../support/event-log.js';
import { inVirtualTime, marbles } from '../support/virtual-time.js';

/** Retries the value `x`, and leaves every other decision to the other fields. */
const retryX = (outcome: Outcome): boolean | undefined =>
  outcome.kind === 'value' && outcome.value === 'x' ? true : undefined;
const strategy: RetryStrategy = { backoff: constant(2), shouldRetry: retryX };

describe('retryWithStrategy decides on each value and error:', () => {
  marbles('emits accepted values at once', ({ hot, expectObservable, expectSubscriptions }) => {
    const source = hot('-a-b-c|');
    const expected = '  -a-b-c|';
    const subs = '      ^-----!';

    expectObservable(source.pipe(retryWithStrategy(strategy))).toBe(expected);
    expectSubscriptions(source.subscriptions).toBe(subs);
  });

  marbles(
    'does not emit a value that it retries, nor anything after it in that attempt',
    ({ cold, expectObservable, expectSubscriptions }) => {
      const bad = cold('     -a-x-b-c|');
      const good = cold('         -d|');
      const expected = '     -a--- -d|';
      const sources = [bad, good];

      expectObservable(defer(() => sources.shift() ?? good).pipe(retryWithStrategy(strategy))).toBe(expected);
      expectSubscriptions(bad.subscriptions).toBe('   ^--!');
      expectSubscriptions(good.subscriptions).toBe('  -----^-!');
    },
  );

  marbles(
    'emits the last value unchanged when no attempts are left, and completes',
    ({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('-x-b|');
      const expected = '   --- --- -(x|)';
      const subs = ['      ^!', '---^!', '------^!'];

      expectObservable(source.pipe(retryWithStrategy(strategy))).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subs);
    },
  );

  it('emits the last value by identity', () => {
    const value = { ok: false };
    const seen: unknown[] = [];
    of(value)
      .pipe(retryWithStrategy({ attempts: 1, shouldRetry: () => true }))
      .subscribe({ next: (last) => seen.push(last), error: fail });
    expect(seen.length).toBe(1);
    expect(seen[0]).toBe(value);
  });

  it('throws the last error unchanged, and not an earlier one', () => {
    const errors = [new Error('first'), new Error('second')];
    const thrown: unknown[] = [];
    inVirtualTime(({ flush }) => {
      let attempt = 0;
      const down = defer(() => throwError(() => errors[attempt++]));
      down
        .pipe(retryWithStrategy({ attempts: 2, backoff: constant(1) }))
        .subscribe({ error: (error: unknown) => thrown.push(error) });
      flush();
    });
    expect(thrown.length).toBe(1);
    expect(thrown[0]).toBe(errors[1]);
  });

  marbles('throws undefined and null unchanged', ({ cold, expectObservable, expectSubscriptions }) => {
    const source = cold('-#', undefined, undefined);
    const odd = cold('   -#', {}, null);

    expectObservable(source.pipe(retryWithStrategy({ attempts: 1 }))).toBe('-#');
    expectObservable(odd.pipe(retryWithStrategy({ attempts: 1 }))).toBe('   -#', {}, null);
    expectSubscriptions(source.subscriptions).toBe('^!');
    expectSubscriptions(odd.subscriptions).toBe('   ^!');
  });

  it('unsubscribes the source before it emits the last value', () => {
    const order: string[] = [];
    const source = new Observable<string>((subscriber) => {
      subscriber.add(() => order.push('torn down'));
      subscriber.next('x');
    });
    source.pipe(retryWithStrategy({ attempts: 1, shouldRetry: retryX })).subscribe({
      next: (value) => order.push(value),
      error: fail,
      complete: () => order.push('complete'),
    });
    expect(order).toEqual(['torn down', 'x', 'complete']);
  });

  it('unsubscribes the source before it emits the last value, also when its teardown is known only after the value', () => {
    const order: string[] = [];
    of('x')
      .pipe(
        finalize(() => order.push('torn down')),
        retryWithStrategy({ attempts: 1, shouldRetry: retryX }),
      )
      .subscribe({ next: (value) => order.push(value), error: fail, complete: () => order.push('complete') });
    expect(order).toEqual(['torn down', 'x', 'complete']);
  });

  it('tears an attempt down before the next one starts, also with a synchronous source', () => {
    const order: string[] = [];
    let attempts = 0;
    const source = new Observable<string>((subscriber) => {
      const attempt = String(++attempts);
      order.push(`up ${attempt}`);
      subscriber.next('x');
      return () => order.push(`down ${attempt}`);
    });
    inVirtualTime(({ flush }) => {
      watch(source.pipe(retryWithStrategy({ backoff: constant(0), shouldRetry: retryX })));
      flush();
    });
    expect(order).toEqual(['up 1', 'down 1', 'up 2', 'down 2', 'up 3', 'down 3']);
  });

  marbles('completes empty when the source is empty', ({ cold, expectObservable, expectSubscriptions }) => {
    const source = cold('--|');
    const expected = '   --|';
    const subs = '       ^-!';

    expectObservable(source.pipe(retryWithStrategy({ shouldRetry: () => true }))).toBe(expected);
    expectSubscriptions(source.subscriptions).toBe(subs);
  });

  marbles('does not complete empty when the source had a value', ({ cold, expectObservable, expectSubscriptions }) => {
    const source = cold('(x|)');
    const expected = '   ----(x|)';
    const subs = ['      (^!)', '--(^!)', '----(^!)'];

    expectObservable(source.pipe(retryWithStrategy(strategy))).toBe(expected);
    expectSubscriptions(source.subscriptions).toBe(subs);
  });

  marbles(
    'completes with the values accepted before when a later attempt is empty',
    ({ cold, expectObservable, expectSubscriptions }) => {
      const bad = cold('  -a-#');
      const empty = cold('     -|');
      const expected = '  -a--- -|';
      const sources = [bad, empty];

      expectObservable(defer(() => sources.shift() ?? empty).pipe(retryWithStrategy(strategy))).toBe(expected);
      expectSubscriptions(bad.subscriptions).toBe('    ^--!');
      expectSubscriptions(empty.subscriptions).toBe('  -----^!');
    },
  );

  it('calls shouldRetry for every value and every error once, in order, also in the last attempt', () => {
    const asked: string[] = [];
    inVirtualTime(({ cold, flush }) => {
      const shouldRetry = (outcome: Outcome): undefined => {
        asked.push(
          `${String(outcome.attempt.number)} ${outcome.kind} ${String(outcome.kind === 'value' ? outcome.value : outcome.kind)}`,
        );
      };
      watch(cold('-a-b-#').pipe(retryWithStrategy({ attempts: 2, backoff: constant(1), shouldRetry })));
      flush();
    });
    expect(asked).toEqual(['1 value a', '1 value b', '1 error error', '2 value a', '2 value b', '2 error error']);
  });

  it('does not call shouldRetry for completion', () => {
    const shouldRetry = jasmine.createSpy('shouldRetry').and.returnValue(true);
    watch(EMPTY.pipe(retryWithStrategy({ shouldRetry })));
    expect(shouldRetry).not.toHaveBeenCalled();
  });

  it('shows shouldRetry the value and the error by identity, with their attempt', () => {
    const outcomes: Outcome[] = [];
    const value = { a: 1 };
    const error = new Error('down');
    concat(
      of(value),
      throwError(() => error),
    )
      .pipe(
        retryWithStrategy({
          attempts: 1,
          shouldRetry: (outcome) => {
            outcomes.push(outcome);
            return undefined;
          },
        }),
      )
      .subscribe({ error: () => undefined });
    const [first, second] = outcomes;
    expect(first?.kind === 'value' && first.value).toBe(value);
    expect(second?.kind === 'error' && second.error).toBe(error);
    expect(first?.response).toBeUndefined();
    expect(first?.attempt).toEqual(jasmine.objectContaining({ number: 1, of: 1 }));
    expect(second?.attempt).toEqual(first?.attempt);
  });

  it('emits values that shouldRetry accepts at the last attempt, and completes with the source', () => {
    const lines = inVirtualTime(({ cold, flush }) => {
      const accepted = cold('-x-b|').pipe(
        retryWithStrategy({ attempts: 1, shouldRetry: () => false }, { observe: 'attempts' }),
      );
      const eventLog = watch(accepted, formatEvent);
      flush();
      return eventLog.lines;
    });
    expect(lines).toEqual(['0 start 1/1', '1 value 1 x +1', '3 value 1 b +3', '4 success 1 +4', '4 complete']);
  });

  marbles(
    'throws an error that is not retried at once, after the values before it',
    ({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('-a-#');
      const expected = '   -a-#';
      const subs = '       ^--!';

      expectObservable(source.pipe(retryWithStrategy({ errors: [] }))).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subs);
    },
  );

  it('ignores values that a source emits after one that is retried', () => {
    const seen: unknown[] = [];
    inVirtualTime(({ flush }) => {
      let attempts = 0;
      const persistent = new Observable<string>((subscriber) => {
        subscriber.next(++attempts === 1 ? 'x' : 'fine');
        subscriber.next('more');
        subscriber.error(new Error('late'));
        subscriber.complete();
      });
      const retried = persistent.pipe(retryWithStrategy({ attempts: 2, backoff: constant(1), shouldRetry: retryX }));
      retried.subscribe({ next: (value) => seen.push(value), error: (error: unknown) => seen.push(error) });
      flush();
    });
    expect(seen).toEqual(['fine', 'more', new Error('late')]);
  });

  it('stops an endless synchronous source at the value that is retried', () => {
    let produced = 0;
    const lines = inVirtualTime(({ flush }) => {
      const endless = new Observable<number>((subscriber) => {
        while (!subscriber.closed && produced < 1_000) subscriber.next(++produced);
      });
      const retried = endless.pipe(
        retryWithStrategy({
          attempts: 2,
          backoff: constant(1),
          shouldRetry: (outcome) => outcome.kind === 'value' && Number(outcome.value) % 3 === 0,
        }),
      );
      const eventLog = watch(retried);
      flush();
      return eventLog.lines;
    });
    expect(lines).toEqual(['0 1', '0 2', '1 4', '1 5', '1 6', '1 complete']);
    expect(produced).toBe(6);
  });

  it('accepts 100,000 values in a row without recursion', () => {
    let accepted = 0;
    let complete = false;
    range(0, 100_000)
      .pipe(retryWithStrategy({ shouldRetry: () => false }))
      .subscribe({ next: () => accepted++, error: fail, complete: () => (complete = true) });
    expect(accepted).toBe(100_000);
    expect(complete).toBeTrue();
  });

  it('does not write to the strategy object', () => {
    const frozen: RetryStrategy = Object.freeze({
      attempts: 2,
      backoff: Object.freeze(constant(1)),
      statuses: Object.freeze([404]),
      errors: Object.freeze([Error]),
    });
    const lines = inVirtualTime(({ flush }) => {
      const eventLog = watch(throwError(() => new Error('down')).pipe(retryWithStrategy(frozen)));
      flush();
      return eventLog.lines;
    });
    expect(lines).toEqual(['1 error: down']);
  });
});
