import '@angular/compiler';
import {
  HttpClient,
  HttpContext,
  HttpContextToken,
  type HttpInterceptorFn,
  HttpResponse,
  provideHttpClient,
  withInterceptors,
} from '@angular/common/http';
import { TestBed } from '@angular/core/testing';
import { context, SpanKind, trace } from '@opentelemetry/api';
import { StackContextManager } from '@opentelemetry/sdk-trace-web';
import { EMPTY, map, NEVER, tap, timer } from 'rxjs';

import { attemptOf, provideRequestObservers, retryContext } from '../../src/angular/index.js';
import { telemetryInterceptor, type TelemetryOptions } from '../../src/angular/opentelemetry.js';
import { constant, defineGate, hedging } from '../../src/index.js';
import { telemetry } from '../../src/opentelemetry/index.js';
import { app, type Providers, retryingHttp } from '../support/angular-app.js';
import { angularNetwork, type AngularAnswer } from '../support/angular-network.js';
import { failureOf, settled } from '../support/settled.js';
import { endOf, parseTraceparent, TelemetryRecorder } from '../support/telemetry.js';

const url = '/api/users';
const strategy = { backoff: constant(1) };
const COUNT = new HttpContextToken(() => 0);

describe('telemetryInterceptor', () => {
  let recorder: TelemetryRecorder;

  beforeEach(() => {
    recorder = new TelemetryRecorder().register(new StackContextManager());
  });
  afterEach(async () => {
    expect(recorder.open).toEqual([]);
    await recorder.unregister();
  });

  const httpOf = (
    answers: readonly AngularAnswer[],
    {
      options,
      interceptors = [],
      providers = [],
    }: {
      options?: TelemetryOptions;
      interceptors?: readonly HttpInterceptorFn[];
      providers?: Providers;
    } = {},
  ) => {
    const network = angularNetwork(...answers);
    const http = retryingHttp(
      strategy,
      [telemetryInterceptor(options), ...interceptors, network.interceptor],
      ...providers,
    );
    return { http, network };
  };

  it('makes a span of each attempt in that of the request, from the first request on', async () => {
    // Angular's test bed has a page of its own, which is not that of the browser.
    const { http, network } = httpOf([503, 200, 500, 200], { options: { propagate: true } });
    const caller = recorder.tracer.startSpan('caller');
    await context.with(trace.setSpan(context.active(), caller), () => settled(http.get(url)));
    await settled(http.get(url));
    caller.end();

    expect(recorder.spans.map(({ name }) => name)).toEqual([
      'GET',
      'GET',
      'request GET',
      'GET',
      'GET',
      'request GET',
      'caller',
    ]);
    const [first, second] = recorder.requests;
    expect(first!.parentSpanContext?.spanId).toBe(caller.spanContext().spanId);
    for (const [index, request] of [first, second].entries()) {
      const sends = recorder.sends.slice(2 * index, 2 * index + 2);
      expect(sends.map(({ parentSpanContext }) => parentSpanContext?.spanId)).toEqual(
        Array(2).fill(request!.spanContext().spanId),
      );
      expect(sends.map(({ attributes }) => attributes['http.request.resend_count'])).toEqual([undefined, 1]);
      expect(sends.map(endOf)).toEqual([`error ${String(index === 0 ? 503 : 500)}`, 'ok']);
      expect(request!.events.map(({ name }) => name)).toEqual(['retry']);
      expect(request!.attributes['rxjs_retry_client.attempts']).toBe(2);
    }
    const sent = network.requests.map(
      ({ headers }) => parseTraceparent(headers.get('traceparent') ?? undefined).spanId,
    );
    expect(sent).toEqual(recorder.sends.map((span) => span.spanContext().spanId));
    const base = new URL(recorder.sends[0]!.attributes['url.full'] as string);
    expect(base.pathname).toBe('/api/users');
    expect(recorder.sends[0]!.kind).toBe(SpanKind.CLIENT);
    expect(recorder.sends[0]!.attributes['server.address']).toBe(base.hostname);
  });

  it('names the errors of Angular', async () => {
    const { http } = httpOf([404, new Error('no connection'), NEVER], {});
    await failureOf(http.get(url));
    await failureOf(http.get(url, { context: retryContext({ attempts: 1 }) }));
    await failureOf(http.get(url, { context: retryContext({ attempts: 1, timeout: 10 }) }));
    const ends = ['error 404', 'error HttpNetworkError', 'error HttpTimeoutError'];
    expect(recorder.sends.map(endOf)).toEqual(ends);
    expect(recorder.requests.map(endOf)).toEqual(ends);
  });

  it('disturbs no request when a provider throws', async () => {
    const errors: unknown[] = [];
    const { config } = await import('rxjs');
    config.onUnhandledError = (error) => errors.push(error);
    const getTracer = () => {
      throw new Error('a bug');
    };
    const { http } = httpOf([200, 200], { options: { tracerProvider: { getTracer } } });
    const { values } = await settled(http.get(url));
    const bare = await settled(http.get(url, { context: retryContext(false) }));
    await settled(timer(5));
    config.onUnhandledError = null;

    expect([values.length, bare.values.length]).toEqual([1, 1]);
    expect(errors).toEqual([new Error('a bug')]);
    expect(recorder.spans).toEqual([]);
  });

  it('ends the spans of a request that is left', async () => {
    const { http } = httpOf([NEVER]);
    const left = http.get(url).subscribe();
    await settled(timer(5));
    left.unsubscribe();
    expect(recorder.sends.map((span) => [endOf(span), span.attributes['rxjs_retry_client.cancelled']])).toEqual([
      ['ok', true],
    ]);
    expect(recorder.requests.map(endOf)).toEqual(['ok']);
  });

  it('delivers in the context of the caller, and calls the interceptors after it with tracing suppressed', async () => {
    const open = (name: string) => {
      recorder.tracer.startSpan(name).end();
    };
    const instrumented: HttpInterceptorFn = (request, next) => {
      open('a span of the transport');
      return next(request);
    };
    const { http } = httpOf([503, 200], { interceptors: [instrumented] });
    const caller = recorder.tracer.startSpan('caller');
    await context.with(trace.setSpan(context.active(), caller), () =>
      settled(
        http.get(url).pipe(
          tap(() => {
            open('next');
          }),
        ),
      ),
    );
    caller.end();
    expect(recorder.spans.map(({ name }) => name)).toEqual(['GET', 'GET', 'next', 'request GET', 'caller']);
    expect(recorder.named('next').parentSpanContext?.spanId).toBe(caller.spanContext().spanId);
  });

  it('leaves the spans of an interceptor that stands between retryInterceptor and it', async () => {
    const opening: HttpInterceptorFn = (request, next) => {
      recorder.tracer.startSpan('between').end();
      return next(request);
    };
    const network = angularNetwork(503, 200);
    const http = retryingHttp(strategy, [opening, telemetryInterceptor(), network.interceptor]);
    await settled(http.get(url));
    expect(recorder.spans.map(({ name }) => name)).toEqual(['between', 'GET', 'between', 'GET', 'request GET']);
  });

  it('traces a first request that is never sent, if its observer is provided', async () => {
    const closed = { gates: [defineGate({ name: 'closed', admit: () => EMPTY })] };
    const without = httpOf([200]);
    await failureOf(without.http.get(url, { context: retryContext(closed) }));
    expect(recorder.spans).toEqual([]);

    TestBed.resetTestingModule();
    const { http } = httpOf([200], { providers: [provideRequestObservers(telemetry().observers)] });
    await failureOf(http.get(url, { context: retryContext(closed) }));
    await settled(http.get(url));
    expect(recorder.spans.map(({ name }) => name)).toEqual(['request GET', 'GET', 'request GET']);
    expect(endOf(recorder.requests[0]!)).toBe('error rejected');
  });

  it('says which hedge lost', async () => {
    const slow = timer(60).pipe(map(() => new HttpResponse({ status: 200 })));
    const { http } = httpOf([slow, 200]);
    await settled(http.get(url, { context: retryContext({ hedge: hedging({ after: 5 }) }) }));
    expect(recorder.sends.map(({ attributes }) => attributes['rxjs_retry_client.hedge'] ?? false).sort()).toEqual([
      false,
      true,
    ]);
    const lost = recorder.sends.filter(({ attributes }) => attributes['rxjs_retry_client.lost'] === true);
    expect(lost.map(({ attributes }) => attributes['rxjs_retry_client.hedge'])).toEqual([undefined]);
    expect(lost.map(endOf)).toEqual(['ok']);
  });

  it('makes one span of a request that is not retried', async () => {
    const { http } = httpOf([503, 200]);
    await failureOf(http.get(url, { context: retryContext(false) }));
    expect(recorder.spans.map((span) => [span.name, endOf(span)])).toEqual([['GET', 'error 503']]);

    TestBed.resetTestingModule();
    const network = angularNetwork(200, NEVER);
    app(provideHttpClient(withInterceptors([telemetryInterceptor(), network.interceptor])));
    const bare = TestBed.inject(HttpClient);
    await settled(bare.get(url));
    bare.get(url).subscribe().unsubscribe();
    expect(
      recorder.sends.slice(1).map((span) => [endOf(span), span.attributes['rxjs_retry_client.cancelled']]),
    ).toEqual([
      ['ok', undefined],
      ['ok', true],
    ]);
  });

  it('measures, and does nothing without an SDK', async () => {
    const { http, network } = httpOf([503, 200]);
    await settled(http.get(url));
    const points = await recorder.points();
    expect(points['http.client.request.duration']!.length).toBe(2);
    expect(points['http.client.active_requests']!.map(({ value }) => value)).toEqual([0]);
    expect(points['rxjs_retry_client.retries']!.length).toBe(1);

    await recorder.unregister();
    await settled(http.get(url));
    expect(network.requests.at(-1)!.headers.has('traceparent')).toBe(false);
    expect(recorder.spans.length).toBe(3);
    recorder = new TelemetryRecorder().register(new StackContextManager());
  });
});

describe('attemptOf', () => {
  it('is the attempt that a request is sent for, and each hedge has its own', async () => {
    const seen: string[] = [];
    const watch: HttpInterceptorFn = (request, next) => {
      const attempt = attemptOf(request.clone({ setHeaders: { a: 'b' } }));
      seen.push(`${String(attempt?.number)} ${String((attempt as { hedge?: true }).hedge ?? false)}`);
      return next(request);
    };
    const network = angularNetwork(503, 503, 200);
    const http = retryingHttp(strategy, [watch, network.interceptor]);
    await settled(http.get(url, { context: retryContext({ hedge: hedging({ after: 5 }), attempts: 2 }) }));
    expect(seen).toEqual(['1 false', '1 true', '2 false']);
  });

  it('leaves the context shared: what an interceptor keeps in it is found in all attempts, and by the caller', async () => {
    const seen: number[] = [];
    const count: HttpInterceptorFn = (request, next) => {
      request.context.set(COUNT, request.context.get(COUNT) + 1);
      seen.push(request.context.get(COUNT));
      return next(request);
    };
    const http = retryingHttp(strategy, [count, angularNetwork(503, 503, 200).interceptor]);
    const shared = new HttpContext();
    await settled(http.get(url, { context: shared }));
    expect(seen).toEqual([1, 2, 3]);
    expect(shared.get(COUNT)).toBe(3);
    expect([...shared.keys()]).toContain(COUNT);
  });

  it('is undefined for a request that is not retried', async () => {
    const seen: unknown[] = [];
    const watch: HttpInterceptorFn = (request, next) => {
      seen.push(attemptOf(request));
      return next(request);
    };
    const http = retryingHttp(strategy, [watch, angularNetwork(200).interceptor]);
    await settled(http.get(url, { context: retryContext(false) }));
    expect(seen).toEqual([undefined]);
  });
});
