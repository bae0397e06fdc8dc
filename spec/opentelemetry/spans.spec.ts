import { context, propagation, SpanKind, trace, type Tracer } from '@opentelemetry/api';
import { StackContextManager } from '@opentelemetry/sdk-trace-web';
import { defer, EMPTY, first, map, mergeMap, of, Subject, take, tap, timer } from 'rxjs';

import {
  type ClientOptions,
  concurrencyLimit,
  constant,
  defineGate,
  hedging,
  HttpNetworkError,
  type Interceptor,
  RetryClient,
  text,
} from '../../src/index.js';
import { telemetry, type TelemetryOptions } from '../../src/opentelemetry/index.js';
import { failureOf, only, settled } from '../support/settled.js';
import { durationOf, endOf, parseTraceparent, TelemetryRecorder } from '../support/telemetry.js';
import { type TestServer, testServer } from '../support/test-server.js';

describe('Spans', () => {
  let server: TestServer;
  let recorder: TelemetryRecorder;

  beforeAll(async () => {
    server = await testServer();
  });
  afterAll(() => server.close());

  // A context manager without asynchronous contexts: what a browser has.
  beforeEach(() => {
    recorder = new TelemetryRecorder().register(new StackContextManager());
  });
  afterEach(async () => {
    expect(recorder.open).toEqual([]);
    await recorder.unregister();
  });

  const clientOf = (options: ClientOptions = {}, telemetryOptions?: TelemetryOptions): RetryClient =>
    new RetryClient({ timeout: 2_000, ...options, strategy: { backoff: constant(5), ...options.strategy } }).extend(
      telemetry(telemetryOptions),
    );

  it('are those of each sending, siblings in the span of their request', async () => {
    const url = server.url('siblings', [{ status: 503 }, { status: 500 }, { json: 1 }]);
    const caller = recorder.tracer.startSpan('caller');
    await context.with(trace.setSpan(context.active(), caller), () => only(clientOf().getJSON(url)));
    caller.end();

    const [request] = recorder.requests;
    const [first, second, third] = recorder.sends;
    expect(recorder.spans.length).toBe(5);
    expect(request!.name).toBe('request GET');
    expect(request!.parentSpanContext!.spanId).toBe(caller.spanContext().spanId);
    expect(recorder.sends.map(({ parentSpanContext }) => parentSpanContext!.spanId)).toEqual(
      Array(3).fill(request!.spanContext().spanId),
    );
    expect([first, second, third].map((span) => [span!.name, span!.kind, endOf(span!)])).toEqual([
      ['GET', SpanKind.CLIENT, 'error 503'],
      ['GET', SpanKind.CLIENT, 'error 500'],
      ['GET', SpanKind.CLIENT, 'ok'],
    ]);
    const { hostname, port } = new URL(url);
    expect(first!.attributes).toEqual({
      'http.request.method': 'GET',
      'server.address': hostname,
      'server.port': Number(port),
      'url.full': url,
      'http.response.status_code': 503,
      'error.type': '503',
      'rxjs_retry_client.attempt': 1,
    });
    expect(first!.status.message).toBeUndefined();
    expect(third!.attributes['http.request.resend_count']).toBe(2);
    expect(endOf(request!)).toBe('ok');
    expect(request!.attributes).toEqual({
      'url.full': url,
      'rxjs_retry_client.request_id': jasmine.any(String) as unknown as string,
      'rxjs_retry_client.attempts': 3,
      'rxjs_retry_client.sends': 3,
    });
    expect(request!.events.map(({ name, attributes }) => [name, attributes])).toEqual([
      ['retry', { 'rxjs_retry_client.delay': 0.005, 'error.type': '503' }],
      ['retry', { 'rxjs_retry_client.delay': 0.005, 'error.type': '500' }],
    ]);
  });

  it('are what the server gets as the parent, anew for each sending, after the interceptors of the application', async () => {
    const url = server.url('traceparent', [{ status: 503 }, { json: 1 }]);
    const stale: Interceptor = (request, next) => {
      const headers = new Headers(request.headers);
      headers.set('traceparent', '00-11111111111111111111111111111111-1111111111111111-01');
      return next({ ...request, headers });
    };
    const before = new Headers({ 'x-own': '1' });
    await only(clientOf({ interceptors: [stale] }).getJSON(url, { headers: before }));
    const sent = (await server.requests('traceparent')).map(({ headers }) => parseTraceparent(headers.traceparent));
    expect(sent.map(({ spanId, traceId }) => [spanId, traceId])).toEqual(
      recorder.sends.map((span) => [span.spanContext().spanId, span.spanContext().traceId]),
    );
    expect([...before.keys()]).toEqual(['x-own']);
  });

  it('are traces of their own without a span of the request, and then siblings in that of the caller', async () => {
    const client = clientOf({}, { requestSpan: false });
    await only(client.getJSON(server.url('alone', [{ status: 503 }, { json: 1 }])));
    expect(recorder.requests).toEqual([]);
    expect(new Set(recorder.sends.map((span) => span.spanContext().traceId)).size).toBe(2);

    const caller = recorder.tracer.startSpan('caller');
    const request = client.getJSON(server.url('child', [{ status: 503 }, { json: 1 }]));
    await context.with(trace.setSpan(context.active(), caller), () => only(request));
    caller.end();
    const children = recorder.sends.slice(2).map(({ parentSpanContext }) => parentSpanContext?.spanId);
    expect(children).toEqual([caller.spanContext().spanId, caller.spanContext().spanId]);
  });

  it('have no secret of a URL', async () => {
    const url = `${server.url('secret', { json: 1 })}?X-Amz-Signature=s3cret&sig=s3cret&Sig=shown&a=1`;
    const withUser = url.replace('://', '://me:s3cret@');
    await only(clientOf().getJSON(withUser));
    const shown = url.replace(/s3cret/g, 'REDACTED');
    expect(recorder.spans.map(({ attributes }) => attributes['url.full'])).toEqual([shown, shown]);

    const putBack: Interceptor = (request, next) => next({ ...request, url: withUser });
    await only(clientOf({ interceptors: [putBack] }).getJSON('http://elsewhere.invalid/'));
    expect(recorder.sends[1]!.attributes['url.full']).toBe(shown.replace('://', '://REDACTED:REDACTED@'));
    expect(JSON.stringify(recorder.spans.map(({ attributes }) => attributes))).not.toContain('s3cret');
  });

  it('have a known method, the original of another one, and a template instead of a path', async () => {
    const url = server.url('method', { status: 204 });
    const client = clientOf({}, { urlTemplate: ({ context: { route } }) => route as string | undefined });
    await only(client.request('PURGE', url, { context: { route: '/cache/{id}' } }));
    await only(client.get(`${url}?2`, { context: { route: '/users/{id}' } }));
    expect(recorder.spans.map(({ name }) => name)).toEqual([
      'HTTP /cache/{id}',
      'request HTTP /cache/{id}',
      'GET /users/{id}',
      'request GET /users/{id}',
    ]);
    const { attributes } = recorder.sends[0]!;
    expect(attributes['http.request.method']).toBe('_OTHER');
    expect(attributes['http.request.method_original']).toBe('PURGE');
    expect(attributes['url.template']).toBe('/cache/{id}');
  });

  it('record the headers that are listed, and no other', async () => {
    const url = server.url('headers', { json: 1, headers: { 'x-cache': 'hit', 'x-secret': '1' } });
    const client = clientOf({}, { requestHeaders: ['X-Tenant', 'x-absent'], responseHeaders: ['X-Cache'] });
    await only(client.getJSON(url, { headers: { 'x-tenant': 'acme', authorization: 'Bearer s3cret' } }));
    const { attributes } = recorder.sends[0]!;
    expect(Object.keys(attributes).filter((name) => name.includes('header'))).toEqual([
      'http.request.header.x-tenant',
      'http.response.header.x-cache',
    ]);
    expect(attributes['http.request.header.x-tenant']).toEqual(['acme']);
    expect(attributes['http.response.header.x-cache']).toEqual(['hit']);
  });

  it('end when a selector has read the body, and at the headers without one', async () => {
    const slowly = { chunks: ['1', ' '], chunkDelay: 80 };
    await only(clientOf().get(server.url('read', slowly), { selector: text() }));
    const response = await only(clientOf().get(server.url('unread', slowly)));
    expect(recorder.open).toEqual([]);
    expect(durationOf(recorder.sends[0]!)).toBeGreaterThan(70);
    const early = durationOf(recorder.sends[1]!);
    await response.text();
    expect(durationOf(recorder.sends[1]!)).toBe(early);
  });

  it('end at the headers of a response that shouldRetry takes its time to judge', async () => {
    const url = server.url('judged', [{ status: 503 }, { json: 1 }]);
    const judging = 200;
    const shouldRetry = () => timer(judging).pipe(map(() => undefined));
    await only(clientOf({ strategy: { shouldRetry } }).get(url));
    const sending = recorder.sends.reduce((sum, span) => sum + durationOf(span), 0);
    expect(durationOf(recorder.requests[0]!) - sending).toBeGreaterThan(2 * judging - 10);
  });

  it('of a final status are errors, whether the response is handed over or thrown', async () => {
    await only(clientOf().get(server.url('handed', { status: 404 })));
    const error = await failureOf(clientOf().getJSON(server.url('thrown', { status: 404, body: 'no' })));
    expect((error as Error).name).toBe('HttpStatusError');
    await only(clientOf({ strategy: { attempts: 2 } }).get(server.url('spent', { status: 503 })));
    expect(recorder.sends.map(endOf)).toEqual(['error 404', 'error 404', 'error 503', 'error 503']);
    expect(recorder.requests.map((span) => [endOf(span), span.attributes['rxjs_retry_client.failure_reason']])).toEqual(
      [
        ['ok', undefined],
        ['error 404', 'permanent'],
        ['error 503', 'attempts'],
      ],
    );
  });

  it('name the errors of the network, of time limits, of bodies and of selectors', async () => {
    const client = clientOf({ strategy: { attempts: 1 }, timeout: 60 });
    const failures = [
      client.get(server.refusedUrl),
      client.get(server.url('cut', { cut: 'before-headers' })),
      client.get(server.url('cut-body', { cut: 'in-body', bytes: 100_000 }), { selector: text() }),
      client.get(server.url('stall', { stall: 'headers' })),
      client.get(server.url('stall-body', { stall: 'body', bytes: 1_000 }), { selector: text() }),
      client.get(server.url('total', { stall: 'headers' }), { timeout: false, totalTimeout: 60 }),
      client.getJSON(server.url('malformed', { body: '{', headers: { 'content-type': 'application/json' } })),
      client.get(server.url('selector', { json: 1 }), {
        selector: () => {
          throw new Error('a bug, with a s3cret');
        },
      }),
      defer(() =>
        client.get(server.url('signal', { stall: 'headers' }), { timeout: false, signal: AbortSignal.timeout(60) }),
      ),
    ];
    for (const failure of failures) await failureOf(failure);
    const types = [
      'HttpNetworkError',
      'HttpNetworkError',
      'HttpNetworkError',
      'HttpTimeoutError',
      'HttpTimeoutError',
      'HttpTimeoutError',
      'HttpParseError',
      '_OTHER',
    ];
    expect(recorder.sends.slice(0, 8).map(endOf)).toEqual(types.map((type) => `error ${type}`));
    expect(recorder.requests.slice(0, 8).map(endOf)).toEqual(types.map((type) => `error ${type}`));
    expect(endOf(recorder.requests[8]!)).toBe('error HttpTimeoutError');
    expect(endOf(recorder.sends[8]!)).toBe('error HttpTimeoutError');
    expect(recorder.sends[0]!.attributes['http.response.status_code']).toBeUndefined();
    expect(recorder.sends[2]!.attributes['http.response.status_code']).toBe(200);
    expect(recorder.sends[3]!.status.message).toContain('no data received for 60 ms');
    expect(JSON.stringify(recorder.spans.map(({ status, events }) => [status, events]))).not.toContain('s3cret');
  });

  it('of what the caller leaves end at once, and are no errors', async () => {
    const client = clientOf();
    const left = client.get(server.url('left', { stall: 'headers' })).subscribe();
    await server.received('left');
    left.unsubscribe();
    const reading = new Subject<void>();
    const readingUrl = server.url('left-body', { stall: 'body', bytes: 1_000 });
    const body = client.get(readingUrl, { selector: (response) => (reading.next(), response.text()) }).subscribe();
    await only(reading.pipe(take(1)));
    body.unsubscribe();
    const controller = new AbortController();
    const aborted = failureOf(client.get(server.url('aborted', { stall: 'headers' }), { signal: controller.signal }));
    await server.received('aborted');
    controller.abort(new Error('the user went away'));
    await aborted;
    const closing = failureOf(client.get(server.url('closed', { stall: 'headers' })));
    await server.received('closed');
    client.close();
    await closing;
    await failureOf(client.get(server.url('too-late', { status: 200 })));

    expect(recorder.sends.map((span) => [endOf(span), span.attributes['rxjs_retry_client.cancelled']])).toEqual(
      Array(4).fill(['ok', true]),
    );
    expect(recorder.requests.map((span) => [endOf(span), span.attributes['rxjs_retry_client.failure_reason']])).toEqual(
      [
        ['ok', undefined],
        ['ok', undefined],
        ['ok', 'aborted'],
        ['ok', 'closed'],
        ['ok', 'closed'],
      ],
    );
  });

  it('of a request that is left between two attempts end with it', async () => {
    const client = clientOf({ strategy: { backoff: constant(60_000) } });
    const left = client.get(server.url('waiting', { status: 503 })).subscribe();
    await only(client.attempts$.pipe(first(({ type }) => type === 'retry')));
    expect(recorder.sends.map(endOf)).toEqual(['error 503']);
    left.unsubscribe();
    expect(recorder.requests.map((span) => [endOf(span), span.attributes['rxjs_retry_client.cancelled']])).toEqual([
      ['ok', true],
    ]);
  });

  it('of hedges say which one lost', async () => {
    const slow = server.url('slow', { stall: 'headers' });
    const fast = server.url('fast', { json: 1 });
    const client = clientOf({ strategy: { hedge: hedging({ after: 30 }) } });
    await only(client.getJSON([slow, fast]));
    const [lost, won] = recorder.sends.sort((one, other) => (one.attributes['url.full'] === slow ? -1 : +!other));
    expect(lost!.attributes).toEqual(
      jasmine.objectContaining({ 'url.full': slow, 'rxjs_retry_client.attempt': 1, 'rxjs_retry_client.lost': true }),
    );
    expect(won!.attributes).toEqual(
      jasmine.objectContaining({
        'url.full': fast,
        'rxjs_retry_client.attempt': 1,
        'rxjs_retry_client.hedge': true,
        'http.request.resend_count': 1,
      }),
    );
    expect([endOf(lost!), endOf(won!)]).toEqual(['ok', 'ok']);
    expect(won!.attributes['rxjs_retry_client.lost']).toBeUndefined();
    expect(recorder.requests[0]!.events.map(({ name, attributes }) => [name, attributes])).toEqual([
      ['hedge', { 'url.full': fast }],
    ]);
  });

  it('of hedges that failed before another won are errors, and no losers', async () => {
    const silent = server.url('silent', { stall: 'headers' });
    const busy = server.url('busy', { status: 503 });
    const late = server.url('late', { json: 1, delay: 350 });
    // The first reaches its time limit after 500 ms; the last, sent after 300 ms, answers after that.
    const client = clientOf({ timeout: 500, strategy: { hedge: hedging({ after: 300, max: 2 }) } });
    await only(client.getJSON([silent, busy, late]));
    const ends = new Map(recorder.sends.map((span) => [span.attributes['url.full'], endOf(span)]));
    expect(ends.get(busy)).toBe('error 503');
    expect(ends.get(silent)).toBe('error HttpTimeoutError');
    expect(ends.get(late)).toBe('ok');
    expect(recorder.sends.some(({ attributes }) => attributes['rxjs_retry_client.lost'] === true)).toBe(false);
  });

  it('tell of gates: what they held, and what they rejected', async () => {
    const limit = concurrencyLimit({ max: 1 });
    const client = clientOf({ strategy: { gates: [limit] } });
    const holder = client.get(server.url('holder', { stall: 'headers' })).subscribe();
    await server.received('holder');
    const held = only(client.get(server.url('held', { status: 204 })));
    holder.unsubscribe();
    await held;
    const request = recorder.requests[1]!;
    expect(request.events.map(({ name, attributes }) => [name, attributes])).toEqual([
      ['hold', { 'rxjs_retry_client.gate': 'concurrency-limit' }],
    ]);

    const closed = defineGate({ name: 'closed', admit: () => EMPTY });
    const error = await failureOf(clientOf({ strategy: { gates: [closed] } }).get('http://never.sent.invalid/'));
    expect((error as Error).name).toBe('GateRejectedError');
    const rejected = recorder.requests[2]!;
    expect(endOf(rejected)).toBe('error rejected');
    expect(rejected.attributes).toEqual(
      jasmine.objectContaining({
        'rxjs_retry_client.failure_reason': 'rejected',
        'rxjs_retry_client.gate': 'closed',
        'rxjs_retry_client.attempts': 0,
        'rxjs_retry_client.sends': 0,
      }),
    );
  });

  it('of a request that the platform redirects are one', async () => {
    const target = server.url('target', { json: 1 });
    const url = server.url('redirect', { redirect: target });
    await only(clientOf().getJSON(url));
    expect(
      recorder.sends.map(({ attributes }) => [attributes['url.full'], attributes['http.response.status_code']]),
    ).toEqual([[url, 200]]);
  });

  it('of an interceptor that sends again are each one, with what came before', async () => {
    const url = server.url('again', [{ status: 401, body: 'who?' }, { json: 1 }]);
    const again: Interceptor = (request, next) =>
      next(request).pipe(mergeMap((response) => (response.status === 401 ? next(request) : of(response))));
    await only(clientOf({ interceptors: [again] }).getJSON(url));
    expect(recorder.sends.map((span) => [endOf(span), span.attributes['http.request.resend_count']])).toEqual([
      ['error 401', undefined],
      ['ok', 1],
    ]);
    expect(recorder.sends.map(({ attributes }) => attributes['rxjs_retry_client.attempt'])).toEqual([1, 1]);
  });

  it('of a response that an interceptor makes anew end as those of the transport', async () => {
    const anew: Interceptor = (request, next) => next(request).pipe(map(({ body }) => new Response(body)));
    await only(clientOf({ interceptors: [anew] }).getJSON(server.url('anew', { json: 1 })));
    await only(clientOf({ interceptors: [anew] }).get(server.url('anew-unread', { json: 1 })));
    expect(recorder.sends.map(endOf)).toEqual(['ok', 'ok']);
  });

  it('of the application, opened in a selector or a subscriber, are in the context of the caller', async () => {
    const { tracer } = recorder;
    const open = (name: string) => {
      tracer.startSpan(name).end();
    };
    const selector = (response: Response) => {
      open('selector');
      return response.text();
    };
    const caller = tracer.startSpan('caller');
    await context.with(trace.setSpan(context.active(), caller), async () => {
      const read = settled(clientOf().get(server.url('selected', [{ status: 503 }, { json: 1 }]), { selector }));
      const emitted = settled(
        clientOf()
          .get(server.url('emitted', [{ status: 503 }, { json: 1 }]))
          .pipe(
            tap({
              next: () => {
                open('next');
              },
              complete: () => {
                open('complete');
              },
            }),
          ),
      );
      await Promise.all([read, emitted]);
    });
    caller.end();
    for (const name of ['selector', 'next', 'complete']) {
      expect(recorder.named(name).parentSpanContext?.spanId).withContext(name).toBe(caller.spanContext().spanId);
    }
  });

  it('of the application are in the context of the caller in interceptors of every attempt, which lose it meanwhile', async () => {
    const { tracer } = recorder;
    const slow: Interceptor = (request, next) => {
      tracer.startSpan(`interceptor ${request.attempt.number}`).end();
      return timer(1).pipe(
        mergeMap(() => next(request)),
        mergeMap((response) => timer(1).pipe(map(() => response))),
      );
    };
    const selector = (response: Response) => {
      tracer.startSpan('selector').end();
      return response.text();
    };
    const client = clientOf({ interceptors: [slow] });
    const caller = tracer.startSpan('caller');
    const url = server.url('losing', [{ status: 503 }, { json: 1 }]);
    await context.with(trace.setSpan(context.active(), caller), () => settled(client.get(url, { selector })));
    caller.end();
    for (const name of ['interceptor 1', 'interceptor 2', 'selector']) {
      expect(recorder.named(name).parentSpanContext?.spanId).withContext(name).toBe(caller.spanContext().spanId);
    }
  });

  it('are the same if telemetry() is there twice', async () => {
    const client = clientOf().extend(telemetry());
    await only(client.getJSON(server.url('twice', [{ status: 503 }, { json: 1 }])));
    expect(recorder.spans.length).toBe(3);
    const sent = await server.requests('twice');
    expect(sent.map(({ headers }) => parseTraceparent(headers.traceparent).spanId)).toEqual(
      recorder.sends.map((span) => span.spanContext().spanId),
    );
  });

  it('are the same wherever telemetry() stands among the options: interceptors run before it, and are traced', async () => {
    const url = server.url('first', { json: 1 });
    const instrumented: Interceptor = (request, next) => {
      recorder.tracer.startSpan('interceptor').end();
      return next({ ...request, headers: new Headers({ traceparent: 'stale' }), url: `${url}?b=2` });
    };
    const client = clientOf().extend({ interceptors: [instrumented] });
    await only(client.getJSON(url));
    expect(recorder.sends.map(({ attributes }) => attributes['url.full'])).toEqual([`${url}?b=2`]);
    expect(recorder.named('interceptor').parentSpanContext).toBeUndefined();
    const [sent] = await server.requests('first');
    expect(parseTraceparent(sent!.headers.traceparent).spanId).toBe(recorder.sends[0]!.spanContext().spanId);
    expect(Object.keys(telemetry())).toEqual(['observers']);
  });

  it('are made by the SDK that is registered after the client was made, and by one that is given', async () => {
    await recorder.unregister();
    const client = clientOf();
    await only(client.getJSON(server.url('before', { json: 1 })));
    recorder.register(new StackContextManager());
    await only(client.getJSON(server.url('after', { json: 1 })));
    expect(recorder.spans.length).toBe(2);

    const own = new TelemetryRecorder();
    await only(clientOf({}, { tracerProvider: own.tracerProvider }).getJSON(server.url('own', { json: 1 })));
    expect([recorder.spans.length, own.spans.length]).toEqual([2, 2]);
  });

  it('are not made where the caller suppresses tracing, and no trace context is sent', async () => {
    const { suppressTracing } = await import('@opentelemetry/core');
    await context.with(suppressTracing(context.active()), () =>
      only(clientOf().getJSON(server.url('suppressed', [{ status: 503 }, { json: 1 }]))),
    );
    expect(recorder.spans).toEqual([]);
    for (const { headers } of await server.requests('suppressed')) expect(headers.traceparent).toBeUndefined();
  });

  it('send no trace context to other origins in a browser, and everywhere in Node, unless propagate says so', async () => {
    const isBrowser = typeof document !== 'undefined';
    const sent = async (name: string, propagate?: TelemetryOptions['propagate']) => {
      const client = clientOf({ strategy: { attempts: 1 } }, { propagate });
      await only(client.getJSON(server.url(name, { json: 1 })));
      await only(client.getJSON(server.otherUrl(`other-${name}`, { json: 1 })));
      const logged = [await server.requests(name), await server.requests(`other-${name}`)];
      return logged.map(([request]) => request!.headers.traceparent !== undefined);
    };
    expect(await sent('default')).toEqual([true, !isBrowser]);
    expect(await sent('never', false)).toEqual([false, false]);
    expect(await sent('some', ({ origin }) => origin === server.origin)).toEqual([true, false]);
  });

  it('are not disturbed by what the application gives: a template, a propagator or a filter that throws', async () => {
    const errors: unknown[] = [];
    const { config } = await import('rxjs');
    config.onUnhandledError = (error) => errors.push(error);
    propagation.disable();
    propagation.setGlobalPropagator({
      fields: () => ['bad header'],
      inject: (_context, carrier, setter) => {
        setter.set(carrier, 'bad header', 'x');
      },
      extract: (given) => given,
    });
    const thrower = () => {
      throw new Error('a bug');
    };
    await only(clientOf({}, { urlTemplate: thrower }).getJSON(server.url('thrower', { json: 1 })));
    await only(clientOf({}, { propagate: thrower }).getJSON(server.url('filter', { json: 1 })));
    await new Promise((resolve) => setTimeout(resolve, 5));
    config.onUnhandledError = null;
    expect(errors.length).toBeGreaterThanOrEqual(3);
    expect(recorder.sends.map(endOf)).toEqual(['ok', 'ok']);
  });

  it('are not made, and no request is disturbed, when a provider throws', async () => {
    const errors: unknown[] = [];
    const { config } = await import('rxjs');
    config.onUnhandledError = (error) => errors.push(error);
    const getTracer = () => {
      throw new Error('a bug');
    };
    const { values } = await settled(
      clientOf({}, { tracerProvider: { getTracer } }).getJSON(server.url('provider', { json: 1 })),
    );
    await new Promise((resolve) => setTimeout(resolve, 5));
    config.onUnhandledError = null;

    expect(values).toEqual([1]);
    expect(errors).toEqual([new Error('a bug')]);
    expect(recorder.spans).toEqual([]);
  });

  it('end, and disturb no request, when a span processor throws at their end', async () => {
    const errors: unknown[] = [];
    const { config } = await import('rxjs');
    config.onUnhandledError = (error) => errors.push(error);
    const ended: string[] = [];
    const tracer: Tracer = trace.getTracer('that throws');
    const throwing = {
      startSpan: (...args: Parameters<Tracer['startSpan']>) => {
        const span = tracer.startSpan(...args);
        const end = span.end.bind(span);
        span.end = (time) => {
          ended.push(args[0]);
          end(time);
          throw new Error('a bug');
        };
        return span;
      },
    };
    const tracerProvider = { getTracer: () => throwing as unknown as Tracer };
    const client = clientOf({ strategy: { attempts: 2 } }, { tracerProvider });
    const error = await failureOf(client.getJSON(server.refusedUrl));
    await new Promise((resolve) => setTimeout(resolve, 5));
    config.onUnhandledError = null;

    expect(error).toBeInstanceOf(HttpNetworkError);
    expect(ended).toEqual(['GET', 'GET', 'request GET']);
    expect(errors.length).toBe(3);
  });
});
