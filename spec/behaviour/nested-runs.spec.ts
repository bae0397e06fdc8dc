import { catchError, defer, mergeMap, of, throwError, timer, type Observable } from 'rxjs';

import {
  constant,
  HttpNetworkError,
  type Interceptor,
  RetryClient,
  retryWithStrategy,
  type RetryStrategy,
  text,
  withResponse,
} from '../../src/index.js';
import { network } from '../support/scripted-network.js';
import { failureOf, only, settled } from '../support/settled.js';

const url = 'http://a.test/';
const three: RetryStrategy = { attempts: 3, backoff: constant(0) };

/** A source that counts its subscriptions. */
function counted<T>(make: () => Observable<T>): { readonly source: Observable<T>; readonly times: () => number } {
  let times = 0;
  return {
    source: defer(() => {
      times += 1;
      return make();
    }),
    times: () => times,
  };
}

describe('What a run gave up on, within another run,', () => {
  it('is an error that is not tried again: attempts do not multiply', async () => {
    const { source, times } = counted(() => throwError(() => new Error('down')));
    await failureOf(source.pipe(retryWithStrategy(three), retryWithStrategy(three)));
    expect(times()).toBe(3);

    const { interceptor, requests } = network(
      new HttpNetworkError({
        attempt: { number: 1, of: 1, requestId: '', startedAt: 0, method: 'GET', url, context: {} },
      }),
    );
    const client = new RetryClient({ interceptors: [interceptor], strategy: three });
    await failureOf(client.get(url).pipe(retryWithStrategy(three)));
    expect(requests.length).toBe(3);
  });

  it('is a response that is handed on as it is', async () => {
    const { interceptor, requests } = network(503);
    const client = new RetryClient({ interceptors: [interceptor], strategy: three });
    const response = await only(client.get(url).pipe(retryWithStrategy(three)));

    expect(response.status).toBe(503);
    expect(requests.length).toBe(3);
  });

  it('stays so when it comes later, and in an interceptor', async () => {
    const { interceptor, requests } = network(503);
    const inner = new RetryClient({ interceptors: [interceptor], strategy: three, throwHttpErrors: true });
    const asking: Interceptor = () => timer(1).pipe(mergeMap(() => inner.get(url)));
    await failureOf(new RetryClient({ interceptors: [asking], strategy: three }).get(url));

    expect(requests.length).toBe(3);
  });

  it('is tried again all the same where shouldRetry says so', async () => {
    const { source, times } = counted(() => throwError(() => new Error('down')));
    await failureOf(source.pipe(retryWithStrategy(three), retryWithStrategy({ ...three, shouldRetry: () => true })));

    expect(times()).toBe(9);
  });

  for (const [what, selector] of [
    ['withResponse()', withResponse(text())],
    ['a selector that hands its response on', (response: Response) => of(response)],
  ] as const) {
    it(`is what ${what} makes of it, where errors are not thrown`, async () => {
      const { interceptor, requests } = network(503);
      const client = new RetryClient({ interceptors: [interceptor], strategy: three, throwHttpErrors: false });
      const value = await only(
        client
          .get(url, { selector: selector as (response: Response) => Observable<Response> })
          .pipe(retryWithStrategy(three)),
      );

      expect(value.status).toBe(503);
      expect(requests.length).toBe(3);
    });
  }

  it('has reason permanent', async () => {
    const { values } = await settled(
      throwError(() => new Error('down')).pipe(
        retryWithStrategy({ attempts: 1 }),
        retryWithStrategy(three, { observe: 'attempts' }),
      ),
    );

    expect(values.map((event) => (event.type === 'failure' ? event.reason : event.type))).toEqual([
      'start',
      'permanent',
    ]);
  });
});

describe('An error object that is thrown each time', () => {
  it('is tried again by the next run as by the first', async () => {
    const always = new Error('the same');
    const { source, times } = counted(() => throwError(() => always));
    const retried = source.pipe(retryWithStrategy(three));
    await failureOf(retried);
    await failureOf(retried);

    expect(times()).toBe(6);
  });

  it('is tried again by runs that go on side by side', async () => {
    const always = new Error('the same');
    const { source, times } = counted(() => timer(1).pipe(mergeMap(() => throwError(() => always))));
    const run = (): Promise<unknown> => failureOf(source.pipe(retryWithStrategy({ ...three, backoff: constant(2) })));
    await Promise.all([run(), run(), run()]);

    expect(times()).toBe(9);
  });

  it('is tried again where another run, that began later and is over, gave up on it', async () => {
    const always = new Error('the same');
    const { source, times } = counted(() => timer(30).pipe(mergeMap(() => throwError(() => always))));
    const slow = failureOf(source.pipe(retryWithStrategy(three)));
    await failureOf(
      timer(1).pipe(
        mergeMap(() => throwError(() => always)),
        retryWithStrategy({ attempts: 1 }),
      ),
    );
    await slow;

    expect(times()).toBe(3);
  });

  it('is tried again where an earlier run, that is over, gave up on it', async () => {
    const always = new Error('the same');
    const first = throwError(() => always).pipe(
      retryWithStrategy({ attempts: 1 }),
      catchError(() => of('fallback')),
    );
    const { source, times } = counted(() => throwError(() => always));
    await settled(first);
    await failureOf(source.pipe(retryWithStrategy(three)));

    expect(times()).toBe(3);
  });
});
