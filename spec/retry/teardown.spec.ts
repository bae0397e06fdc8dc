import { config, Observable, of } from 'rxjs';

import { constant, retryWithStrategy, RetryClient } from '../../src/index.js';
import { watch } from '../support/event-log.js';
import { inVirtualTime } from '../support/virtual-time.js';

describe('retryWithStrategy, where a teardown throws,', () => {
  afterEach(() => {
    config.onUnhandledError = null;
  });

  it('goes on as if it had not, and reports it as RxJS reports what nobody handles', async () => {
    const reported = new Promise<unknown>((resolve) => {
      config.onUnhandledError = resolve;
    });
    let attempts = 0;
    const lines = inVirtualTime(({ flush }) => {
      const source = new Observable<string>((subscriber) => {
        attempts += 1;
        subscriber.error(new Error('down'));
        return () => {
          if (attempts === 1) throw new Error('teardown');
        };
      });
      const diary = watch(source.pipe(retryWithStrategy({ attempts: 2, backoff: constant(5) })));
      flush();
      return diary.lines;
    });
    expect(lines).toEqual(['5 error: down']);
    expect(String(await reported)).toContain('teardown');
  });
});

describe('RetryClient, where shouldRetry is asked of a response and then of what a selector made of it,', () => {
  it('unsubscribes from whichever has not answered', () => {
    let stopped = 0;
    const undecided = new Observable<boolean>(() => () => {
      stopped += 1;
    });
    const client = new RetryClient({
      strategy: { shouldRetry: ({ kind }) => (kind === 'value' ? undecided : undefined) },
      interceptors: [() => of(new Response(null))],
    });
    client
      .get('http://a.test/', { selector: () => of(1) })
      .subscribe()
      .unsubscribe();
    expect(stopped).toBe(1);
  });
});
