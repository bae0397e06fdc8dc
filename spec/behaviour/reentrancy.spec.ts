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

describe('A request that is ended from within', () => {
  it('by the transport, which hears that a discarded body is cut, is cancelled, and leaves no timer', async () => {
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

  it('by the teardown of an attempt that is to be retried, is cancelled, and not retried', () => {
    expect(eventsOfLeavingInTeardown(503, {})).toEqual({ events: ['start 1', 'cancel 1'], told: [] });
  });

  it('by the teardown of the last attempt, is cancelled, and has not failed', () => {
    expect(eventsOfLeavingInTeardown(503, { attempts: 1 })).toEqual({ events: ['start 1', 'cancel 1'], told: [] });
  });

  it('by its selector, does not subscribe to what that returns', () => {
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

  it('by its selector, leaves no promise of that to be rejected unheard', async () => {
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

  it('as it hears of the first attempt, sends nothing', () => {
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

describe('What a selector gives', () => {
  it('that hands its response on, has it judged no second time', async () => {
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

  it('has its values judged as values, be they like responses', async () => {
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

  it('that is still reading the last response, lets go of the request with the caller: a failure that was due is told as one', () => {
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

  it('whose reading of the last response fails, fails for the reason that it was the last', async () => {
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
