import { NEVER, timer } from 'rxjs';

import { constant, RetryClient, text } from '../../src/index.js';
import { listen, plot } from '../support/attempt-events.js';
import { network } from '../support/scripted-network.js';
import { failureOf, only } from '../support/settled.js';
import { testServer, type TestServer } from '../support/test-server.js';

const url = 'http://a.test/';
const closed = jasmine.objectContaining({ name: 'AbortError', message: jasmine.stringMatching(/closed/) });

describe('close()', () => {
  let api: TestServer;

  beforeAll(async () => {
    api = await testServer();
  });

  afterAll(() => api.close());

  it('aborts requests in flight', async () => {
    const client = new RetryClient();
    const events = listen(client.attempts$);
    const failures = ['one', 'two'].map((key) => failureOf(client.get(api.url(key, { stall: 'headers' }))));
    await api.received('one');
    await api.received('two');
    client.close();

    expect(await Promise.all(failures)).toEqual([closed, closed] as unknown[]);
    expect((await api.ended('one')).aborted).toBeTrue();
    expect((await api.ended('two')).aborted).toBeTrue();
    expect(plot(events)).toEqual(['start 1', 'start 1', 'failure 1 closed', 'failure 1 closed']);
  });

  it('aborts a body that a selector reads', async () => {
    const client = new RetryClient();
    const failure = failureOf(client.get(api.url('reading', { stall: 'body' }), { selector: text() }));
    await api.received('reading');
    await only(timer(20));
    client.close();

    expect(await failure).toEqual(closed);
    expect((await api.ended('reading')).aborted).toBeTrue();
  });

  it('ends a request that waits for its next attempt', async () => {
    const { interceptor, requests } = network(503);
    const client = new RetryClient({ interceptors: [interceptor], strategy: { backoff: constant(60_000) } });
    const events = listen(client.attempts$);
    const failure = failureOf(client.get(url));
    client.close();

    expect(await failure).toEqual(closed);
    expect(requests.length).toBe(1);
    expect(plot(events)).toEqual(['start 1', 'response 1', 'retry 1', 'failure 1 closed']);
  });

  it('completes attempts$, after the last event', () => {
    const client = new RetryClient({ interceptors: [network(NEVER).interceptor] });
    const seen: string[] = [];
    client.attempts$.subscribe({ next: ({ type }) => seen.push(type), complete: () => seen.push('complete') });
    client.get(url).subscribe({ error: () => seen.push('error') });
    client.close();

    expect(seen).toEqual(['start', 'failure', 'error', 'complete']);
    let late = '';
    client.attempts$.subscribe({ complete: () => (late = 'complete') });
    expect(late).toBe('complete');
  });

  it('makes later subscriptions error, and sends nothing for them', async () => {
    const { interceptor, requests } = network(200);
    const client = new RetryClient({ interceptors: [interceptor] });
    const request$ = client.get(url);
    client.close();

    expect(await failureOf(request$)).toEqual(closed);
    expect(await failureOf(client.get(url))).toEqual(closed);
    expect(await failureOf(client.get(url, { observe: 'attempts' }))).toEqual(closed);
    expect(await failureOf(client.getJSON(url))).toEqual(closed);
    expect(await failureOf(client.extend({}).get(url))).toEqual(closed);
    expect(requests).toEqual([]);
  });

  it('still throws for invalid options afterwards', () => {
    const client = new RetryClient();
    client.close();

    expect(() => client.get(url, { timeout: -1 })).toThrowError(RangeError);
  });

  it('is not retried, whatever shouldRetry returns', async () => {
    const client = new RetryClient({
      interceptors: [network(NEVER).interceptor],
      strategy: { backoff: constant(0), shouldRetry: () => true },
    });
    const failure = failureOf(client.get(url));
    client.close();

    expect(await failure).toEqual(closed);
  });

  it('leaves the body of an emitted Response readable', async () => {
    const client = new RetryClient();
    const response = await only(client.get(api.url('handed over', { chunks: ['a', 'b'], chunkDelay: 30 })));
    client.close();

    expect(await response.text()).toBe('ab');
  });

  it('can be called again, also as Symbol.dispose', () => {
    let completions = 0;
    const client = new RetryClient();
    client.attempts$.subscribe({ complete: () => (completions += 1) });
    client[Symbol.dispose]();
    client.close();
    client[Symbol.dispose]();

    expect(completions).toBe(1);
  });

  it('is called at the end of a using scope', async () => {
    let failure: Promise<unknown>;
    {
      using client = new RetryClient({ interceptors: [network(NEVER).interceptor] });
      failure = failureOf(client.get(url));
    }

    expect(await failure).toEqual(closed);
  });

  it('ends requests that a consumer starts while it handles the end of another one', async () => {
    const client = new RetryClient({ interceptors: [network(NEVER).interceptor] });
    const failures: unknown[] = [];
    client.get(url).subscribe({
      error: (error: unknown) => {
        failures.push(error);
        void failureOf(client.get(url)).then((next) => failures.push(next));
      },
    });
    client.close();
    await only(timer(5));

    expect(failures).toEqual([closed, closed] as unknown[]);
  });

  it('can be called by a listener on attempts$', async () => {
    const { interceptor, requests } = network(503);
    const client = new RetryClient({ interceptors: [interceptor], strategy: { backoff: constant(0) } });
    client.attempts$.subscribe(({ type }) => {
      if (type === 'start') client.close();
    });

    expect(await failureOf(client.get(url))).toEqual(closed);
    expect(requests).toEqual([]);
  });

  describe('with extensions:', () => {
    const family = () => {
      const parent = new RetryClient({ interceptors: [network(NEVER).interceptor] });
      const child = parent.extend({});
      const grandchild = child.extend({});
      const failures: string[] = [];
      for (const [name, client] of Object.entries({ parent, child, grandchild })) {
        client.get(url).subscribe({ error: () => failures.push(name) });
      }
      return { parent, child, grandchild, failures };
    };

    it('closing a client closes its extensions', async () => {
      const { parent, grandchild, failures } = family();
      parent.close();

      expect(failures.sort()).toEqual(['child', 'grandchild', 'parent']);
      expect(await failureOf(grandchild.get(url))).toEqual(closed);
    });

    it('closing an extension ends only its own requests and those of its extensions', async () => {
      const { parent, child, grandchild, failures } = family();
      let completed = false;
      parent.attempts$.subscribe({ complete: () => (completed = true) });
      child.close();

      expect(failures.sort()).toEqual(['child', 'grandchild']);
      expect(await failureOf(child.get(url))).toEqual(closed);
      expect(await failureOf(grandchild.get(url))).toEqual(closed);
      expect(completed).toBeFalse();
      const events = listen(parent.attempts$);
      parent.get(url).subscribe().unsubscribe();
      expect(plot(events)).toEqual(['start 1', 'cancel 1']);
      parent.close();
      expect(failures.sort()).toEqual(['child', 'grandchild', 'parent']);
    });

    it('closing a client emits no event for requests that have ended', async () => {
      const client = new RetryClient({ interceptors: [network(200).interceptor] });
      const events = listen(client.attempts$);
      await only(client.get(url));
      await only(client.extend({}).get(url));
      client.close();

      expect(plot(events)).toEqual([
        'start 1',
        'response 1',
        'value 1',
        'success 1',
        'start 1',
        'response 1',
        'value 1',
        'success 1',
      ]);
    });
  });
});
