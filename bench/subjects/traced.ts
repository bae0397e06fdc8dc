// The client and bare fetch with the SDK of OpenTelemetry, as in a service: each request is made in the context of a span
// that is active, as that of the service's own request is. Each span is made, and exported to nobody.
import { context, metrics, trace } from '@opentelemetry/api';
import { registerInstrumentations } from '@opentelemetry/instrumentation';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import type { SpanProcessor } from '@opentelemetry/sdk-trace-base';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';

import type * as Package from '../../src/index.js';
import type * as OpenTelemetry from '../../src/opentelemetry/index.js';
import { type BenchContext, type Entry, fromObservable, fromPromise, type Send } from '../subject.js';

const nobody: SpanProcessor = {
  onStart: () => undefined,
  onEnd: () => undefined,
  forceFlush: () => Promise.resolve(),
  shutdown: () => Promise.resolve(),
};

function registerSdk(): void {
  new NodeTracerProvider({ spanProcessors: [nobody] }).register();
  metrics.setGlobalMeterProvider(new MeterProvider());
  if (trace.getTracer('bench').startSpan('a').isRecording()) return;
  throw new Error('The SDK does not record.');
}

/** Sends in the context of a span. Without it Node would not have to keep the context over promises and timers. */
function inActiveSpan(subject: (url: string) => Send): (url: string) => Send {
  const active = trace.setSpan(context.active(), trace.getTracer('bench').startSpan('a request to the service'));
  return (url) => {
    const send = subject(url);
    return (onDone, onError) => {
      context.with(active, () => {
        send(onDone, onError);
      });
    };
  };
}

async function createClient({ dist }: BenchContext, requestSpan: boolean): Promise<Package.RetryClient> {
  registerSdk();
  const { RetryClient } = (await import(`${dist}index.js`)) as typeof Package;
  const { telemetry } = (await import(`${dist}opentelemetry/index.js`)) as typeof OpenTelemetry;
  return new RetryClient().extend(telemetry({ requestSpan }));
}

/** A span for the request, and one for its sending. */
export const getTraced: Entry = async (context) => {
  const client = await createClient(context, true);
  return inActiveSpan(fromObservable((url) => client.get(url)));
};

/** A span for the sending alone, as instrumentation of the transport makes one. */
export const getTracedBySending: Entry = async (context) => {
  const client = await createClient(context, false);
  return inActiveSpan(fromObservable((url) => client.get(url)));
};

export const json: Entry = async (context) => {
  const client = await createClient(context, true);
  return inActiveSpan(fromObservable((url) => client.getJSON(url)));
};

export const jsonBySending: Entry = async (context) => {
  const client = await createClient(context, false);
  return inActiveSpan(fromObservable((url) => client.getJSON(url)));
};

/** Not traced, but within a span as the others are: what the platform takes to keep the context. */
export const jsonWithin: Entry = async ({ dist }) => {
  registerSdk();
  const { RetryClient } = (await import(`${dist}index.js`)) as typeof Package;
  const client = new RetryClient();
  return inActiveSpan(fromObservable((url) => client.getJSON(url)));
};

export const jsonOfFetchWithin: Entry = () => {
  registerSdk();
  return inActiveSpan(fromPromise(async (url) => (await fetch(url)).json()));
};

/** Bare fetch, which undici's own instrumentation traces and measures. */
export const jsonOfInstrumentedFetch: Entry = () => {
  registerSdk();
  registerInstrumentations({ instrumentations: [new UndiciInstrumentation()] });
  return inActiveSpan(fromPromise(async (url) => (await fetch(url)).json()));
};
