import { context, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import {
  AggregationTemporality,
  AggregationType,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
  type ViewOptions,
} from '@opentelemetry/sdk-metrics';
import { concatMap, defer, finalize, firstValueFrom, from, mergeMap, tap, timer } from 'rxjs';

import {
  type ClientOptions,
  concurrencyLimit,
  constant,
  type Interceptor,
  json,
  lines,
  RetryClient,
  text,
  type Transport,
} from '../../src/index.js';
import { telemetry, type TelemetryOptions } from '../../src/opentelemetry/index.js';
import { nodeFetch } from '../../src/transports/node-fetch.js';
import { undiciFetch } from '../../src/transports/undici.js';
import { only, settled } from '../support/settled.js';
import { endOf, parseTraceparent, TelemetryRecorder } from '../support/telemetry.js';
import { type TestServer, testServer } from '../support/test-server.js';

const transports: readonly (readonly [name: string, make: () => Transport | undefined])[] = [
  ['fetch', () => undefined],
  ['nodeFetch()', () => nodeFetch()],
  ['undiciFetch()', () => undiciFetch()],
];

for (const [name, make] of transports) {
  describe(`Spans over ${name}, with asynchronous contexts and the instrumentation of undici`, () => {
    let server: TestServer;
    let recorder: TelemetryRecorder;
    let instrumentation: UndiciInstrumentation;

    beforeAll(async () => {
      server = await testServer();
    });
    afterAll(() => server.close());

    beforeEach(() => {
      recorder = new TelemetryRecorder().register(new AsyncLocalStorageContextManager());
      instrumentation = new UndiciInstrumentation();
      instrumentation.setTracerProvider(recorder.tracerProvider);
      instrumentation.setMeterProvider(recorder.meterProvider);
    });
    afterEach(async () => {
      expect(recorder.open).toEqual([]);
      instrumentation.disable();
      await recorder.unregister();
    });

    const clientOf = (options: ClientOptions = {}, telemetryOptions?: TelemetryOptions): RetryClient =>
      new RetryClient({
        fetch: make(),
        timeout: 2_000,
        ...options,
        strategy: { backoff: constant(5), ...options.strategy },
      }).extend(telemetry(telemetryOptions));

    const within = <T>(body: () => Promise<T>): Promise<T> =>
      recorder.tracer.startActiveSpan('caller', async (caller) => {
        try {
          return await body();
        } finally {
          caller.end();
        }
      });

    const open = (name: string): void => {
      recorder.tracer.startSpan(name).end();
    };

    const childrenOf = (parent: string): string[] => {
      const { spanId } = recorder.named(parent).spanContext();
      return recorder.spans.filter((span) => span.parentSpanContext?.spanId === spanId).map((span) => span.name);
    };

    it('are not made twice, and the server gets one traceparent, of the sending', async () => {
      const url = server.url('once', [{ status: 503 }, { status: 500, body: 'x' }, { json: 1 }]);
      await within(() => only(clientOf().getJSON(url)));
      expect(recorder.spans.map((span) => span.name)).toEqual(['GET', 'GET', 'GET', 'request GET', 'caller']);
      const sent = (await server.requests('once')).map(({ headers }) => parseTraceparent(headers.traceparent));
      expect(sent).toEqual(recorder.sends.map((span) => ({ ...parseTraceparent(headers(span.spanContext())) })));
      expect(childrenOf('caller')).toEqual(['request GET']);
      expect(childrenOf('request GET')).toEqual(['GET', 'GET', 'GET']);
    });

    it('of the application are exported, wherever they are opened, and belong to the caller', async () => {
      const signed: Interceptor = (request, next) =>
        from(
          timer(2).pipe(
            tap(() => {
              open(`interceptor ${request.attempt.number}`);
            }),
          ),
        ).pipe(concatMap(() => next(request)));
      const url = server.url('exported', [{ status: 503 }, { json: { a: 1 } }]);
      const selector = async (response: Response) => {
        open('selector');
        const value: unknown = await response.json();
        open('selector later');
        return value;
      };
      await within(() =>
        settled(
          clientOf({ interceptors: [signed] })
            .get(url, { selector })
            .pipe(
              tap({
                next: () => {
                  open('next');
                },
                complete: () => {
                  open('complete');
                },
              }),
              mergeMap(async () => {
                await Promise.resolve();
                open('later');
              }),
            ),
        ),
      );
      expect(childrenOf('caller').sort()).toEqual(
        [
          'complete',
          'interceptor 1',
          'interceptor 2',
          'later',
          'next',
          'request GET',
          'selector',
          'selector later',
        ].sort(),
      );
    });

    it('of an interceptor that stays active around its attempt do not hold those of the next attempt', async () => {
      const around: Interceptor = (request, next) =>
        defer(() =>
          recorder.tracer.startActiveSpan(`around ${request.attempt.number}`, (span) =>
            next(request).pipe(
              finalize(() => {
                span.end();
              }),
            ),
          ),
        );
      await within(() =>
        only(clientOf({ interceptors: [around] }).getJSON(server.url('around', [{ status: 503 }, { json: 1 }]))),
      );
      expect(childrenOf('caller').sort()).toEqual(['around 1', 'around 2', 'request GET']);
      expect(childrenOf('request GET')).toEqual(['GET', 'GET']);
      expect(childrenOf('around 1')).toEqual([]);
    });

    it('of a request that a gate held belong to its own caller, and not to that of the request before', async () => {
      const watch: Interceptor = (request, next) => {
        open(`interceptor ${String(new URL(request.url).searchParams.get('n'))}`);
        return next(request);
      };
      const client = clientOf({ interceptors: [watch], strategy: { gates: [concurrencyLimit({ max: 1 })] } });
      const selector = (response: Response) => {
        open(`selector ${new URL(response.url).searchParams.get('n')}`);
        return response.text();
      };
      const url = server.url('held', { json: 1, delay: 5 });
      const get = (n: number) =>
        recorder.tracer.startActiveSpan(`caller ${n}`, async (span) => {
          await only(client.get(`${url}?n=${n}`, { selector }));
          span.end();
        });
      await Promise.all([get(1), get(2)]);
      expect(childrenOf('caller 1').sort()).toEqual(['interceptor 1', 'request GET', 'selector 1']);
      expect(childrenOf('caller 2').sort()).toEqual(['interceptor 2', 'request GET', 'selector 2']);
    });

    it('of a body that is made while it is sent are exported', async () => {
      const body = async function* () {
        open('body');
        yield new TextEncoder().encode('a');
        await new Promise((resolve) => setTimeout(resolve, 2));
        open('body later');
        yield new TextEncoder().encode('b');
      };
      await within(() => only(clientOf().post(server.url('body', { status: 204 }), body)));
      expect(childrenOf('caller').sort()).toEqual(['body', 'body later', 'request POST']);
    });

    it('of a stream of lines are opened in the context of the caller, line by line, also on a used connection', async () => {
      const client = clientOf();
      for (const n of [1, 2]) {
        const url = server.url(`lines-${n}`, { chunks: ['a\n', 'b\n', 'c\n'], chunkDelay: 5 });
        await recorder.tracer.startActiveSpan(`caller ${n}`, async (caller) => {
          await settled(
            client.get(url, { selector: lines() }).pipe(
              tap((line) => {
                open(`${line}${n}`);
              }),
            ),
          );
          caller.end();
        });
        expect(childrenOf(`caller ${n}`).sort()).toEqual([`a${n}`, `b${n}`, `c${n}`, 'request GET']);
      }
    });

    it('are unsampled together with the trace of the caller, which is still passed on', async () => {
      const parent = { traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags: 0 };
      await context.with(trace.setSpanContext(context.active(), parent), () =>
        only(clientOf().getJSON(server.url('unsampled', { json: 1 }))),
      );
      expect(recorder.spans).toEqual([]);
      const [request] = await server.requests('unsampled');
      const { traceId, spanId, flags } = parseTraceparent(request!.headers.traceparent);
      expect([traceId, flags]).toEqual([parent.traceId, '00']);
      expect(spanId).not.toBe(parent.spanId);
    });

    it('of the transport itself are made where they are asked for, within those of the sending', async () => {
      if (name === 'nodeFetch()') return;
      const client = clientOf({}, { suppressTransportSpans: false, propagate: false });
      await only(client.getJSON(server.url('both', { json: 1 })));
      const [inner, outer] = recorder.sends;
      expect(inner!.parentSpanContext?.spanId).toBe(outer!.spanContext().spanId);
      const [request] = await server.requests('both');
      expect(parseTraceparent(request!.headers.traceparent).spanId).toBe(inner!.spanContext().spanId);
    });

    it('leave a duration to the instrumentation, which a view drops', async () => {
      const measure = async (key: string, views: ViewOptions[]) => {
        const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
        const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 1_000_000 });
        const meterProvider = new MeterProvider({ readers: [reader], views });
        instrumentation.setMeterProvider(meterProvider);
        await only(clientOf({}, { meterProvider }).getJSON(server.url(key, { json: 1 })));
        await reader.forceFlush();
        await meterProvider.shutdown();
        const scopes = exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics);
        return scopes
          .filter(({ metrics }) =>
            metrics.some(
              ({ descriptor, dataPoints }) =>
                descriptor.name === 'http.client.request.duration' && dataPoints.length > 0,
            ),
          )
          .map(({ scope }) => scope.name);
      };
      const dropped = {
        meterName: '@opentelemetry/instrumentation-undici',
        instrumentName: 'http.client.request.duration',
        aggregation: { type: AggregationType.DROP } as const,
      };
      const twice = new Set(await measure('measured', []));
      expect(twice).toContain('rxjs-retry-client');
      if (name !== 'nodeFetch()') expect(twice).toContain('@opentelemetry/instrumentation-undici');
      expect(new Set(await measure('measured-once', [dropped]))).toEqual(new Set(['rxjs-retry-client']));
    });

    it('end also if the consumer leaves after the first value, or reads with await', async () => {
      const client = clientOf();
      const url = server.url('await', { json: { a: 1 } });
      expect(await firstValueFrom(client.get(url, { selector: json() }), { defaultValue: 0 })).toEqual({ a: 1 });
      expect(await firstValueFrom(client.get(url, { selector: text() }), { defaultValue: 0 })).toBe('{"a":1}');
      await (await only(client.get(url))).text();
      expect(recorder.sends.map(endOf)).toEqual(['ok', 'ok', 'ok']);
    });
  });
}

/** The traceparent of a span. */
function headers({ traceId, spanId }: { traceId: string; spanId: string }): string {
  return `00-${traceId}-${spanId}-01`;
}

describe('Without an SDK', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await testServer();
  });
  afterAll(() => server.close());

  it('a client with telemetry works as without it, and sends no trace context', async () => {
    const client = new RetryClient({ strategy: { backoff: constant(0) } }).extend(telemetry());
    const url = server.url('plain', [{ status: 503 }, { json: { a: 1 } }]);
    expect(await only(client.getJSON(url))).toEqual({ a: 1 });
    for (const { headers } of await server.requests('plain')) expect(headers.traceparent).toBeUndefined();
  });

  it('a propagator alone passes on what the caller has', async () => {
    const { W3CBaggagePropagator } = await import('@opentelemetry/core');
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    propagation.setGlobalPropagator(new W3CBaggagePropagator());
    try {
      const baggage = propagation.createBaggage({ tenant: { value: 'acme' } });
      const client = new RetryClient({ strategy: { backoff: constant(0) } }).extend(telemetry());
      await context.with(propagation.setBaggage(context.active(), baggage), () =>
        only(client.getJSON(server.url('baggage', [{ status: 503 }, { json: 1 }]))),
      );
      const sent = await server.requests('baggage');
      expect(sent.map(({ headers }) => headers.baggage)).toEqual(['tenant=acme', 'tenant=acme']);
    } finally {
      context.disable();
      propagation.disable();
    }
  });
});
