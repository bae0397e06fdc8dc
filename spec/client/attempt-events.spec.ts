import { asyncScheduler, concat, config, map, NEVER, of, Subject, takeUntil, takeWhile, throwError, timer } from 'rxjs';

import {
  type AttemptEvent,
  constant,
  defineGate,
  type FailureReason,
  HttpNetworkError,
  type HttpAttempt,
  type Interceptor,
  json,
  RetryClient,
} from '../../src/index.js';
import { findSequenceViolation, listen, plot } from '../support/attempt-events.js';
import { formatEvent, watch } from '../support/event-log.js';
import { type Answer, bodiless, network } from '../support/scripted-network.js';
import { failureOf, only, settled } from '../support/settled.js';
import { testServer } from '../support/test-server.js';
import { inVirtualTime } from '../support/virtual-time.js';

const url = 'http://a.test/';
const noDelay = { backoff: constant(0) };
const failing: Interceptor = ({ attempt }) => throwError(() => new HttpNetworkError({ attempt, summary: 'down' }));
const clientOf = (...answers: readonly Answer[]) =>
  new RetryClient({ interceptors: [network(...answers).interceptor], strategy: noDelay });
const after = (ms: number, status = 200) => timer(ms).pipe(map(() => new Response(null, { status })));

describe('attempts$', () => {
  it('emits start, response, retry with its delay, value and success for the attempts of a request', () => {
    inVirtualTime(({ flush }) => {
      const client = new RetryClient({
        interceptors: [network(after(5, 503), after(3)).interceptor],
        strategy: { backoff: constant(10) },
      });
      const lines: string[] = [];
      watch(client.attempts$, formatEvent, lines);
      client.get(url, { selector: ({ status }) => timer(2).pipe(map(() => status)) }).subscribe();
      flush();
      expect(lines).toEqual([
        '0 start 1/3',
        '5 response 1 503 +5',
        '5 retry 1 (response: 503) +5 in 10',
        '15 start 2/3',
        '18 response 2 200 +3',
        '20 value 2 200 +5',
        '20 success 2 +5',
      ]);
    });
  });

  it('has the number, method, URL, context and request id of each attempt', async () => {
    const client = clientOf(503, 200);
    const events = listen(client.attempts$);
    const context = { user: 7 };
    const before = Date.now();
    await only(client.post([url, 'http://b.test/x'], 'x', { context, headers: { 'idempotency-key': 'k' } }));

    const starts = events.filter(({ type }) => type === 'start').map(({ attempt }) => attempt);
    expect(starts).toEqual([
      jasmine.objectContaining<HttpAttempt>({ number: 1, of: 3, method: 'POST', url, context }),
      jasmine.objectContaining<HttpAttempt>({ number: 2, of: 3, method: 'POST', url: 'http://b.test/x', context }),
    ]);
    expect(starts[0]?.requestId).toBe(starts[1]?.requestId as string);
    for (const { startedAt } of starts) {
      expect(startedAt).toBeGreaterThanOrEqual(before);
      expect(startedAt).toBeLessThanOrEqual(Date.now());
    }
  });

  it('has one attempt object in all events of an attempt, and another one in the next attempt', async () => {
    const client = clientOf(503, 200);
    const events = listen(client.attempts$);
    await only(client.get(url));

    expect(new Set(events.slice(0, 3).map(({ attempt }) => attempt)).size).toBe(1);
    expect(new Set(events.slice(3).map(({ attempt }) => attempt)).size).toBe(1);
    expect(events[2]?.attempt).not.toBe(events[3]?.attempt as HttpAttempt);
    for (const event of events) {
      if (event.type === 'retry') expect(event.outcome.attempt).toBe(event.attempt);
    }
  });

  it('is hot: a listener gets the events from its subscription on, and none before', async () => {
    const client = clientOf(200);
    const first = listen(client.attempts$);
    await only(client.get(url));
    const second = listen(client.attempts$);
    await only(client.get(url));

    expect(first.length).toBe(8);
    expect(second).toEqual(first.slice(4));
  });

  it('never errors, however requests end', async () => {
    const client = new RetryClient({ interceptors: [failing], strategy: noDelay });
    const seen: string[] = [];
    client.attempts$.subscribe({ error: () => seen.push('error'), complete: () => seen.push('complete') });
    await failureOf(client.get(url));
    await failureOf(client.get('http://'));
    client
      .get(url, { timeout: 1 })
      .subscribe({ error: () => undefined })
      .unsubscribe();

    expect(seen).toEqual([]);
    client.close();
    expect(seen).toEqual(['complete']);
  });

  it('cannot be fed from outside: it has no next()', () => {
    expect('next' in new RetryClient().attempts$).toBeFalse();
  });

  it('keeps concurrent requests apart by requestId, each with its events in a legal order', async () => {
    const client = new RetryClient({
      interceptors: [
        ({ attempt }) =>
          attempt.url.endsWith('left') ? NEVER : after(Math.random() * 4, attempt.number < 3 ? 503 : 200),
      ],
      strategy: { backoff: constant(1) },
    });
    const events = listen(client.attempts$);
    const requests = Array.from({ length: 20 }, (_, index) => settled(client.get(`${url}${index}`)));
    const unsubscribed = Array.from({ length: 10 }, () => client.get(`${url}left`).subscribe());
    await only(timer(3));
    for (const subscription of unsubscribed) subscription.unsubscribe();
    await Promise.all(requests);

    expect(findSequenceViolation(events)).toBeUndefined();
    expect(new Set(events.map(({ attempt }) => attempt.requestId)).size).toBe(30);
    expect(events.filter(({ type }) => type === 'success').length).toBe(20);
    expect(events.filter(({ type }) => type === 'cancel').length).toBe(10);
  });

  describe('ends the events of each request:', () => {
    it('with success when take(1) unsubscribes after the first of many values', () => {
      const client = clientOf(200);
      const events = listen(client.attempts$);
      client
        .get(url, { selector: () => concat(of('a'), NEVER) })
        .subscribe()
        .unsubscribe();

      expect(plot(events)).toEqual(['start 1', 'response 1', 'value 1', 'success 1']);
    });

    it('with cancel when the request is unsubscribed in flight', () => {
      const client = clientOf(NEVER);
      const events = listen(client.attempts$);
      client.get(url).subscribe().unsubscribe();

      expect(plot(events)).toEqual(['start 1', 'cancel 1']);
    });

    it('with cancel when the request is unsubscribed before the selector has emitted', () => {
      const client = clientOf(200);
      const events = listen(client.attempts$);
      client
        .get(url, { selector: () => NEVER })
        .subscribe()
        .unsubscribe();

      expect(plot(events)).toEqual(['start 1', 'response 1', 'cancel 1']);
    });

    it('with cancel of the last attempt when the request is unsubscribed during a wait', () => {
      inVirtualTime(({ flush }) => {
        const client = new RetryClient({
          interceptors: [network(after(3, 503)).interceptor],
          strategy: { backoff: constant(50) },
        });
        const lines: string[] = [];
        watch(client.attempts$, formatEvent, lines);
        const subscription = client.get(url).subscribe();
        timer(10).subscribe(() => {
          subscription.unsubscribe();
        });
        flush();
        expect(lines).toEqual([
          '0 start 1/3',
          '3 response 1 503 +3',
          '3 retry 1 (response: 503) +3 in 50',
          '10 cancel 1 +10',
        ]);
      });
    });

    it('with failure of the last attempt when a signal aborts the request during a wait', () => {
      inVirtualTime(({ flush }) => {
        const controller = new AbortController();
        const client = new RetryClient({
          interceptors: [network(after(3, 503)).interceptor],
          strategy: { backoff: constant(50) },
        });
        const lines: string[] = [];
        watch(client.attempts$, formatEvent, lines);
        client.get(url, { signal: controller.signal }).subscribe({ error: () => undefined });
        timer(10).subscribe(() => {
          controller.abort(new Error('enough'));
        });
        flush();
        expect(lines).toEqual([
          '0 start 1/3',
          '3 response 1 503 +3',
          '3 retry 1 (response: 503) +3 in 50',
          '10 failure 1 (error: enough) +10 aborted',
        ]);
      });
    });
  });

  describe('has the reason of each failure:', () => {
    const stream = () => new ReadableStream<Uint8Array>();
    const close = (client: RetryClient) => {
      client.close();
    };
    const rows: Record<FailureReason, (observed: (client: RetryClient) => RetryClient) => Promise<unknown>> = {
      attempts: (observed) => settled(observed(clientOf(503)).get(url)),
      permanent: (observed) => settled(observed(clientOf(new Error('a bug'))).get(url)),
      method: (observed) => settled(observed(clientOf(503)).post(url, 'x')),
      body: (observed) => settled(observed(clientOf(503)).put(url, stream())),
      partial: (observed) =>
        settled(
          observed(clientOf(200)).get(url, {
            selector: (_, attempt) =>
              concat(
                of('a'),
                throwError(() => new HttpNetworkError({ attempt, phase: 'body' })),
              ),
          }),
        ),
      'retry-after': (observed) => settled(observed(clientOf(bodiless(503, { 'Retry-After': '61' }))).get(url)),
      deadline: (observed) => settled(observed(clientOf(NEVER)).get(url, { totalTimeout: 2 })),
      aborted: (observed) => settled(observed(clientOf(NEVER)).get(url, { signal: AbortSignal.timeout(2) })),
      rejected: (observed) => {
        const closed = defineGate({ name: 'closed', admit: () => throwError(() => new Error('closed')) });
        return settled(observed(clientOf(200)).get(url, { strategy: { gates: [closed] } }));
      },
      closed: (observed) => {
        const client = observed(clientOf(NEVER));
        const end = settled(client.get(url));
        close(client);
        return end;
      },
    };

    for (const [reason, run] of Object.entries(rows)) {
      it(reason, async () => {
        let events: AttemptEvent[] = [];
        await run((client) => {
          events = listen(client.attempts$);
          return client;
        });
        const last = events.at(-1);
        expect(last?.type === 'failure' && last.reason).toBe(reason as FailureReason);
        expect(findSequenceViolation(events)).toBeUndefined();
      });
    }
  });

  describe('with its listeners:', () => {
    it('a listener that throws disturbs no request and no other listener; RxJS reports its error', async () => {
      const reported: unknown[] = [];
      const bug = new Error('a bug of the listener');
      config.onUnhandledError = (error) => reported.push(error);
      try {
        const client = clientOf(503, 200);
        client.attempts$.subscribe(() => {
          throw bug;
        });
        const events = listen(client.attempts$);
        const response = await only(client.get(url));
        await only(timer(5));

        expect(response.status).toBe(200);
        expect(plot(events)).toEqual([
          ...['start 1', 'response 1', 'retry 1'],
          ...['start 2', 'response 2', 'value 2', 'success 2'],
        ]);
        expect(reported).toEqual(Array(7).fill(bug));
      } finally {
        config.onUnhandledError = null;
      }
    });

    for (const [type, expectedEvents] of [
      ['start', ['start 1', 'cancel 1']],
      ['response', ['start 1', 'response 1', 'cancel 1']],
      ['retry', ['start 1', 'response 1', 'retry 1', 'cancel 1']],
      ['value', ['start 1', 'response 1', 'retry 1', 'start 2', 'response 2', 'value 2', 'success 2']],
    ] as const) {
      it(`a listener that unsubscribes the request at its ${type} ends it there`, async () => {
        const { interceptor, requests } = network(after(1, 503), after(1));
        const client = new RetryClient({ interceptors: [interceptor], strategy: noDelay });
        const events = listen(client.attempts$);
        const stop = new Subject<void>();
        client.attempts$.subscribe((event) => {
          if (event.type === type) stop.next();
        });
        const { values } = await settled(client.get(url).pipe(takeUntil(stop)));
        await only(timer(10));

        expect(values).toEqual([]);
        expect(plot(events)).toEqual([...expectedEvents]);
        expect(requests.length).toBe({ start: 0, response: 1, retry: 1, value: 2 }[type]);
      });
    }

    for (const [type, before] of [
      ['start', ['start 1']],
      ['response', ['start 1', 'response 1']],
      ['retry', ['start 1', 'response 1', 'retry 1']],
      ['value', ['start 1', 'response 1', 'retry 1', 'start 2', 'response 2', 'value 2']],
    ] as const) {
      for (const [how, reason] of [
        ['its signal', 'aborted'],
        ['closing the client', 'closed'],
      ] as const) {
        it(`all listeners, and the request’s own consumer, get the events in order when a listener ends it at its ${type} by ${how}`, async () => {
          const client = clientOf(503, 200);
          const controller = new AbortController();
          const [early, completed] = [listen(client.attempts$), [] as string[]];
          client.attempts$.subscribe({
            next: (event) => {
              if (event.type !== type) return;
              if (reason === 'closed') client.close();
              else controller.abort(new Error('enough'));
            },
          });
          const late = listen(client.attempts$);
          client.attempts$.subscribe({ complete: () => completed.push(...plot(late)) });
          const { values, error } = await settled(client.get(url, { signal: controller.signal, observe: 'attempts' }));
          await only(timer(5));

          const number = before.at(-1)?.at(-1) as string;
          for (const events of [early, late, values]) {
            expect(plot(events)).toEqual([...before, `failure ${number} ${reason}`]);
          }
          expect((error as Error).message).toBe(reason === 'closed' ? 'The client is closed' : 'enough');
          expect(completed).toEqual(reason === 'closed' ? plot(late) : []);
        });
      }

      it(`all listeners get the events in order when the consumer of the events unsubscribes at a ${type}`, async () => {
        const client = clientOf(503, 200);
        const events = listen(client.attempts$);
        const { values } = await settled(
          client.get(url, { observe: 'attempts' }).pipe(takeWhile((event) => event.type !== type, true)),
        );
        await only(timer(5));

        expect(plot(values)).toEqual([...before]);
        expect(plot(events)).toEqual([
          ...before,
          { start: 'cancel 1', response: 'cancel 1', retry: 'cancel 1', value: 'success 2' }[type],
        ]);
      });
    }

    it('without a listener no event is built', async () => {
      const { interceptor } = network(503, 200);
      const now = spyOn(asyncScheduler, 'now').and.callThrough();
      const client = new RetryClient({ interceptors: [interceptor], strategy: noDelay });
      const clockReads = async () => {
        now.calls.reset();
        await only(client.get(url, { timeout: false }));
        return now.calls.count();
      };
      await clockReads();
      const readsWithoutListener = await clockReads();
      const subscription = client.attempts$.subscribe();
      const readsWithListener = await clockReads();
      subscription.unsubscribe();

      // Each event except start reads its elapsed time from the clock.
      expect(readsWithListener).toBeGreaterThan(readsWithoutListener);
      expect(await clockReads()).toBe(readsWithoutListener);
    });
  });

  it('never has request headers, bodies, or a URL’s user and password', async () => {
    const client = new RetryClient({
      headers: { authorization: 'Bearer s3cret', 'x-key': 's3cret' },
      interceptors: [network(503, new Error('down'), 503).interceptor],
      strategy: { ...noDelay, errors: [Error] },
    });
    const events = listen(client.attempts$);
    await settled(
      client.put('http://user:s3cret@a.test/', 's3cret', { headers: { cookie: 's3cret', 'x-own': 's3cret' } }),
    );

    expect(events.length).toBe(8);
    expect(JSON.stringify(events)).not.toContain('s3cret');
  });
});

describe("observe: 'attempts'", () => {
  it('emits the events in place of the value, and completes', async () => {
    const client = clientOf(503, 200);
    const { values, ...end } = await settled(client.get(url, { observe: 'attempts' }));

    expect(plot(values)).toEqual([
      ...['start 1', 'response 1', 'retry 1'],
      ...['start 2', 'response 2', 'value 2', 'success 2'],
    ]);
    const value = values[5];
    expect(value?.type === 'value' && value.value).toBeInstanceOf(Response);
    expect(end).toEqual({});
  });

  it('emits the selector’s values as events', async () => {
    const { values } = await settled(clientOf(200).get(url, { observe: 'attempts', selector: () => ['a', 'b'] }));

    expect(values.map((event) => (event.type === 'value' ? event.value : event.type))).toEqual([
      'start',
      'response',
      'a',
      'b',
      'success',
    ]);
  });

  it('errors exactly where the plain form errors, after the failure event', async () => {
    const client = new RetryClient({ interceptors: [failing], strategy: { ...noDelay, attempts: 2 } });
    const { values, error } = await settled(client.get(url, { observe: 'attempts' }));

    expect(plot(values)).toEqual(['start 1', 'retry 1', 'start 2', 'failure 2 attempts']);
    const last = values.at(-1);
    expect(last?.type === 'failure' && last.outcome.kind === 'error' && last.outcome.error).toBe(error);
  });

  it('completes where the plain form emits the last response, which the failure event has', async () => {
    const { values, ...end } = await settled(clientOf(503).get(url, { observe: 'attempts' }));

    expect(end).toEqual({});
    const last = values.at(-1);
    expect(last?.type === 'failure' && last.outcome.kind === 'response' && last.outcome.response.status).toBe(503);
  });

  it('emits the same events as attempts$', async () => {
    const client = clientOf(503, 200);
    const events = listen(client.attempts$);
    const { values } = await settled(client.get(url, { observe: 'attempts' }));

    expect<readonly AttemptEvent[]>(values).toEqual(events);
  });

  it('works with getJSON(), post() and requests()', async () => {
    const client = new RetryClient({ fetch: () => Promise.resolve(Response.json(1)) });

    expect(plot((await settled(client.getJSON(url, { observe: 'attempts' }))).values)).toEqual([
      'start 1',
      'response 1',
      'value 1',
      'success 1',
    ]);
    expect(plot((await settled(client.post(url, 'x', { observe: 'attempts' }))).values)).toEqual([
      'start 1',
      'response 1',
      'value 1',
      'success 1',
    ]);
    expect(plot((await settled(client.requests([{ url }], { observe: 'attempts' }))).values)).toEqual([
      'start 1',
      'response 1',
      'value 1',
      'success 1',
    ]);
  });

  it('leaves the body of a Response readable in a value event and in a failure event', async () => {
    const api = await testServer();
    const client = new RetryClient({ strategy: noDelay });
    const { values } = await settled(client.get(api.url('value', { body: 'value' }), { observe: 'attempts' }));
    const failed = await settled(
      client.get(api.url('failure', { status: 503, body: 'failure' }), { observe: 'attempts' }),
    );

    const value = values.find((event) => event.type === 'value');
    expect(await value?.value.text()).toBe('value');
    const failure = failed.values.at(-1);
    expect(failure?.type === 'failure' && (await failure.outcome.response?.text())).toBe('failure');
    await api.close();
  });

  it('emits a retry for each fault of a request over the wire, then value and success', async () => {
    const api = await testServer();
    const client = new RetryClient({ strategy: { ...noDelay, attempts: 6 }, timeout: 250 });
    const steps = [
      { status: 503 },
      { cut: 'before-headers' },
      { stall: 'headers' },
      { cut: 'in-body' },
      { stall: 'body' },
      { json: { ok: true } },
    ] as const;
    const { values } = await settled(client.get(api.url('all', steps), { observe: 'attempts', selector: json() }));

    expect(findSequenceViolation(values)).toBeUndefined();
    expect(
      values.map((event) => {
        if (event.type !== 'retry') return event.type;
        return event.outcome.kind === 'error'
          ? (event.outcome.error as Error).name
          : `status ${event.outcome.response?.status ?? ''}`;
      }),
    ).toEqual([
      ...['start', 'response', 'status 503', 'start', 'HttpNetworkError', 'start', 'HttpTimeoutError'],
      ...['start', 'response', 'HttpNetworkError', 'start', 'response', 'HttpTimeoutError'],
      ...['start', 'response', 'value', 'success'],
    ]);
    await api.close();
  });
});
