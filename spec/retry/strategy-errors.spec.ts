import { map, Observable, of, throwError } from 'rxjs';

import { constant, retryWithStrategy, type AttemptEvent, type RetryStrategy } from '../../src/index.js';
import { inVirtualTime, marbles } from '../support/virtual-time.js';

const attemptError = new Error('the attempt’s own');

/** Runs the plain form and the form of events: the error of both, the values of the one, the events of the other. */
function endOf(
  source: Observable<unknown>,
  strategy: RetryStrategy,
): { error: unknown; events: AttemptEvent[]; values: unknown[] } {
  return inVirtualTime(({ flush }) => {
    const ends: unknown[] = [];
    const events: AttemptEvent[] = [];
    const values: unknown[] = [];
    const failed = (error: unknown): void => {
      ends.push(error);
    };
    source
      .pipe(retryWithStrategy(strategy))
      .subscribe({ next: (value) => values.push(value), error: failed, complete: fail });
    flush();
    source
      .pipe(retryWithStrategy(strategy, { observe: 'attempts' }))
      .subscribe({ next: (event) => events.push(event), error: failed, complete: fail });
    flush();
    expect(ends.length).toBe(2);
    return { error: ends[0], events, values };
  });
}

const causeOf = (error: unknown): unknown => (error instanceof Error ? error.cause : 'no Error');

describe('retryWithStrategy with a strategy that fails', () => {
  it('errors with what shouldRetry throws, and the attempt’s error as its cause', () => {
    const bug = new Error('a bug in shouldRetry');
    const { error } = endOf(
      throwError(() => attemptError),
      {
        shouldRetry: () => {
          throw bug;
        },
      },
    );
    expect(error).toBe(bug);
    expect(causeOf(error)).toBe(attemptError);
  });

  it('errors with what shouldRetry throws about a value, which is not emitted', () => {
    const bug = new Error('a bug in shouldRetry');
    const { error, values } = endOf(of('a', 'b'), {
      shouldRetry: () => {
        throw bug;
      },
    });
    expect(error).toBe(bug);
    expect(causeOf(error)).toBeUndefined();
    expect(values).toEqual([]);
  });

  it('errors with what an asynchronous shouldRetry errors with, and the attempt’s error as its cause', () => {
    const bug = new Error('a bug in shouldRetry');
    const { error } = endOf(
      throwError(() => attemptError),
      { shouldRetry: () => throwError(() => bug) },
    );
    expect(error).toBe(bug);
    expect(causeOf(error)).toBe(attemptError);
  });

  it('errors with what the backoff throws, and the attempt’s error as its cause', () => {
    const bug = new Error('a bug in the backoff');
    const { error } = endOf(
      throwError(() => attemptError),
      {
        backoff: () => {
          throw bug;
        },
      },
    );
    expect(error).toBe(bug);
    expect(causeOf(error)).toBe(attemptError);
  });

  for (const delay of [Number.NaN, -1, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
    it(`errors with a RangeError when the backoff returns ${String(delay)}, and the attempt’s error as its cause`, () => {
      const { error } = endOf(
        throwError(() => attemptError),
        { backoff: () => delay },
      );
      expect(error).toBeInstanceOf(RangeError);
      expect(String(error)).toContain('backoff');
      expect(String(error)).toContain(String(delay));
      expect(causeOf(error)).toBe(attemptError);
    });
  }

  for (const [what, delay] of [
    ['nothing', undefined],
    ['a string', '100'],
    ['a promise', Promise.resolve(1)],
  ] as const) {
    it(`errors when the backoff returns ${what}, instead of retrying without a delay`, () => {
      const { error } = endOf(
        throwError(() => attemptError),
        { backoff: () => delay as unknown as number },
      );
      expect(error).toBeInstanceOf(Error);
      expect(error).not.toBe(attemptError);
      expect(String(error)).toContain('backoff');
    });
  }

  for (const [what, answer] of [
    ['a string', 'yes'],
    ['a number', 1],
    ['a promise of a string', Promise.resolve('yes')],
    ['an Observable of a number', of(0)],
  ] as const) {
    it(`errors with a TypeError when shouldRetry returns ${what}`, async () => {
      const error = await new Promise<unknown>((resolve) => {
        const shouldRetry = (): boolean => answer as unknown as boolean;
        throwError(() => attemptError)
          .pipe(retryWithStrategy({ attempts: 1, shouldRetry }))
          .subscribe({ error: resolve });
      });
      expect(error).toBeInstanceOf(TypeError);
      expect(String(error)).toContain('shouldRetry');
      expect(causeOf(error)).toBe(attemptError);
    });
  }

  it('errors when the backoff fails at a later retry', () => {
    const { error, events } = endOf(
      throwError(() => attemptError),
      { attempts: 5, backoff: ({ retry }) => (retry < 3 ? 1 : Number.NaN) },
    );
    expect(error).toBeInstanceOf(RangeError);
    expect(events.map((event) => event.type)).toEqual(['start', 'retry', 'start', 'retry', 'start', 'failure']);
  });

  it('emits a permanent failure event with the error that shouldRetry throws', () => {
    const bug = new Error('a bug in shouldRetry');
    const { events } = endOf(of('a'), {
      shouldRetry: () => {
        throw bug;
      },
    });
    expect(events.map((event) => event.type)).toEqual(['start', 'failure']);
    const failure = events[1];
    expect(failure?.type === 'failure' && failure.reason).toBe('permanent');
    expect(failure?.type === 'failure' && failure.outcome.kind === 'error' && failure.outcome.error).toBe(bug);
  });

  it('emits a permanent failure event for a negative delay, and no retry event', () => {
    const { error, events } = endOf(
      throwError(() => attemptError),
      { backoff: () => -5 },
    );
    const failure = events[1];
    expect(events.map((event) => event.type)).toEqual(['start', 'failure']);
    expect(failure?.type === 'failure' && failure.reason).toBe('permanent');
    expect(failure?.type === 'failure' && failure.outcome.kind === 'error' && String(failure.outcome.error)).toBe(
      String(error),
    );
  });

  it('errors with what is thrown also when it cannot have a cause', () => {
    for (const thrown of ['a string', undefined, Object.freeze(new Error('frozen'))]) {
      const { error } = endOf(
        throwError(() => attemptError),
        {
          shouldRetry: () => {
            throw thrown as Error;
          },
        },
      );
      expect(error).toBe(thrown);
    }
  });

  it('does not make an error its own cause when shouldRetry throws the attempt’s error', () => {
    const { error } = endOf(
      throwError(() => attemptError),
      {
        shouldRetry: () => {
          throw attemptError;
        },
      },
    );
    expect(error).toBe(attemptError);
    expect(causeOf(error)).toBeUndefined();
  });

  marbles('unsubscribes the source when shouldRetry throws', ({ cold, expectObservable, expectSubscriptions }) => {
    const source = cold('-a-b-c|');
    const shouldRetry = (): never => {
      throw new Error('a bug in shouldRetry');
    };

    expectObservable(source.pipe(retryWithStrategy({ shouldRetry }))).toBe('-#', {}, new Error('a bug in shouldRetry'));
    expectSubscriptions(source.subscriptions).toBe('                 ^!');
  });

  it('unsubscribes the source before it errors', () => {
    const order: string[] = [];
    const source = new Observable<string>((subscriber) => {
      subscriber.add(() => order.push('torn down'));
      subscriber.next('a');
    });
    const shouldRetry = (): never => {
      throw new Error('a bug in shouldRetry');
    };
    source.pipe(retryWithStrategy({ shouldRetry })).subscribe({ error: () => order.push('error') });
    expect(order).toEqual(['torn down', 'error']);
  });

  it('retries an error that a source throws in its subscribe function', () => {
    let attempts = 0;
    const throwing = new Observable<string>(() => {
      attempts++;
      throw attemptError;
    });
    const seen: unknown[] = [];
    inVirtualTime(({ flush }) => {
      throwing
        .pipe(retryWithStrategy({ backoff: constant(1) }))
        .subscribe({ error: (error: unknown) => seen.push(error) });
      flush();
    });
    expect(attempts).toBe(3);
    expect(seen).toEqual([attemptError]);
  });

  it('does not retry an error of an operator below it', () => {
    let attempts = 0;
    const source = new Observable<string>((subscriber) => {
      attempts++;
      subscriber.next('a');
      subscriber.complete();
    });
    const seen: unknown[] = [];
    inVirtualTime(({ flush }) => {
      const failBeyond = map((): never => {
        throw attemptError;
      });
      source
        .pipe(retryWithStrategy({ backoff: constant(1) }), failBeyond)
        .subscribe({ error: (error: unknown) => seen.push(error) });
      flush();
    });
    expect(seen).toEqual([attemptError]);
    expect(attempts).toBe(1);
  });

  it('does not call shouldRetry again after it threw', () => {
    const shouldRetry = jasmine.createSpy('shouldRetry').and.throwError('a bug in shouldRetry');
    inVirtualTime(({ flush }) => {
      of('a', 'b', 'c')
        .pipe(retryWithStrategy({ shouldRetry }))
        .subscribe({ error: () => undefined });
      flush();
    });
    expect(shouldRetry).toHaveBeenCalledTimes(1);
  });
});
