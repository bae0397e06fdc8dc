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
const forEver: RetryStrategy = times(Number.POSITIVE_INFINITY, 1);
const texts = (lines: readonly string[]): string[] => lines.map((line) => line.replace(/^\d+ /, ''));

/** What RxJS asks of its own `retry`, asked of `retryWithStrategy`. Each wait is `timer(delay)`, so an attempt starts `delay` ms after the one before failed. */
describe('retryWithStrategy as RxJS’s own retry', () => {
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
      const diary = watch(source.pipe(retryWithStrategy(times(2))));
      flush();
      return diary.lines;
    });
    expect(lines).toEqual(['0 42', '0 complete']);
    expect(runs).toBe(2);
  });

  it('retries a number of times, then errors', () => {
    let runs = 0;
    const lines = inVirtualTime(({ flush }) => {
      const source = of(42).pipe(
        map((): number => {
          runs++;
          throw new Error(`bad ${String(runs)}`);
        }),
      );
      const diary = watch(source.pipe(retryWithStrategy(times(2))));
      flush();
      return diary.lines;
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
      const diary = watch(source.pipe(retryWithStrategy(times(Number.POSITIVE_INFINITY)), take(10)));
      flush();
      return diary.lines;
    });
    expect(lines).toEqual(['0 42', '0 complete']);
    expect(runs).toBe(10);
  });

  marbles('leaves an empty source as it is', ({ cold, expectObservable, expectSubscriptions }) => {
    const source = cold('|');
    const expected = '   |';
    const subs = '       (^!)';

    expectObservable(source.pipe(retryWithStrategy(forEver))).toBe(expected);
    expectSubscriptions(source.subscriptions).toBe(subs);
  });

  marbles('leaves a source as it is that never does anything', ({ cold, expectObservable, expectSubscriptions }) => {
    const source = cold('-');
    const expected = '   -';
    const subs = '       ^';

    expectObservable(source.pipe(retryWithStrategy(forEver))).toBe(expected);
    expectSubscriptions(source.subscriptions).toBe(subs);
  });

  marbles(
    'makes a source that always fails into one that never does, with attempts: Infinity',
    ({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('-#');
      const unsub = '      -----------!';
      const expected = '   ------------';
      const subs = ['      ^!', '  --^!', '----^!', '------^!', '--------^!', '----------^!'];

      expectObservable(source.pipe(retryWithStrategy(forEver)), unsub).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subs);
    },
  );

  marbles('leaves a hot source as it is that completes', ({ hot, expectObservable, expectSubscriptions }) => {
    const source = hot('--1--2--^--3--4--5---|');
    const subs = '              ^------------!';
    const expected = '          ---3--4--5---|';

    expectObservable(source.pipe(retryWithStrategy(forEver))).toBe(expected);
    expectSubscriptions(source.subscriptions).toBe(subs);
  });

  marbles('leaves a hot source as it is that does not complete', ({ hot, expectObservable, expectSubscriptions }) => {
    const source = hot('--1--2--^--3--4--5---');
    const subs = '              ^';
    const expected = '          ---3--4--5---';

    expectObservable(source.pipe(retryWithStrategy(forEver))).toBe(expected);
    expectSubscriptions(source.subscriptions).toBe(subs);
  });

  marbles(
    'retries for ever with attempts: Infinity, until it is unsubscribed',
    ({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('--1-2-3-#');
      const unsub = '      22ms !';
      const expected = '   --1-2-3- - --1-2-3- - --1-';
      const subs = ['      ^-------!', '---------^-------!', '18ms ^---!'];

      expectObservable(source.pipe(retryWithStrategy(forEver)), unsub).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subs);
    },
  );

  marbles('retries a hot source by listening on to what comes', ({ hot, expectObservable, expectSubscriptions }) => {
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
  });

  marbles(
    'can be unsubscribed early, in the middle of an attempt',
    ({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('--1-2-3-#');
      const unsub = '      -------------!';
      const expected = '   --1-2-3- - --1-';
      const subs = ['      ^-------!', '---------^---!'];

      expectObservable(source.pipe(retryWithStrategy(times(3, 1))), unsub).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subs);
    },
  );

  it('can be unsubscribed explicitly, from its own subscription', () => {
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

  marbles(
    'breaks no chain of unsubscription where it is in the middle of one',
    ({ cold, expectObservable, expectSubscriptions }) => {
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
    },
  );

  marbles('is left by switchMap, wherever it is', ({ cold, hot, expectObservable, expectSubscriptions }) => {
    const source = cold('          -1-#');
    const trigger = hot('          a------b-|');
    const expected = '             -1---1--1---1-#';
    const subs = ['                ^--!', '  ----^--!', '-------^--!', '-----------^--!'];

    expectObservable(trigger.pipe(switchMap(() => source.pipe(retryWithStrategy(times(2, 1)))))).toBe(expected);
    expectSubscriptions(source.subscriptions).toBe(subs);
  });

  it('retries a synchronous source that is shared, each time connected anew', () => {
    let runs = 0;
    const lines = inVirtualTime(({ flush }) => {
      const source = defer(() => {
        runs++;
        return concat(
          of(1, 2, 3),
          throwError(() => new Error('bad')),
        );
      }).pipe(share());
      const diary = watch(source.pipe(retryWithStrategy(times(5))));
      flush();
      return diary.lines;
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

  it('subscribes again to a connectable that has failed, and gets its failure again', () => {
    const lines = inVirtualTime(({ flush }) => {
      const source = connectable(
        concat(
          of('a'),
          throwError(() => new Error('bad')),
        ),
        { connector: () => new ReplaySubject<string>(Infinity), resetOnDisconnect: false },
      );
      const diary = watch(source.pipe(retryWithStrategy(times(3))));
      source.connect();
      flush();
      return diary.lines;
    });
    expect(texts(lines)).toEqual(['a', 'a', 'a', 'error: bad']);
  });

  it('lets a synchronous source run no further than the consumer wants', () => {
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

  it('lets range and of run no further than the consumer wants, in a later attempt too', () => {
    const effects: number[] = [];
    let attempts = 0;
    const lines = inVirtualTime(({ flush }) => {
      const source = defer(() =>
        ++attempts === 1
          ? throwError(() => new Error('bad'))
          : concat(range(0, 5), of(5, 6, 7)).pipe(tap((n) => effects.push(n))),
      );
      const diary = watch(source.pipe(retryWithStrategy(times(2)), take(2)));
      flush();
      return diary.lines;
    });
    expect(texts(lines)).toEqual(['0', '1', 'complete']);
    expect(effects).toEqual([0, 1]);
  });

  it('tears down before the next attempt starts, where the source fails synchronously', () => {
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

  it('tears down before the next attempt starts, where the source fails later', () => {
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

  it('tears the source down once where it completes', () => {
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

  marbles('does not retry an error that comes from further down', ({ cold, expectObservable, expectSubscriptions }) => {
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

  marbles('starts no attempt where nobody subscribes', ({ cold, expectObservable, expectSubscriptions }) => {
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

  marbles('waits the delay, and counts it towards no attempt', ({ cold, expectObservable, expectSubscriptions }) => {
    const source = cold('--1--2--3--#');
    const expected = '   --1--2--3-- 10ms --1--2--3-- 10ms --1--2--3--#';
    const subs = ['      ^----------!', '21ms ^----------!', '42ms ^----------!'];

    expectObservable(source.pipe(retryWithStrategy(times(3, 10)))).toBe(expected);
    expectSubscriptions(source.subscriptions).toBe(subs);
  });

  marbles(
    'can be told to stop by another Observable in the middle of a delay',
    ({ cold, hot, expectObservable, expectSubscriptions }) => {
      const source = cold('-1-#');
      const stop = hot('   -----s');
      const expected = '   -1---|';
      const subs = '       ^--!';

      expectObservable(source.pipe(retryWithStrategy(times(3, 10)), takeUntil(stop))).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subs);
    },
  );

  marbles(
    'starts its count over after an emission with resetOnSuccess',
    ({ cold, expectObservable, expectSubscriptions }) => {
      const [failing, emitting] = [cold('-#'), cold('-1-#')];
      const expected = '   ----1-------#';
      const left = [failing, emitting];
      const source = defer(() => left.shift() ?? failing);

      expectObservable(source.pipe(retryWithStrategy({ ...times(3, 2), resetOnSuccess: true }))).toBe(expected);
      expectSubscriptions(emitting.subscriptions).toBe(' ---^--!');
      expectSubscriptions(failing.subscriptions).toBe([' ^!', '--------^!', '-----------^!']);
    },
  );

  it('fails synchronously as often as it likes without filling the stack', () => {
    let attempts = 0;
    const lines = inVirtualTime(({ flush }) => {
      const diary = watch(
        defer(() => {
          attempts++;
          return throwError(() => 'bad');
        }).pipe(retryWithStrategy(times(20_000))),
      );
      flush();
      return diary.lines;
    });
    expect(lines).toEqual(['0 error: bad']);
    expect(attempts).toBe(20_000);
  });

  it('holds on to no attempt that is over', () => {
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
