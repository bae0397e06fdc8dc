import { map, Observable, of, throwError } from 'rxjs';

import { constant, retryWithStrategy, type AttemptEvent, type RetryStrategy } from '../../src/index.js';
import { inVirtualTime, marbles } from '../support/virtual-time.js';

const own = new Error('the attempt’s own');

/** The error that the output ends with, in the plain form and in the form of events alike, and the events before it. */
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

describe('retryWithStrategy, where the strategy itself fails,', () => {
  it('ends with what shouldRetry throws, the attempt’s own error as its cause', () => {
    const bug = new Error('a bug in shouldRetry');
    const { error } = endOf(
      throwError(() => own),
      {
        shouldRetry: () => {
          throw bug;
        },
      },
    );
    expect(error).toBe(bug);
    expect(causeOf(error)).toBe(own);
  });

  it('ends with what shouldRetry throws about a value, which is not emitted', () => {
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

  it('ends with what an asynchronous shouldRetry fails with, the attempt’s own error as its cause', () => {
    const bug = new Error('a bug in shouldRetry');
    const { error } = endOf(
      throwError(() => own),
      { shouldRetry: () => throwError(() => bug) },
    );
    expect(error).toBe(bug);
    expect(causeOf(error)).toBe(own);
  });

  it('ends with what the backoff throws, the attempt’s own error as its cause', () => {
    const bug = new Error('a bug in the backoff');
    const { error } = endOf(
      throwError(() => own),
      {
        backoff: () => {
          throw bug;
        },
      },
    );
    expect(error).toBe(bug);
    expect(causeOf(error)).toBe(own);
  });

  for (const delay of [Number.NaN, -1, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
    it(`ends with an error where the backoff returns ${String(delay)}, the attempt’s own as its cause`, () => {
      const { error } = endOf(
        throwError(() => own),
        { backoff: () => delay },
      );
      expect(error).toBeInstanceOf(RangeError);
      expect(String(error)).toContain('backoff');
      expect(String(error)).toContain(String(delay));
      expect(causeOf(error)).toBe(own);
    });
  }

  for (const [what, delay] of [
    ['nothing', undefined],
    ['a string', '100'],
    ['a promise', Promise.resolve(1)],
  ] as const) {
    it(`ends with an error where the backoff returns ${what}, never at once and for ever`, () => {
      const { error } = endOf(
        throwError(() => own),
        { backoff: () => delay as unknown as number },
      );
      expect(error).toBeInstanceOf(Error);
      expect(error).not.toBe(own);
      expect(String(error)).toContain('backoff');
    });
  }

  for (const [what, answer] of [
    ['a string', 'yes'],
    ['a number', 1],
    ['a promise of a string', Promise.resolve('yes')],
    ['an Observable of a number', of(0)],
  ] as const) {
    it(`ends with an error where shouldRetry answers with ${what}, instead of guessing what was meant`, async () => {
      const error = await new Promise<unknown>((resolve) => {
        const shouldRetry = (): boolean => answer as unknown as boolean;
        throwError(() => own)
          .pipe(retryWithStrategy({ attempts: 1, shouldRetry }))
          .subscribe({ error: resolve });
      });
      expect(error).toBeInstanceOf(TypeError);
      expect(String(error)).toContain('shouldRetry');
      expect(causeOf(error)).toBe(own);
    });
  }

  it('ends with an error where the backoff fails at a later retry only', () => {
    const { error, events } = endOf(
      throwError(() => own),
      { attempts: 5, backoff: ({ retry }) => (retry < 3 ? 1 : Number.NaN) },
    );
    expect(error).toBeInstanceOf(RangeError);
    expect(events.map((event) => event.type)).toEqual(['start', 'retry', 'start', 'retry', 'start', 'failure']);
  });

  it('tells of it as a permanent failure of that attempt, with the error that ends the output', () => {
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

  it('tells so of a bad delay, and never announces a retry', () => {
    const { error, events } = endOf(
      throwError(() => own),
      { backoff: () => -5 },
    );
    const failure = events[1];
    expect(events.map((event) => event.type)).toEqual(['start', 'failure']);
    expect(failure?.type === 'failure' && failure.reason).toBe('permanent');
    expect(failure?.type === 'failure' && failure.outcome.kind === 'error' && String(failure.outcome.error)).toBe(
      String(error),
    );
  });

  it('ends with what is thrown even where no cause can be written to it', () => {
    for (const thrown of ['a string', undefined, Object.freeze(new Error('frozen'))]) {
      const { error } = endOf(
        throwError(() => own),
        {
          shouldRetry: () => {
            throw thrown as Error;
          },
        },
      );
      expect(error).toBe(thrown);
    }
  });

  it('does not make an error its own cause where shouldRetry throws the attempt’s own', () => {
    const { error } = endOf(
      throwError(() => own),
      {
        shouldRetry: () => {
          throw own;
        },
      },
    );
    expect(error).toBe(own);
    expect(causeOf(error)).toBeUndefined();
  });

  marbles('unsubscribes the source at that moment', ({ cold, expectObservable, expectSubscriptions }) => {
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

  it('takes an error that a source throws while it is subscribed to as the attempt’s own', () => {
    let attempts = 0;
    const throwing = new Observable<string>(() => {
      attempts++;
      throw own;
    });
    const seen: unknown[] = [];
    inVirtualTime(({ flush }) => {
      throwing
        .pipe(retryWithStrategy({ backoff: constant(1) }))
        .subscribe({ error: (error: unknown) => seen.push(error) });
      flush();
    });
    expect(attempts).toBe(3);
    expect(seen).toEqual([own]);
  });

  it('does not take for a failure of the source what happens beyond the operator', () => {
    let attempts = 0;
    const source = new Observable<string>((subscriber) => {
      attempts++;
      subscriber.next('a');
      subscriber.complete();
    });
    const seen: unknown[] = [];
    inVirtualTime(({ flush }) => {
      const failBeyond = map((): never => {
        throw own;
      });
      source
        .pipe(retryWithStrategy({ backoff: constant(1) }), failBeyond)
        .subscribe({ error: (error: unknown) => seen.push(error) });
      flush();
    });
    expect(seen).toEqual([own]);
    expect(attempts).toBe(1);
  });

  it('calls neither shouldRetry nor the backoff again after that', () => {
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
