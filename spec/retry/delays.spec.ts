import { concat, defer, of, switchMap, throwError, timer } from 'rxjs';

import {
  constant,
  decorrelatedJitter,
  exponential,
  fullJitter,
  list,
  retryWithStrategy,
  type Backoff,
  type BackoffContext,
} from '../../src/index.js';
import { watch } from '../support/event-log.js';
import { inVirtualTime, marbles } from '../support/virtual-time.js';

const down = throwError(() => new Error('down'));
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

describe('The wait of retryWithStrategy', () => {
  marbles('lies between the failure and the next attempt', ({ cold, expectObservable, expectSubscriptions, time }) => {
    const source = cold('--#');
    const wait = time('    ---|');
    const expected = '   ----- --#';
    const subs = ['      ^-!', '-----^-!'];

    expectObservable(source.pipe(retryWithStrategy({ attempts: 2, backoff: constant(wait) }))).toBe(expected);
    expectSubscriptions(source.subscriptions).toBe(subs);
  });

  marbles('grows as the backoff says', ({ cold, expectObservable, expectSubscriptions }) => {
    const source = cold('-#');
    const subs = ['^!', '101ms ^!', '302ms ^!', '703ms ^!'];

    expectObservable(source.pipe(retryWithStrategy({ attempts: 4, backoff: exponential() }))).toBe('704ms #');
    expectSubscriptions(source.subscriptions).toBe(subs);
  });

  marbles('takes each delay of a list in turn', ({ cold, expectObservable, expectSubscriptions }) => {
    const source = cold('-#');
    const subs = ['^!', '4ms ^!', '5ms ^!', '11ms ^!'];

    expectObservable(source.pipe(retryWithStrategy({ backoff: list([3, 0, 5]) }))).toBe('12ms #');
    expectSubscriptions(source.subscriptions).toBe(subs);
  });

  marbles(
    'is random by default: up to 100 ms, then up to 200 ms',
    ({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('-#');
      const draws = [0.3, 0.7].values();
      const subs = ['^!', '31ms ^!', '172ms ^!'];

      expectObservable(source.pipe(retryWithStrategy({ random: () => draws.next().value ?? Number.NaN }))).toBe(
        '173ms #',
      );
      expectSubscriptions(source.subscriptions).toBe(subs);
    },
  );

  marbles(
    'follows a value that is retried as it follows an error',
    ({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('-a-|');
      const expected = '   ---- -(a|)';
      const subs = ['      ^!', '----^!'];

      expectObservable(
        source.pipe(retryWithStrategy({ attempts: 2, backoff: constant(3), shouldRetry: () => true })),
      ).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subs);
    },
  );

  it('separates two attempts by a tick, also with delay 0', () => {
    inVirtualTime(({ flush }) => {
      let attempts = 0;
      const failing = defer(() => {
        attempts++;
        return down;
      });
      const eventLog = watch(failing.pipe(retryWithStrategy({ attempts: 3, backoff: constant(0) })));
      expect(attempts).toBe(1);
      expect(eventLog.lines).toEqual([]);
      flush();
      expect(attempts).toBe(3);
      expect(eventLog.lines).toEqual(['0 error: down']);
    });
  });

  it('runs on asyncScheduler, by a timer of the platform', () => {
    withFakeClock((tick) => {
      let attempts = 0;
      const flaky = defer(() => (++attempts === 1 ? down : of('up')));
      const seen: string[] = [];
      flaky
        .pipe(retryWithStrategy({ backoff: constant(50) }))
        .subscribe({ next: (value) => seen.push(value), error: fail });
      tick(49);
      expect(attempts).toBe(1);
      tick(1);
      expect(attempts).toBe(2);
      expect(seen).toEqual(['up']);
    });
  });

  it('can be longer than setTimeout allows', () => {
    withFakeClock((tick, timers) => {
      let attempts = 0;
      const flaky = defer(() => (++attempts === 1 ? down : of('up')));
      flaky.pipe(retryWithStrategy({ backoff: constant(3 * MAX_TIMEOUT_MS) })).subscribe({ error: fail });
      for (let day = 0; day < 74; day++) tick(86_400_000);
      expect(attempts).toBe(1);
      tick(86_400_000);
      expect(attempts).toBe(2);
      expect(Math.max(...timers)).toBeLessThanOrEqual(MAX_TIMEOUT_MS);
    });
  });

  it('can be unsubscribed when it is longer than setTimeout allows', () => {
    withFakeClock((tick) => {
      let attempts = 0;
      const failing = defer(() => {
        attempts++;
        return down;
      });
      const subscription = failing
        .pipe(retryWithStrategy({ backoff: constant(2 * MAX_TIMEOUT_MS) }))
        .subscribe({ error: fail });
      tick(MAX_TIMEOUT_MS);
      tick(MAX_TIMEOUT_MS / 2);
      subscription.unsubscribe();
      tick(MAX_TIMEOUT_MS);
      tick(MAX_TIMEOUT_MS);
      expect(attempts).toBe(1);
    });
  });

  it('can be longer than setTimeout allows in virtual time, to the millisecond', () => {
    const lines = inVirtualTime(({ flush }) => {
      const eventLog = watch(down.pipe(retryWithStrategy({ attempts: 2, backoff: constant(2 * MAX_TIMEOUT_MS + 7) })));
      flush();
      return eventLog.lines;
    });
    expect(lines).toEqual(['4294967301 error: down']);
  });

  it('passes the backoff the number of the retry, its own last delay and the outcome', () => {
    const contexts: BackoffContext[] = [];
    const backoff: Backoff = (context) => {
      contexts.push(context);
      return context.retry * 10;
    };
    inVirtualTime(({ flush }) => {
      let attempts = 0;
      const source = defer(() => (++attempts === 2 ? of('x') : throwError(() => `error ${String(attempts)}`)));
      const shouldRetry = (): true => true;
      watch(source.pipe(retryWithStrategy({ attempts: 4, backoff, shouldRetry })));
      flush();
    });
    expect(contexts.map(({ retry, previousDelay }) => [retry, previousDelay])).toEqual([
      [1, 0],
      [2, 10],
      [3, 20],
    ]);
    expect(
      contexts.map(({ outcome }) =>
        outcome.kind === 'error' ? outcome.error : outcome.kind === 'value' && outcome.value,
      ),
    ).toEqual(['error 1', 'x', 'error 3']);
    expect(contexts.map(({ outcome }) => outcome.attempt.number)).toEqual([1, 2, 3]);
  });

  it('calls the backoff only before a retry', () => {
    const backoff = jasmine.createSpy('backoff').and.returnValue(1);
    inVirtualTime(({ flush }) => {
      watch(of('a').pipe(retryWithStrategy({ backoff })));
      watch(down.pipe(retryWithStrategy({ backoff, errors: [] })));
      watch(down.pipe(retryWithStrategy({ backoff, attempts: 1 })));
      flush();
    });
    expect(backoff).not.toHaveBeenCalled();
  });

  it('keeps the backoff’s last delay apart for each subscription', () => {
    const lines = inVirtualTime(({ flush }) => {
      const retried = down.pipe(retryWithStrategy({ attempts: 3, backoff: decorrelatedJitter(), random: () => 0.5 }));
      const eventLog: string[] = [];
      watch(retried, String, eventLog);
      watch(timer(150).pipe(switchMap(() => retried)), String, eventLog);
      flush();
      return eventLog;
    });
    // 200 ms, then 100 + (3 * 200 - 100) / 2 = 350 ms.
    expect(lines).toEqual(['550 error: down', '700 error: down']);
  });

  it('counts from the failure, not from the start of the attempt', () => {
    const lines = inVirtualTime(({ flush }) => {
      const slow = concat(timer(500), down);
      const eventLog = watch(slow.pipe(retryWithStrategy({ attempts: 2, backoff: constant(1_000) })));
      flush();
      return eventLog.lines;
    });
    expect(lines).toEqual(['500 0', '2000 0', '2000 error: down']);
  });

  it('is exactly as long as the backoff says', () => {
    const lines = inVirtualTime(({ flush }) => {
      const eventLog = watch(
        down.pipe(retryWithStrategy({ attempts: 2, backoff: fullJitter(constant(10_000)), random: () => 0.42 })),
      );
      flush();
      return eventLog.lines;
    });
    expect(lines).toEqual(['4200 error: down']);
  });
});

/** Runs `body` on Jasmine's clock; `timers` has the ms of each timer that was set. */
function withFakeClock(body: (tick: (ms: number) => void, timers: readonly number[]) => void): void {
  const clock = jasmine.clock();
  clock.install();
  clock.mockDate(new Date(2024, 0, 1));
  const { setTimeout, setInterval } = globalThis;
  const timers: number[] = [];
  const noting = <S extends typeof setTimeout | typeof setInterval>(set: S): S =>
    new Proxy(set, {
      apply: (target, self, args: Parameters<S>): unknown => {
        timers.push(args[1] ?? 0);
        return Reflect.apply(target, self, args);
      },
    });
  try {
    Object.assign(globalThis, { setTimeout: noting(setTimeout), setInterval: noting(setInterval) });
    body((ms) => {
      clock.tick(ms);
    }, timers);
  } finally {
    Object.assign(globalThis, { setTimeout, setInterval });
    clock.uninstall();
  }
}
