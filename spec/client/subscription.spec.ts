import { asyncScheduler, from, map, NEVER, Subject, take, timer } from 'rxjs';

import { constant, RetryClient, text } from '../../src/index.js';
import { listen, plot } from '../support/attempt-events.js';
import { watch } from '../support/event-log.js';
import { network } from '../support/scripted-network.js';
import { only, settled } from '../support/settled.js';
import { testServer, type TestServer } from '../support/test-server.js';
import { inVirtualTime, marbles } from '../support/virtual-time.js';

const url = 'http://a.test/';

describe('A request is cold:', () => {
  it('it sends nothing before it is subscribed', () => {
    let calls = 0;
    const client = new RetryClient({ fetch: () => ((calls += 1), Promise.resolve(new Response())) });
    const events = listen(client.attempts$);

    void client.get(url);
    expect(calls).toBe(0);
    expect(events).toEqual([]);
  });

  it('each subscription is a request with an id of its own', async () => {
    const { interceptor, requests } = network(200);
    const request$ = new RetryClient({ interceptors: [interceptor] }).get(url);

    await only(request$);
    await only(request$);
    expect(requests.length).toBe(2);
    expect(new Set(requests.map(({ attempt }) => attempt.requestId)).size).toBe(2);
    expect(requests.map(({ attempt }) => attempt.number)).toEqual([1, 1]);
  });

  it('all attempts of a subscription have the same id', async () => {
    const { interceptor, requests } = network(503, 503, 200);
    await only(new RetryClient({ interceptors: [interceptor], strategy: { backoff: constant(0) } }).get(url));

    expect(new Set(requests.map(({ attempt }) => attempt.requestId)).size).toBe(1);
    expect(requests.map(({ attempt }) => [attempt.number, attempt.of])).toEqual([
      [1, 3],
      [2, 3],
      [3, 3],
    ]);
  });

  marbles(
    'concurrent subscriptions share no attempts, URLs or waits',
    ({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold<Response>('--#', undefined, new Error('down'));
      const subs = ['                  ^-!', '-^-!', '-----^-!', '------^-!'];
      const { interceptor, urls } = network(source);
      const client = new RetryClient({
        interceptors: [interceptor],
        strategy: { backoff: constant(3), errors: [Error] },
      });
      const request$ = client.get([url, 'http://b.test/'], { strategy: { attempts: 2 } });

      expectObservable(request$).toBe('-------#', undefined, new Error('down'));
      expectObservable(request$, '-^').toBe('--------#', undefined, new Error('down'));
      expectSubscriptions(source.subscriptions).toBe(subs);
      asyncScheduler.schedule(() => {
        expect(urls()).toEqual([url, url, 'http://b.test/', 'http://b.test/']);
      }, 9);
    },
  );

  it('without a selector it emits the Response, then completes', async () => {
    const client = new RetryClient({ interceptors: [network(200).interceptor] });

    const { values, ...end } = await settled(client.get(url));
    expect(values.length).toBe(1);
    expect(values[0]).toBeInstanceOf(Response);
    expect(end).toEqual({});
  });
});

describe('Unsubscribing a request', () => {
  let api: TestServer;

  beforeAll(async () => {
    api = await testServer();
  });

  afterAll(() => api.close());

  marbles('unsubscribes the attempt in flight at once', ({ cold, expectObservable, expectSubscriptions }) => {
    const source = cold<Response>('----------');
    const unsub = '                   ----!   ';
    const subs = '                    ^---!   ';

    expectObservable(new RetryClient({ interceptors: [network(source).interceptor] }).get(url), unsub).toBe('-----');
    expectSubscriptions(source.subscriptions).toBe(subs);
  });

  marbles('cancels the wait, and makes no further attempt', ({ cold, expectObservable, expectSubscriptions }) => {
    const source = cold<Response>('-(a|)', { a: new Response(null, { status: 503 }) });
    const unsub = '                   -----!';
    const subs = ['                  ^!'];
    const client = new RetryClient({
      interceptors: [network(source).interceptor],
      strategy: { backoff: constant(10) },
    });

    expectObservable(client.get(url), unsub).toBe('------');
    expectSubscriptions(source.subscriptions).toBe(subs);
  });

  it('leaves no timer behind', () => {
    inVirtualTime(({ flush }) => {
      const client = new RetryClient({
        interceptors: [network(NEVER, 503).interceptor],
        timeout: 50,
        totalTimeout: 90,
        strategy: { backoff: constant(70) },
      });
      for (const request$ of [client.get(url), client.get(url)]) {
        const { subscription } = watch(request$);
        timer(5).subscribe(() => {
          subscription.unsubscribe();
        });
      }
      flush();
      expect(asyncScheduler.now()).toBe(5);
    });
  });

  it('aborts the fetch before the headers arrive, and the server sees it', async () => {
    const subscription = new RetryClient().get(api.url('headers', { stall: 'headers' })).subscribe();
    await api.received('headers');
    subscription.unsubscribe();

    expect((await api.ended('headers')).aborted).toBeTrue();
  });

  it('aborts an upload', async () => {
    const subscription = new RetryClient().put(api.url('upload', { stall: 'upload' }), 'x'.repeat(1000)).subscribe();
    await api.received('upload');
    subscription.unsubscribe();

    expect((await api.ended('upload')).aborted).toBeTrue();
  });

  it('aborts the body that a selector reads', async () => {
    const subscription = new RetryClient().get(api.url('body', { stall: 'body' }), { selector: text() }).subscribe();
    await api.received('body');
    await new Promise((resolve) => setTimeout(resolve, 30));
    subscription.unsubscribe();

    expect((await api.ended('body')).aborted).toBeTrue();
    expect((await api.requests('body')).length).toBe(1);
  });

  it('aborts the body that a selector still reads after its first value', async () => {
    const selector = (response: Response) =>
      from(response.body!.pipeThrough(new TextDecoderStream()) as unknown as AsyncIterable<string>);
    const first = await only(
      new RetryClient().get(api.url('first value', { stall: 'body', chunks: ['a'] }), { selector }).pipe(take(1)),
    );

    expect(first).toBe('a');
    expect((await api.ended('first value')).aborted).toBeTrue();
  });

  it('aborts a transport that has not answered, and ignores a late answer', async () => {
    const answer = new Subject<Response>();
    let signal: AbortSignal | null | undefined;
    const client = new RetryClient({
      fetch: (_, init) => {
        ({ signal } = init);
        return only(answer);
      },
    });
    const events = listen(client.attempts$);
    const values: unknown[] = [];
    const subscription = client.get(url).subscribe((value) => values.push(value));

    subscription.unsubscribe();
    expect(signal?.aborted).toBeTrue();
    answer.next(new Response());
    answer.complete();
    await only(timer(0));
    expect(values).toEqual([]);
    expect(plot(events)).toEqual(['start 1', 'cancel 1']);
  });

  it('neither emits nor reports a late rejection of the transport', async () => {
    const unhandled = jasmine.createSpy();
    const client = new RetryClient({
      fetch: (_, init) =>
        new Promise((_resolve, reject) => {
          init.signal?.addEventListener('abort', () => {
            reject(new Error('late'));
          });
        }),
    });
    const subscription = client.get(url).subscribe({ error: unhandled });

    subscription.unsubscribe();
    await only(timer(5));
    expect(unhandled).not.toHaveBeenCalled();
  });

  it('within next() of the Response leaves its body readable', async () => {
    let body: Promise<string> | undefined;
    await new Promise<void>((resolve) => {
      const subscription = new RetryClient()
        .get(api.url('within next', { chunks: ['a', 'b'], chunkDelay: 30 }))
        .subscribe((response) => {
          subscription.unsubscribe();
          body = response.text();
          resolve();
        });
    });

    expect(await body).toBe('ab');
  });

  it('by take(1) leaves the body of the Response readable, also when it is slow', async () => {
    const response = await only(
      new RetryClient().get(api.url('take', { chunks: ['a', 'b', 'c'], chunkDelay: 30 })).pipe(take(1)),
    );

    expect(await response.text()).toBe('abc');
  });

  it('after the Response was emitted leaves a large body readable', async () => {
    const response = await only(new RetryClient().get(api.url('large', { bytes: 3_000_000 })));
    await only(timer(20));

    expect((await response.arrayBuffer()).byteLength).toBe(3_000_000);
  });

  it('at the first event, before subscribe() returns, sends nothing', () => {
    const { interceptor, requests } = network(503);
    const client = new RetryClient({ interceptors: [interceptor], strategy: { backoff: constant(0) } });
    const events = listen(client.attempts$);

    client.get(url, { observe: 'attempts' }).pipe(take(1)).subscribe();
    expect(requests).toEqual([]);
    expect(plot(events)).toEqual(['start 1', 'cancel 1']);
  });

  for (const where of ['shouldRetry', 'backoff', 'selector'] as const) {
    it(`within its ${where} makes no further attempt and emits nothing`, () => {
      inVirtualTime(({ flush }) => {
        const status = where === 'selector' ? 200 : 503;
        const { interceptor, requests } = network(timer(1).pipe(map(() => new Response(null, { status }))));
        const client = new RetryClient({ interceptors: [interceptor] });
        const events = listen(client.attempts$);
        const leave = <T>(result: T): T => {
          subscription.unsubscribe();
          return result;
        };
        const { subscription, lines } = watch(
          client.get(url, {
            selector: () => leave(['value']),
            strategy: { backoff: () => leave(0), ...(where === 'shouldRetry' && { shouldRetry: () => leave([]) }) },
          }),
        );
        flush();
        expect(lines).toEqual([]);
        expect(requests.length).toBe(1);
        // A response is told once it is decided.
        expect(plot(events)).toEqual(
          where === 'shouldRetry' ? ['start 1', 'cancel 1'] : ['start 1', 'response 1', 'cancel 1'],
        );
      });
    });
  }

  it('aborts the body that a selector reads in a second attempt', async () => {
    const api = await testServer();
    const client = new RetryClient({ strategy: { backoff: constant(1) } });
    await new Promise<void>((reading) => {
      const subscription = client
        .get(api.url('later', [{ status: 503 }, { stall: 'body' }]), {
          selector: (response) => {
            queueMicrotask(() => {
              subscription.unsubscribe();
              reading();
            });
            return response.text();
          },
        })
        .subscribe({ error: fail });
    });

    expect((await api.ended('later', 2)).aborted).toBeTrue();
    await api.close();
  });
});
