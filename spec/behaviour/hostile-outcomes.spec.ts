import { of, throwError } from 'rxjs';

import { constant, RetryClient, retryWithStrategy } from '../../src/index.js';
import { watch } from '../support/event-log.js';
import { expectRefusal } from '../support/expect-refusal.js';
import { inVirtualTime } from '../support/virtual-time.js';

const url = 'http://a.test/';
describe('A value that a strategy cannot inspect:', () => {
  const hostile = new (class extends Error {
    get status(): number {
      throw new TypeError('no status');
    }
  })('down');

  it('retryWithStrategy throws an error unchanged when its properties throw', () => {
    const { lines } = watch(throwError(() => hostile).pipe(retryWithStrategy({ attempts: 1 })), String);
    expect(lines.map((line) => line.replace(/^\S+ /, ''))).toEqual(['error: down']);
  });

  it('a listed error class that throws in instanceof ends the request with that error', () => {
    class Strange extends Error {
      static override [Symbol.hasInstance](): boolean {
        throw new TypeError('strange');
      }
    }
    const client = new RetryClient({ interceptors: [() => throwError(() => new Error('down'))] });
    const { lines } = watch(client.get(url, { strategy: { errors: [Strange] } }), String);
    expect(lines.map((line) => line.replace(/^\S+ /, ''))).toEqual(['error: strange']);
  });

  it('a function in errors that is not a class is refused when it is passed', () => {
    expectRefusal(
      () => new RetryClient({ strategy: { errors: [(() => 1) as never] } }),
      [RangeError],
      'errors[0]',
      'a function',
    );
  });

  it('a response of status 0 without a type is retried as a network error', () => {
    inVirtualTime(({ flush }) => {
      const bare = { status: 0, headers: new Headers() } as Response;
      const client = new RetryClient({
        interceptors: [({ attempt }) => of(attempt.number === 1 ? bare : new Response(null, { status: 204 }))],
        strategy: { backoff: constant(5) },
      });
      const { lines } = watch(client.get(url), (response) => String(response.status));
      flush();
      expect(lines).toEqual(['5 204', '5 complete']);
    });
  });
});
