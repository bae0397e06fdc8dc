// The built package, since that is what users run. Only the types come from the sources.
import { defer, map, of, Subject, throwError, timer } from 'rxjs';

import type * as Har from '../../src/har/index.js';
import type * as Package from '../../src/index.js';
import type * as OpenTelemetry from '../../src/opentelemetry/index.js';
import type * as Node from '../../src/transports/node-fetch.js';
import type * as Undici from '../../src/transports/undici.js';
import { type BenchContext, type Entry, fromObservable, type Send } from '../subject.js';

type Options = ConstructorParameters<typeof Package.RetryClient>[0];

async function loadPackage({ dist }: BenchContext): Promise<typeof Package> {
  return (await import(`${dist}index.js`)) as typeof Package;
}

/** Creates a client with the delay of the context. */
async function createClient(context: BenchContext, options?: Options): Promise<Package.RetryClient> {
  const { constant, RetryClient } = await loadPackage(context);
  return new RetryClient({ strategy: { backoff: constant(context.delay) }, ...options });
}

function sendJSON(client: Package.RetryClient): (url: string) => Send {
  return fromObservable((url) => client.getJSON(url));
}

export const get: Entry = async (context) => {
  const { RetryClient } = await loadPackage(context);
  const client = new RetryClient();
  return fromObservable((url) => client.get(url));
};

export const getWithListener: Entry = async (context) => {
  const { RetryClient } = await loadPackage(context);
  const client = new RetryClient();
  client.attempts$.subscribe();
  return fromObservable((url) => client.get(url));
};

export const getWithStrategy: Entry = async (context) => {
  const { equalJitter, exponential, RetryClient } = await loadPackage(context);
  const client = new RetryClient();
  return fromObservable((url) =>
    client.get(url, { strategy: { attempts: 5, backoff: equalJitter(exponential({ initial: 50 })), statuses: [429] } }),
  );
};

/** Creates a client whose requests pass the gates that `gatesOf` makes. */
async function createGatedClient(
  context: BenchContext,
  gatesOf: (module: typeof Package) => readonly Package.Gate[],
  options?: Options,
): Promise<Package.RetryClient> {
  const module = await loadPackage(context);
  const strategy = { backoff: module.constant(context.delay), gates: gatesOf(module) };
  return new module.RetryClient({ strategy, ...options });
}

function withGates(gatesOf: (module: typeof Package) => readonly Package.Gate[]): Entry {
  return async (context) => {
    const client = await createGatedClient(context, gatesOf);
    return fromObservable((url) => client.get(url));
  };
}

/** A gate that does nothing: the cost of the machinery alone. */
export const getWithGate: Entry = withGates(({ defineGate }) => [defineGate({ name: 'open' })]);

export const getWithThreeGates: Entry = withGates(({ circuitBreaker, concurrencyLimit, retryBudget }) => [
  retryBudget(),
  circuitBreaker(),
  concurrencyLimit({ max: 100 }),
]);

export const getWithFiveGates: Entry = withGates(
  ({ circuitBreaker, concurrencyLimit, rateLimit, retryBudget, serverLimit }) => [
    retryBudget(),
    circuitBreaker(),
    serverLimit(),
    rateLimit({ permits: 1e9 }),
    concurrencyLimit({ max: 100 }),
  ],
);

export const getWithHedging: Entry = async (context) => {
  const { hedging, RetryClient } = await loadPackage(context);
  const client = new RetryClient({ strategy: { hedge: hedging({ after: 'p95' }) } });
  return fromObservable((url) => client.get(url));
};

export const json: Entry = async (context) => sendJSON(await createClient(context));

export const bytes: Entry = async (context) => {
  const { bytes: selector } = await loadPackage(context);
  const client = await createClient(context);
  return fromObservable((url) => client.get(url, { selector: selector() }));
};

export const jsonOverNodeFetch: Entry = async (context) =>
  sendJSON(await createClient(context, { fetch: await nodeFetch(context) }));

export const bytesOverNodeFetch: Entry = async (context) => {
  const { bytes: selector } = await loadPackage(context);
  const client = await createClient(context, { fetch: await nodeFetch(context) });
  return fromObservable((url) => client.get(url, { selector: selector() }));
};

export const jsonOverUndici: Entry = async (context) =>
  sendJSON(await createClient(context, { fetch: await undiciFetch(context) }));

export const bytesOverUndici: Entry = async (context) => {
  const { bytes: selector } = await loadPackage(context);
  const client = await createClient(context, { fetch: await undiciFetch(context) });
  return fromObservable((url) => client.get(url, { selector: selector() }));
};

async function nodeFetch({ dist }: BenchContext): Promise<Package.Transport> {
  const { nodeFetch: transport } = (await import(`${dist}transports/node-fetch.js`)) as typeof Node;
  return transport();
}

async function undiciFetch({ dist }: BenchContext): Promise<Package.Transport> {
  const { undiciFetch: transport } = (await import(`${dist}transports/undici.js`)) as typeof Undici;
  return transport();
}

/** A request that gets a 503 and waits for its retry. */
export const pending: Entry = async (context) => {
  const client = await createClient(context);
  return fromObservable((url) => client.get(url));
};

/** The same without a promise: an interceptor answers synchronously, as the source of RxJS's retry does. */
export const pendingSync: Entry = async (context) => {
  const [busy, ready] = [new Response(null, { status: 503 }), new Response()];
  const client = await createClient(context, { interceptors: [() => of(context.isFailing() ? busy : ready)] });
  return fromObservable((url) => client.get(url));
};

/** The same, with a gate whose `wake$` can end all waits. */
export const pendingWakeable: Entry = async (context) => {
  const [busy, ready] = [new Response(null, { status: 503 }), new Response()];
  const client = await createGatedClient(
    context,
    ({ defineGate }) => [defineGate({ name: 'wakes', wake$: new Subject() })],
    { interceptors: [() => of(context.isFailing() ? busy : ready)] },
  );
  return fromObservable((url) => client.get(url));
};

/** Requests that a gate holds, in a queue, until the first one has ended. */
export const pendingHeld: Entry = async (context) => {
  const ready = new Response();
  const client = await createGatedClient(context, ({ concurrencyLimit }) => [concurrencyLimit({ max: 1 })], {
    interceptors: [() => (context.isFailing() ? timer(context.delay).pipe(map(() => ready)) : of(ready))],
  });
  return fromObservable((url) => client.get(url));
};

/** The operator alone, on the same source as RxJS's retry. */
export const pendingOperator: Entry = async (context) => {
  const { constant, retryWithStrategy } = await loadPackage(context);
  const strategy = { backoff: constant(context.delay) };
  return fromObservable(() =>
    defer(() => (context.isFailing() ? throwError(() => new Error('busy')) : of(true))).pipe(
      retryWithStrategy(strategy),
    ),
  );
};

/** Telemetry without an SDK: what it costs those who do not use it. */
export const getWithTelemetry: Entry = async (context) => {
  const { RetryClient } = await loadPackage(context);
  const { telemetry } = (await import(`${context.dist}opentelemetry/index.js`)) as typeof OpenTelemetry;
  const client = new RetryClient().extend(telemetry());
  return fromObservable((url) => client.get(url));
};

/** An observer that listens to every request. */
export const getObserved: Entry = async (context) => {
  const { RetryClient } = await loadPackage(context);
  const types: string[] = [];
  const client = new RetryClient({
    observers: [
      () => ({
        next: () => {
          types.length = 0;
        },
      }),
    ],
  });
  return fromObservable((url) => client.get(url));
};

/** A recorder that keeps the last 1,000 requests. */
export const getRecorded: Entry = async (context) => {
  const { RetryClient } = await loadPackage(context);
  const { HarRecorder } = (await import(`${context.dist}har/index.js`)) as typeof Har;
  const client = new RetryClient().extend(new HarRecorder().options);
  return fromObservable((url) => client.get(url));
};
