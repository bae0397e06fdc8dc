import { get as httpGet, type ServerResponse } from 'node:http';

import type { INestApplication } from '@nestjs/common';
import { from, map, merge, mergeMap, type Observable, Subject, tap, timer } from 'rxjs';

import { constant, defineGate, json, RetryClient, serverSentEvents, text } from '../../src/index.js';
import { readDeadline } from '../../src/nest/deadline-header.js';
import {
  deadlineInterceptor,
  type DeadlineOptions,
  HttpErrorFilter,
  requestDeadline,
  RetryClientModule,
  withoutDeadline,
} from '../../src/nest/index.js';
import { only } from '../support/settled.js';
import { testServer, type TestServer } from '../support/test-server.js';
import { ADAPTERS, controller, first, type Handler, startApp, stopApps } from './app.js';

/** Sends a GET that can be left. */
const leavable = (url: string) => {
  const request = httpGet(url);
  request.on('error', () => undefined);
  return () => {
    request.destroy();
  };
};

describe('deadlineInterceptor()', () => {
  let upstream: TestServer;

  beforeAll(async () => {
    upstream = await testServer();
  });

  afterAll(() => upstream.close());
  afterEach(() => stopApps());

  let keys = 0;
  /** An upstream that sends no headers. */
  const stuck = () => {
    const key = `stuck ${String((keys += 1))}`;
    return { key, target: upstream.url(key, { stall: 'headers' }) };
  };

  const appOf = (
    routes: Record<string, Handler>,
    options: DeadlineOptions = {},
    adapter: keyof typeof ADAPTERS = 'Express',
    setUp: (app: INestApplication) => void = () => undefined,
  ) =>
    startApp(
      {
        imports: [RetryClientModule.forRoot({ strategy: { backoff: constant(10_000) }, log: false })],
        controllers: [controller(routes, RetryClient)],
      },
      adapter,
      (app) => {
        app.useGlobalInterceptors(deadlineInterceptor(options));
        app.useGlobalFilters(new HttpErrorFilter());
        setUp(app);
      },
    );

  for (const adapter of Object.keys(ADAPTERS) as (keyof typeof ADAPTERS)[]) {
    describe(`with ${adapter},`, () => {
      it('ends what is asked upstream at the deadline of the caller: 504', async () => {
        const { key, target } = stuck();
        const { url } = await appOf({ x: (client: RetryClient) => client.get(target) }, {}, adapter);
        const answer = await fetch(url('x'), { headers: { 'x-request-deadline': String(Date.now() + 150) } });

        expect(answer.status).toBe(504);
        expect((await upstream.ended(key)).aborted).toBeTrue();
      });

      it('cancels what is asked upstream when the caller leaves, of a handler with a promise', async () => {
        const { key, target } = stuck();
        const { url, logger } = await appOf(
          { x: async (client: RetryClient) => first(client.get(target)) },
          {},
          adapter,
        );
        const leave = leavable(url('x'));
        await upstream.received(key);
        leave();

        expect((await upstream.ended(key)).aborted).toBeTrue();
        expect(logger.lines.filter((line) => line.startsWith('error'))).toEqual([]);
      });

      it('cancels a wait for a retry when the caller leaves', async () => {
        const failing = upstream.url(`failing ${adapter}`, { status: 503 });
        const { app, url } = await appOf({ x: (client: RetryClient) => client.get(failing) }, {}, adapter);
        const ends$ = new Subject<string>();
        const waits$ = new Subject<void>();
        app.get(RetryClient).attempts$.subscribe((event) => {
          if (event.type === 'retry') waits$.next();
          if (event.type === 'failure') ends$.next(event.reason);
        });
        const waits = first(waits$);
        const end = first(ends$);
        const leave = leavable(url('x'));
        await waits;
        leave();

        expect(await end).toBe('aborted');
      });

      it('cancels what a stream of events reads upstream when its caller leaves, and does not cut it by the default', async () => {
        const key = `events ${adapter}`;
        const target = upstream.url(key, {
          chunks: ['data: 1\n\n'],
          stall: 'body',
          headers: { 'content-type': 'text/event-stream' },
        });
        const ended$ = new Subject<string>();
        const { url } = await appOf(
          {
            sse: (client: RetryClient) =>
              client.get(target, { selector: serverSentEvents() }).pipe(
                tap({
                  complete: () => {
                    ended$.next('complete');
                  },
                  error: () => {
                    ended$.next('error');
                  },
                }),
              ),
          },
          { default: 50 },
          adapter,
        );
        const ended = first(merge(ended$, timer(150).pipe(map(() => 'goes on'))));
        const leaving = new AbortController();
        const answer = await fetch(url('sse'), { signal: leaving.signal });
        const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
        let read = '';
        while (!read.includes('data: 1')) read += (await reader.read()).value!;
        expect(await ended).toBe('goes on');
        leaving.abort();

        expect((await upstream.ended(key)).aborted).toBeTrue();
      });

      it('leaves what goes on after the response alone', async () => {
        const target = upstream.url(`after ${adapter}`, { body: 'written', delay: 50 });
        const written$ = new Subject<string>();
        const { url } = await appOf(
          {
            x: (client: RetryClient) => {
              client.get(target, { selector: text() }).subscribe(written$);
              return 'ok';
            },
          },
          {},
          adapter,
        );
        const written = first(written$);
        await (await fetch(url('x'))).text();

        expect(await written).toBe('written');
      });
    });
  }

  it('ends at once, and sends nothing, when the deadline is over before', async () => {
    const target = upstream.url('over', { body: 'x' });
    const { url } = await appOf({ x: (client: RetryClient) => client.get(target) });
    const answer = await fetch(url('x'), { headers: { 'x-request-deadline': new Date(Date.now() - 1).toISOString() } });

    expect(answer.status).toBe(504);
    expect(await upstream.requests('over')).toEqual([]);
  });

  it('reads grpc-timeout, and milliseconds', async () => {
    const seen: (number | undefined)[] = [];
    const look = {
      x: () => {
        seen.push(requestDeadline()?.timeLeft);
        return 'ok';
      },
    };
    const grpc = await appOf(look, { header: 'Grpc-Timeout' });
    await fetch(grpc.url('x'), { headers: { 'grpc-timeout': '3S' } });
    const timeout = await appOf(look, { header: 'x-timeout-ms', format: 'timeout' });
    await fetch(timeout.url('x'), { headers: { 'x-timeout-ms': '700' } });

    expect(seen[0]).toBeGreaterThan(2_000);
    expect(seen[0]).toBeLessThanOrEqual(3_000);
    expect(seen[1]).toBeGreaterThan(500);
    expect(seen[1]).toBeLessThanOrEqual(700);
  });

  it('takes the default without a readable header, and at most max', async () => {
    const seen: (number | undefined)[] = [];
    const { url } = await appOf(
      {
        x: () => {
          seen.push(requestDeadline()?.timeLeft);
          return 'ok';
        },
      },
      { default: 1_000, max: 2_000 },
    );
    await fetch(url('x'));
    await fetch(url('x'), { headers: { 'x-request-deadline': 'soon' } });
    await fetch(url('x'), { headers: { 'x-request-deadline': '2999-01-01T00:00:00Z' } });

    expect(seen.map((ms) => Math.ceil((ms ?? 0) / 1_000))).toEqual([1, 1, 2]);
  });

  it('leaves a shorter totalTimeout of the request or its client, and the signal of the request', async () => {
    const limits: unknown[] = [];
    const controller = new AbortController();
    const { target } = stuck();
    const { url } = await appOf({
      own: async (client: RetryClient) => {
        await only(client.get(target, { totalTimeout: 20 })).catch((error: unknown) => limits.push(error));
        return 'ok';
      },
      client: async (client: RetryClient) => {
        await only(client.extend({ totalTimeout: 30 }).get(stuck().target)).catch((error: unknown) =>
          limits.push(error),
        );
        return 'ok';
      },
      signal: async (client: RetryClient) => {
        setTimeout(() => {
          controller.abort(new Error('mine'));
        }, 10);
        await only(client.get(stuck().target, { signal: controller.signal })).catch((error: unknown) =>
          limits.push(error),
        );
        return 'ok';
      },
    });
    const headers = { 'x-request-deadline': String(Date.now() + 5_000) };
    for (const path of ['own', 'client', 'signal']) await fetch(url(path), { headers });

    expect(limits).toEqual([
      jasmine.objectContaining({ limit: 20 }),
      jasmine.objectContaining({ limit: 30 }),
      new Error('mine'),
    ]);
  });

  it('counts the time that a handler has used before', async () => {
    const { target } = stuck();
    const { url } = await appOf({
      x: (client: RetryClient) => timer(100).pipe(mergeMap(() => client.get(target))),
    });
    const start = performance.now();
    const answer = await fetch(url('x'), { headers: { 'x-request-deadline': String(Date.now() + 200) } });

    expect(answer.status).toBe(504);
    expect(performance.now() - start).toBeLessThan(1_000);
  });

  it('still throws for bad options at once, and sends a request once', async () => {
    const target = upstream.url('once', { body: '[]' });
    const errors: unknown[] = [];
    const { url } = await appOf({
      x: (client: RetryClient) => {
        try {
          void client.get(target, { timeout: -1 });
        } catch (error) {
          errors.push(error);
        }
        return client.getJSON(target);
      },
    });
    await (await fetch(url('x'))).text();

    expect(errors).toEqual([jasmine.any(RangeError)]);
    expect((await upstream.requests('once')).length).toBe(1);
  });

  it('counts for every method, with a body or a list', async () => {
    const failures: string[] = [];
    const target = 'http://127.0.0.1:9/';
    const body = { a: 1 };
    const { url } = await appOf({
      x: async (client: RetryClient) => {
        const all = [
          client.request('QUERY', target),
          client.get(target),
          client.head(target),
          client.options(target),
          client.delete(target),
          client.post(target, body),
          client.put(target, body),
          client.patch(target, body),
          client.getJSON(target),
          client.requests([{ url: target }]),
        ];
        for (const request$ of all) {
          await only<unknown>(request$).catch((error: unknown) => failures.push((error as Error).name));
        }
        return 'ok';
      },
    });
    await fetch(url('x'), { headers: { 'x-request-deadline': '1' } });

    expect(failures).toEqual(Array<string>(10).fill('GatewayTimeoutException'));
  });

  it('counts for a request that was made at the start, and is subscribed to by the handler', async () => {
    const { target } = stuck();
    const shared = { request$: undefined as Observable<unknown> | undefined };
    const { app, url } = await appOf({ x: () => shared.request$ });
    shared.request$ = app.get(RetryClient).get(target);
    const answer = await fetch(url('x'), { headers: { 'x-request-deadline': String(Date.now() + 100) } });

    expect(answer.status).toBe(504);
  });

  it('keeps the deadlines of callers apart, also where a gate holds them', async () => {
    const target = upstream.url('apart', { body: '"x"', delay: 20 });
    const seen: string[] = [];
    const { app, url } = await appOf({
      x: (client: RetryClient) =>
        client.get(target, {
          selector: json(),
          strategy: {
            gates: [defineGate({ name: 'wait', admit: () => timer(10) })],
          },
        }),
    });
    app.get(RetryClient).attempts$.subscribe(({ type }) => {
      if (type === 'success') seen.push(type);
    });
    const answers = await Promise.all(
      [50, 5_000, 60, 5_000].map(async (ms, index) => {
        const deadline = index % 2 === 0 ? Date.now() - 1 : Date.now() + ms;
        return (await fetch(url('x'), { headers: { 'x-request-deadline': String(deadline) } })).status;
      }),
    );

    expect(answers).toEqual([504, 200, 504, 200]);
    expect(seen.length).toBe(2);
  });

  it('reaches the handler through other interceptors, and Observables that it returns', async () => {
    const seen: boolean[] = [];
    const note = () => {
      seen.push(requestDeadline() !== undefined);
      return 'ok';
    };
    const { url } = await appOf(
      {
        plain: note,
        promise: async () => {
          await first(timer(1));
          return note();
        },
        observable: () => timer(1).pipe(map(note)),
        deferred: () =>
          from(Promise.resolve()).pipe(
            mergeMap(() => timer(1)),
            map(note),
          ),
      },
      {},
      'Express',
      (app) =>
        app.useGlobalInterceptors({ intercept: (_, next) => next.handle().pipe(map((value: unknown) => value)) }),
    );
    for (const path of ['plain', 'promise', 'observable', 'deferred']) await fetch(url(path));

    expect(seen).toEqual([true, true, true, true]);
    expect(requestDeadline()).toBeUndefined();
  });

  it('does not reach what runs in withoutDeadline()', async () => {
    const { url } = await appOf({ x: () => ({ left: withoutDeadline(() => requestDeadline()?.timeLeft ?? 'none') }) });

    expect(await (await fetch(url('x'))).json()).toEqual({ left: 'none' });
  });

  it('does not reach an Observable of withoutDeadline(), though it is subscribed to within the deadline', async () => {
    const target = upstream.url('without', { body: 'x' });
    const { url } = await appOf({
      x: (client: RetryClient) => withoutDeadline(() => client.get(target, { selector: text() })),
    });
    const answer = await fetch(url('x'), { headers: { 'x-request-deadline': '1' } });

    expect([answer.status, await answer.text()]).toEqual([200, 'x']);
  });

  it('leaves no listener on responses behind', async () => {
    const counts: number[] = [];
    const { url } = await appOf({ x: () => 'ok' }, {}, 'Express', (app) => {
      app.use((_request: unknown, response: ServerResponse, next: () => void) => {
        response.on('close', () => {
          setImmediate(() => counts.push(response.listenerCount('close')));
        });
        next();
      });
    });
    await (await fetch(url('x'))).text();
    await first(timer(20));

    expect(counts).toEqual([1]);
  });

  it('names a bad option', () => {
    const call = (options: object) => () => deadlineInterceptor(options);

    expect(call({ header: 'a b' })).toThrowError(RangeError, /header/);
    expect(call({ format: 'epoch' })).toThrowError(RangeError, /format/);
    expect(call({ default: 0 })).toThrowError(TypeError, /default/);
    expect(call({ max: '5' })).toThrowError(TypeError, /max/);
    expect(call({ defualt: 5 })).toThrowError(TypeError, /unknown option "defualt"/);
  });
});

describe('readDeadline()', () => {
  const NOW = Date.parse('2026-11-29T12:00:00Z');

  const vectors = {
    deadline: [
      ['2026-11-29T12:00:01Z', 1_000],
      ['2026-11-29T13:00:01.5+01:00', 1_500],
      ['2026-11-29T11:59:59Z', 0],
      [String(NOW + 250), 250],
      [String(NOW / 1_000 + 2), 2_000],
      [String(NOW / 1_000 + 0.5), 500],
      [' 2026-11-29T12:00:01Z ', 1_000],
      ['0', 0],
      ['tomorrow', undefined],
      ['2026-11-29', undefined],
      ['2026-13-29T12:00:00Z', undefined],
      ['1e12', undefined],
      ['-5', undefined],
      ['Infinity', undefined],
      ['', undefined],
      ['1796000000000, 1796000000000', undefined],
    ],
    timeout: [
      ['250', 250],
      ['0', 0],
      ['1.5', undefined],
      ['0x10', undefined],
      ['9'.repeat(16), undefined],
    ],
    'grpc-timeout': [
      ['1H', 3_600_000],
      ['2M', 120_000],
      ['3S', 3_000],
      ['250m', 250],
      ['500u', 0.5],
      ['1000000n', 1],
      ['99999999H', 99_999_999 * 3_600_000],
      ['100000000S', undefined],
      ['3s', undefined],
      ['-3S', undefined],
      ['S', undefined],
      ['3 S', undefined],
    ],
  } as const;

  for (const [format, cases] of Object.entries(vectors)) {
    it(`reads ${format}, and nothing else`, () => {
      for (const [value, expected] of cases) {
        const ms = readDeadline(value, format as keyof typeof vectors, NOW);
        expect(ms === undefined ? undefined : Math.round(ms * 1e6) / 1e6)
          .withContext(value)
          .toBe(expected);
      }
      for (const value of [undefined, ['1'], 5, null]) {
        expect(readDeadline(value, format as keyof typeof vectors, NOW)).toBeUndefined();
      }
    });
  }
});
