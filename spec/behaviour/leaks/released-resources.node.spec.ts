import { getEventListeners } from 'node:events';

import { config, NEVER, of, type Observable, take } from 'rxjs';

import { constant, type Interceptor, RetryClient, text } from '../../../src/index.js';
import { plot, listen } from '../../support/attempt-events.js';
import { collectGarbage, heapUsed } from '../../support/garbage-collection.js';
import { type NodeTestServer, nodeTestServer } from '../../support/node-server.js';
import { network } from '../../support/scripted-network.js';
import { settled } from '../../support/settled.js';

/** The time limit of a spec on a busy machine, in ms. */
const PATIENCE = 120_000;

const url = 'http://a.test/';
const strategy = { backoff: constant(0) };

/** Sends `total` requests, `atOnce` of them at a time; the n-th is `request(n)`. */
async function flood(total: number, atOnce: number, request: (n: number) => Observable<unknown>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < total) await settled(request(next++));
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

/** An interceptor that answers every fourth request with 503, and passes on the others. */
function everyFourthFails(): Interceptor {
  let sent = 0;
  return (request, next) => {
    sent += 1;
    return sent % 4 === 0 ? of(new Response(null, { status: 503 })) : next(request);
  };
}

const answering = (): Promise<Response> => Promise.resolve(new Response('x', { status: 200 }));

describe('After 10,000 requests', () => {
  it(
    'a shared AbortSignal has no listener, and never had more than one per concurrent request',
    async () => {
      const [own, shared] = [new AbortController(), new AbortController()];
      const client = new RetryClient({
        fetch: answering,
        interceptors: [everyFourthFails()],
        signal: shared.signal,
        strategy,
      });
      let maximum = 0;
      const count = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;
      await flood(10_000, 10, (n) => {
        maximum = Math.max(maximum, count(own.signal), count(shared.signal));
        const request$ = client.get(url, { signal: own.signal, selector: n % 3 === 0 ? text() : undefined } as object);
        // Every fifth is unsubscribed after its first value.
        return n % 5 === 0 ? request$.pipe(take(1)) : request$;
      });
      const unsubscribed = [
        client.get(url, { signal: own.signal }),
        client.get(url, { signal: own.signal, observe: 'attempts' }),
      ].map((request$: Observable<unknown>) => request$.subscribe());
      for (const subscription of unsubscribed) subscription.unsubscribe();
      expect(count(own.signal)).toBe(0);
      expect(count(shared.signal)).toBe(0);
      expect(maximum).toBeGreaterThan(0);
      expect(maximum).toBeLessThanOrEqual(10);
    },
    PATIENCE,
  );

  it(
    'the heap has not grown',
    async () => {
      const client = new RetryClient({
        fetch: answering,
        interceptors: [everyFourthFails()],
        signal: new AbortController().signal,
        strategy,
        totalTimeout: 60_000,
      });
      let received = 0;
      client.attempts$.subscribe({ next: () => received++ });
      const round = (): Promise<void> =>
        flood(2_500, 25, (n) => client.get(url, { selector: n % 2 === 0 ? text() : undefined } as object));

      await round();
      await round();
      const sizes: number[] = [];
      for (let n = 0; n < 5; n += 1) {
        sizes.push(await heapUsed());
        if (n < 4) await round();
      }
      // The lesser of two sizes, since the heap varies by itself. About 10,000 requests lie between: 30 bytes for each.
      const growth = Math.min(...sizes.slice(-2)) - Math.min(...sizes.slice(0, 2));
      expect(growth).withContext(sizes.join(' ')).toBeLessThan(300_000);
      expect(received).toBeGreaterThan(30_000);
    },
    PATIENCE,
  );
});

describe('When its requests have ended, a client', () => {
  const timers = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;

  it('leaves no timer, whether they finished, failed, waited or were unsubscribed', async () => {
    await collectGarbage();
    const before = timers();
    const client = new RetryClient({
      fetch: answering,
      timeout: 60_000,
      totalTimeout: 120_000,
      strategy: { backoff: constant(60_000) },
    });
    const answered = client.get(url, { selector: text() });
    const waiting = client
      .extend({ fetch: () => Promise.resolve(new Response('x'.repeat(100), { status: 503 })) })
      .get(url);
    const silent = client.extend({ interceptors: [() => NEVER] }).get(url);
    const failing = client.extend({ interceptors: [network(new Error('down')).interceptor] }).get(url);
    await settled(answered);
    await settled(failing);
    const unsubscribed = [waiting.subscribe(), silent.subscribe()];
    for (let turn = 0; turn < 5; turn += 1) await new Promise(setImmediate);
    expect(timers()).toBeGreaterThan(before);
    for (const subscription of unsubscribed) subscription.unsubscribe();
    waiting.subscribe({ error: () => undefined });
    silent.subscribe({ error: () => undefined });
    client.close();
    await collectGarbage();
    // Timers of other specs may have ended meanwhile.
    expect(timers()).toBeLessThanOrEqual(before);
  });

  describe('that talked to a server', () => {
    const sockets = (): number => process.getActiveResourcesInfo().filter((kind) => kind.startsWith('TCP')).length;
    let server: NodeTestServer;
    let before = 0;
    beforeEach(async () => {
      before = sockets();
      server = await nodeTestServer();
    });

    it('aborts every connection with an unfinished body', async () => {
      const client = new RetryClient({ strategy, timeout: 10_000 });
      const endless = server.url('endless', { status: 503, chunks: ['a', 'b'], stall: 'body' });
      const silent = server.url('silent', { stall: 'headers' });
      const unfinished = [client.get(endless, { strategy: { attempts: 3 } }), client.get(silent)].map((request$) =>
        request$.subscribe(),
      );
      await server.received('endless', 3);
      await server.received('silent');
      const partly = client.get(server.url('partly', { chunks: ['a', 'b'], stall: 'body' }), {
        selector: (response) => response.body!.getReader().read(),
        strategy: { attempts: 1 },
      });
      await settled(partly);
      for (const subscription of unfinished) subscription.unsubscribe();
      // ended() resolves when the connection is closed, which only the client does here.
      for (const number of [1, 2]) await server.ended('endless', number);
      await server.ended('silent');
      await server.ended('partly');
      client.close();
      expect((await server.requests('endless')).length).toBe(3);
      await server.close();
    });

    it(
      'leaves no socket after the server has closed',
      async () => {
        const client = new RetryClient({ strategy });
        await flood(200, 20, (n) =>
          client.get(
            server.url(`flood ${n}`, [{ status: 503, body: 'no' }, { body: 'yes' }]),
            n % 2 === 0 ? ({ selector: text() } as object) : {},
          ),
        );
        client.close();
        await server.close();
        await server.socketsClosed();
        for (let turn = 0; turn < 1_000 && sockets() > before; turn += 1) await new Promise(setImmediate);
        // Sockets of other specs may have closed meanwhile.
        expect(sockets()).toBeLessThanOrEqual(before);
      },
      PATIENCE,
    );
  });
});

describe('A listener on attempts$ that throws', () => {
  const reported: unknown[] = [];
  const before = config.onUnhandledError;
  beforeEach(() => {
    reported.length = 0;
    config.onUnhandledError = (error) => reported.push(error);
  });
  afterEach(() => {
    config.onUnhandledError = before;
  });

  it('disturbs no request and no other listener, and its errors are reported by RxJS', async () => {
    const client = new RetryClient({ fetch: answering, interceptors: [everyFourthFails()], strategy });
    const events = listen(client.attempts$);
    const fault = new Error('A fault of the listener.');
    client.attempts$.subscribe(() => {
      throw fault;
    });
    const otherEvents = listen(client.attempts$);
    for (let n = 0; n < 4; n += 1) {
      const { values, ...end } = await settled(client.get(url, { selector: text() }));
      expect(values).toEqual(['x']);
      expect(end).toEqual({});
    }
    const lines = ['start 1', 'response 1', 'value 1', 'success 1'];
    expect(plot(events)).toEqual([
      ...lines,
      ...lines,
      ...lines,
      ...['start 1', 'response 1', 'retry 1'],
      ...['start 2', 'response 2', 'value 2', 'success 2'],
    ]);
    expect(otherEvents).toEqual(events);
    while (reported.length < events.length) await new Promise((resolve) => setTimeout(resolve, 1));
    expect(reported).toEqual(events.map(() => fault));
  });

  it('disturbs no request when it throws at failure, cancel or complete', async () => {
    const client = new RetryClient({ interceptors: [network(new Error('down'), NEVER).interceptor], strategy });
    const events = listen(client.attempts$);
    client.attempts$.subscribe({
      next: () => {
        throw new Error('next');
      },
      complete: () => {
        throw new Error('complete');
      },
    });
    const { error } = await settled(client.get(url));
    expect(error).toEqual(new Error('down'));
    client.get(url).subscribe().unsubscribe();
    const closed = settled(client.get(url));
    client.close();
    expect((await closed).error).toEqual(jasmine.objectContaining({ name: 'AbortError' }));
    expect(plot(events)).toEqual([
      'start 1',
      'failure 1 permanent',
      'start 1',
      'cancel 1',
      'start 1',
      'failure 1 closed',
    ]);
    while (reported.length < events.length + 1) await new Promise((resolve) => setTimeout(resolve, 1));
    expect(reported.map(String)).toEqual([...events.map(() => 'Error: next'), 'Error: complete']);
  });
});
