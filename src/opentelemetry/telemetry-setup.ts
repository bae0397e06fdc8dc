import { type MeterProvider, metrics, propagation, trace, type Tracer, type TracerProvider } from '@opentelemetry/api';

import type { HttpAttempt } from '../retry/attempt.js';
import { runAndReportErrors } from '../util/report-errors.js';
import { createInstruments, type Instruments } from './instruments.js';
import { knownMethods } from './known-methods.js';
import { checkTelemetryOptions, type TelemetryOptions } from './options.js';

/** The name of the instrumentation scope. */
const SCOPE = 'rxjs-retry-client';

/** What each provider measures with, for all clients together: they count the requests under way in common. */
const INSTRUMENTS = new WeakMap<MeterProvider, Instruments | undefined>();

/** The API's own provider, which stands for one that may be registered later. */
interface ProxyProvider extends TracerProvider {
  getDelegate?(): TracerProvider;
  getDelegateTracer?(name: string): unknown;
}

/** Returns the tracer of an SDK; `undefined` if none is registered. */
function tracerOf(provider: ProxyProvider): Tracer | undefined {
  const isWithoutSdk = provider.getDelegateTracer !== undefined && provider.getDelegateTracer(SCOPE) === undefined;
  return isWithoutSdk ? undefined : provider.getTracer(SCOPE);
}

/** The page's own origin; `undefined` where there is no page. */
function ownOrigin(): string | undefined {
  return (globalThis as { location?: { origin?: string } }).location?.origin;
}

/**
 * What the options of {@link telemetry} say, and what they are used with. The providers are looked up for each request,
 * because an SDK may be registered after the client was made.
 */
export class TelemetrySetup {
  readonly options: TelemetryOptions;
  readonly hasRequestSpan: boolean;
  readonly suppressesTransport: boolean;
  readonly knownMethods: ReadonlySet<string> = knownMethods();
  #tracerSource: TracerProvider | undefined;
  #tracer: Tracer | undefined;
  #meterProvider: MeterProvider | undefined;
  #instruments: Instruments | undefined;

  /** @throws TypeError or RangeError that names the bad option */
  constructor(options: TelemetryOptions) {
    checkTelemetryOptions(options);
    this.options = { ...options };
    this.hasRequestSpan = options.requestSpan ?? true;
    this.suppressesTransport = options.suppressTransportSpans ?? true;
  }

  /** Makes the spans; `undefined` without an SDK. */
  get tracer(): Tracer | undefined {
    const provider: ProxyProvider = this.options.tracerProvider ?? trace.getTracerProvider();
    const source = provider.getDelegate?.() ?? provider;
    if (source !== this.#tracerSource) {
      this.#tracerSource = source;
      this.#tracer = tracerOf(provider);
    }
    return this.#tracer;
  }

  /** Measures; `undefined` without an SDK, or if metrics are off. */
  get instruments(): Instruments | undefined {
    if (this.options.metrics === false) return undefined;
    const provider = this.options.meterProvider ?? metrics.getMeterProvider();
    if (provider !== this.#meterProvider) {
      this.#meterProvider = provider;
      this.#instruments = INSTRUMENTS.get(provider) ?? createInstruments(provider.getMeter(SCOPE));
      INSTRUMENTS.set(provider, this.#instruments);
    }
    return this.#instruments;
  }

  /** Whether there is nothing to do: no SDK is registered, and no propagator. */
  get isIdle(): boolean {
    return !this.tracer && !this.instruments && propagation.fields().length === 0;
  }

  /** Whether the trace context is sent to a URL. */
  propagatesTo(url: string): boolean {
    const { propagate } = this.options;
    if (typeof propagate === 'boolean') return propagate;
    const own = ownOrigin();
    if (!propagate && own === undefined) return true;
    let result = false;
    runAndReportErrors(() => {
      const parsed = new URL(url);
      result = propagate ? propagate(parsed) : parsed.origin === own;
    });
    return result;
  }

  /** The template of an attempt's path. */
  templateOf(attempt: HttpAttempt | undefined): string | undefined {
    const { urlTemplate } = this.options;
    let template: unknown;
    if (urlTemplate && attempt) {
      runAndReportErrors(() => {
        template = urlTemplate(attempt);
      });
    }
    return typeof template === 'string' && template !== '' ? template : undefined;
  }
}
