import {
  defer,
  finalize,
  map,
  Observable,
  of,
  throwError,
  type MonoTypeOperatorFunction,
  type OperatorFunction,
} from 'rxjs';

import { constant, retryWithStrategy, type AttemptEvent, type Outcome, type RetryStrategy } from '../../src/index.js';
import { formatEvent, watch } from '../support/event-log.js';
import { inVirtualTime, marbles } from '../support/virtual-time.js';

const isX = (outcome: Outcome): boolean | undefined =>
  outcome.kind === 'value' && outcome.value === 'x' ? true : undefined;
const strategy: RetryStrategy = { attempts: 3, backoff: constant(5), shouldRetry: isX };

/** The log of the events of a run whose attempt n plays the n-th of these marbles. */
function eventsOf(of: RetryStrategy, ...sources: readonly string[]): string[] {
  return inVirtualTime(({ cold, flush }) => {
    const remaining = [...sources];
    const source = defer(() => cold(remaining.shift() ?? '#', undefined, new Error('down')));
    const eventLog = watch(source.pipe(retryWithStrategy(of, { observe: 'attempts' })), formatEvent);
    flush();
    return eventLog.lines;
  });
}

describe("retryWithStrategy with observe: 'attempts'", () => {
  it('emits start, each value and success, and completes', () => {
    expect(eventsOf(strategy, '-a--b-|')).toEqual([
      '0 start 1/3',
      '1 value 1 a +1',
      '4 value 1 b +4',
      '6 success 1 +6',
      '6 complete',
    ]);
  });

  it('emits success for an empty source', () => {
    expect(eventsOf(strategy, '--|')).toEqual(['0 start 1/3', '2 success 1 +2', '2 complete']);
  });

  it('emits retry for an error, with the delay that follows', () => {
    expect(eventsOf(strategy, '--#', '-a|')).toEqual([
      '0 start 1/3',
      '2 retry 1 (error: down) +2 in 5',
      '7 start 2/3',
      '8 value 2 a +1',
      '9 success 2 +2',
      '9 complete',
    ]);
  });

  it('emits retry, and no value event, for a value that is retried', () => {
    expect(eventsOf(strategy, '-a-x-b|', '-c|')).toEqual([
      '0 start 1/3',
      '1 value 1 a +1',
      '3 retry 1 (value: x) +3 in 5',
      '8 start 2/3',
      '9 value 2 c +1',
      '10 success 2 +2',
      '10 complete',
    ]);
  });

  it('emits failure with an error, then errors with it', () => {
    expect(eventsOf({ ...strategy, attempts: 2 }, '-#', '--#')).toEqual([
      '0 start 1/2',
      '1 retry 1 (error: down) +1 in 5',
      '6 start 2/2',
      '8 failure 2 (error: down) +2 attempts',
      '8 error: down',
    ]);
  });

  it('emits failure with a value that is not accepted, then completes', () => {
    expect(eventsOf({ ...strategy, attempts: 1 }, '-a-x-b|')).toEqual([
      '0 start 1/1',
      '1 value 1 a +1',
      '3 failure 1 (value: x) +3 attempts',
      '3 complete',
    ]);
  });

  it('emits failure with reason permanent for an error that is not retried, also at the last attempt', () => {
    expect(eventsOf({ ...strategy, errors: [] }, '-#')).toEqual([
      '0 start 1/3',
      '1 failure 1 (error: down) +1 permanent',
      '1 error: down',
    ]);
    expect(eventsOf({ ...strategy, shouldRetry: () => false }, '-#')).toEqual([
      '0 start 1/3',
      '1 failure 1 (error: down) +1 permanent',
      '1 error: down',
    ]);
    expect(eventsOf({ attempts: 1, errors: [] }, '-#')).toEqual([
      '0 start 1/1',
      '1 failure 1 (error: down) +1 permanent',
      '1 error: down',
    ]);
  });

  marbles('emits only start while the source is silent', ({ cold, expectObservable, expectSubscriptions }) => {
    const source = cold('-');
    const result = source.pipe(
      retryWithStrategy(strategy, { observe: 'attempts' }),
      map((event) => event.type),
    );

    expectObservable(result, '9ms !').toBe('s', { s: 'start' });
    expectSubscriptions(source.subscriptions).toBe('^--------!');
  });

  it('emits response once for each attempt: its first Response, before its value or retry', () => {
    const lines = inVirtualTime(({ cold, flush }) => {
      const answers = { a: new Response(null, { status: 201 }), b: new Response(null, { status: 503 }) };
      const sources = [cold('-a-b', answers), cold('--(ba)', answers), cold('-a|', answers)];
      const retried = defer(() => sources.shift() ?? of()).pipe(
        retryWithStrategy({ attempts: 3, backoff: constant(5) }, { observe: 'attempts' }),
      );
      const eventLog = watch(retried, (event) => formatEvent(event).replace('[object Response]', 'of it'));
      flush();
      return eventLog.lines;
    });
    expect(lines).toEqual([
      ...['0 start 1/3', '1 response 1 201 +1', '1 value 1 of it +1', '3 retry 1 (response: 503) +3 in 5'],
      ...['8 start 2/3', '10 response 2 503 +2', '10 retry 2 (response: 503) +2 in 5'],
      ...['15 start 3/3', '16 response 3 201 +1', '16 value 3 of it +1', '17 success 3 +2', '17 complete'],
    ]);
  });

  it('emits start before it subscribes to the source', () => {
    const order: string[] = [];
    const source = defer(() => {
      order.push('subscribed');
      return of('a');
    });
    source
      .pipe(retryWithStrategy({}, { observe: 'attempts' }))
      .subscribe({ next: (event) => order.push(event.type), error: fail });
    expect(order).toEqual(['start', 'subscribed', 'value', 'success']);
  });

  it('emits retry after the source is unsubscribed', () => {
    const order = inVirtualTime(({ cold, flush }) => {
      const log: string[] = [];
      cold('-x-b|')
        .pipe(
          finalize(() => log.push('torn down')),
          retryWithStrategy({ ...strategy, attempts: 2 }, { observe: 'attempts' }),
        )
        .subscribe({ next: (event) => log.push(event.type), error: fail });
      flush();
      return log;
    });
    expect(order).toEqual(['start', 'torn down', 'retry', 'start', 'torn down', 'failure']);
  });

  it('emits retry after the source is unsubscribed, also when it fails while it is subscribed', () => {
    for (const fault of ['value', 'error'] as const) {
      const log: string[] = [];
      const source = new Observable<string>((subscriber) => {
        if (fault === 'value') subscriber.next('x');
        else subscriber.error(new Error('down'));
        return () => log.push('torn down');
      });
      inVirtualTime(({ flush }) => {
        source
          .pipe(retryWithStrategy({ ...strategy, attempts: 2 }, { observe: 'attempts' }))
          .subscribe({ next: (event) => log.push(event.type), error: () => log.push('error') });
        flush();
      });
      const expected = ['start', 'torn down', 'retry', 'start', 'torn down', 'failure'];
      expect(log)
        .withContext(fault)
        .toEqual(fault === 'value' ? expected : [...expected, 'error']);
    }
  });

  it('has the same attempt in all events of an attempt', () => {
    const events: AttemptEvent[] = [];
    inVirtualTime(({ cold, flush }) => {
      cold('-ab|')
        .pipe(retryWithStrategy(strategy, { observe: 'attempts' }))
        .subscribe({ next: (event) => events.push(event), error: fail });
      flush();
    });
    const [first] = events;
    expect(events.length).toBe(4);
    expect(first?.attempt).toEqual({
      number: 1,
      of: 3,
      startedAt: 0,
      requestId: jasmine.any(String) as unknown as string,
    });
    expect(new Set(events.map(({ attempt }) => JSON.stringify(attempt))).size).toBe(1);
  });

  it('has the outcome by identity, and its attempt', () => {
    const error = new Error('down');
    const events: AttemptEvent[] = [];
    throwError(() => error)
      .pipe(retryWithStrategy({ attempts: 1 }, { observe: 'attempts' }))
      .subscribe({ next: (event) => events.push(event), error: () => undefined });
    const last = events.at(-1);
    expect(last?.type === 'failure' && last.outcome.kind === 'error' && last.outcome.error).toBe(error);
    expect(last?.type === 'failure' && JSON.stringify(last.outcome.attempt)).toBe(JSON.stringify(last?.attempt));
  });

  it('measures elapsed from the start of the attempt, including an asynchronous decision', () => {
    const lines = inVirtualTime(({ cold, flush }) => {
      const decision = cold('----f', { f: false });
      const source = cold('-a------|').pipe(
        retryWithStrategy({ shouldRetry: () => decision }, { observe: 'attempts' }),
      );
      const eventLog = watch(source, formatEvent);
      flush();
      return eventLog.lines;
    });
    expect(lines).toEqual(['0 start 1/3', '5 value 1 a +5', '8 success 1 +8', '8 complete']);
  });

  it('has the time at which each attempt started', () => {
    const starts = inVirtualTime(({ cold, flush }) => {
      const seen: number[] = [];
      cold('--#')
        .pipe(retryWithStrategy(strategy, { observe: 'attempts' }))
        .subscribe({ next: ({ attempt }) => seen.push(attempt.startedAt), error: () => undefined });
      flush();
      return seen;
    });
    expect(starts).toEqual([0, 0, 7, 7, 14, 14]);
  });

  it('emits the values and ends of the plain form, at the same times', () => {
    const scripts = [['-a-x', '--b|'], ['#', '-#', 'a#'], ['(ab|)'], ['|'], ['x', 'x', 'x'], ['-a-#', '-x', '-a-b-|']];
    for (const script of scripts) {
      const run = <R>(operator: OperatorFunction<string, R>, formatValue: (value: R) => string): string[] =>
        inVirtualTime(({ cold, flush }) => {
          const remaining = [...script];
          const eventLog = watch(defer(() => cold(remaining.shift() ?? '|')).pipe(operator), formatValue);
          flush();
          return eventLog.lines;
        });
      const plain = run(
        retryWithStrategy<string>(strategy) satisfies MonoTypeOperatorFunction<string>,
        (value) => value,
      );
      const events = run(retryWithStrategy<string>(strategy, { observe: 'attempts' }), (event) => {
        if (event.type === 'value') return event.value;
        return event.type === 'failure' && event.outcome.kind === 'value' ? String(event.outcome.value) : 'not seen';
      });
      expect(events.filter((line) => !line.endsWith('not seen')))
        .withContext(script.join(' then '))
        .toEqual(plain);
    }
  });

  it("is the plain form when observe is 'value' or absent", () => {
    const lines = ['0 a', '0 complete'];
    inVirtualTime(() => {
      expect(watch(of('a').pipe(retryWithStrategy({}, { observe: 'value' }))).lines).toEqual(lines);
      expect(watch(of('a').pipe(retryWithStrategy({}, {}))).lines).toEqual(lines);
      expect(watch(of('a').pipe(retryWithStrategy())).lines).toEqual(lines);
    });
  });
});
