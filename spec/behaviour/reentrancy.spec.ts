import { finalize, NEVER, Observable, of, Subject, Subscription, switchMap, takeUntil, throwError, timer } from 'rxjs';

import {
  type AttemptEvent,
  constant,
  type Interceptor,
  RetryClient,
  type RetryStrategy,
  retryWithStrategy,
  type Transport,
} from '../../src/index.js';
import { listen, plot } from '../support/attempt-events.js';
import { watch } from '../support/event-log.js';
import { network } from '../support/scripted-network.js';
import { settled } from '../support/settled.js';
import { inVirtualTime } from '../support/virtual-time.js';

const url = 'http://a.test/';
const shortDelay = { backoff: constant(1) };

const answers =
  (...statuses: readonly number[]): Interceptor =>
  ({ attempt }) =>
    of(new Response('{}', { status: statuses[attempt.number - 1] ?? 200 }));

let unsubscribeRun = (): void => undefined;

/** A response that is retried, and whose first pull unsubscribes the request. */
function unsubscribingOnPull(): Response {
  const body = new ReadableStream<Uint8Array>(
    {
      pull: () => {
        unsubscribeRun();
      },
    },
    { highWaterMark: 0 },
  );
  return new Response(body, { status: 503 });
}

/**
 * The events and notifications of a request whose attempts emit a response without completing, and whose teardown
 * unsubscribes the request.
 */
function unsubscribeInTeardown(status: number, strategy: RetryStrategy): { events: string[]; notifications: string[] } {
  return inVirtualTime(({ flush }) => {
    const run = new Subscription();
    const unsubscribing = new Observable<Response>((subscriber) => {
      const timer = setTimeout(() => {
        subscriber.next(new Response(null, { status }));
      }, 1);
      return () => {
        clearTimeout(timer);
        run.unsubscribe();
      };
    });
    const client = new RetryClient({ interceptors: [() => unsubscribing], strategy: { ...shortDelay, ...strategy } });
    const events = listen(client.attempts$);
    const notifications: string[] = [];
    run.add(
      client.get(url).subscribe({
        next: () => notifications.push('next'),
        error: () => notifications.push('error'),
        complete: () => notifications.push('complete'),
      }),
    );
    flush();
    return { events: plot(events), notifications };
  });
}

describe('A request that is unsubscribed or closed within a callback', () => {
  it('by the abort or first pull of a discarded body ends with cancel and leaves no timer', async () => {
    for (const response of [
      new Response('x', { headers: { 'content-length': '1000000' }, status: 503 }),
      unsubscribingOnPull(),
    ]) {
      const run = new Subscription();
      unsubscribeRun = () => {
        run.unsubscribe();
      };
      const client = new RetryClient({
        strategy: shortDelay,
        fetch: (_, { signal }) => {
          signal?.addEventListener('abort', unsubscribeRun);
          return Promise.resolve(response);
        },
      });
      const events = listen(client.attempts$);
      run.add(client.get(url).subscribe());
      await settled(timer(20));

      expect(plot(events)).toEqual(['start 1', 'response 1', 'cancel 1']);
    }
  });

  it('by the teardown of an attempt that would be retried ends with cancel, and is not retried', () => {
    expect(unsubscribeInTeardown(503, {})).toEqual({ events: ['start 1', 'cancel 1'], notifications: [] });
  });

  it('by the teardown of the last attempt ends with cancel, not failure', () => {
    expect(unsubscribeInTeardown(503, { attempts: 1 })).toEqual({ events: ['start 1', 'cancel 1'], notifications: [] });
  });

  it('by its selector does not subscribe to what the selector returns', () => {
    let subscribed = 0;
    const responses = new Subject<Response>();
    const client = new RetryClient({ interceptors: [() => responses], strategy: shortDelay });
    const events = listen(client.attempts$);
    const run: Subscription = client
      .get(url, {
        selector: () => {
          run.unsubscribe();
          return new Observable(() => {
            subscribed += 1;
          });
        },
      })
      .subscribe();

    responses.next(new Response('a'));
    expect(subscribed).toBe(0);
    expect(plot(events)).toEqual(['start 1', 'response 1', 'cancel 1']);
  });

  it('by its selector leaves no unhandled rejection of what the selector returns', async () => {
    const responses = new Subject<Response>();
    const client = new RetryClient({ interceptors: [() => responses], strategy: shortDelay });
    const run: Subscription = client
      .get(url, {
        selector: () => {
          run.unsubscribe();
          return Promise.reject(new Error('too late'));
        },
      })
      .subscribe();

    responses.next(new Response('a'));
    // Jasmine fails the spec that runs at an unhandled rejection, so the spec waits for one.
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(run.closed).toBeTrue();
  });

  it('by a listener at the first start event sends nothing', () => {
    const { interceptor, requests } = network(200);
    const client = new RetryClient({ interceptors: [interceptor], strategy: shortDelay });
    client.attempts$.subscribe(() => {
      client.close();
    });
    let error: unknown;
    client.get(url).subscribe({ error: (thrown: unknown) => (error = thrown) });

    expect(requests).toEqual([]);
    expect(error).toBeDefined();
  });
});

describe('A request that is ended within a synchronous attempt', () => {
  it('by a backoff that closes the client sends nothing more, and emits one failure event', () => {
    inVirtualTime(({ flush }) => {
      const events: string[] = [];
      const client: RetryClient = new RetryClient({
        interceptors: [answers(503, 200)],
        strategy: {
          backoff: () => {
            client.close();
            return 1;
          },
        },
      });
      client.attempts$.subscribe({
        next: ({ type }) => void events.push(type),
        complete: () => void events.push('completed'),
      });
      const { lines } = watch(client.get(url), String);
      flush();
      expect(events).toEqual(['start', 'response', 'failure', 'completed']);
      expect(lines).toEqual(['0 error: The client is closed']);
    });
  });

  it('by an interceptor that aborts its signal errors with the signal’s reason, and is not sent', () => {
    const controller = new AbortController();
    let sent = 0;
    const fetch: Transport = () => {
      sent += 1;
      return new Promise(() => undefined);
    };
    const aborting: Interceptor = (request, next) => {
      controller.abort(new Error('enough'));
      return next(request);
    };
    const { lines } = watch(
      new RetryClient({ fetch, interceptors: [aborting] }).get(url, { signal: controller.signal }),
      String,
    );
    expect(sent).toBe(0);
    expect(lines.map((line) => line.replace(/^\S+ /, ''))).toEqual(['error: enough']);
  });

  for (const end of ['close', 'unsubscribe'] as const) {
    it(`by ${end} in its body factory is not sent`, () => {
      let sent = 0;
      const events: AttemptEvent[] = [];
      const client = new RetryClient({
        fetch: () => {
          sent += 1;
          return new Promise(() => undefined);
        },
      });
      client.attempts$.subscribe((event) => events.push(event));
      const stop = new Subject<void>();
      client
        .put(url, () => {
          if (end === 'close') client.close();
          else stop.next();
          return 'body';
        })
        .pipe(takeUntil(stop))
        .subscribe({ error: () => undefined });
      expect(sent).toBe(0);
      expect(events.map(({ type }) => type)).toEqual(['start', end === 'close' ? 'failure' : 'cancel']);
    });
  }

  it('by handlesErrorStatus() of a selector emits nothing more', () => {
    const stop = new Subject<void>();
    const events: string[] = [];
    const client = new RetryClient({ interceptors: [answers(404)] });
    client.attempts$.subscribe(({ type }) => void events.push(type));
    const selector = {
      open: () => ({
        handlesErrorStatus: () => {
          stop.next();
          return true;
        },
        select: () => of('read'),
      }),
    };
    const { lines } = watch(client.get(url, { selector }).pipe(takeUntil(stop)), String);
    expect(lines.map((line) => line.replace(/^\S+ /, ''))).toEqual(['complete']);
    expect(events).toEqual(['start', 'response', 'cancel']);
  });

  it('by the teardown of the failed source does not call the backoff', () => {
    const stop = new Subject<void>();
    let backoffCalls = 0;
    inVirtualTime(({ flush }) => {
      const backoff = (): number => {
        backoffCalls += 1;
        return 0;
      };
      const failing = timer(1).pipe(
        switchMap(() => throwError(() => new Error('down'))),
        finalize(() => {
          stop.next();
        }),
      );
      watch(failing.pipe(retryWithStrategy({ backoff }), takeUntil(stop)), String);
      flush();
    });
    expect(backoffCalls).toBe(0);
  });

  it('before its subscription starts leaves no listener, no timer and no attempt', () => {
    const stop = new Subject<void>();
    const signal = new AbortController().signal;
    const added = spyOn(signal, 'addEventListener').and.callThrough();
    let sent = 0;
    inVirtualTime(({ flush }) => {
      const client = new RetryClient({
        interceptors: [
          () => {
            sent += 1;
            return NEVER;
          },
        ],
        totalTimeout: 50,
      });
      const { lines } = watch(
        of(1).pipe(
          switchMap(() => {
            stop.next();
            return client.get(url, { signal });
          }),
          takeUntil(stop),
        ),
        String,
      );
      flush();
      expect(lines).toEqual(['0 complete']);
    });
    expect(sent).toBe(0);
    expect(added).not.toHaveBeenCalled();
  });
});
