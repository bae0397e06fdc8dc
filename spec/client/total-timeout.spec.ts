import { map, NEVER, timer } from 'rxjs';

import { constant, HttpTimeoutError, json, RetryClient, text } from '../../src/index.js';
import { listen, plot } from '../support/attempt-events.js';
import { formatEvent, watch } from '../support/event-log.js';
import { network } from '../support/scripted-network.js';
import { failureOf, only } from '../support/settled.js';
import { testServer } from '../support/test-server.js';
import { inVirtualTime, marbles } from '../support/virtual-time.js';

const url = 'http://a.test/';
const after = (ms: number, status = 200) => timer(ms).pipe(map(() => new Response(null, { status })));

describe('The total timeout', () => {
  marbles('ends an attempt in flight', ({ cold, expectObservable, expectSubscriptions }) => {
    const source = cold<Response>('----------');
    const subs = ['                  ^----!'];
    const client = new RetryClient({ totalTimeout: 5, interceptors: [network(source).interceptor] });

    expectObservable(client.get(url)).toBe('-----#', undefined, jasmine.any(HttpTimeoutError));
    expectSubscriptions(source.subscriptions).toBe(subs);
  });

  it('includes all attempts and the waits between them', () => {
    inVirtualTime(({ flush }) => {
      const client = new RetryClient({
        totalTimeout: 100,
        interceptors: [network(after(30, 503), after(30, 503), NEVER).interceptor],
        strategy: { backoff: constant(10) },
      });
      const { lines } = watch(client.get(url, { observe: 'attempts' }), formatEvent);
      flush();
      expect(lines).toEqual([
        '0 start 1/3',
        '30 response 1 503 +30',
        '30 retry 1 (response: 503) +30 in 10',
        '40 start 2/3',
        '70 response 2 503 +30',
        '70 retry 2 (response: 503) +30 in 10',
        '80 start 3/3',
        '100 failure 3 (error: GET http://a.test/: not completed within 100 ms (totalTimeout) (attempt 3 of 3)) +20 deadline',
        '100 error: GET http://a.test/: not completed within 100 ms (totalTimeout) (attempt 3 of 3)',
      ]);
    });
  });

  it('emits the last response unchanged at once when the wait would exceed it', () => {
    inVirtualTime(({ flush }) => {
      const client = new RetryClient({
        totalTimeout: 100,
        interceptors: [network(after(30, 503)).interceptor],
        strategy: { backoff: constant(70) },
      });
      const lines: string[] = [];
      watch(client.get(url), ({ status }) => String(status), lines);
      watch(client.get(url, { observe: 'attempts' }), formatEvent, lines);
      flush();
      expect(lines).toEqual([
        '0 start 1/3',
        '30 503',
        '30 complete',
        '30 response 1 503 +30',
        '30 failure 1 (response: 503) +30 deadline',
        '30 complete',
      ]);
    });
  });

  it('throws the last error unchanged at once when the wait would exceed it', () => {
    inVirtualTime(({ flush }) => {
      const down = new Error('down');
      const client = new RetryClient({
        totalTimeout: 100,
        interceptors: [network(down).interceptor],
        strategy: { backoff: constant(101), errors: [Error] },
      });
      const { lines } = watch(client.get(url, { observe: 'attempts' }), formatEvent);
      flush();
      expect(lines).toEqual(['0 start 1/3', '0 failure 1 (error: down) +0 deadline', '0 error: down']);
    });
  });

  it('lets a request wait when the wait fits into it', () => {
    inVirtualTime(({ flush }) => {
      const client = new RetryClient({
        totalTimeout: 100,
        interceptors: [network(503, 200).interceptor],
        strategy: { backoff: constant(99) },
      });
      const { lines } = watch(client.get(url), ({ status }) => String(status));
      flush();
      expect(lines).toEqual(['99 200', '99 complete']);
    });
  });

  it('is none by default, and with false', () => {
    inVirtualTime(({ flush }) => {
      const answers = () => [network(after(29_999, 503), after(29_999, 503), after(29_999)).interceptor];
      const lines: string[] = [];
      const slow = { backoff: constant(1e7) };
      watch(
        new RetryClient({ interceptors: answers(), strategy: slow }).get(url),
        ({ status }) => String(status),
        lines,
      );
      const limited = new RetryClient({ totalTimeout: 5, interceptors: answers(), strategy: slow });
      watch(limited.get(url, { totalTimeout: false }), ({ status }) => String(status), lines);
      flush();
      expect(lines).toEqual(['20089997 200', '20089997 complete', '20089997 200', '20089997 complete']);
    });
  });

  it('runs for each subscription', () => {
    inVirtualTime(({ flush }) => {
      const request$ = new RetryClient({ totalTimeout: 10, interceptors: [network(after(8)).interceptor] }).get(url);
      const lines: string[] = [];
      const statusText = ({ status }: Response) => String(status);
      watch(request$, statusText, lines);
      timer(5).subscribe(() => {
        watch(request$, statusText, lines);
      });
      flush();
      expect(lines).toEqual(['8 200', '8 complete', '13 200', '13 complete']);
    });
  });

  it('is not overridden by shouldRetry', () => {
    inVirtualTime(({ flush }) => {
      const client = new RetryClient({
        totalTimeout: 10,
        interceptors: [network(200).interceptor],
        strategy: { backoff: constant(10), shouldRetry: () => true },
      });
      const { lines } = watch(client.get(url), ({ status }) => String(status));
      flush();
      expect(lines).toEqual(['0 200', '0 complete']);
    });
  });

  it('ends a selector that takes too long', () => {
    inVirtualTime(({ flush }) => {
      const client = new RetryClient({ totalTimeout: 10, interceptors: [network(after(4)).interceptor] });
      const { lines } = watch(client.get(url, { selector: () => timer(4, 4) }));
      flush();
      expect(lines).toEqual([
        '8 0',
        '10 error: GET http://a.test/: not completed within 10 ms (totalTimeout) (attempt 1 of 3)',
      ]);
    });
  });

  it('ends a shouldRetry that takes too long', () => {
    inVirtualTime(({ flush }) => {
      const client = new RetryClient({ totalTimeout: 10, interceptors: [network(200).interceptor] });
      const { lines } = watch(client.get(url, { strategy: { shouldRetry: () => NEVER } }));
      flush();
      expect(lines).toEqual([
        '10 error: GET http://a.test/: not completed within 10 ms (totalTimeout) (attempt 1 of 3)',
      ]);
    });
  });

  it('ends and aborts a body that a selector reads', async () => {
    const api = await testServer();
    const client = new RetryClient({ totalTimeout: 200 });
    const events = listen(client.attempts$);

    const error = await failureOf(client.get(api.url('body', { stall: 'body' }), { selector: text() }));
    expect(error).toEqual(jasmine.objectContaining({ name: 'HttpTimeoutError', scope: 'total', limit: 200 }));
    expect((await api.ended('body')).aborted).toBeTrue();
    expect((await api.requests('body')).length).toBe(1);
    expect(plot(events)).toEqual(['start 1', 'response 1', 'failure 1 deadline']);
    await api.close();
  });

  it('ends and aborts a request in flight', async () => {
    const api = await testServer();

    const error = await failureOf(
      new RetryClient().get(api.url('flight', { stall: 'headers' }), { totalTimeout: 200, selector: json() }),
    );
    expect(error).toBeInstanceOf(HttpTimeoutError);
    expect((await api.ended('flight')).aborted).toBeTrue();
    await api.close();
  });

  it('does not apply to the body of an emitted Response', async () => {
    const api = await testServer();

    const response = await only(
      new RetryClient({ totalTimeout: 200 }).get(api.url('handed over', { chunks: ['a', 'b'], chunkDelay: 300 })),
    );
    expect(await response.text()).toBe('ab');
    await api.close();
  });
});
