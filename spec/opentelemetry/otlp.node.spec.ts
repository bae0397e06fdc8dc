import { createServer, type IncomingMessage, type Server } from 'node:http';
import { gunzipSync } from 'node:zlib';

import { context, metrics, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import * as stable from '@opentelemetry/semantic-conventions';
import * as incubating from '@opentelemetry/semantic-conventions/incubating';

import { constant, RetryClient } from '../../src/index.js';
import { telemetry } from '../../src/opentelemetry/index.js';
import { only } from '../support/settled.js';
import { type TestServer, testServer } from '../support/test-server.js';

interface KeyValue {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

interface OtlpSpan {
  readonly name: string;
  readonly kind: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly attributes: readonly KeyValue[];
  readonly events: readonly { readonly name: string; readonly attributes: readonly KeyValue[] }[];
  readonly status: { readonly code?: number };
}

interface OtlpMetric {
  readonly name: string;
  readonly unit: string;
  readonly histogram?: {
    readonly dataPoints: readonly {
      readonly attributes: readonly KeyValue[];
      readonly explicitBounds: readonly number[];
      readonly count: number | string;
    }[];
  };
}

interface Scoped<Name extends string, Item> {
  readonly scope: { readonly name: string };
  readonly items?: Readonly<Record<Name, readonly Item[]>>;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  return (request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body).toString();
}

/** A collector that keeps what it receives. */
class Collector {
  readonly spans: OtlpSpan[] = [];
  readonly metrics: OtlpMetric[] = [];
  readonly scopes = new Set<string>();
  readonly #server: Server = createServer((request, response) => {
    void bodyOf(request).then((text) => {
      this.#read(JSON.parse(text) as never);
      response.setHeader('content-type', 'application/json').end('{}');
    });
  });

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${String((this.#server.address() as { port: number }).port)}`;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #read(message: {
    resourceSpans?: readonly { scopeSpans: readonly (Scoped<'spans', OtlpSpan> & { spans: OtlpSpan[] })[] }[];
    resourceMetrics?: readonly {
      scopeMetrics: readonly (Scoped<'metrics', OtlpMetric> & { metrics: OtlpMetric[] })[];
    }[];
  }): void {
    for (const { scopeSpans } of message.resourceSpans ?? []) {
      for (const { scope, spans } of scopeSpans) {
        this.scopes.add(scope.name);
        this.spans.push(...spans);
      }
    }
    for (const { scopeMetrics } of message.resourceMetrics ?? []) {
      for (const { scope, metrics } of scopeMetrics) {
        this.scopes.add(scope.name);
        this.metrics.push(...metrics);
      }
    }
  }
}

const keysOf = (attributes: readonly KeyValue[]) => attributes.map(({ key }) => key);

describe('Exported over OTLP', () => {
  let server: TestServer;
  const collector = new Collector();

  beforeAll(async () => {
    server = await testServer();
  });
  afterAll(async () => {
    collector.close();
    await server.close();
  });

  it('spans and metrics arrive at a collector, by the published names', async () => {
    const url = await collector.listen();
    const tracerProvider = new NodeTracerProvider({
      spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter({ url: `${url}/v1/traces` }))],
    });
    const meterProvider = new MeterProvider({
      readers: [new PeriodicExportingMetricReader({ exporter: new OTLPMetricExporter({ url: `${url}/v1/metrics` }) })],
    });
    tracerProvider.register({
      contextManager: new AsyncLocalStorageContextManager(),
      propagator: new W3CTraceContextPropagator(),
    });
    metrics.setGlobalMeterProvider(meterProvider);
    try {
      const client = new RetryClient({ name: 'shop', strategy: { backoff: constant(1) } }).extend(
        telemetry({ urlTemplate: () => '/price/{id}', responseHeaders: ['content-type'] }),
      );
      await only(client.getJSON(server.url('otlp', [{ status: 503 }, { json: 1 }])));
      await tracerProvider.forceFlush();
      await meterProvider.forceFlush();
    } finally {
      trace.disable();
      metrics.disable();
      context.disable();
      propagation.disable();
      await tracerProvider.shutdown();
      await meterProvider.shutdown();
    }

    expect([...collector.scopes]).toEqual(['rxjs-retry-client']);
    expect(collector.spans.map(({ name, kind, status }) => [name, kind, status.code ?? 0])).toEqual([
      ['GET /price/{id}', 3, 2],
      ['GET /price/{id}', 3, 0],
      ['request GET /price/{id}', 1, 0],
    ]);
    const [first, second, request] = collector.spans;
    expect([first!.parentSpanId, second!.parentSpanId]).toEqual([request!.spanId, request!.spanId]);
    expect(request!.events.map(({ name }) => name)).toEqual(['retry']);
    const sent = await server.requests('otlp');
    expect(sent.map(({ headers }) => headers.traceparent)).toEqual(
      [first, second].map((span) => `00-${span!.traceId}-${span!.spanId}-01`),
    );

    const published = new Set<unknown>([...Object.values(stable), ...Object.values(incubating)]);
    published.add(stable.ATTR_HTTP_RESPONSE_HEADER('content-type'));
    const used = [
      ...collector.spans.flatMap(({ attributes, events }) => [
        ...keysOf(attributes),
        ...events.flatMap((event) => keysOf(event.attributes)),
      ]),
      ...collector.metrics.flatMap(({ name, histogram }) => [
        name,
        ...(histogram?.dataPoints ?? []).flatMap(({ attributes }) => keysOf(attributes)),
      ]),
    ];
    expect(used.filter((name) => !published.has(name) && !name.startsWith('rxjs_retry_client.'))).toEqual([]);
    const duration = collector.metrics.find(({ name }) => name === stable.METRIC_HTTP_CLIENT_REQUEST_DURATION)!;
    expect(duration.unit).toBe('s');
    expect(duration.histogram!.dataPoints.map(({ count }) => Number(count))).toEqual([1, 1]);
    expect(duration.histogram!.dataPoints[0]!.explicitBounds[0]).toBe(0.005);
  });
});
