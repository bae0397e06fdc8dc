import { throwError } from 'rxjs';

import { type AttemptEvent, constant, retryWithStrategy } from '../../src/index.js';
import { inVirtualTime } from '../support/virtual-time.js';

const down = new Error('down');

describe('Unsubscribing retryWithStrategy within a callback:', () => {
  it('at the start event of an attempt does not subscribe to the source', () => {
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

  it('at the retry event makes no further attempt', () => {
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

  it('in a backoff that then throws emits no error', () => {
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

  it('in shouldRetry unsubscribes the Observable that shouldRetry returns', () => {
    let calls = 0;
    inVirtualTime(({ cold, flush, expectSubscriptions }) => {
      const answer = cold('--a', { a: true });
      const run = cold<never>('-#')
        .pipe(
          retryWithStrategy({
            shouldRetry: () => {
              run.unsubscribe();
              calls += 1;
              return answer;
            },
          }),
        )
        .subscribe();
      flush();
      expectSubscriptions(answer.subscriptions).toBe('-(^!)');
    });
    expect(calls).toBe(1);
  });
});
