import { asyncScheduler, config, map, NEVER, Subject, takeUntil, tap, timer } from 'rxjs';

import {
  type AttemptEvent,
  bytes,
  chunks,
  concurrencyLimit,
  constant,
  defineGate,
  type HttpAttempt,
  json,
  type ObservedRequest,
  type RequestListener,
  RetryClient,
  text,
} from '../../src/index.js';
import { findSequenceViolation, listen, plot } from '../support/attempt-events.js';
import { type Answer, network } from '../support/scripted-network.js';
import { failureOf, only, settled } from '../support/settled.js';
import { type Step, type TestServer, testServer } from '../support/test-server.js';
import { inVirtualTime } from '../support/virtual-time.js';

const url = 'http://a.test/';
const after = (ms: number, status = 200) => timer(ms).pipe(map(() => new Response(null, { status })));
const noDelay = { backoff: constant(0) };

type Event = AttemptEvent<unknown, HttpAttempt>;

/** An observer that keeps what it gets. */
function recorder() {
  const requests: ObservedRequest[] = [];
  const events: Event[] = [];
  const observer = (request: ObservedRequest): RequestListener => {
    requests.push(request);
    return { next: (event) => events.push(event) };
  };
  return { requests, events, observer };
}

const clientOf = (
  observers: readonly ((request: ObservedRequest) => RequestListener | undefined)[],
  ...answers: Answer[]
) => new RetryClient({ interceptors: [network(...answers).interceptor], strategy: noDelay, observers, name: 'shop' });

describe('observers', () => {
  it('are called once per subscription, before anything is sent, with the request', async () => {
    const { requests, observer, events } = recorder();
    const client = clientOf([observer], 503, 200, 200);
    const context = { user: 7 };
    const request = client.post('http://me:secret@a.test/x?Signature=abc', 'x', {
      context,
      headers: { 'idempotency-key': 'k' },
    });
    expect(requests).toEqual([]);
    request.subscribe();
    expect(requests.length).toBe(1);
    await settled(request);

    const [first, second] = requests;
    expect(first).toEqual({
      requestId: jasmine.any(String) as unknown as string,
      method: 'POST',
      url: 'http://a.test/x?Signature=REDACTED',
      context,
      client: 'shop',
    });
    expect(second!.requestId).not.toBe(first!.requestId);
    expect(new Set(events.map(({ attempt }) => attempt.requestId))).toEqual(
      new Set(requests.map(({ requestId }) => requestId)),
    );
  });

  it('hear the events of their request, in order, each before attempts$ and the consumer have it', async () => {
    const order: string[] = [];
    const client = clientOf([() => ({ next: ({ type }) => order.push(`observer ${type}`) })], 503, 200);
    client.attempts$.subscribe(({ type }) => order.push(`attempts$ ${type}`));
    const types = ['start', 'response', 'retry', 'start', 'response', 'value', 'success'];
    await settled(client.get(url));
    expect(order).toEqual(types.flatMap((type) => [`observer ${type}`, `attempts$ ${type}`]));

    const own: string[] = [];
    const watched = clientOf([() => ({ next: ({ type }) => own.push(`observer ${type}`) })], 200);
    await settled(watched.get(url, { observe: 'attempts' }).pipe(tap(({ type }) => own.push(`consumer ${type}`))));
    expect(own).toEqual(
      ['start', 'response', 'value', 'success'].flatMap((type) => [`observer ${type}`, `consumer ${type}`]),
    );
  });

  it('leave the consumer its last event, before the error, if it ends its own request about an event', async () => {
    const order: string[] = [];
    const client = clientOf([() => ({ next: ({ type }) => order.push(`observer ${type}`) })], 200);
    const controller = new AbortController();
    client.attempts$.subscribe(({ type }) => order.push(`attempts$ ${type}`));
    const events$ = client.get(url, { observe: 'attempts', signal: controller.signal }).pipe(
      tap({
        next: ({ type }) => {
          order.push(`consumer ${type}`);
          if (type === 'start') controller.abort(new Error('left'));
        },
        error: () => order.push('consumer error'),
      }),
    );
    await settled(events$);
    expect(order).toEqual([
      'observer start',
      'consumer start',
      'observer failure',
      'consumer failure',
      'attempts$ start',
      'attempts$ failure',
      'consumer error',
    ]);
  });

  it('of an extension come after those of its parent, and its requests alone have both', async () => {
    const order: string[] = [];
    const observe = (name: string) => () => void order.push(name);
    const parent = clientOf([observe('parent')], 200, 200);
    await settled(parent.extend({ observers: [observe('extension')], name: 'cart' }).get(url));
    await settled(parent.get(url));
    expect(order).toEqual(['parent', 'extension', 'parent']);
  });

  it('name the client in attempts; an extension has the name of its parent, or its own', async () => {
    const client = clientOf([], 200, 200, 200);
    const events = listen(client.attempts$);
    await settled(client.get(url));
    await settled(client.extend({}).get(url));
    await settled(client.extend({ name: 'cart' }).get(url));
    const names = events.filter(({ type }) => type === 'start').map(({ attempt }) => attempt.client);
    expect(names).toEqual(['shop', 'shop', 'cart']);
  });

  it('are functions in an array, and a name is a string', () => {
    expect(() => new RetryClient({ observers: [{}] as never })).toThrowError(
      TypeError,
      'observers[0] must be a function, not an object',
    );
    expect(() => new RetryClient({ observers: (() => undefined) as never })).toThrowError(
      TypeError,
      'observers must be an array, each item a function, not a function',
    );
    expect(() => new RetryClient({ name: 7 as never })).toThrowError(TypeError, 'name must be a string, not 7');
    expect(() => new RetryClient().get(url, { observers: [] } as never)).toThrowError(
      TypeError,
      'observers is an option of the client; extend() makes one that has it',
    );
  });

  it('that throw are reported, and disturb neither the request nor other observers', async () => {
    const reported: unknown[] = [];
    const before = config.onUnhandledError;
    config.onUnhandledError = (error) => reported.push(error);
    const { events, observer } = recorder();
    const bug = new Error('a bug');
    const fail = (): never => {
      throw bug;
    };
    try {
      const body = () => new Response('[1]', { headers: { 'content-type': 'application/json' } });
      const client = clientOf([fail, () => ({ next: fail, chunk: fail }), observer], 503, body);
      expect(await only(client.get(url, { selector: json() }))).toEqual([1]);
      await settled(timer(0));
    } finally {
      config.onUnhandledError = before;
    }
    expect(plot(events).length).toBe(7);
    // The observer that cannot be opened, seven events, and one chunk.
    expect(reported).toEqual(Array(9).fill(bug));
  });

  describe('that end the request', () => {
    const leaving = (at: string) => {
      const stop$ = new Subject<void>();
      const first = recorder();
      const second = recorder();
      const client = clientOf(
        [
          first.observer,
          () => {
            if (at === 'opening') stop$.next();
            return {
              next: ({ type }) => {
                if (type === at) stop$.next();
              },
            };
          },
          second.observer,
        ],
        503,
        200,
      );
      const all = listen(client.attempts$);
      return { stop$, first, second, client, all };
    };

    it('when they are opened let it end without an attempt, and all hear it', async () => {
      const { stop$, first, second, client, all } = leaving('opening');
      await settled(client.get(url).pipe(takeUntil(stop$)));
      for (const { events } of [first, second, { events: all }]) expect(plot(events)).toEqual(['cancel 1']);
      client.close();
    });

    for (const [at, lines] of [
      ['start', ['start 1', 'cancel 1']],
      ['response', ['start 1', 'response 1', 'cancel 1']],
      ['retry', ['start 1', 'response 1', 'retry 1', 'cancel 1']],
    ] as const) {
      it(`about a ${at} leave all with the same order of events`, async () => {
        const { stop$, first, second, client, all } = leaving(at);
        await settled(client.get(url).pipe(takeUntil(stop$)));
        for (const { events } of [first, second, { events: all }]) {
          expect(plot(events)).toEqual([...lines]);
        }
        expect(findSequenceViolation(all)).toBeUndefined();
      });
    }

    it('by closing the client make it fail with the reason closed', async () => {
      const { events, observer } = recorder();
      const client: RetryClient = clientOf([
        observer,
        () => {
          client.close();
          return undefined;
        },
      ]);
      await failureOf(client.get(url));
      expect(plot(events)).toEqual(['failure 1 closed']);
    });
  });

  it('hear of requests that are never sent: aborted, of a closed client, or rejected', async () => {
    const { events, observer } = recorder();
    const closedGate = defineGate({
      name: 'shut',
      admit: () => {
        throw new Error('shut');
      },
    });
    const client = clientOf([observer]);
    await failureOf(client.get(url, { signal: AbortSignal.abort(new Error('left')) }));
    await failureOf(client.get(url, { strategy: { gates: [closedGate] } }));
    client.close();
    await failureOf(client.get(url));
    expect(plot(events)).toEqual(['failure 1 aborted', 'failure 1 permanent', 'failure 1 closed']);
  });

  it('are called before gates', async () => {
    const order: string[] = [];
    const gate = defineGate({ name: 'gate', admit: () => void order.push('gate') });
    const client = clientOf([() => void order.push('observer')], 200);
    await settled(client.get(url, { strategy: { gates: [gate] } }));
    expect(order).toEqual(['observer', 'gate']);
  });

  it('may return what is no listener', async () => {
    const requests: ObservedRequest[] = [];
    const keeping = (request: ObservedRequest) => requests.push(request) as unknown as undefined;
    const { values } = await settled(clientOf([keeping], 200).get(url));

    expect(values.length).toBe(1);
    expect(requests.length).toBe(1);
  });

  it('that return nothing cost no events', async () => {
    const spy = jasmine.createSpy().and.returnValue(undefined);
    const client = clientOf([spy], 200);
    await settled(client.get(url));
    expect(spy).toHaveBeenCalledTimes(1);
  });
});

describe('The total of the last event', () => {
  const totals = (events: readonly Event[]) =>
    events.flatMap((event) => ('total' in event ? [`${event.type} ${String(event.total)}`] : []));

  it('is the time since subscribing, over attempts and waits', () => {
    inVirtualTime(({ flush }) => {
      const { events, observer } = recorder();
      const answers = network(after(5, 503), after(3), after(2, 503));
      const client = new RetryClient({
        observers: [observer],
        interceptors: [answers.interceptor],
        strategy: { backoff: constant(10), attempts: 2 },
      });
      client.get(url).subscribe();
      flush();
      client.get(url).subscribe();
      flush();
      expect(totals(events)).toEqual(['success 18', 'failure 14']);
    });
  });

  it('counts the time that a gate held the first attempt', () => {
    inVirtualTime(({ flush }) => {
      const { events, observer } = recorder();
      const client = new RetryClient({
        observers: [observer],
        interceptors: [network(after(7)).interceptor],
        strategy: { gates: [concurrencyLimit({ max: 1 })], attempts: 1 },
      });
      client.get(url).subscribe({ error: () => undefined });
      client.get(url).subscribe({ error: () => undefined });
      flush();
      expect(asyncScheduler.now()).toBe(14);
      expect(totals(events).map((line) => line.split(' ')[1])).toEqual(['7', '14']);
    });
  });

  it('is that of the wait, too, when a request is left then', () => {
    inVirtualTime(({ flush }) => {
      const { events, observer } = recorder();
      const client = new RetryClient({
        observers: [observer],
        interceptors: [network(503).interceptor],
        strategy: { backoff: constant(100) },
      });
      client
        .get(url)
        .pipe(takeUntil(timer(30)))
        .subscribe();
      flush();
      expect(totals(events)).toEqual(['cancel 30']);
    });
  });
});

describe('What observers hear of bodies', () => {
  let api: TestServer;
  beforeAll(async () => {
    api = await testServer();
  });
  afterAll(() => api.close());

  /** Sends a request, and returns the text of what an observer heard of its bodies. */
  async function heard(key: string, answer: Step, send: (client: RetryClient, url: string) => Promise<unknown>) {
    let body = '';
    const decoder = new TextDecoder();
    const client = new RetryClient({
      observers: [
        () => ({
          chunk: (part) => {
            body += decoder.decode(part, { stream: true });
          },
        }),
      ],
      strategy: noDelay,
    });
    await send(client, api.url(key, answer));
    return body;
  }

  it('is what selectors read: whole, in parts, or as a stream', async () => {
    const read = { getJSON: { json: { a: 1 } }, text: { body: 'tea' }, chunks: { chunks: ['te', 'a'], chunkDelay: 5 } };
    expect(await heard('json', read.getJSON, (client, target) => only(client.getJSON(target)))).toBe('{"a":1}');
    expect(await heard('text', read.text, (client, target) => only(client.get(target, { selector: text() })))).toBe(
      'tea',
    );
    expect(await heard('bytes', read.chunks, (client, target) => only(client.get(target, { selector: bytes() })))).toBe(
      'tea',
    );
    expect(
      await heard('chunks', read.chunks, (client, target) => settled(client.get(target, { selector: chunks() }))),
    ).toBe('tea');
  });

  it('comes before the selector is done, part by part, also of a body that breaks off', async () => {
    const parts: string[] = [];
    const client = new RetryClient({
      observers: [() => ({ chunk: (part) => parts.push(new TextDecoder().decode(part)) })],
      strategy: { ...noDelay, attempts: 2 },
    });
    const target = api.url('broken', [{ chunks: ['half'], cut: 'in-body' }, { body: 'whole' }]);
    expect(await only(client.get(target, { selector: text() }))).toBe('whole');
    // A browser may drop what arrived right before the cut.
    expect(parts.join('')).toMatch(/^(?:half)?whole$/);
  });

  it('is nothing without a selector', async () => {
    expect(
      await heard('unread', { body: 'tea' }, async (client, target) => (await only(client.get(target))).text()),
    ).toBe('');
  });

  it('is the body of a status error, once', async () => {
    const read = await heard('error', { status: 404, body: 'no tea' }, (client, target) =>
      failureOf(client.getJSON(target)),
    );
    expect(read).toBe('no tea');
  });

  it('is nothing after the request was left', async () => {
    const chunk = jasmine.createSpy();
    const client = new RetryClient({ observers: [() => ({ chunk })] });
    client
      .get(url, { selector: () => NEVER })
      .subscribe()
      .unsubscribe();
    await settled(timer(5));
    expect(chunk).not.toHaveBeenCalled();
  });
});
