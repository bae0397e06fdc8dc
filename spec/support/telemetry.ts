import {
  type Attributes,
  type Context,
  context,
  type ContextManager,
  metrics,
  propagation,
  SpanKind,
  SpanStatusCode,
  trace,
  type Tracer,
} from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { BasicTracerProvider, type ReadableSpan, type SpanProcessor } from '@opentelemetry/sdk-trace-base';

/** One point of a metric. */
export interface Point {
  readonly attributes: Attributes;
  /** A sum, or the number of values and the boundaries of a histogram. */
  readonly value: number | { readonly count: number; readonly sum: number; readonly boundaries: readonly number[] };
  readonly unit: string;
}

/** An SDK that keeps what it is given. */
export class TelemetryRecorder implements SpanProcessor {
  /** The spans that have ended. */
  readonly spans: ReadableSpan[] = [];
  readonly tracerProvider: BasicTracerProvider = new BasicTracerProvider({ spanProcessors: [this] });
  readonly meterProvider: MeterProvider;
  readonly #reader: PeriodicExportingMetricReader;
  readonly #exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  readonly #open = new Set<string>();

  constructor() {
    this.#reader = new PeriodicExportingMetricReader({ exporter: this.#exporter, exportIntervalMillis: 2 ** 31 - 1 });
    this.meterProvider = new MeterProvider({ readers: [this.#reader] });
  }

  /** Makes it the global one, with the W3C propagator. */
  register(contextManager: ContextManager): this {
    trace.setGlobalTracerProvider(this.tracerProvider);
    metrics.setGlobalMeterProvider(this.meterProvider);
    propagation.setGlobalPropagator(new W3CTraceContextPropagator());
    context.setGlobalContextManager(contextManager.enable());
    return this;
  }

  async unregister(): Promise<void> {
    trace.disable();
    metrics.disable();
    propagation.disable();
    context.disable();
    await this.meterProvider.shutdown();
  }

  /** Makes the spans of an application. */
  get tracer(): Tracer {
    return this.tracerProvider.getTracer('the application');
  }

  /** The names of the spans that have started, and not ended. */
  get open(): string[] {
    return [...this.#open];
  }

  /** The spans of sendings. */
  get sends(): ReadableSpan[] {
    return this.spans.filter(({ kind }) => kind === SpanKind.CLIENT);
  }

  /** The spans of requests. */
  get requests(): ReadableSpan[] {
    return this.spans.filter(({ kind, name }) => kind === SpanKind.INTERNAL && name.startsWith('request '));
  }

  named(name: string): ReadableSpan {
    const span = this.spans.find((span) => span.name === name);
    if (!span) throw new Error(`no span "${name}" among ${this.spans.map((span) => span.name).join(', ')}`);
    return span;
  }

  /** The points of each metric. */
  async points(): Promise<Readonly<Record<string, readonly Point[]>>> {
    await this.#reader.forceFlush();
    const all = this.#exporter.getMetrics().at(-1)?.scopeMetrics ?? [];
    return Object.fromEntries(
      all
        .filter(({ scope }) => scope.name === 'rxjs-retry-client')
        .flatMap((scope) => scope.metrics)
        .map(({ descriptor, dataPoints }) => [
          descriptor.name,
          dataPoints.map(({ attributes, value }) => ({
            attributes,
            unit: descriptor.unit,
            value:
              typeof value === 'number'
                ? value
                : {
                    count: value.count,
                    sum: (value as { sum?: number }).sum ?? NaN,
                    boundaries: 'buckets' in value && 'boundaries' in value.buckets ? value.buckets.boundaries : [],
                  },
          })),
        ]),
    );
  }

  onStart(span: { readonly name: string; spanContext(): { spanId: string } }, _parent: Context): void {
    this.#open.add(`${span.name} ${span.spanContext().spanId}`);
  }

  onEnd(span: ReadableSpan): void {
    this.#open.delete([...this.#open].find((open) => open.endsWith(span.spanContext().spanId)) ?? '');
    this.spans.push(span);
  }

  forceFlush(): Promise<void> {
    return Promise.resolve();
  }

  shutdown(): Promise<void> {
    return Promise.resolve();
  }
}

/** How a span ended: `ok`, or its error. */
export function endOf({ attributes, status }: ReadableSpan): string {
  const type = attributes['error.type'];
  if ((status.code === SpanStatusCode.ERROR) !== (type !== undefined)) throw new Error('status and error.type differ');
  return status.code === SpanStatusCode.ERROR ? `error ${String(type)}` : 'ok';
}

/** The span id and the trace id of each `traceparent`. */
export function parseTraceparent(header: string | undefined): { traceId: string; spanId: string; flags: string } {
  const [, traceId, spanId, flags] = /^00-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})$/.exec(header ?? '') ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) {
    throw new Error(`no traceparent: ${String(header)}`);
  }
  return { traceId, spanId, flags };
}

/** Duration of a span, in ms. */
export function durationOf({ duration: [seconds, nanos] }: ReadableSpan): number {
  return seconds * 1_000 + nanos / 1_000_000;
}
