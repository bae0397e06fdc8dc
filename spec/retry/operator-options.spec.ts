import { of, type MonoTypeOperatorFunction, type Observable, type OperatorFunction } from 'rxjs';

import {
  constant,
  retryWithStrategy,
  type AttemptEvent,
  type Backoff,
  type BackoffContext,
  type Outcome,
  type RetryStrategy,
} from '../../src/index.js';
import { expectRefusal } from '../support/expect-refusal.js';

describe('The options of retryWithStrategy', () => {
  it('are refused when they are passed, before any subscription', () => {
    expectRefusal(() => retryWithStrategy({ attempts: 0 }), [RangeError], 'attempts', '0');
    expectRefusal(() => retryWithStrategy({ attempts: 0 }, { observe: 'attempts' }), [RangeError], 'attempts', '0');
  });

  it('are refused with an unknown observe', () => {
    expectRefusal(
      () => retryWithStrategy({}, { observe: 'events' as 'value' }),
      [TypeError, RangeError],
      'observe',
      'events',
      'value',
      'attempts',
    );
    expectRefusal(
      () => retryWithStrategy({}, { observe: true as unknown as 'value' }),
      [TypeError, RangeError],
      'observe',
      'true',
    );
  });

  it('can be undefined', () => {
    expect(() => retryWithStrategy(undefined, { observe: 'attempts' })).not.toThrow();
    expect(() => retryWithStrategy(undefined, { observe: undefined as unknown as 'value' })).not.toThrow();
  });

  it('make one operator for any number of sources', () => {
    const seen: unknown[] = [];
    const retried = retryWithStrategy<unknown>({ backoff: constant(1) });
    for (const value of [1, 'a']) {
      of<unknown>(value)
        .pipe(retried)
        .subscribe({ next: (emitted) => seen.push(emitted), error: fail });
    }
    expect(seen).toEqual([1, 'a']);
  });

  it('keep the type of the values, or give events of it, without a cast', () => {
    const plain: Observable<number> = of(1).pipe(retryWithStrategy());
    const alsoPlain: Observable<number> = of(1).pipe(retryWithStrategy({ attempts: 2 }, { observe: 'value' }));
    const events: Observable<AttemptEvent<number>> = of(1).pipe(retryWithStrategy({}, { observe: 'attempts' }));
    const operator: MonoTypeOperatorFunction<string> = retryWithStrategy({});
    const eventOperator: OperatorFunction<string, AttemptEvent<string>> = retryWithStrategy(undefined, {
      observe: 'attempts',
    });
    // @ts-expect-error: events are not numbers
    const wrong: Observable<number> = of(1).pipe(retryWithStrategy({}, { observe: 'attempts' }));

    const seen: unknown[] = [];
    for (const source of [plain, alsoPlain, events, wrong, of('a').pipe(operator), of('a').pipe(eventOperator)]) {
      (source as Observable<unknown>).subscribe({ next: (value) => seen.push(typeof value), error: fail });
    }
    const three = ['object', 'object', 'object'];
    expect(seen).toEqual(['number', 'number', ...three, ...three, 'string', ...three]);
  });

  it('have types that a strategy, a backoff and a shouldRetry can be written with', () => {
    const backoff: Backoff = ({ retry, previousDelay, random, outcome }: BackoffContext) =>
      retry + previousDelay + random() + outcome.attempt.number;
    const strategy: RetryStrategy = {
      backoff,
      errors: [TypeError, DOMException],
      shouldRetry: (outcome: Outcome) => (outcome.kind === 'response' ? outcome.response.status === 418 : undefined),
    };
    const promising: RetryStrategy = { shouldRetry: () => Promise.resolve(undefined) };
    const observing: RetryStrategy = { shouldRetry: () => of(true) };
    // @ts-expect-error: the field is misspelt
    const misspelt: RetryStrategy = { attempt: 3 };
    for (const good of [strategy, promising, observing]) expect(() => retryWithStrategy(good)).not.toThrow();
    expectRefusal(() => retryWithStrategy(misspelt), [TypeError], 'attempt');
  });
});
