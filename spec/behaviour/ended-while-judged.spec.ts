import { NEVER, type Observable, of, Subject, take } from 'rxjs';

import { RetryClient } from '../../src/index.js';
import { failureOf, only } from '../support/settled.js';
import { testServer, type TestServer } from '../support/test-server.js';

/** Never decides, and tells when it was asked. */
function undecided(): { readonly shouldRetry: () => Observable<never>; readonly heard: Promise<void> } {
  const asked = new Subject<void>();
  const shouldRetry = (): Observable<never> => {
    asked.next();
    return NEVER;
  };
  return { shouldRetry, heard: only(asked.pipe(take(1))) };
}

describe('A response that shouldRetry has not decided on yet', () => {
  let api: TestServer;
  beforeAll(async () => {
    api = await testServer();
  });
  afterAll(() => api.close());

  it('has its connection cut when the request is unsubscribed from: it was nobody’s', async () => {
    const { shouldRetry, heard } = undecided();
    const subscription = new RetryClient({ strategy: { shouldRetry } })
      .get(api.url('left', { stall: 'body' }))
      .subscribe({ error: fail });
    await heard;
    subscription.unsubscribe();

    expect((await api.ended('left')).aborted).toBeTrue();
  });

  it('has its connection cut where shouldRetry throws', async () => {
    const bug = new Error('a bug');
    const shouldRetry = (): never => {
      throw bug;
    };

    expect(
      await failureOf(new RetryClient({ strategy: { shouldRetry } }).get(api.url('thrown', { stall: 'body' }))),
    ).toBe(bug);
    expect((await api.ended('thrown')).aborted).toBeTrue();
  });

  it('has it cut at once: it is not read to its end first, as a response is that was refused', async () => {
    const { shouldRetry, heard } = undecided();
    let signal: AbortSignal | null | undefined;
    const fetch = (_: string, init: RequestInit): Promise<Response> => {
      signal = init.signal;
      return Promise.resolve(new Response('short'));
    };
    const subscription = new RetryClient({ fetch, strategy: { shouldRetry } })
      .get('http://a.test/')
      .subscribe({ error: fail });
    await heard;
    subscription.unsubscribe();

    expect(signal?.aborted).toBeTrue();
  });

  it('has it cut, too, where a selector hands it on, until it was really emitted', async () => {
    const asked = new Subject<void>();
    const shouldRetry = ({ kind }: { kind: string }): Observable<never> | undefined => {
      if (kind !== 'value') return undefined;
      asked.next();
      return NEVER;
    };
    const heard = only(asked.pipe(take(1)));
    // The first value is asked about; the response waits behind it.
    const subscription = new RetryClient({ strategy: { shouldRetry } })
      .get(api.url('handed on', { stall: 'body' }), { selector: (response) => of('first', response) })
      .subscribe({ error: fail });
    await heard;
    subscription.unsubscribe();

    expect((await api.ended('handed on')).aborted).toBeTrue();
  });
});
