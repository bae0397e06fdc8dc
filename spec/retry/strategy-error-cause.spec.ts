import { throwError, type Observable } from 'rxjs';

import { constant, retryWithStrategy, type RetryStrategy } from '../../src/index.js';
import { inVirtualTime } from '../support/virtual-time.js';

const down = new Error('down');

/** The error of a run whose strategy throws while it decides on the error of the source. */
function errorOf(strategy: RetryStrategy, source: Observable<never> = throwError(() => down)): unknown {
  return inVirtualTime(({ flush }) => {
    let thrown: unknown = 'nothing';
    source
      .pipe(retryWithStrategy({ backoff: constant(1), ...strategy }))
      .subscribe({ error: (error: unknown) => (thrown = error) });
    flush();
    return thrown;
  });
}

const throwing = (error: unknown) => (): never => {
  throw error;
};

describe('The cause of an error that shouldRetry or backoff throws', () => {
  it('is the attempt’s error, as a non-enumerable property', () => {
    const error = errorOf({ backoff: throwing(new Error('a bug')) }) as Error;
    expect(error.message).toBe('a bug');
    expect(Object.getOwnPropertyDescriptor(error, 'cause')).toEqual(
      Object.getOwnPropertyDescriptor(new Error('a bug', { cause: down }), 'cause'),
    );
  });

  it('is kept when the error has one', () => {
    const cause = new Error('its own');
    expect((errorOf({ shouldRetry: throwing(new Error('a bug', { cause })) }) as Error).cause).toBe(cause);
  });

  it('is not set when the thrown error is the attempt’s own', () => {
    const same = errorOf({ shouldRetry: throwing(down) });
    expect(same).toBe(down);
    expect(down.cause).toBeUndefined();
  });

  it('is missing when the error is frozen or a string, which is thrown unchanged', () => {
    const frozen = Object.freeze(new Error('frozen'));
    expect(errorOf({ shouldRetry: throwing(frozen) })).toBe(frozen);
    expect(frozen.cause).toBeUndefined();
    expect(errorOf({ shouldRetry: throwing('a string') })).toBe('a string');
  });
});
