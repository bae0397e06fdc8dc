import { asyncScheduler, concatMap, delay, map, NEVER, Observable, of, timer } from 'rxjs';

import {
  type ClientOptions,
  constant,
  each,
  HttpTimeoutError,
  type RequestOptions,
  type ResumableSelector,
  RetryClient,
  type Selector,
  text,
} from '../../src/index.js';
import { listen, plot } from '../support/attempt-events.js';
import { watch } from '../support/event-log.js';
import { network } from '../support/scripted-network.js';
import { failureOf, only, settled } from '../support/settled.js';
import { testServer, type TestServer } from '../support/test-server.js';
import { inVirtualTime, marbles } from '../support/virtual-time.js';

const url = 'http://a.test/';
const noDelay = { backoff: constant(0) };
const silent = network(NEVER).interceptor;
const after = (ms: number, status = 200) => timer(ms).pipe(map(() => new Response(null, { status })));

describe('The timeout of an attempt', () => {
  marbles(
    'ends the attempt when no headers arrive in time, and the next attempt follows',
    ({ expectObservable, expectSubscriptions, cold }) => {
      const source = cold<Response>('----------');
      const subs = ['                  ^---!', '-----^---!'];
      const client = new RetryClient({
        timeout: 4,
        interceptors: [network(source).interceptor],
        strategy: { attempts: 2, backoff: constant(1) },
      });

      expectObservable(client.get(url)).toBe('---------#', undefined, jasmine.any(HttpTimeoutError));
      expectSubscriptions(source.subscriptions).toBe(subs);
    },
  );

  it('is 30 seconds by default', () => {
    inVirtualTime(({ flush }) => {
      const client = new RetryClient({ interceptors: [silent], strategy: { ...noDelay, attempts: 2 } });
      const { lines } = watch(client.get(url));
      flush();
      expect(lines).toEqual([
        '60000 error: GET http://a.test/: no data received for 30000 ms (timeout) (attempt 2 of 2)',
      ]);
    });
  });

  it('can be disabled by false, and be longer than setTimeout can wait', () => {
    inVirtualTime(({ flush }) => {
      const late = (ms: number) => [network(after(ms)).interceptor];
      const client = new RetryClient({ interceptors: late(3_000_000_000), timeout: 5 });
      const lines: string[] = [];
      const statusText = ({ status }: Response) => String(status);
      watch(client.get(url, { timeout: false }), statusText, lines);
      watch(client.get(url, { timeout: Infinity }), statusText, lines);
      watch(client.get(url, { timeout: 3_000_000_001 }), statusText, lines);
      flush();
      expect(lines.filter((line) => !line.includes('complete'))).toEqual(Array(3).fill('3000000000 200'));
    });
  });

  it('is the request’s, over the client’s', () => {
    inVirtualTime(({ flush }) => {
      const client = new RetryClient({ interceptors: [silent], timeout: 10, strategy: { attempts: 1 } });
      const lines: string[] = [];
      watch(client.get(url, { timeout: 20 }), String, lines);
      watch(client.get(url), String, lines);
      flush();
      expect(lines).toEqual([
        '10 error: GET http://a.test/: no data received for 10 ms (timeout) (attempt 1 of 1)',
        '20 error: GET http://a.test/: no data received for 20 ms (timeout) (attempt 1 of 1)',
      ]);
    });
  });

  it('starts again with each attempt, and does not run during a wait', () => {
    inVirtualTime(({ flush }) => {
      const client = new RetryClient({
        timeout: 10,
        interceptors: [network(after(9, 503), after(9, 503), after(9)).interceptor],
        strategy: { backoff: constant(50) },
      });
      const { lines } = watch(client.get(url), ({ status }) => String(status));
      flush();
      expect(lines).toEqual(['127 200', '127 complete']);
    });
  });

  it('ends with the headers: a consumer can use the Response as slowly as it likes', () => {
    inVirtualTime(({ flush }) => {
      const client = new RetryClient({
        timeout: 10,
        interceptors: [network(200).interceptor],
        strategy: { attempts: 1 },
      });
      const { lines } = watch(client.get(url).pipe(delay(1000)), ({ status }) => String(status));
      flush();
      expect(lines).toEqual(['1000 200', '1000 complete']);
    });
  });

  it('does not run while a selector does not read', () => {
    inVirtualTime(({ flush }) => {
      const client = new RetryClient({
        timeout: 10,
        interceptors: [network(200).interceptor],
        strategy: { attempts: 1 },
      });
      const { lines } = watch(client.get(url, { selector: () => timer(500) }));
      flush();
      expect(lines).toEqual(['500 0', '500 complete']);
    });
  });

  it('leaves no timer behind', () => {
    inVirtualTime(({ flush }) => {
      const client = new RetryClient({ timeout: 10, interceptors: [network(after(3)).interceptor] });
      const answered = watch(client.get(url, { timeout: 10 }), () => 'response');
      const unsubscribed = watch(new RetryClient({ timeout: 10, interceptors: [silent] }).get(url));
      timer(5).subscribe(() => {
        unsubscribed.subscription.unsubscribe();
      });
      flush();
      expect(answered.lines).toEqual(['3 response', '3 complete']);
      expect(unsubscribed.lines).toEqual([]);
      // The virtual clock stops where the last timer fired.
      expect(asyncScheduler.now()).toBe(5);
    });
  });

  it('errors with an HttpTimeoutError that has scope, limit and request', async () => {
    const client = new RetryClient({ interceptors: [silent], timeout: 5, strategy: { attempts: 1 } });

    const error = await failureOf(client.get(url));
    expect(error).toBeInstanceOf(HttpTimeoutError);
    expect(error).toEqual(
      jasmine.objectContaining({
        name: 'HttpTimeoutError',
        scope: 'attempt',
        limit: 5,
        request: { method: 'GET', url },
      }),
    );
  });

  it('aborts the transport', async () => {
    let signal: AbortSignal | null | undefined;
    const client = new RetryClient({
      timeout: 5,
      strategy: { attempts: 1 },
      fetch: (_, init) => {
        ({ signal } = init);
        return new Promise(() => undefined);
      },
    });

    expect(await failureOf(client.get(url))).toBeInstanceOf(HttpTimeoutError);
    expect(signal?.aborted).toBeTrue();
  });

  describe('over the wire', () => {
    let api: TestServer;

    beforeAll(async () => {
      api = await testServer();
    });

    afterAll(() => api.close());

    const client = new RetryClient({ timeout: 250, strategy: noDelay });

    it('aborts a request that gets no headers, and retries', async () => {
      const response = await only(client.get(api.url('headers', [{ stall: 'headers' }, { body: 'ok' }])));

      expect(await response.text()).toBe('ok');
      expect((await api.ended('headers')).aborted).toBeTrue();
    });

    it('aborts a body that stalls while a selector reads it, and retries', async () => {
      const own = client.extend({});
      const events = listen(own.attempts$);
      const url = api.url('body', [{ stall: 'body', body: 'stalled' }, { body: 'whole' }]);

      expect(await only(client.get(url, { selector: text() }))).toBe('whole');
      expect((await api.ended('body')).aborted).toBeTrue();
      expect(plot(events)).toEqual([
        'start 1',
        'response 1',
        'retry 1',
        'start 2',
        'response 2',
        'value 2',
        'success 2',
      ]);
      const retry = events[2];
      expect(retry?.type === 'retry' && retry.outcome).toEqual(
        jasmine.objectContaining({
          kind: 'error',
          error: jasmine.objectContaining({ name: 'HttpTimeoutError', scope: 'attempt', limit: 250 }),
        }),
      );
    });

    it('does not end a body that arrives slowly but steadily', async () => {
      const url = api.url('steady', { chunks: 'abcdefghij'.split(''), chunkDelay: 40 });

      expect(await only(client.get(url, { selector: text(), strategy: { attempts: 1 } }))).toBe('abcdefghij');
    });

    it('does not end a body whose reader pauses between two reads', async () => {
      const url = api.url('thinker', { chunks: ['a', 'b'], chunkDelay: 5 });
      const slowly = (response: Response) =>
        new Observable<string>((subscriber) => {
          const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
          const read = async (): Promise<void> => {
            for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
              subscriber.next(chunk.value);
              await only(timer(300));
            }
            subscriber.complete();
          };
          read().catch((error: unknown) => {
            subscriber.error(error);
          });
        });

      const { values, error } = await settled(client.get(url, { selector: slowly, strategy: { attempts: 1 } }));
      expect(error).toBeUndefined();
      expect(values.join('')).toBe('ab');
    });

    it('does not end a body that a selector starts to read late', async () => {
      const url = api.url('consumer', { body: 'abc' });
      const request$ = client.get(url, {
        selector: (response) =>
          of(response).pipe(
            delay(300),
            concatMap((one) => one.text()),
          ),
      });

      expect(await only(request$)).toBe('abc');
    });

    it('does not apply to the body of an emitted Response', async () => {
      const response = await only(client.get(api.url('handed over', { chunks: ['a', 'b'], chunkDelay: 350 })));

      expect(await response.text()).toBe('ab');
    });
  });
});

describe('The timeout of a selector that may be silent for long', () => {
  const idleSelector: ResumableSelector<string> = {
    allowsIdle: true,
    open: () => ({ select: (response) => response.text() }),
  };

  beforeEach(() => {
    jasmine.clock().install().mockDate();
  });

  afterEach(() => {
    jasmine.clock().uninstall();
  });

  /** Lets pending reads proceed: they are promises, which Jasmine's clock does not run. */
  async function flushPromises(): Promise<void> {
    // Firefox reads a stream in tasks, and the clock's are fake.
    for (let turn = 0; turn < 20; turn += 1) {
      const { port1, port2 } = new MessageChannel();
      await new Promise((resolve) => {
        port1.onmessage = resolve;
        port2.postMessage(undefined);
      });
      port1.close();
    }
  }

  /** The error of a request after a minute without a chunk of its body, or `reads on`. */
  async function afterAMinute(
    options: ClientOptions,
    request: Omit<RequestOptions, 'selector'>,
    selector: Selector<string> = idleSelector,
  ): Promise<string> {
    let outcome = 'reads on';
    const silentBody = network(() => new Response(new ReadableStream())).interceptor;
    const client = new RetryClient({ interceptors: [silentBody], strategy: { attempts: 1 }, ...options });
    const subscription = client
      .get(url, { ...request, selector })
      .subscribe({ error: (error: unknown) => (outcome = String(error)) });
    await flushPromises();
    jasmine.clock().tick(60_000);
    await flushPromises();
    subscription.unsubscribe();
    return outcome;
  }

  it('ends with the headers by default', async () => {
    expect(await afterAMinute({}, {})).toBe('reads on');
    expect(
      await afterAMinute(
        {},
        {},
        each(
          {
            ...idleSelector,
            open: () => ({
              async *select(response) {
                yield await response.text();
              },
            }),
          },
          (text) => [text],
        ),
      ),
    ).toBe('reads on');
    expect(await afterAMinute({}, {}, text())).toContain('no data received for 30000 ms (timeout)');
  });

  it('applies to the body when the client or the request sets a timeout', async () => {
    expect(await afterAMinute({}, { timeout: 30_000 })).toContain('no data received for 30000 ms (timeout)');
    expect(await afterAMinute({ timeout: 20_000 }, {})).toContain('no data received for 20000 ms (timeout)');
    expect(await afterAMinute({ timeout: 20_000 }, { timeout: false })).toBe('reads on');
  });
});
