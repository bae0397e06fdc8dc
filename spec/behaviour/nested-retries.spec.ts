import { catchError, defer, from, mergeMap, of, throwError, timer, type Observable } from 'rxjs';

import {
  constant,
  HttpNetworkError,
  HttpStatusError,
  type Interceptor,
  RetryClient,
  type RetryStrategy,
  retryWithStrategy,
  text,
  withResponse,
} from '../../src/index.js';
import { network } from '../support/scripted-network.js';
import { failureOf, only, settled } from '../support/settled.js';

const url = 'http://a.test/';
const three: RetryStrategy = { attempts: 3, backoff: constant(0) };

/** A source, and the number of its subscriptions. */
function countSubscriptions<T>(make: () => Observable<T>): {
  readonly source: Observable<T>;
  readonly times: () => number;
} {
  let times = 0;
  return {
    source: defer(() => {
      times += 1;
      return make();
    }),
    times: () => times,
  };
}

describe('An outcome that an inner run gave up on', () => {
  it('is not retried by the outer run when it is an error: attempts do not multiply', async () => {
    const { source, times } = countSubscriptions(() => throwError(() => new Error('down')));
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

  it('is emitted unchanged by the outer run when it is a response', async () => {
    const { interceptor, requests } = network(503);
    const client = new RetryClient({ interceptors: [interceptor], strategy: three });
    const response = await only(client.get(url).pipe(retryWithStrategy(three)));

    expect(response.status).toBe(503);
    expect(requests.length).toBe(3);
  });

  it('is not retried when it comes asynchronously from an interceptor', async () => {
    const { interceptor, requests } = network(503);
    const inner = new RetryClient({ interceptors: [interceptor], strategy: three, throwHttpErrors: true });
    const nesting: Interceptor = () => timer(1).pipe(mergeMap(() => inner.get(url)));
    await failureOf(new RetryClient({ interceptors: [nesting], strategy: three }).get(url));

    expect(requests.length).toBe(3);
  });

  for (const throwHttpErrors of [true, false]) {
    const what = throwHttpErrors ? 'an error of this package' : 'a response';
    it(`is not retried when it comes through a promise, and is ${what}`, async () => {
      const { interceptor, requests } = network(503);
      const inner = new RetryClient({ interceptors: [interceptor], strategy: three, throwHttpErrors });
      const nesting: Interceptor = () => from(only(inner.get(url)));
      await settled(new RetryClient({ interceptors: [nesting], strategy: three }).get(url));

      expect(requests.length).toBe(3);
    });
  }

  it('is retried when it comes through a promise, and is an error that several sources may throw', async () => {
    const down = new Error('down');
    const { source, times } = countSubscriptions(() => throwError(() => down));
    const inner = defer(() => from(only(source.pipe(retryWithStrategy(three)))));
    await failureOf(inner.pipe(retryWithStrategy(three)));

    expect(times()).toBe(9);
  });

  it('is retried by the outer run when shouldRetry returns true', async () => {
    const { source, times } = countSubscriptions(() => throwError(() => new Error('down')));
    await failureOf(source.pipe(retryWithStrategy(three), retryWithStrategy({ ...three, shouldRetry: () => true })));

    expect(times()).toBe(9);
  });

  for (const [what, selector] of [
    ['withResponse()', withResponse(text())],
    ['a selector that hands its response on', (response: Response) => of(response)],
  ] as const) {
    it(`is not retried as the value of ${what}, with throwHttpErrors: false`, async () => {
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

  it('has reason permanent in the outer run', async () => {
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

describe('A value that an inner run accepted', () => {
  it('is retried by an outer run that does not accept it: the inner run did not retry it', async () => {
    const { source, times } = countSubscriptions(() => of(new Response(null, { status: 503 })));
    const inner = source.pipe(retryWithStrategy({ ...three, retryAllServerErrors: false }));
    await only(inner.pipe(retryWithStrategy(three)));

    expect(times()).toBe(3);
  });
});

describe('An error object that is thrown every time', () => {
  it('is retried by a second run after the first gave up on it', async () => {
    const always = new Error('the same');
    const { source, times } = countSubscriptions(() => throwError(() => always));
    const retried = source.pipe(retryWithStrategy(three));
    await failureOf(retried);
    await failureOf(retried);

    expect(times()).toBe(6);
  });

  it('is retried by concurrent runs', async () => {
    const always = new Error('the same');
    const { source, times } = countSubscriptions(() => timer(1).pipe(mergeMap(() => throwError(() => always))));
    const run = (): Promise<unknown> => failureOf(source.pipe(retryWithStrategy({ ...three, backoff: constant(2) })));
    await Promise.all([run(), run(), run()]);

    expect(times()).toBe(9);
  });

  it('is retried by a run after a later and shorter run gave up on it', async () => {
    const always = new Error('the same');
    const { source, times } = countSubscriptions(() => timer(30).pipe(mergeMap(() => throwError(() => always))));
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

  it('is retried by a run after an earlier, caught run gave up on it', async () => {
    const always = new Error('the same');
    const first = throwError(() => always).pipe(
      retryWithStrategy({ attempts: 1 }),
      catchError(() => of('fallback')),
    );
    const { source, times } = countSubscriptions(() => throwError(() => always));
    await settled(first);
    await failureOf(source.pipe(retryWithStrategy(three)));

    expect(times()).toBe(3);
  });
});

describe('The error of another request, thrown by a selector', () => {
  it('is retried when shouldRetry returns true for an error that a selector throws', async () => {
    const other = await failureOf(
      new RetryClient({ interceptors: [network(404).interceptor], throwHttpErrors: true }).get('http://b.test/'),
    );
    const { interceptor, requests } = network(200);
    const client = new RetryClient({
      interceptors: [interceptor],
      strategy: { backoff: constant(0), attempts: 2, shouldRetry: ({ kind }) => (kind === 'error' ? true : undefined) },
    });
    const selector = (): never => {
      throw other;
    };

    expect(other).toBeInstanceOf(HttpStatusError);
    expect(await failureOf(client.get('http://a.test/', { selector }))).toBe(other);
    expect(requests.length).toBe(2);
  });
});
