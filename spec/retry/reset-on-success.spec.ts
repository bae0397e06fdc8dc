import { defer, type Observable } from 'rxjs';

import {
  constant,
  decorrelatedJitter,
  exponential,
  list,
  retryWithStrategy,
  type BackoffContext,
  type RetryStrategy,
} from '../../src/index.js';
import { formatEvent, watch } from '../support/event-log.js';
import { inVirtualTime, marbles } from '../support/virtual-time.js';

function eventsOf(strategy: RetryStrategy, ...marblesOfAttempts: readonly string[]): string[] {
  return inVirtualTime(({ cold, flush }) => {
    const remaining = [...marblesOfAttempts];
    const source: Observable<string> = defer(() => cold(remaining.shift() ?? '#', undefined, 'down'));
    const eventLog = watch(source.pipe(retryWithStrategy(strategy, { observe: 'attempts' })), formatEvent);
    flush();
    return eventLog.lines;
  });
}

const numbers = (lines: readonly string[]): string[] =>
  lines.filter((line) => line.includes('start')).map((line) => line.replace(/^\d+ start /, ''));

describe('retryWithStrategy with resetOnSuccess', () => {
  marbles(
    'retries without limit while every attempt emits a value',
    ({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('-a#');
      const expected = '   -a- -a- -a- -a- -a';
      const unsub = '      --- --- --- --- --!';
      const subs = ['^-!', '---^-!', '------^-!', '---------^-!', '------------^-!'];

      expectObservable(
        source.pipe(retryWithStrategy({ attempts: 2, backoff: constant(1), resetOnSuccess: true })),
        unsub,
      ).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subs);
    },
  );

  it('numbers the attempt after an emitted value 2', () => {
    expect(
      numbers(eventsOf({ attempts: 3, backoff: constant(1), resetOnSuccess: true }, '#', '-a-#', '#', '#')),
    ).toEqual(['1/3', '2/3', '2/3', '3/3']);
  });

  it('gives up after as many failures in a row as there are attempts', () => {
    expect(eventsOf({ attempts: 2, backoff: constant(1), resetOnSuccess: true }, '-a-#', '-#')).toEqual([
      '0 start 1/2',
      '1 value 1 a +1',
      '3 retry 1 (error: down) +3 in 1',
      '4 start 2/2',
      '5 failure 2 (error: down) +1 attempts',
      '5 error: down',
    ]);
  });

  it('retries the last attempt when it emitted a value', () => {
    expect(numbers(eventsOf({ attempts: 2, backoff: constant(1), resetOnSuccess: true }, '#', 'a#', '#'))).toEqual([
      '1/2',
      '2/2',
      '2/2',
    ]);
  });

  it('does not retry with attempts: 1', () => {
    expect(eventsOf({ attempts: 1, resetOnSuccess: true }, '-a#')).toEqual([
      '0 start 1/1',
      '1 value 1 a +1',
      '2 failure 1 (error: down) +2 attempts',
      '2 error: down',
    ]);
  });

  it('starts the backoff again after a value', () => {
    const lines = eventsOf({ attempts: 4, backoff: exponential(), resetOnSuccess: true }, '#', '#', 'a#', '#', '|');
    expect(lines.filter((line) => line.includes('retry')).map((line) => line.replace(/.* in /, ''))).toEqual([
      '100',
      '200',
      '100',
      '200',
    ]);
  });

  it('starts a backoff again that uses its own last delay', () => {
    const lines = eventsOf(
      { attempts: 4, backoff: decorrelatedJitter(), random: () => 0.5, resetOnSuccess: true },
      '#',
      '#',
      'a#',
      '#',
      '|',
    );
    expect(lines.filter((line) => line.includes('retry')).map((line) => line.replace(/.* in /, ''))).toEqual([
      '200',
      '350',
      '200',
      '350',
    ]);
  });

  it('passes the backoff retry 1 and previousDelay 0 after a value', () => {
    const contexts: BackoffContext[] = [];
    const backoff = (context: BackoffContext): number => {
      contexts.push(context);
      return 7;
    };
    eventsOf({ attempts: 3, backoff, resetOnSuccess: true }, '#', 'a#', '#', '|');
    expect(contexts.map(({ retry, previousDelay }) => [retry, previousDelay])).toEqual([
      [1, 0],
      [1, 0],
      [2, 7],
    ]);
  });

  it('starts a list of delays again after a value', () => {
    const lines = eventsOf({ backoff: list([3, 9]), resetOnSuccess: true }, '#', '#', 'a#', '#', '#');
    expect(lines.filter((line) => line.includes('retry')).map((line) => line.replace(/.* in /, ''))).toEqual([
      '3',
      '9',
      '3',
      '9',
    ]);
    expect(lines.at(-1)).toContain('error: down');
  });

  it('does not reset at a value that is retried', () => {
    const shouldRetry = ({ kind }: { kind: string }): boolean | undefined => (kind === 'value' ? true : undefined);
    expect(
      numbers(eventsOf({ attempts: 3, backoff: constant(1), shouldRetry, resetOnSuccess: true }, 'x', 'x', 'x', 'x')),
    ).toEqual(['1/3', '2/3', '3/3']);
  });

  it('is off by default: an emitted value does not reset the count', () => {
    expect(numbers(eventsOf({ attempts: 3, backoff: constant(1) }, 'a#', 'a#', 'a#', 'a#'))).toEqual([
      '1/3',
      '2/3',
      '3/3',
    ]);
    expect(numbers(eventsOf({ attempts: 2, backoff: constant(1), resetOnSuccess: false }, 'a#', 'a#', 'a#'))).toEqual([
      '1/2',
      '2/2',
    ]);
  });

  it('keeps the request id', () => {
    const ids = new Set<string>();
    inVirtualTime(({ cold, flush }) => {
      const remaining = ['a#', 'a#', 'a|'];
      defer(() => cold(remaining.shift() ?? '|'))
        .pipe(retryWithStrategy({ attempts: 2, backoff: constant(1), resetOnSuccess: true }, { observe: 'attempts' }))
        .subscribe({ next: ({ attempt }) => ids.add(attempt.requestId), error: fail });
      flush();
    });
    expect(ids.size).toBe(1);
  });
});
