import { throwError, type Observable } from 'rxjs';

import { constant, retryWithStrategy, type RetryStrategy } from '../../src/index.js';
import { inVirtualTime } from '../support/virtual-time.js';

const down = new Error('down');

/** The error of a run whose strategy fails over the error of its source. */
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

describe('the error of a strategy that fails', () => {
  it('has the attempt’s own as its cause, as one would have written it', () => {
    const error = errorOf({ backoff: throwing(new Error('a bug')) }) as Error;
    expect(error.message).toBe('a bug');
    expect(Object.getOwnPropertyDescriptor(error, 'cause')).toEqual(
      Object.getOwnPropertyDescriptor(new Error('a bug', { cause: down }), 'cause'),
    );
  });

  it('keeps the cause that it has', () => {
    const cause = new Error('its own');
    expect((errorOf({ shouldRetry: throwing(new Error('a bug', { cause })) }) as Error).cause).toBe(cause);
  });

  it('is never its own cause', () => {
    const same = errorOf({ shouldRetry: throwing(down) });
    expect(same).toBe(down);
    expect(down.cause).toBeUndefined();
  });

  it('is handed on as it is where it can have none', () => {
    const frozen = Object.freeze(new Error('frozen'));
    expect(errorOf({ shouldRetry: throwing(frozen) })).toBe(frozen);
    expect(frozen.cause).toBeUndefined();
    expect(errorOf({ shouldRetry: throwing('a string') })).toBe('a string');
  });
});
