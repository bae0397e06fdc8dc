import { throwError } from 'rxjs';

import { type AttemptEvent, constant, retryWithStrategy } from '../../src/index.js';
import { inVirtualTime } from '../support/virtual-time.js';

const down = new Error('down');

describe('whoever ends the run from within', () => {
  it('as it hears of the start of an attempt, keeps it from subscribing to the source', () => {
    let subscribed = 0;
    const source = throwError(() => {
      subscribed += 1;
      return down;
    });
    inVirtualTime(({ flush }) => {
      const events: AttemptEvent['type'][] = [];
      const run = source.pipe(retryWithStrategy({ backoff: constant(1) }, { observe: 'attempts' })).subscribe({
        next: ({ type, attempt }) => {
          events.push(type);
          if (type === 'start' && attempt.number === 2) run.unsubscribe();
        },
      });
      flush();
      expect(events).toEqual(['start', 'retry', 'start']);
      expect(subscribed).toBe(1);
    });
  });

  it('as it hears of a wait, leaves nothing to wait for', () => {
    inVirtualTime(({ cold, flush, expectSubscriptions }) => {
      const events: AttemptEvent['type'][] = [];
      const source = cold<never>('-#');
      const run = source.pipe(retryWithStrategy({ backoff: constant(5) }, { observe: 'attempts' })).subscribe({
        next: ({ type }) => {
          events.push(type);
          if (type === 'retry') run.unsubscribe();
        },
      });
      expectSubscriptions(source.subscriptions).toBe('^!');
      flush();
      expect(events).toEqual(['start', 'retry']);
    });
  });

  it('in a backoff that then fails, is told of no error', () => {
    let thrown: unknown = 'nothing';
    inVirtualTime(({ cold, flush }) => {
      const run = cold<never>('-#')
        .pipe(
          retryWithStrategy({
            backoff: () => {
              run.unsubscribe();
              throw new Error('a bug');
            },
          }),
        )
        .subscribe({ error: (error: unknown) => (thrown = error) });
      flush();
    });
    expect(thrown).toBe('nothing');
  });

  it('in a shouldRetry, has the answer that comes later unsubscribed from', () => {
    let left = 0;
    inVirtualTime(({ cold, flush, expectSubscriptions }) => {
      const answer = cold('--a', { a: true });
      const run = cold<never>('-#')
        .pipe(
          retryWithStrategy({
            shouldRetry: () => {
              run.unsubscribe();
              left += 1;
              return answer;
            },
          }),
        )
        .subscribe();
      flush();
      expectSubscriptions(answer.subscriptions).toBe('-(^!)');
    });
    expect(left).toBe(1);
  });
});
