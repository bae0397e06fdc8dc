import { NEVER, Observable, of, Subject, take } from 'rxjs';

import { RetryClient } from '../../src/index.js';
import { failureOf, only } from '../support/settled.js';
import { testServer, type TestServer } from '../support/test-server.js';

/** A `shouldRetry` that never decides; `called` resolves at its first call. */
function undecided(): { readonly shouldRetry: () => Observable<never>; readonly called: Promise<void> } {
  const calls = new Subject<void>();
  const shouldRetry = (): Observable<never> => {
    calls.next();
    return NEVER;
  };
  return { shouldRetry, called: only(calls.pipe(take(1))) };
}

describe('A response on which shouldRetry has not decided', () => {
  let api: TestServer;
  beforeAll(async () => {
    api = await testServer();
  });
  afterAll(() => api.close());

  it('is aborted when the request is unsubscribed', async () => {
    const { shouldRetry, called } = undecided();
    const subscription = new RetryClient({ strategy: { shouldRetry } })
      .get(api.url('left', { stall: 'body' }))
      .subscribe({ error: fail });
    await called;
    subscription.unsubscribe();

    expect((await api.ended('left')).aborted).toBeTrue();
  });

  it('is aborted when shouldRetry throws', async () => {
    const bug = new Error('a bug');
    const shouldRetry = (): never => {
      throw bug;
    };

    expect(
      await failureOf(new RetryClient({ strategy: { shouldRetry } }).get(api.url('thrown', { stall: 'body' }))),
    ).toBe(bug);
    expect((await api.ended('thrown')).aborted).toBeTrue();
  });

  it('is aborted at once and not drained when the request is unsubscribed', async () => {
    const { shouldRetry, called } = undecided();
    let signal: AbortSignal | null | undefined;
    const fetch = (_: string, init: RequestInit): Promise<Response> => {
      signal = init.signal;
      return Promise.resolve(new Response('short'));
    };
    const subscription = new RetryClient({ fetch, strategy: { shouldRetry } })
      .get('http://a.test/')
      .subscribe({ error: fail });
    await called;
    subscription.unsubscribe();

    expect(signal?.aborted).toBeTrue();
  });

  it('is aborted when a selector returns it and the request is unsubscribed before it was emitted', async () => {
    const calls = new Subject<void>();
    const shouldRetry = ({ kind }: { kind: string }): Observable<never> | undefined => {
      if (kind !== 'value') return undefined;
      calls.next();
      return NEVER;
    };
    const called = only(calls.pipe(take(1)));
    // shouldRetry decides on the first value; the response is queued behind it.
    const subscription = new RetryClient({ strategy: { shouldRetry } })
      .get(api.url('handed on', { stall: 'body' }), { selector: (response) => of('first', response) })
      .subscribe({ error: fail });
    await called;
    subscription.unsubscribe();

    expect((await api.ended('handed on')).aborted).toBeTrue();
  });
});

describe('RetryClient, when shouldRetry has decided on the response and not yet on a value of the selector,', () => {
  it('unsubscribes from the pending decision', () => {
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
