import { NEVER, type Observable, Subject, take } from 'rxjs';

import { RetryClient } from '../../src/index.js';
import { failureOf, only } from '../support/settled.js';
import { testServer, type TestServer } from '../support/test-server.js';

describe('A response that shouldRetry has not decided on yet', () => {
  let api: TestServer;
  beforeAll(async () => {
    api = await testServer();
  });
  afterAll(() => api.close());

  it('has its connection cut when the request is unsubscribed from: it was nobody’s', async () => {
    const asked = new Subject<void>();
    const shouldRetry = (): Observable<never> => {
      asked.next();
      return NEVER;
    };
    const heard = only(asked.pipe(take(1)));
    const subscription = new RetryClient({ strategy: { shouldRetry } }).get(api.url('left', { stall: 'body' })).subscribe({ error: fail });
    await heard;
    subscription.unsubscribe();

    expect((await api.ended('left')).aborted).toBeTrue();
  });

  it('has its connection cut where shouldRetry throws', async () => {
    const bug = new Error('a bug');
    const shouldRetry = (): never => {
      throw bug;
    };

    expect(await failureOf(new RetryClient({ strategy: { shouldRetry } }).get(api.url('thrown', { stall: 'body' })))).toBe(bug);
    expect((await api.ended('thrown')).aborted).toBeTrue();
  });
});
