import { type Observable, of, takeUntil, timer } from 'rxjs';

import { HttpNetworkError, RetryClient, type Transport } from '../../src/index.js';
import { only, settled } from '../support/settled.js';

/** A fetch that answers when `respond` is called, and rejects when it is aborted, as fetch does. */
class MockFetch {
  readonly calls: { readonly url: string; readonly init: RequestInit }[] = [];
  aborted = false;
  respond: (response: Response) => void = () => undefined;
  reject: (error: unknown) => void = () => undefined;

  readonly fetch: Transport = (url, init) => {
    this.calls.push({ url, init });
    return new Promise((resolve, reject) => {
      this.respond = resolve;
      this.reject = reject;
      init.signal?.addEventListener('abort', () => {
        this.aborted = true;
        reject(new DOMException('The operation was aborted', 'AbortError'));
      });
    });
  };
}

const url = 'http://foo.test/bar';

/** The cases of RxJS's own specs of `fromFetch`, for a request without retries. */
describe('A request without retries behaves like RxJS fromFetch:', () => {
  let mock: MockFetch;
  let client: RetryClient;

  beforeEach(() => {
    mock = new MockFetch();
    client = new RetryClient({ fetch: mock.fetch, strategy: { attempts: 1 } });
  });

  const record = (source: Observable<unknown>) => {
    const notifications: unknown[] = [];
    const done = new Promise<void>((resolve) => {
      source.subscribe({
        next: (value) => notifications.push(value),
        error: (error: unknown) => {
          notifications.push(error);
          resolve();
        },
        complete: () => {
          notifications.push('complete');
          resolve();
        },
      });
    });
    return { seen: notifications, done };
  };

  it('fetches once per subscription, not before it, and emits the response', async () => {
    const request$ = client.get(url);
    expect(mock.calls).toEqual([]);
    const { seen: notifications, done } = record(request$);
    expect(mock.calls.length).toBe(1);
    expect(mock.calls[0]?.url).toBe(url);
    const response = new Response();
    mock.respond(response);

    await done;
    expect(notifications).toEqual([response, 'complete']);
    expect(notifications[0]).toBe(response);
    expect(mock.aborted).toBeFalse();
  });

  it('accepts URL objects', async () => {
    const { done } = record(client.get(new URL(url)));
    mock.respond(new Response());

    await done;
    expect(mock.calls[0]?.url).toBe(url);
  });

  it('errors when fetch rejects, with the rejection as the cause', async () => {
    const { seen: notifications, done } = record(client.get(url));
    const down = new TypeError('Failed to fetch');
    mock.reject(down);

    await done;
    expect(notifications.length).toBe(1);
    expect(notifications[0]).toBeInstanceOf(HttpNetworkError);
    expect((notifications[0] as Error).cause).toBe(down);
    expect(mock.aborted).toBeFalse();
  });

  it('aborts the fetch when the request is unsubscribed', () => {
    const subscription = client.get(url).subscribe();
    expect(mock.aborted).toBeFalse();
    subscription.unsubscribe();
    expect(mock.aborted).toBeTrue();
  });

  it('does not abort the fetch after the request has completed', async () => {
    const { done } = record(client.get(url));
    mock.respond(new Response());
    await done;
    await only(timer(0));

    expect(mock.aborted).toBeFalse();
    expect(mock.calls[0]?.init.signal?.aborted).toBeFalse();
  });

  it('passes the options to fetch, and changes none of them', async () => {
    const { signal } = new AbortController();
    const options = Object.freeze({ credentials: 'include', headers: Object.freeze({ a: '1' }), signal } as const);
    const { done } = record(client.get(url, options));
    mock.respond(new Response());
    await done;

    const { init } = mock.calls[0]!;
    expect(init.credentials).toBe('include');
    expect(new Headers(init.headers).get('a')).toBe('1');
    expect(init.signal).not.toBe(signal);
    expect(options.signal).toBe(signal);
  });

  it('errors with the reason of an outer signal when that aborts, and aborts the fetch', async () => {
    const controller = new AbortController();
    const { seen: notifications, done } = record(client.get(url, { signal: controller.signal }));
    expect(mock.aborted).toBeFalse();
    controller.abort();

    await done;
    expect(mock.aborted).toBeTrue();
    expect(notifications).toEqual([controller.signal.reason]);
    expect(notifications[0]).toEqual(jasmine.objectContaining({ name: 'AbortError' }));
  });

  it('errors without a fetch when an outer signal is aborted already', async () => {
    const controller = new AbortController();
    controller.abort();
    const { seen: notifications, done } = record(client.get(url, { signal: controller.signal }));

    await done;
    expect(notifications).toEqual([controller.signal.reason]);
    expect(mock.calls).toEqual([]);
  });

  it('leaves no listener on an outer signal', async () => {
    const { signal } = new AbortController();
    const added = spyOn(signal, 'addEventListener').and.callThrough();
    const removed = spyOn(signal, 'removeEventListener').and.callThrough();
    const { done } = record(client.get(url, { signal }));
    mock.respond(new Response());
    await done;

    expect(added).toHaveBeenCalledTimes(1);
    expect(removed).toHaveBeenCalledTimes(1);
    expect(removed.calls.argsFor(0).slice(0, 2)).toEqual(added.calls.argsFor(0).slice(0, 2));
  });

  it('emits the selector’s values, then completes', async () => {
    const { seen: notifications, done } = record(client.get(url, { selector: (response) => response.text() }));
    mock.respond(new Response('bar'));

    await done;
    expect(notifications).toEqual(['bar', 'complete']);
    expect(mock.aborted).toBeFalse();
  });

  it('errors when the selector throws, or when what it returns errors', async () => {
    const bug = new Error('a bug');
    const first = record(
      client.get(url, {
        selector: () => {
          throw bug;
        },
      }),
    );
    mock.respond(new Response());
    await first.done;
    const second = record(client.get(url, { selector: () => Promise.reject(bug) }));
    mock.respond(new Response());
    await second.done;

    expect([first.seen, second.seen]).toEqual([[bug], [bug]]);
  });

  it('aborts the fetch when the request is unsubscribed while the selector reads', async () => {
    let selecting = false;
    const subscription = client
      .get(url, {
        selector: () => {
          selecting = true;
          return new Promise<string>(() => undefined);
        },
      })
      .subscribe();
    mock.respond(new Response(new ReadableStream()));
    await only(timer(0));

    expect([selecting, mock.aborted]).toEqual([true, false]);
    subscription.unsubscribe();
    expect(mock.aborted).toBeTrue();
  });

  it('errors when an outer signal aborts while the selector reads', async () => {
    const controller = new AbortController();
    const { seen: notifications, done } = record(
      client.get(url, { signal: controller.signal, selector: () => new Promise(() => undefined) }),
    );
    mock.respond(new Response(new ReadableStream()));
    await only(timer(0));
    controller.abort();

    await done;
    expect(mock.aborted).toBeTrue();
    expect(notifications).toEqual([controller.signal.reason]);
  });

  it('fetches again for each subscription', async () => {
    const request$ = client.get(url);
    for (const number of [1, 2]) {
      const end = settled(request$);
      mock.respond(new Response(String(number)));
      const { values } = await end;
      expect(await values[0]?.text()).toBe(String(number));
    }

    expect(mock.calls.length).toBe(2);
    expect(mock.calls[0]?.init.signal).not.toBe(mock.calls[1]?.init.signal);
  });

  it('completes when takeUntil has a notifier that emits at once, and leaves no fetch running', async () => {
    const { seen: notifications, done } = record(client.get(url).pipe(takeUntil(of(1))));

    await done;
    expect(notifications).toEqual(['complete']);
    expect(mock.calls.every(({ init }) => init.signal?.aborted)).toBeTrue();
  });
});
