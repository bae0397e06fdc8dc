import { of } from 'rxjs';

import {
  constant,
  each,
  json,
  lines,
  type Outcome,
  RetryClient,
  type RetryStrategy,
  serverSentEvents,
  text,
} from '../../src/index.js';
import { listen, plot } from '../support/attempt-events.js';
import { IS_FIREFOX } from '../support/browser-name.js';
import { failureOf, only, settled } from '../support/settled.js';
import { testServer, type TestServer } from '../support/test-server.js';

describe('A shouldRetry that reads responses', () => {
  let api: TestServer;

  beforeAll(async () => {
    api = await testServer();
  });

  afterAll(() => api.close());

  const noDelay: RetryStrategy = { backoff: constant(0), attempts: 2 };
  const clientWith = (shouldRetry: (outcome: Outcome) => unknown): RetryClient =>
    new RetryClient({ strategy: { ...noDelay, shouldRetry: shouldRetry as never } });

  it('can clone a response that a selector has read completely', async () => {
    const seen: unknown[] = [];
    const client = clientWith(async ({ kind, response }) => {
      seen.push([kind, await response?.clone().json(), await response?.clone().text()]);
      return undefined;
    });

    expect(await only(client.getJSON(api.url('whole', { json: { a: 1 } })))).toEqual({ a: 1 });
    expect(seen).toEqual([
      ['response', { a: 1 }, '{"a":1}'],
      ['value', { a: 1 }, '{"a":1}'],
    ]);
  });

  it('gets a TypeError from clone() when a selector reads the response as a stream', async () => {
    const refusals: string[] = [];
    const client = clientWith(({ kind, response }) => {
      try {
        if (kind === 'value') response?.clone();
      } catch (error) {
        refusals.push(String(error));
      }
      return undefined;
    });
    await settled(client.get(api.url('stream', { body: 'a\nb\n' }), { selector: lines() }));

    expect(refusals.length).toBe(2);
    for (const refusal of refusals) expect(refusal).toMatch(/TypeError.*(?:read|used|consumed|disturbed)/);
  });

  // Firefox takes the body of an error for whole, as docs/platforms.md says.
  const itUnlessFirefox = IS_FIREFOX ? xit : it;

  itUnlessFirefox('retries with an HttpNetworkError when the body breaks off while shouldRetry reads it', async () => {
    const client = clientWith(async ({ kind, response }) =>
      kind === 'response' && response.status === 503
        ? ((await response.clone().json()) as { retryable: boolean }).retryable
        : undefined,
    );
    const events = listen(client.attempts$);
    const url = api.url('breaks', [
      { status: 503, cut: 'in-body', chunks: ['{"retry'], chunkDelay: 30 },
      { json: 'right' },
    ]);

    expect(await only(client.getJSON(url))).toBe('right');
    expect(plot(events)).toEqual(['start 1', 'retry 1', 'start 2', 'response 2', 'value 2', 'success 2']);
    const [, retried] = events;
    expect(retried?.type === 'retry' && retried.outcome).toEqual(
      jasmine.objectContaining({
        kind: 'error',
        error: jasmine.objectContaining({ name: 'HttpNetworkError', phase: 'body' }),
      }),
    );
  });

  it('ends the request with its own error when the body is complete', async () => {
    const client = clientWith(async ({ response }) => {
      await response?.clone().text();
      throw new RangeError('of mine');
    });

    expect(await failureOf(client.get(api.url('own fault', { status: 503, body: 'down' })))).toEqual(
      new RangeError('of mine'),
    );
  });

  it('delays serverSentEvents() until it has decided: Last-Event-ID is not that of a retried event', async () => {
    const client = clientWith(async ({ kind, ...outcome }) => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      return kind === 'value' && (outcome as unknown as { value: { data: string } }).value.data === 'two'
        ? true
        : undefined;
    });
    const stream = 'id: 1\ndata: one\n\nid: 2\ndata: two\n\nid: 3\ndata: three\n\n';
    const url = api.url('events', [
      { body: stream, headers: { 'Content-Type': 'text/event-stream' } },
      { status: 204 },
    ]);
    const { values } = await settled(
      client.get(url, { selector: serverSentEvents({ maxRetry: 0 }), strategy: { resetOnSuccess: true } }),
    );

    expect(values.map(({ data }) => data)).toEqual(['one']);
    expect((await api.requests('events'))[1]?.headers['last-event-id']).toBe('1');
  });

  it('delays each() until it has decided: Last-Event-ID is not that of a retried event', async () => {
    let refused = false;
    const client = clientWith(async ({ kind, ...outcome }) => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      if (kind !== 'value' || refused || (outcome as unknown as { value: { data: string } }).value.data !== 'two') {
        return undefined;
      }
      return (refused = true);
    });
    const event = (id: number, data: string): string => `id: ${id}\ndata: ${data}\n\n`;
    const type = { 'Content-Type': 'text/event-stream' };
    const url = api.url('each', [
      { body: event(1, 'one') + event(2, 'two') + event(3, 'three'), headers: type },
      { body: event(2, 'two'), headers: type },
      { status: 204 },
    ]);
    const selector = each(serverSentEvents({ maxRetry: 0 }), (value) => of(value));
    const { values } = await settled(client.get(url, { selector, strategy: { resetOnSuccess: true } }));

    expect(values.map(({ data }) => data)).toEqual(['one', 'two']);
    expect((await api.requests('each'))[1]?.headers['last-event-id']).toBe('1');
  });

  it('is called for each value once, in order, before the completion', async () => {
    const asked: unknown[] = [];
    const client = clientWith(async (outcome) => {
      await Promise.resolve();
      if (outcome.kind === 'value') asked.push(outcome.value);
      return undefined;
    });
    const { values } = await settled(client.get(api.url('order', { body: 'a\nb\nc' }), { selector: lines() }));

    expect([values, asked]).toEqual([
      ['a', 'b', 'c'],
      ['a', 'b', 'c'],
    ]);
    expect(await only(client.get(api.url('one', { body: 'x' }), { selector: text() }))).toBe('x');
    expect(await only(client.get(api.url('two', { body: '[1]' }), { selector: json() }))).toEqual([1]);
  });
});
