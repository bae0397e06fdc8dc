import { concat, NEVER, Observable, of, Subject, Subscription, timer } from 'rxjs';

import { constant, HttpNetworkError, RetryClient, type RetryStrategy, type SelectorFunction } from '../../src/index.js';
import { listen, plot } from '../support/attempt-events.js';
import { network } from '../support/scripted-network.js';
import { settled } from '../support/settled.js';
import { inVirtualTime } from '../support/virtual-time.js';

const url = 'http://a.test/';
const soon = { backoff: constant(1) };

let leave = (): void => undefined;

/** A response to be retried, whose reader leaves the request with its first pull. */
function leftByItsBody(): Response {
  const body = new ReadableStream<Uint8Array>(
    {
      pull: () => {
        leave();
      },
    },
    { highWaterMark: 0 },
  );
  return new Response(body, { status: 503 });
}

/** The events of a request whose every attempt answers with a status and goes on, and whose teardown unsubscribes from the request. */
function eventsOfLeavingInTeardown(status: number, strategy: RetryStrategy): { events: string[]; told: string[] } {
  return inVirtualTime(({ flush }) => {
    const run = new Subscription();
    const leaving = new Observable<Response>((subscriber) => {
      const timer = setTimeout(() => {
        subscriber.next(new Response(null, { status }));
      }, 1);
      return () => {
        clearTimeout(timer);
        run.unsubscribe();
      };
    });
    const client = new RetryClient({ interceptors: [() => leaving], strategy: { ...soon, ...strategy } });
    const events = listen(client.attempts$);
    const told: string[] = [];
    run.add(
      client.get(url).subscribe({
        next: () => told.push('next'),
        error: () => told.push('error'),
        complete: () => told.push('complete'),
      }),
    );
    flush();
    return { events: plot(events), told };
  });
}

describe('A request that is unsubscribed or closed within a callback', () => {
  it('by the abort or first pull of a discarded body ends with cancel and leaves no timer', async () => {
    for (const response of [
      new Response('x', { headers: { 'content-length': '1000000' }, status: 503 }),
      leftByItsBody(),
    ]) {
      const run = new Subscription();
      leave = () => {
        run.unsubscribe();
      };
      const client = new RetryClient({
        strategy: soon,
        fetch: (_, { signal }) => {
          signal?.addEventListener('abort', leave);
          return Promise.resolve(response);
        },
      });
      const events = listen(client.attempts$);
      run.add(client.get(url).subscribe());
      await settled(timer(20));

      expect(plot(events)).toEqual(['start 1', 'cancel 1']);
    }
  });

  it('by the teardown of an attempt that would be retried ends with cancel, and is not retried', () => {
    expect(eventsOfLeavingInTeardown(503, {})).toEqual({ events: ['start 1', 'cancel 1'], told: [] });
  });

  it('by the teardown of the last attempt ends with cancel, not failure', () => {
    expect(eventsOfLeavingInTeardown(503, { attempts: 1 })).toEqual({ events: ['start 1', 'cancel 1'], told: [] });
  });

  it('by its selector does not subscribe to what the selector returns', () => {
    let subscribed = 0;
    const responses = new Subject<Response>();
    const client = new RetryClient({ interceptors: [() => responses], strategy: soon });
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
    expect(plot(events)).toEqual(['start 1', 'cancel 1']);
  });

  it('by its selector leaves no unhandled rejection of what the selector returns', async () => {
    const responses = new Subject<Response>();
    const client = new RetryClient({ interceptors: [() => responses], strategy: soon });
    const run: Subscription = client
      .get(url, {
        selector: () => {
          run.unsubscribe();
          return Promise.reject(new Error('too late'));
        },
      })
      .subscribe();

    responses.next(new Response('a'));
    // Jasmine fails a spec in whose time a rejection is unheard.
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(run.closed).toBeTrue();
  });

  it('by a listener at the first start event sends nothing', () => {
    const { interceptor, requests } = network(200);
    const client = new RetryClient({ interceptors: [interceptor], strategy: soon });
    client.attempts$.subscribe(() => {
      client.close();
    });
    let error: unknown;
    client.get(url).subscribe({ error: (thrown: unknown) => (error = thrown) });

    expect(requests).toEqual([]);
    expect(error).toBeDefined();
  });
});

describe('A selector', () => {
  it('that returns its response does not make shouldRetry decide on it again', async () => {
    const judged: string[] = [];
    const selector: SelectorFunction<Response> = (response) => [response];
    const client = new RetryClient({
      interceptors: [network(200).interceptor],
      strategy: { ...soon, shouldRetry: ({ kind }) => void judged.push(kind) },
    });

    const { values } = await settled(client.get(url, { selector }));
    expect(values.length).toBe(1);
    expect(judged).toEqual(['response']);
  });

  it('that returns another Response makes shouldRetry decide on it as a value', async () => {
    const judged: string[] = [];
    const client = new RetryClient({
      interceptors: [network(200).interceptor],
      strategy: {
        ...soon,
        shouldRetry: ({ kind, response }) => void judged.push(`${kind} of ${String(response?.status)}`),
      },
    });

    await settled(client.get(url, { selector: () => [new Response(null, { status: 201 })] }));
    expect(judged).toEqual(['response of 200', 'value of 200']);
  });

  it('that reads the last error response when the request is unsubscribed leaves a failure event, not cancel', () => {
    const client = new RetryClient({
      interceptors: [network(503).interceptor],
      strategy: { ...soon, attempts: 1 },
      throwHttpErrors: false,
    });
    const events = listen(client.attempts$);
    const run = client.get(url, { selector: () => concat(of(1), NEVER) }).subscribe();
    run.unsubscribe();

    expect(plot(events)).toEqual(['start 1', 'value 1', 'failure 1 attempts']);
  });

  it('that fails while it reads the last error response fails with reason attempts', async () => {
    const client = new RetryClient({
      interceptors: [network(503).interceptor],
      strategy: { ...soon, attempts: 1 },
      throwHttpErrors: false,
    });
    const events = listen(client.attempts$);
    const broken: SelectorFunction<never> = (_, attempt) => {
      throw new HttpNetworkError({ attempt, phase: 'body' });
    };
    await settled(client.get(url, { selector: broken }));

    expect(plot(events)).toEqual(['start 1', 'failure 1 attempts']);
  });
});
