import { config, finalize, Observable } from 'rxjs';

import { RetryClient } from '../../src/index.js';

const never = (): Observable<Response> => new Observable();

describe('RetryClient, when the teardown of a consumer throws,', () => {
  let reported: Promise<unknown>;
  beforeEach(() => {
    reported = new Promise((resolve) => {
      config.onUnhandledError = resolve;
    });
  });
  // RxJS reports an error of a teardown asynchronously.
  afterEach(async () => {
    expect(String(await reported)).toContain('teardown');
    config.onUnhandledError = null;
  });

  /** Subscribes to three requests, of which the teardown of the first throws, and returns the error of each. */
  function threeRequests(client: RetryClient): string[] {
    const ends: string[] = [];
    for (const name of ['first', 'second', 'third']) {
      const request = client.get('http://a.test/').pipe(
        finalize(() => {
          if (name === 'first') throw new Error('teardown');
        }),
      );
      request.subscribe({ error: (error: unknown) => ends.push(`${name}: ${(error as Error).message}`) });
    }
    return ends;
  }

  it('ends the other requests when it is closed, and completes attempts$', () => {
    const client = new RetryClient({ interceptors: [never] });
    let completed = false;
    client.attempts$.subscribe({ complete: () => (completed = true) });
    const ends = threeRequests(client);
    client.close();
    expect(ends).toEqual([
      'first: The client is closed',
      'second: The client is closed',
      'third: The client is closed',
    ]);
    expect(completed).toBeTrue();
  });

  it('ends the other requests when their signal aborts', () => {
    const controller = new AbortController();
    const ends = threeRequests(new RetryClient({ interceptors: [never], signal: controller.signal }));
    controller.abort(new Error('gone'));
    expect(ends).toEqual(['first: gone', 'second: gone', 'third: gone']);
  });
});
