import { NEVER, timer } from 'rxjs';

import { constant, RetryClient, text, type Transport } from '../../src/index.js';
import { listen, plot } from '../support/attempt-events.js';
import { type Answer, network } from '../support/scripted-network.js';
import { failureOf, only, settled } from '../support/settled.js';
import { testServer, type TestServer } from '../support/test-server.js';

const url = 'http://a.test/';

/** A controller whose signal counts its listeners. */
function countListeners() {
  const controller = new AbortController();
  const { signal } = controller;
  const listeners = new Set<unknown>();
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  spyOn(signal, 'addEventListener').and.callFake((type: string, listener: EventListenerOrEventListenerObject) => {
    listeners.add(listener);
    add(type, listener);
  });
  spyOn(signal, 'removeEventListener').and.callFake((type: string, listener: EventListenerOrEventListenerObject) => {
    listeners.delete(listener);
    remove(type, listener);
  });
  return { controller, signal, listeners };
}

describe('An outer signal', () => {
  let api: TestServer;

  beforeAll(async () => {
    api = await testServer();
  });

  afterAll(() => api.close());

  for (const owner of ['client', 'request'] as const) {
    describe(`of the ${owner}`, () => {
      const signed = (signal: AbortSignal | null, answer: Answer | undefined) => {
        const client = new RetryClient({
          signal: owner === 'client' ? signal : null,
          strategy: { backoff: constant(60_000) },
          ...(answer !== undefined && { interceptors: [network(answer).interceptor] }),
        });
        return {
          client,
          events: listen(client.attempts$),
          options: { signal: owner === 'request' ? signal : undefined },
        };
      };

      it('ends a request in flight with its reason, and aborts the fetch', async () => {
        const controller = new AbortController();
        const { client, events, options } = signed(controller.signal, undefined);
        const failure = failureOf(client.get(api.url(`flight ${owner}`, { stall: 'headers' }), options));
        await api.received(`flight ${owner}`);
        const reason = new Error('enough');
        controller.abort(reason);

        expect(await failure).toBe(reason);
        expect((await api.ended(`flight ${owner}`)).aborted).toBeTrue();
        expect(plot(events)).toEqual(['start 1', 'failure 1 aborted']);
      });

      it('ends a selector that reads the body with its reason, and aborts the fetch', async () => {
        const controller = new AbortController();
        const { client, events, options } = signed(controller.signal, undefined);
        const failure = failureOf(
          client.get(api.url(`reading ${owner}`, { stall: 'body' }), { ...options, selector: text() }),
        );
        await api.received(`reading ${owner}`);
        await only(timer(20));
        controller.abort('enough');

        expect(await failure).toBe('enough');
        expect((await api.ended(`reading ${owner}`)).aborted).toBeTrue();
        expect(plot(events)).toEqual(['start 1', 'response 1', 'failure 1 aborted']);
      });

      it('ends a wait with its reason', async () => {
        const controller = new AbortController();
        const { client, events, options } = signed(controller.signal, 503);
        const failure = failureOf(client.get(url, options));
        controller.abort();

        expect(await failure).toBe(controller.signal.reason);
        expect(plot(events)).toEqual(['start 1', 'response 1', 'retry 1', 'failure 1 aborted']);
      });

      it('that is aborted already errors with its reason, and sends nothing', async () => {
        const reason = new Error('before');
        const { client, events, options } = signed(AbortSignal.abort(reason), 200);

        expect(await failureOf(client.get(url, options))).toBe(reason);
        expect(await failureOf(client.get(url, { ...options, observe: 'attempts' }))).toBe(reason);
        expect(events).toEqual([]);
      });

      it('that aborts between two subscriptions ends the second', async () => {
        const controller = new AbortController();
        const { client, options } = signed(controller.signal, 200);
        const request$ = client.get(url, options);

        expect((await only(request$)).status).toBe(200);
        controller.abort();
        expect(await failureOf(request$)).toBe(controller.signal.reason);
      });

      it('has no listener left after a success, a failure, or an unsubscribe', async () => {
        const { signal, listeners } = countListeners();
        const { client, options } = signed(signal, 200);
        await only(client.get(url, options));
        expect(listeners.size).toBe(0);

        const failing = signed(signal, new Error('down'));
        await failureOf(failing.client.get(url, failing.options));
        expect(listeners.size).toBe(0);

        for (const answer of [503, NEVER]) {
          const unsubscribed = signed(signal, answer);
          const subscription = unsubscribed.client.get(url, unsubscribed.options).subscribe();
          expect(listeners.size).toBe(1);
          subscription.unsubscribe();
          expect(listeners.size).toBe(0);
        }
      });

      it('leaves the body of an emitted Response readable', async () => {
        const controller = new AbortController();
        const { client, options } = signed(controller.signal, undefined);
        const response = await only(
          client.get(api.url(`handed over ${owner}`, { chunks: ['a', 'b'], chunkDelay: 30 }), options),
        );
        controller.abort();

        expect(await response.text()).toBe('ab');
      });

      it('does nothing to a request that has ended', async () => {
        const controller = new AbortController();
        const { client, events, options } = signed(controller.signal, 200);
        await only(client.get(url, options));
        controller.abort();

        expect(plot(events)).toEqual(['start 1', 'response 1', 'value 1', 'success 1']);
      });
    });
  }

  it('of the client and one of the request both end a request', async () => {
    const [ofClient, ofRequest] = [new AbortController(), new AbortController()];
    const client = new RetryClient({ signal: ofClient.signal, interceptors: [network(NEVER).interceptor] });

    const first = failureOf(client.get(url, { signal: ofRequest.signal }));
    ofRequest.abort('request');
    expect(await first).toBe('request');

    const second = failureOf(client.get(url, { signal: new AbortController().signal }));
    ofClient.abort('client');
    expect(await second).toBe('client');
  });

  it('of a client ends the requests of its extensions', async () => {
    const [parent, own] = [new AbortController(), new AbortController()];
    const client = new RetryClient({ signal: parent.signal, interceptors: [network(NEVER).interceptor] }).extend({
      signal: own.signal,
    });

    const failure = failureOf(client.get(url));
    parent.abort('parent');
    expect(await failure).toBe('parent');
  });

  it('can be AbortSignal.timeout(), and the error is its reason', async () => {
    const client = new RetryClient({ interceptors: [network(NEVER).interceptor] });

    expect(await failureOf(client.get(url, { signal: AbortSignal.timeout(5) }))).toEqual(
      jasmine.objectContaining({ name: 'TimeoutError' }),
    );
  });

  it('is not retried, whatever shouldRetry returns', async () => {
    const controller = new AbortController();
    const { interceptor, requests } = network(NEVER);
    const client = new RetryClient({
      interceptors: [interceptor],
      strategy: { backoff: constant(0), shouldRetry: () => true },
    });

    const failure = failureOf(client.get(url, { signal: controller.signal }));
    controller.abort('enough');
    expect(await failure).toBe('enough');
    expect(requests.length).toBe(1);
  });

  it('that a listener on attempts$ aborts ends the request there', async () => {
    const controller = new AbortController();
    const { interceptor, requests } = network(503);
    const client = new RetryClient({ interceptors: [interceptor], strategy: { backoff: constant(0) } });
    client.attempts$.subscribe(({ type }) => {
      if (type === 'retry') controller.abort('seen');
    });
    const events = listen(client.attempts$);

    expect(await failureOf(client.get(url, { signal: controller.signal }))).toBe('seen');
    expect(requests.length).toBe(1);
    expect(events.map(({ type }) => type).sort()).toEqual(['failure', 'response', 'retry', 'start']);
  });

  it('can be a polyfill that has no reason and calls listeners without an event', async () => {
    const listeners = new Set<() => void>();
    const signal = Object.assign(Object.create(AbortSignal.prototype) as object, {
      addEventListener: (_: string, listener: () => void) => void listeners.add(listener),
      removeEventListener: (_: string, listener: () => void) => void listeners.delete(listener),
    });
    const state = { aborted: false };
    Object.defineProperties(signal, { aborted: { get: () => state.aborted }, reason: { value: undefined } });
    const client = new RetryClient({ interceptors: [() => NEVER] });
    const ended = settled(client.get('http://a.test/', { signal: signal as AbortSignal }));
    state.aborted = true;
    for (const listener of listeners) listener();

    expect('error' in (await ended)).toBeTrue();
  });

  it('and a signal that a transport puts in its place both abort the fetch', () => {
    const own = new AbortController();
    let used: AbortSignal | undefined;
    const fetch: Transport = (_, init) => {
      init.signal = AbortSignal.any([init.signal!, own.signal]);
      used = init.signal;
      return new Promise(() => undefined);
    };
    const subscription = new RetryClient({ fetch }).get(url).subscribe({ error: fail });
    expect(used?.aborted).toBe(false);
    subscription.unsubscribe();
    expect(used?.aborted).toBe(true);
  });
});
