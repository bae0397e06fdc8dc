import {
  asyncScheduler,
  defer,
  Observable,
  of,
  share,
  Subject,
  take,
  takeUntil,
  takeWhile,
  throwError,
  timer,
} from 'rxjs';

import { constant, retryWithStrategy, type AttemptEvent, type Outcome, type RetryStrategy } from '../../src/index.js';
import { formatEvent, watch } from '../support/event-log.js';
import { inVirtualTime, marbles } from '../support/virtual-time.js';

const strategy: RetryStrategy = { attempts: 5, backoff: constant(5) };

describe('Unsubscribing retryWithStrategy', () => {
  marbles(
    'during an attempt unsubscribes the source at that moment',
    ({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('-a-b-c-#');
      const unsub = '      ----!';
      const expected = '   -a-b-';
      const subs = '       ^---!';

      expectObservable(source.pipe(retryWithStrategy(strategy)), unsub).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subs);
    },
  );

  marbles('during a later attempt unsubscribes that attempt', ({ cold, expectObservable, expectSubscriptions }) => {
    const source = cold('-a-#');
    const unsub = '      ----------!';
    const expected = '   -a- 5ms -a-';
    const subs = ['      ^--!', '--------^-!'];

    expectObservable(source.pipe(retryWithStrategy(strategy)), unsub).toBe(expected);
    expectSubscriptions(source.subscriptions).toBe(subs);
  });

  marbles('during a wait makes no further attempt', ({ cold, expectObservable, expectSubscriptions }) => {
    const source = cold('-a-#');
    const unsub = '      -----!';
    const expected = '   -a----';
    const subs = '       ^--!';

    expectObservable(source.pipe(retryWithStrategy(strategy)), unsub).toBe(expected);
    expectSubscriptions(source.subscriptions).toBe(subs);
  });

  it('during a wait cancels the timer', () => {
    let failed = 0;
    const failing = defer(() => {
      failed++;
      return throwError(() => new Error('down'));
    });
    const [set, cleared] = [
      spyOn(globalThis, 'setInterval').and.callThrough(),
      spyOn(globalThis, 'clearInterval').and.callThrough(),
    ];
    const subscription = failing.pipe(retryWithStrategy({ backoff: constant(1_000_000) })).subscribe({ error: fail });
    expect(failed).toBe(1);
    subscription.unsubscribe();
    expect(set.calls.count()).toBe(1);
    expect(cleared.calls.allArgs().map(([handle]) => handle)).toEqual(set.calls.all().map((call) => call.returnValue));
  });

  it('at any moment leaves no timer behind', () => {
    for (let moment = 0; moment <= 20; moment++) {
      inVirtualTime(({ cold, flush }) => {
        const eventLog = watch(cold('-a-#').pipe(retryWithStrategy(strategy)));
        asyncScheduler.schedule(() => {
          eventLog.subscription.unsubscribe();
          eventLog.note('unsubscribed');
        }, moment);
        flush();
        expect(eventLog.lines.at(-1)).toBe(`${String(moment)} unsubscribed`);
      });
    }
  });

  marbles(
    'while shouldRetry decides unsubscribes the decision and the source',
    ({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('  -a-b-c|');
      const decision = cold('   ---f', { f: true });
      const unsub = '        --!';
      const expected = '     ---';

      expectObservable(source.pipe(retryWithStrategy({ shouldRetry: () => decision })), unsub).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe('  ^-!');
      expectSubscriptions(decision.subscriptions).toBe('-^!');
    },
  );

  marbles('by take(2) at a value emits nothing more', ({ cold, expectObservable, expectSubscriptions }) => {
    const source = cold('-a-b-#');
    const expected = '   -a-(b|)';
    const subs = '       ^--!';

    expectObservable(source.pipe(retryWithStrategy(strategy), take(2))).toBe(expected);
    expectSubscriptions(source.subscriptions).toBe(subs);
  });

  it('by take(3) at a value of a synchronous source stops the source', () => {
    const produced: number[] = [];
    const source = new Observable<number>((subscriber) => {
      for (let n = 1; !subscriber.closed && n < 100; n++) {
        produced.push(n);
        subscriber.next(n);
      }
    });
    const eventLog = watch(source.pipe(retryWithStrategy(strategy), take(3)));
    expect(eventLog.lines.map((line) => line.split(' ')[1])).toEqual(['1', '2', '3', 'complete']);
    expect(produced).toEqual([1, 2, 3]);
  });

  it('by take(1) at the last value, which is not retried, completes once', () => {
    const notifications: string[] = [];
    of('x')
      .pipe(retryWithStrategy({ attempts: 1, shouldRetry: () => true }), take(1))
      .subscribe({
        next: (value) => notifications.push(value),
        error: fail,
        complete: () => notifications.push('complete'),
      });
    expect(notifications).toEqual(['x', 'complete']);
  });

  it('by the consumer at the start event does not subscribe to the source', () => {
    const subscribed = jasmine.createSpy('subscribed');
    const source = defer(() => {
      subscribed();
      return of('a');
    });
    const eventLog = watch(source.pipe(retryWithStrategy(strategy, { observe: 'attempts' }), take(1)), formatEvent);
    expect(eventLog.lines.map((line) => line.replace(/^\d+ /, ''))).toEqual(['start 1/5', 'complete']);
    expect(subscribed).not.toHaveBeenCalled();
  });

  it('by the consumer at the start event of a later attempt does not make that attempt', () => {
    let attempts = 0;
    const failing = defer(() => {
      attempts++;
      return throwError(() => new Error('down'));
    });
    const lines = inVirtualTime(({ flush }) => {
      const untilTheThird = takeWhile((event: AttemptEvent) => event.attempt.number < 3);
      const eventLog = watch(
        failing.pipe(retryWithStrategy(strategy, { observe: 'attempts' }), untilTheThird),
        formatEvent,
      );
      flush();
      return eventLog.lines;
    });
    expect(lines.slice(-2)).toEqual(['5 retry 2 (error: down) +0 in 5', '10 complete']);
    expect(attempts).toBe(2);
  });

  it('by the consumer at the retry event makes no further attempt and sets no timer', () => {
    let attempts = 0;
    const failing = defer(() => {
      attempts++;
      return throwError(() => new Error('down'));
    });
    inVirtualTime(({ flush }) => {
      const set = spyOn(asyncScheduler, 'schedule').and.callThrough();
      const eventLog = watch(
        failing.pipe(
          retryWithStrategy(strategy, { observe: 'attempts' }),
          takeWhile((event) => event.type !== 'retry'),
        ),
        formatEvent,
      );
      expect(eventLog.lines).toEqual(['0 start 1/5', '0 complete']);
      flush();
      expect(eventLog.lines.length).toBe(2);
      expect(set).not.toHaveBeenCalled();
    });
    expect(attempts).toBe(1);
  });

  it('within shouldRetry makes no further attempt', () => {
    const stop = new Subject<void>();
    let attempts = 0;
    const source = defer(() => {
      attempts++;
      return of('a', 'b', 'c');
    });
    const shouldRetry = (outcome: Outcome): boolean => {
      if (outcome.kind === 'value' && outcome.value === 'b') stop.next();
      return outcome.kind === 'value' && outcome.value === 'b';
    };
    const lines = inVirtualTime(({ flush }) => {
      const eventLog = watch(source.pipe(retryWithStrategy({ ...strategy, shouldRetry }), takeUntil(stop)));
      flush();
      return eventLog.lines;
    });
    expect(lines).toEqual(['0 a', '0 complete']);
    expect(attempts).toBe(1);
  });

  it('within an asynchronous shouldRetry does not subscribe to its decision', () => {
    const stop = new Subject<void>();
    const decision = new Subject<boolean>();
    const shouldRetry = (): Subject<boolean> => {
      stop.next();
      return decision;
    };
    const eventLog = watch(of('a', 'b').pipe(retryWithStrategy({ shouldRetry }), takeUntil(stop)));
    expect(eventLog.lines.map((line) => line.replace(/^\d+ /, ''))).toEqual(['complete']);
    expect(decision.observed).toBeFalse();
  });

  it('within a shouldRetry that accepts emits nothing more', () => {
    const stop = new Subject<void>();
    const seen: string[] = [];
    const shouldRetry = (): false => {
      stop.next();
      return false;
    };
    of('a', 'b')
      .pipe(retryWithStrategy({ shouldRetry }, { observe: 'attempts' }), takeUntil(stop))
      .subscribe({ next: (event) => seen.push(event.type), error: fail });
    expect(seen).toEqual(['start']);
  });

  it('within the backoff makes no further attempt', () => {
    const stop = new Subject<void>();
    let attempts = 0;
    const failing = defer(() => {
      attempts++;
      return throwError(() => new Error('down'));
    });
    const backoff = (): number => {
      stop.next();
      return 1;
    };
    const lines = inVirtualTime(({ flush }) => {
      const eventLog = watch(
        failing.pipe(retryWithStrategy({ backoff }, { observe: 'attempts' }), takeUntil(stop)),
        formatEvent,
      );
      flush();
      return eventLog.lines;
    });
    expect(lines).toEqual(['0 start 1/3', '0 complete']);
    expect(attempts).toBe(1);
  });

  it('within the source’s teardown makes no further attempt', () => {
    const stop = new Subject<void>();
    let attempts = 0;
    const failing = new Observable<never>((subscriber) => {
      attempts++;
      subscriber.error(new Error('down'));
      return () => {
        stop.next();
      };
    });
    inVirtualTime(({ flush }) => {
      watch(failing.pipe(retryWithStrategy(strategy), takeUntil(stop)));
      flush();
    });
    expect(attempts).toBe(1);
  });

  it('twice tears the source down once', () => {
    const torn: string[] = [];
    const source = new Observable<string>(() => () => torn.push('torn'));
    const subscription = source.pipe(retryWithStrategy()).subscribe({ error: fail });
    subscription.unsubscribe();
    subscription.unsubscribe();
    expect(torn).toEqual(['torn']);
  });

  marbles(
    'by one of two consumers leaves the other one subscribed',
    ({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('-a-#');
      const result = source.pipe(retryWithStrategy({ attempts: 2, backoff: constant(2) }));

      expectObservable(result, '--!').toBe('-a-');
      expectObservable(result).toBe('       -a- 2ms -a-#');
      expectSubscriptions(source.subscriptions).toBe(['^-!', '^--!', '-----^--!']);
    },
  );

  marbles('by the last consumer behind share() cancels the wait', ({ cold, expectObservable, expectSubscriptions }) => {
    const source = cold('-a-#');
    const result = source.pipe(retryWithStrategy(strategy), share());

    expectObservable(result, '--!').toBe('  -a-');
    expectObservable(result, '-----!').toBe('-a----');
    expectSubscriptions(source.subscriptions).toBe('^--!');
  });

  marbles(
    'by takeUntil(timer) during a wait makes no further attempt',
    ({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('-#');
      const expected = '   8ms |';
      const subs = ['      ^!', '------^!'];

      expectObservable(source.pipe(retryWithStrategy(strategy), takeUntil(timer(8)))).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subs);
    },
  );
});
