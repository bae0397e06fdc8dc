import {
  concat,
  connectable,
  defer,
  map,
  mergeMap,
  NEVER,
  Observable,
  of,
  range,
  ReplaySubject,
  share,
  Subject,
  switchMap,
  take,
  takeUntil,
  tap,
  throwError,
} from 'rxjs';

import { constant, retryWithStrategy, type RetryStrategy } from '../../src/index.js';
import { watch } from '../support/event-log.js';
import { inVirtualTime, marbles } from '../support/virtual-time.js';

const times = (attempts: number, delay = 0): RetryStrategy => ({ attempts, backoff: constant(delay) });
const endless: RetryStrategy = times(Number.POSITIVE_INFINITY, 1);
const texts = (lines: readonly string[]): string[] => lines.map((line) => line.replace(/^\d+ /, ''));

/**
 * The cases of RxJS's own specs of `retry`, for `retryWithStrategy`. Each wait is `timer(delay)`, so an attempt starts
 * `delay` ms after the one before failed.
 */
describe('retryWithStrategy behaves like RxJS retry:', () => {
  marbles('retries a source that emits and then fails', ({ cold, expectObservable, expectSubscriptions }) => {
    const source = cold('--1-2-3-#');
    const expected = '   --1-2-3- 2ms --1-2-3- 2ms --1-2-3-#';
    const subs = ['      ^-------!', '10ms ^-------!', '20ms ^-------!'];

    expectObservable(source.pipe(retryWithStrategy(times(3, 2)))).toBe(expected);
    expectSubscriptions(source.subscriptions).toBe(subs);
  });

  it('retries an error of an operator above it, then emits and completes', () => {
    let runs = 0;
    const lines = inVirtualTime(({ flush }) => {
      const source = of(42).pipe(
        map((value) => {
          if (++runs < 2) throw new Error('bad');
          return value;
        }),
      );
      const eventLog = watch(source.pipe(retryWithStrategy(times(2))));
      flush();
      return eventLog.lines;
    });
    expect(lines).toEqual(['0 42', '0 complete']);
    expect(runs).toBe(2);
  });

  it('errors after the number of attempts', () => {
    let runs = 0;
    const lines = inVirtualTime(({ flush }) => {
      const source = of(42).pipe(
        map((): number => {
          runs++;
          throw new Error(`bad ${String(runs)}`);
        }),
      );
      const eventLog = watch(source.pipe(retryWithStrategy(times(2))));
      flush();
      return eventLog.lines;
    });
    expect(lines).toEqual(['0 error: bad 2']);
    expect(runs).toBe(2);
  });

  it('retries until an attempt completes', () => {
    let runs = 0;
    const lines = inVirtualTime(({ flush }) => {
      const source = of(42).pipe(
        map((value) => {
          if (++runs < 10) throw new Error('bad');
          return value;
        }),
      );
      const eventLog = watch(source.pipe(retryWithStrategy(times(Number.POSITIVE_INFINITY)), take(10)));
      flush();
      return eventLog.lines;
    });
    expect(lines).toEqual(['0 42', '0 complete']);
    expect(runs).toBe(10);
  });

  marbles('completes empty when the source is empty', ({ cold, expectObservable, expectSubscriptions }) => {
    const source = cold('|');
    const expected = '   |';
    const subs = '       (^!)';

    expectObservable(source.pipe(retryWithStrategy(endless))).toBe(expected);
    expectSubscriptions(source.subscriptions).toBe(subs);
  });

  marbles('stays silent when the source never emits', ({ cold, expectObservable, expectSubscriptions }) => {
    const source = cold('-');
    const expected = '   -';
    const subs = '       ^';

    expectObservable(source.pipe(retryWithStrategy(endless))).toBe(expected);
    expectSubscriptions(source.subscriptions).toBe(subs);
  });

  marbles(
    'never errors with attempts: Infinity, though the source always does',
    ({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('-#');
      const unsub = '      -----------!';
      const expected = '   ------------';
      const subs = ['      ^!', '  --^!', '----^!', '------^!', '--------^!', '----------^!'];

      expectObservable(source.pipe(retryWithStrategy(endless)), unsub).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subs);
    },
  );

  marbles('passes on a hot source that completes', ({ hot, expectObservable, expectSubscriptions }) => {
    const source = hot('--1--2--^--3--4--5---|');
    const subs = '              ^------------!';
    const expected = '          ---3--4--5---|';

    expectObservable(source.pipe(retryWithStrategy(endless))).toBe(expected);
    expectSubscriptions(source.subscriptions).toBe(subs);
  });

  marbles('passes on a hot source that does not complete', ({ hot, expectObservable, expectSubscriptions }) => {
    const source = hot('--1--2--^--3--4--5---');
    const subs = '              ^';
    const expected = '          ---3--4--5---';

    expectObservable(source.pipe(retryWithStrategy(endless))).toBe(expected);
    expectSubscriptions(source.subscriptions).toBe(subs);
  });

  marbles(
    'retries with attempts: Infinity until it is unsubscribed',
    ({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('--1-2-3-#');
      const unsub = '      22ms !';
      const expected = '   --1-2-3- - --1-2-3- - --1-';
      const subs = ['      ^-------!', '---------^-------!', '18ms ^---!'];

      expectObservable(source.pipe(retryWithStrategy(endless)), unsub).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subs);
    },
  );

  marbles(
    'subscribes to a hot source again and emits what comes next',
    ({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('--a-x-b-x-c-|');
      const expected = '  --a---b---c-|';
      const subs = ['     ^---!', '-----^--!', '---------^--!'];
      const throwing = source.pipe(
        tap((value) => {
          if (value === 'x') throw new Error('bad');
        }),
      );

      expectObservable(throwing.pipe(retryWithStrategy(times(3, 1)))).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subs);
    },
  );

  marbles('can be unsubscribed during a later attempt', ({ cold, expectObservable, expectSubscriptions }) => {
    const source = cold('--1-2-3-#');
    const unsub = '      -------------!';
    const expected = '   --1-2-3- - --1-';
    const subs = ['      ^-------!', '---------^---!'];

    expectObservable(source.pipe(retryWithStrategy(times(3, 1))), unsub).toBe(expected);
    expectSubscriptions(source.subscriptions).toBe(subs);
  });

  it('can be unsubscribed by its own Subscription', () => {
    const seen: string[] = [];
    const source = new Subject<string>();
    const subscription = source
      .pipe(retryWithStrategy(times(2)))
      .subscribe({ next: (value) => seen.push(value), error: fail, complete: fail });
    source.next('a');
    subscription.unsubscribe();
    source.next('b');
    source.error(new Error('late'));
    expect(seen).toEqual(['a']);
    expect(subscription.closed).toBeTrue();
    expect(source.observed).toBeFalse();
  });

  marbles('passes an unsubscribe on between other operators', ({ cold, expectObservable, expectSubscriptions }) => {
    const source = cold('--1-2-3-#');
    const unsub = '      -------------!';
    const expected = '   --1-2-3- - --1-';
    const subs = ['      ^-------!', '---------^---!'];
    const result = source.pipe(
      mergeMap((value) => of(value)),
      retryWithStrategy(times(100, 1)),
      mergeMap((value) => of(value)),
    );

    expectObservable(result, unsub).toBe(expected);
    expectSubscriptions(source.subscriptions).toBe(subs);
  });

  marbles('is unsubscribed by switchMap, in each attempt', ({ cold, hot, expectObservable, expectSubscriptions }) => {
    const source = cold('          -1-#');
    const trigger = hot('          a------b-|');
    const expected = '             -1---1--1---1-#';
    const subs = ['                ^--!', '  ----^--!', '-------^--!', '-----------^--!'];

    expectObservable(trigger.pipe(switchMap(() => source.pipe(retryWithStrategy(times(2, 1)))))).toBe(expected);
    expectSubscriptions(source.subscriptions).toBe(subs);
  });

  it('retries a synchronous source behind share(), which reconnects each time', () => {
    let runs = 0;
    const lines = inVirtualTime(({ flush }) => {
      const source = defer(() => {
        runs++;
        return concat(
          of(1, 2, 3),
          throwError(() => new Error('bad')),
        );
      }).pipe(share());
      const eventLog = watch(source.pipe(retryWithStrategy(times(5))));
      flush();
      return eventLog.lines;
    });
    expect(texts(lines)).toEqual([
      '1',
      '2',
      '3',
      '1',
      '2',
      '3',
      '1',
      '2',
      '3',
      '1',
      '2',
      '3',
      '1',
      '2',
      '3',
      'error: bad',
    ]);
    expect(runs).toBe(5);
  });

  it('subscribes again to a connectable that has failed, and gets its error again', () => {
    const lines = inVirtualTime(({ flush }) => {
      const source = connectable(
        concat(
          of('a'),
          throwError(() => new Error('bad')),
        ),
        { connector: () => new ReplaySubject<string>(Infinity), resetOnDisconnect: false },
      );
      const eventLog = watch(source.pipe(retryWithStrategy(times(3))));
      source.connect();
      flush();
      return eventLog.lines;
    });
    expect(texts(lines)).toEqual(['a', 'a', 'a', 'error: bad']);
  });

  it('stops a synchronous source when the consumer needs no more values', () => {
    const effects: number[] = [];
    const firehose = new Observable<number>((subscriber) => {
      for (let n = 0; !subscriber.closed && n < 10; n++) {
        effects.push(n);
        subscriber.next(n);
      }
    });
    const lines = inVirtualTime(() => watch(firehose.pipe(retryWithStrategy(times(2)), take(3))).lines);
    expect(lines).toEqual(['0 0', '0 1', '0 2', '0 complete']);
    expect(effects).toEqual([0, 1, 2]);
  });

  it('stops range and of when the consumer needs no more values, also in a later attempt', () => {
    const effects: number[] = [];
    let attempts = 0;
    const lines = inVirtualTime(({ flush }) => {
      const source = defer(() =>
        ++attempts === 1
          ? throwError(() => new Error('bad'))
          : concat(range(0, 5), of(5, 6, 7)).pipe(tap((n) => effects.push(n))),
      );
      const eventLog = watch(source.pipe(retryWithStrategy(times(2)), take(2)));
      flush();
      return eventLog.lines;
    });
    expect(texts(lines)).toEqual(['0', '1', 'complete']);
    expect(effects).toEqual([0, 1]);
  });

  it('tears an attempt down before the next one starts, when the source fails synchronously', () => {
    const log: string[] = [];
    let attempts = 0;
    const source = new Observable<number>((subscriber) => {
      const attempt = String(++attempts);
      log.push(`init ${attempt}`);
      if (attempts < 3) subscriber.error(new Error('bad'));
      else subscriber.complete();
      return () => {
        log.push(`teardown ${attempt}`);
      };
    });
    inVirtualTime(({ flush }) => {
      watch(source.pipe(retryWithStrategy(times(4))));
      flush();
    });
    expect(log).toEqual(['init 1', 'teardown 1', 'init 2', 'teardown 2', 'init 3', 'teardown 3']);
  });

  it('tears an attempt down before the next one starts, when the source fails later', () => {
    const log: string[] = [];
    inVirtualTime(({ cold, flush }) => {
      let attempts = 0;
      const source = new Observable<string>((subscriber) => {
        const attempt = String(++attempts);
        log.push(`init ${attempt}`);
        subscriber.add(() => log.push(`teardown ${attempt}`));
        return cold('-#').subscribe(subscriber);
      });
      watch(source.pipe(retryWithStrategy(times(2))));
      flush();
    });
    expect(log).toEqual(['init 1', 'teardown 1', 'init 2', 'teardown 2']);
  });

  it('tears the source down once when it completes', () => {
    const log: string[] = [];
    const source = new Observable<string>((subscriber) => {
      subscriber.next('a');
      subscriber.complete();
      return () => log.push('teardown');
    });
    source
      .pipe(retryWithStrategy(times(2)))
      .subscribe({ next: (value) => log.push(value), error: fail, complete: () => log.push('complete') });
    expect(log.filter((line) => line === 'teardown').length).toBe(1);
    expect(log.slice(0, 2)).toEqual(['a', 'complete']);
  });

  marbles('does not retry an error of an operator below it', ({ cold, expectObservable, expectSubscriptions }) => {
    const source = cold('-a-b-|');
    const expected = '   -a-#';
    const subs = '       ^--!';
    const result = source.pipe(
      retryWithStrategy(times(3, 1)),
      map((value) => {
        if (value === 'b') throw new Error('bad');
        return value;
      }),
    );

    expectObservable(result).toBe(expected, undefined, new Error('bad'));
    expectSubscriptions(source.subscriptions).toBe(subs);
  });

  marbles('starts no attempt before it is subscribed', ({ cold, expectObservable, expectSubscriptions }) => {
    const source = cold('-a|');
    const never = source.pipe(retryWithStrategy(times(3)));

    expectObservable(concat(NEVER, never)).toBe('-');
    expectSubscriptions(source.subscriptions).toBe([]);
  });

  marbles(
    'does not retry a source that completes after its values',
    ({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('-a-b-|');
      const expected = '   -a-b-|';
      const subs = '       ^----!';

      expectObservable(source.pipe(retryWithStrategy(times(3, 1)))).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subs);
    },
  );

  marbles(
    'waits the delay between attempts, with the source unsubscribed',
    ({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('--1--2--3--#');
      const expected = '   --1--2--3-- 10ms --1--2--3-- 10ms --1--2--3--#';
      const subs = ['      ^----------!', '21ms ^----------!', '42ms ^----------!'];

      expectObservable(source.pipe(retryWithStrategy(times(3, 10)))).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subs);
    },
  );

  marbles('can be ended by takeUntil during a delay', ({ cold, hot, expectObservable, expectSubscriptions }) => {
    const source = cold('-1-#');
    const stop = hot('   -----s');
    const expected = '   -1---|';
    const subs = '       ^--!';

    expectObservable(source.pipe(retryWithStrategy(times(3, 10)), takeUntil(stop))).toBe(expected);
    expectSubscriptions(source.subscriptions).toBe(subs);
  });

  marbles('with resetOnSuccess counts again from a value on', ({ cold, expectObservable, expectSubscriptions }) => {
    const [failing, emitting] = [cold('-#'), cold('-1-#')];
    const expected = '   ----1-------#';
    const remaining = [failing, emitting];
    const source = defer(() => remaining.shift() ?? failing);

    expectObservable(source.pipe(retryWithStrategy({ ...times(3, 2), resetOnSuccess: true }))).toBe(expected);
    expectSubscriptions(emitting.subscriptions).toBe(' ---^--!');
    expectSubscriptions(failing.subscriptions).toBe([' ^!', '--------^!', '-----------^!']);
  });

  it('survives 20,000 synchronous failures without a stack overflow', () => {
    let attempts = 0;
    const lines = inVirtualTime(({ flush }) => {
      const eventLog = watch(
        defer(() => {
          attempts++;
          return throwError(() => 'bad');
        }).pipe(retryWithStrategy(times(20_000))),
      );
      flush();
      return eventLog.lines;
    });
    expect(lines).toEqual(['0 error: bad']);
    expect(attempts).toBe(20_000);
  });

  it('keeps no subscription to an attempt that has ended', () => {
    const inner: Subject<string>[] = [];
    inVirtualTime(({ flush }) => {
      const source = defer(() => {
        const subject = new Subject<string>();
        inner.push(subject);
        return subject;
      });
      const shouldRetry = (): true => true;
      const subscription = watch(source.pipe(retryWithStrategy({ ...times(10), shouldRetry }))).subscription;
      for (let attempt = 0; attempt < 5; attempt++) {
        inner[attempt]?.next('again');
        flush();
      }
      expect(inner.map((subject) => subject.observed)).toEqual([false, false, false, false, false, true]);
      subscription.unsubscribe();
      expect(inner.at(-1)?.observed).toBeFalse();
    });
  });
});
