import { map, Observable, of, type Subscription, throwError } from 'rxjs';

import {
  constant,
  type ClientOptions,
  json,
  RetryClient,
  retryWithStrategy,
  text,
  type Transport,
} from '../../../src/index.js';
import { GarbageWatch } from '../../support/garbage-collection.js';
import { settled } from '../../support/settled.js';

const url = 'http://a.test/';
const LONG = 3_600_000;

/** A transport that answers with these statuses, the last one repeating, and watches the objects of every call. */
function transport(mortals: GarbageWatch, ...statuses: readonly (number | 'fails' | 'silence')[]): Transport {
  let calls = 0;
  return (_, init) => {
    const call = ++calls;
    const status = statuses[Math.min(call, statuses.length) - 1] ?? 200;
    mortals.watch(`the signal of call ${call}`, init.signal!);
    mortals.watch(`the headers of call ${call}`, init.headers as Headers);
    if (status === 'fails') {
      return Promise.reject(mortals.watch(`the error of call ${call}`, new TypeError('fetch failed')));
    }
    if (status === 'silence') return new Promise(() => undefined);
    return Promise.resolve(mortals.watch(`the response of call ${call}`, new Response('{"a":1}', { status })));
  };
}

/** A client whose requests wait an hour before a retry; without its header, attempts would have no Headers to watch. */
function waitingClient(options: ClientOptions): RetryClient {
  return new RetryClient({ headers: { accept: '*/*' }, strategy: { backoff: constant(LONG) }, ...options });
}

/** A request whose context, body and Observable are watched, and held by no variable of the spec. */
function trackedRequest(mortals: GarbageWatch, client: RetryClient, options: object = {}): Observable<unknown> {
  const context = mortals.watch('the context', { user: 'me' });
  return mortals.watch('the observable', client.put(url, mortals.watch('the body', { a: 1 }), { context, ...options }));
}

/** Subscribes without holding the values or the error. */
function subscribe(source: Observable<unknown>): Subscription {
  return source.subscribe({ error: () => undefined });
}

/** Subscribes, and resolves when the source has ended, without its values or error. */
async function settle(source: Observable<unknown>): Promise<void> {
  await settled(source);
}

/** Lets the promises settle that a request awaits. */
async function flushPromises(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise(setImmediate);
}

describe('The garbage collector can collect', () => {
  const holders: object[] = [];
  afterEach(() => {
    // Held until here: if the holders could be collected, so could everything that they might hold.
    expect(holders.length).toBeGreaterThan(0);
    holders.length = 0;
  });

  /** A client that is held for the whole spec, with a listener if `listened`. */
  const heldClient = (options: ClientOptions, listened = true): RetryClient => {
    const client = waitingClient(options);
    let received = 0;
    if (listened) client.attempts$.subscribe({ next: () => received++ });
    holders.push(client);
    return client;
  };

  for (const listened of [false, true]) {
    const owner = listened ? 'of a client with a listener' : 'of a client';

    it(`a finished request ${owner}`, async () => {
      const mortals = new GarbageWatch();
      const client = heldClient({ fetch: transport(mortals, 200) }, listened);
      for (const selector of [undefined, text(), json()]) await settle(trackedRequest(mortals, client, { selector }));
      expect(mortals.count).toBe(18);
      expect(await mortals.survivors()).toEqual([]);
    });

    it(`a failed request ${owner}`, async () => {
      const mortals = new GarbageWatch();
      const client = heldClient(
        { fetch: transport(mortals, 'fails', 404, 'fails'), strategy: { attempts: 1 } },
        listened,
      );
      for (const selector of [undefined, json(), json()]) await settle(trackedRequest(mortals, client, { selector }));
      expect(mortals.count).toBe(18);
      expect(await mortals.survivors()).toEqual([]);
    });

    it(`a request ${owner} that was unsubscribed during its attempt`, async () => {
      const mortals = new GarbageWatch();
      const client = heldClient({ fetch: transport(mortals, 'silence') }, listened);
      const subscription = subscribe(trackedRequest(mortals, client, { totalTimeout: LONG }));
      await flushPromises();
      subscription.unsubscribe();
      holders.push(subscription);
      expect(mortals.count).toBe(5);
      expect(await mortals.survivors()).toEqual([]);
    });

    it(`a request ${owner} that was unsubscribed during its wait`, async () => {
      const mortals = new GarbageWatch();
      const client = heldClient({ fetch: transport(mortals, 503) }, listened);
      const subscription = subscribe(trackedRequest(mortals, client, { totalTimeout: 2 * LONG }));
      await flushPromises();
      subscription.unsubscribe();
      holders.push(subscription);
      expect(mortals.count).toBe(6);
      expect(await mortals.survivors()).toEqual([]);
    });
  }

  it('a request that an outer signal ended, while the signal lives on', async () => {
    const mortals = new GarbageWatch();
    const controller = new AbortController();
    const client = heldClient({ fetch: transport(mortals, 'silence', 503), signal: controller.signal });
    const ends = [settle(trackedRequest(mortals, client)), settle(trackedRequest(mortals, client))];
    await flushPromises();
    controller.abort(new Error('Enough.'));
    await Promise.all(ends);
    holders.push(controller);
    expect(mortals.count).toBe(11);
    expect(await mortals.survivors()).toEqual([]);
  });

  it('the requests of a closed client, while it and its extension live on', async () => {
    const mortals = new GarbageWatch();
    const parent = heldClient({ fetch: transport(mortals, 'silence', 503, 200) });
    const child = parent.extend({ headers: { a: 'b' } });
    holders.push(child);
    const ends = [
      settle(trackedRequest(mortals, child)),
      settle(trackedRequest(mortals, child)),
      settle(trackedRequest(mortals, parent)),
    ];
    await flushPromises();
    child.close();
    await Promise.all(ends.slice(0, 2));
    parent.close();
    await Promise.all(ends);
    expect(mortals.count).toBe(17);
    expect(await mortals.survivors()).toEqual([]);
  });

  it('a client that was not closed, when nothing references it', async () => {
    const mortals = new GarbageWatch();
    (() => {
      const client = mortals.watch(
        'the client',
        waitingClient({ fetch: transport(mortals, 'silence'), timeout: false }),
      );
      client.attempts$.subscribe();
      holders.push(mortals.watch('its extension', client.extend({ timeout: false })).attempts$);
      subscribe(trackedRequest(mortals, client));
    })();
    await flushPromises();
    expect(mortals.count).toBe(7);
    expect(await mortals.survivors()).toEqual([]);
  });

  it('the results of a request$ that lives on', async () => {
    const mortals = new GarbageWatch();
    const client = heldClient({ fetch: transport(mortals, 503, 200), strategy: { backoff: constant(0) } });
    const request$ = client.get(url, {
      selector: (response) => mortals.watch('the read body', response.json() as Promise<unknown>),
    });
    for (let n = 0; n < 5; n += 1) await settle(request$);
    holders.push(request$);
    expect(mortals.count).toBe(3 * 6 + 5);
    expect(await mortals.survivors()).toEqual([]);
  });
});

describe('While a request waits for its next attempt, the garbage collector can collect', () => {
  it('the response, controller and headers of the last attempt', async () => {
    for (const selector of [undefined, json()]) {
      const mortals = new GarbageWatch();
      const client = waitingClient({ fetch: transport(mortals, 503) });
      client.attempts$.subscribe();
      const subscription = subscribe(selector ? client.get(url, { selector }) : client.get(url));
      await flushPromises();
      expect(mortals.count).toBe(3);
      expect(await mortals.survivors()).toEqual([]);
      expect(subscription.closed).toBeFalse();
      subscription.unsubscribe();
    }
  });

  it('the error of the last attempt', async () => {
    const mortals = new GarbageWatch();
    const subscription = subscribe(waitingClient({ fetch: transport(mortals, 'fails') }).get(url));
    await flushPromises();
    expect(mortals.count).toBe(3);
    expect(await mortals.survivors()).toEqual([]);
    expect(subscription.closed).toBeFalse();
    subscription.unsubscribe();
  });

  it('the response of a last attempt whose body broke off in a selector', async () => {
    const mortals = new GarbageWatch();
    const breaking: Transport = (_, init) => {
      mortals.watch('the signal', init.signal!);
      const body = new ReadableStream({
        pull: (controller) => {
          controller.error(mortals.watch('the error', new TypeError('terminated')));
        },
      });
      return Promise.resolve(mortals.watch('the response', new Response(mortals.watch('the stream', body))));
    };
    const subscription = subscribe(waitingClient({ fetch: breaking }).get(url, { selector: text() }));
    await flushPromises();
    expect(mortals.count).toBe(4);
    expect(await mortals.survivors()).toEqual([]);
    expect(subscription.closed).toBeFalse();
    subscription.unsubscribe();
  });

  it('all earlier attempts, when there were many', async () => {
    const mortals = new GarbageWatch();
    let attempts = 0;
    const client = new RetryClient({
      headers: { accept: '*/*' },
      fetch: transport(mortals, 503),
      strategy: { attempts: 50, backoff: () => (++attempts < 20 ? 0 : LONG) },
    });
    const subscription = subscribe(client.get(url, { totalTimeout: 2 * LONG }));
    while (attempts < 20) await new Promise((resolve) => setTimeout(resolve, 1));
    await flushPromises();
    expect(mortals.count).toBe(60);
    expect(await mortals.survivors()).toEqual([]);
    subscription.unsubscribe();
  });

  it('the value, error and source of the last attempt of retryWithStrategy', async () => {
    for (const fails of [true, false]) {
      const mortals = new GarbageWatch();
      const source = (): Observable<object> =>
        fails
          ? throwError(() => mortals.watch('the error', new Error('down')))
          : of(1).pipe(map(() => mortals.watch('the value', { bad: 1 })));
      const subscription = subscribe(
        source().pipe(retryWithStrategy({ backoff: constant(LONG), shouldRetry: () => Promise.resolve(true) })),
      );
      await flushPromises();
      expect(mortals.count).toBe(1);
      expect(await mortals.survivors()).toEqual([]);
      expect(subscription.closed).toBeFalse();
      subscription.unsubscribe();
    }
  });
});

describe('An interceptor that never answers', () => {
  it('can be collected when its request has timed out and waits', async () => {
    const mortals = new GarbageWatch();
    const client = waitingClient({
      timeout: 1,
      interceptors: [
        (request) => {
          mortals.watch('the request', request);
          return mortals.watch(
            'the answer',
            new Observable<Response>(() => mortals.watch('the teardown', () => undefined)),
          );
        },
      ],
    });
    const retried = new Promise<void>((resolve) => {
      client.attempts$.subscribe({
        next: ({ type }) => {
          if (type === 'retry') resolve();
        },
      });
    });
    const subscription = subscribe(client.get(url));
    await retried;
    expect(mortals.count).toBe(3);
    expect(await mortals.survivors()).toEqual([]);
    subscription.unsubscribe();
  });
});
