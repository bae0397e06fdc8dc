import type { ModuleRef, Network } from './messages.js';

/** One implementation that a case measures: a library, or code on the bare platform. */
export interface Subject extends ModuleRef {
  readonly name: string;
  /** The subject that the second ratio is relative to: the bare transport that this one is built on. */
  readonly baseline: string;
}

/** Sequences of requests: each sequence sends one request after another, and several sequences run at once. */
export interface RequestCase {
  readonly kind: 'requests';
  readonly name: string;
  readonly title: string;
  readonly network: Network;
  readonly path: string;
  /** The number of sequences that run at once. */
  readonly concurrency: number;
  /** Whether each request is so much work that a few hundred of them warm up every subject. */
  readonly isHeavy: boolean;
  /** The subject that the first ratio of every subject is relative to. */
  readonly baseline: string;
  readonly subjects: readonly Subject[];
}

/** Requests that all wait for their retry at the same time. */
export interface PendingCase {
  readonly kind: 'pending';
  readonly name: string;
  readonly title: string;
  readonly baseline: string;
  readonly subjects: readonly Subject[];
}

/** A measurement without requests. */
export interface OtherCase {
  readonly kind: 'size' | 'import' | 'simulation';
  readonly name: string;
  readonly title: string;
}

export type Case = RequestCase | PendingCase | OtherCase;

export const FROM_FETCH = 'RxJS fromFetch';
export const RXJS_RETRY = 'RxJS retry';
export const OURS = 'rxjs-retry-client';
export const CLIENT = `${OURS}: get`;
export const CLIENT_WITH_LISTENER = `${CLIENT}, attempts$ listened to`;
export const CLIENT_SYNC = `${CLIENT}, answered at once`;
export const CLIENT_WAKEABLE = `${OURS}: get, a gate can end the wait`;
export const CLIENT_HELD = `${OURS}: get, held in a queue`;
export const CLIENT_WITH_THREE_GATES = `${OURS}: get, budget, breaker and concurrency limit`;
export const CLIENT_WITH_HEDGING = `${OURS}: get, hedged`;
export const CLIENT_WITH_TELEMETRY = `${OURS}: get, telemetry without an SDK`;
export const OPERATOR = `${OURS}: retryWithStrategy`;

const OUR_MODULE = 'subjects/ours';
const RXJS_MODULE = 'subjects/rxjs';
const PLATFORM_MODULE = 'subjects/platform';

function subject(name: string, module: string, entry: string, baseline: string): Subject {
  return { name, module, entry, baseline };
}

/** The cost of a request without a network. */
export const STUB: RequestCase = {
  kind: 'requests',
  name: 'stub',
  title: 'No network: fetch is a function that resolves with a ready response',
  network: 'stub',
  path: 'stub',
  concurrency: 1,
  isHeavy: false,
  baseline: FROM_FETCH,
  subjects: [
    subject('fetch', PLATFORM_MODULE, 'get', FROM_FETCH),
    subject(FROM_FETCH, RXJS_MODULE, 'get', FROM_FETCH),
    subject(`${FROM_FETCH} + retry`, RXJS_MODULE, 'getWithRetry', FROM_FETCH),
    subject('backoff-rxjs', 'peers/backoff-rxjs', 'get', FROM_FETCH),
    subject('p-retry', 'peers/p-retry', 'get', FROM_FETCH),
    subject('ky', 'peers/ky', 'get', FROM_FETCH),
    subject(CLIENT, OUR_MODULE, 'get', FROM_FETCH),
    subject(CLIENT_WITH_LISTENER, OUR_MODULE, 'getWithListener', FROM_FETCH),
    subject(`${OURS}: get, a strategy of its own`, OUR_MODULE, 'getWithStrategy', FROM_FETCH),
    subject(`${OURS}: get, one gate`, OUR_MODULE, 'getWithGate', FROM_FETCH),
    subject(CLIENT_WITH_THREE_GATES, OUR_MODULE, 'getWithThreeGates', FROM_FETCH),
    subject(`${OURS}: get, five gates`, OUR_MODULE, 'getWithFiveGates', FROM_FETCH),
    subject(CLIENT_WITH_HEDGING, OUR_MODULE, 'getWithHedging', FROM_FETCH),
    subject(CLIENT_WITH_TELEMETRY, OUR_MODULE, 'getWithTelemetry', FROM_FETCH),
    subject(`${OURS}: get, an observer`, OUR_MODULE, 'getObserved', FROM_FETCH),
    subject(`${OURS}: get, recorded by a HarRecorder`, OUR_MODULE, 'getRecorded', FROM_FETCH),
    subject(`${OURS}: get, telemetry with an SDK`, 'subjects/traced', 'getTraced', FROM_FETCH),
    subject(
      `${OURS}: get, telemetry with an SDK, no request span`,
      'subjects/traced',
      'getTracedBySending',
      FROM_FETCH,
    ),
  ],
};

const STUB_JSON: RequestCase = {
  kind: 'requests',
  name: 'stub-json',
  title: 'No network, a new response each time, read as JSON',
  network: 'stub-json',
  path: 'stub',
  concurrency: 1,
  isHeavy: false,
  baseline: FROM_FETCH,
  subjects: [
    subject('fetch', PLATFORM_MODULE, 'json', FROM_FETCH),
    subject(FROM_FETCH, RXJS_MODULE, 'json', FROM_FETCH),
    subject(`${FROM_FETCH} + retry`, RXJS_MODULE, 'jsonWithRetry', FROM_FETCH),
    subject('ky', 'peers/ky', 'json', FROM_FETCH),
    subject(`${OURS}: getJSON`, OUR_MODULE, 'json', FROM_FETCH),
  ],
};

/** The cost of waiting for a retry. */
export const PENDING: PendingCase = {
  kind: 'pending',
  name: 'pending',
  title: 'Requests that have failed once and wait, all at once',
  baseline: RXJS_RETRY,
  subjects: [
    subject('setTimeout', PLATFORM_MODULE, 'pending', RXJS_RETRY),
    subject(RXJS_RETRY, RXJS_MODULE, 'pending', RXJS_RETRY),
    subject(`${RXJS_RETRY} around fetch`, RXJS_MODULE, 'pendingFetch', RXJS_RETRY),
    subject('p-retry', 'peers/p-retry', 'pending', RXJS_RETRY),
    subject(OPERATOR, OUR_MODULE, 'pendingOperator', RXJS_RETRY),
    subject(CLIENT_SYNC, OUR_MODULE, 'pendingSync', RXJS_RETRY),
    subject(CLIENT, OUR_MODULE, 'pending', RXJS_RETRY),
    subject(CLIENT_WAKEABLE, OUR_MODULE, 'pendingWakeable', RXJS_RETRY),
    subject(CLIENT_HELD, OUR_MODULE, 'pendingHeld', RXJS_RETRY),
  ],
};

/** A subject of the cases with a server. An entry that is `undefined` leaves the subject out of that case. */
interface NetworkSubject {
  readonly name: string;
  readonly module: string;
  readonly baseline: string;
  /** The entry for small JSON. @default 'json' */
  readonly json?: string;
  /** The entry for requests whose first answer is a 503. */
  readonly busy: string | undefined;
  /** The entry for large bodies. */
  readonly bytes: string;
}

const FETCH = 'native fetch';
const NODE_FETCH = 'node-fetch';
const NODE_HTTP = 'node:http';
const DISPATCH = 'undici dispatch';

const NETWORK_SUBJECTS: readonly NetworkSubject[] = [
  { name: FETCH, module: PLATFORM_MODULE, baseline: FETCH, busy: 'jsonWithLoop', bytes: 'bytes' },
  { name: FROM_FETCH, module: RXJS_MODULE, baseline: FETCH, busy: undefined, bytes: 'bytes' },
  {
    name: `${FROM_FETCH} + retry`,
    module: RXJS_MODULE,
    baseline: FETCH,
    json: 'jsonWithRetry',
    busy: 'jsonWithRetry',
    bytes: 'bytesWithRetry',
  },
  { name: 'backoff-rxjs', module: 'peers/backoff-rxjs', baseline: FETCH, busy: 'json', bytes: 'bytes' },
  { name: 'p-retry', module: 'peers/p-retry', baseline: FETCH, busy: 'json', bytes: 'bytes' },
  { name: 'ky', module: 'peers/ky', baseline: FETCH, busy: 'json', bytes: 'bytes' },
  { name: OURS, module: OUR_MODULE, baseline: FETCH, busy: 'json', bytes: 'bytes' },
  { name: NODE_FETCH, module: 'subjects/node-fetch', baseline: NODE_FETCH, busy: 'jsonWithLoop', bytes: 'bytes' },
  {
    name: `${OURS}, nodeFetch()`,
    module: OUR_MODULE,
    baseline: NODE_FETCH,
    json: 'jsonOverNodeFetch',
    busy: 'jsonOverNodeFetch',
    bytes: 'bytesOverNodeFetch',
  },
  { name: NODE_HTTP, module: 'subjects/node-http', baseline: NODE_HTTP, busy: 'json', bytes: 'bytes' },
  { name: 'got', module: 'peers/got', baseline: NODE_HTTP, busy: 'json', bytes: 'bytes' },
  { name: 'axios + axios-retry', module: 'peers/axios', baseline: NODE_HTTP, busy: 'json', bytes: 'bytes' },
  {
    name: DISPATCH,
    module: 'peers/undici',
    baseline: DISPATCH,
    json: 'dispatchJSON',
    busy: 'dispatchJSON',
    bytes: 'dispatchBytes',
  },
  {
    name: 'undici request',
    module: 'peers/undici',
    baseline: DISPATCH,
    json: 'requestJSON',
    busy: 'requestJSON',
    bytes: 'requestBytes',
  },
  {
    name: 'undici RetryAgent',
    module: 'peers/undici',
    baseline: DISPATCH,
    json: 'retryAgentJSON',
    busy: 'retryAgentJSON',
    bytes: 'retryAgentBytes',
  },
];

const UNDICI_FETCH_SUBJECT: NetworkSubject = {
  name: `${OURS}, undiciFetch()`,
  module: OUR_MODULE,
  baseline: DISPATCH,
  json: 'jsonOverUndici',
  busy: 'jsonOverUndici',
  bytes: 'bytesOverUndici',
};

function networkCase(
  name: string,
  title: string,
  path: string,
  concurrency: number,
  entryFor: (subject: NetworkSubject) => string | undefined,
  hasUndici: boolean,
): RequestCase {
  const subjects = (hasUndici ? [...NETWORK_SUBJECTS, UNDICI_FETCH_SUBJECT] : NETWORK_SUBJECTS).flatMap(
    (networkSubject) => {
      const entry = entryFor(networkSubject);
      const { name: subjectName, module, baseline } = networkSubject;
      return entry === undefined ? [] : [subject(subjectName, module, entry, baseline)];
    },
  );
  return {
    kind: 'requests',
    name,
    title,
    network: 'server',
    path,
    concurrency,
    isHeavy: name === 'megabyte',
    baseline: FETCH,
    subjects,
  };
}

/**
 * What it costs to be traced: by this package, and by the instrumentation of the transport. Several requests run at a
 * time, so that the process is never idle: after each pause it would be slower by more than the difference.
 */
const TRACED: RequestCase = {
  kind: 'requests',
  name: 'traced',
  title: 'Small JSON over loopback with the SDK of OpenTelemetry, 32 at a time',
  network: 'server',
  path: 'json',
  concurrency: 32,
  isHeavy: false,
  baseline: FETCH,
  subjects: [
    subject(FETCH, PLATFORM_MODULE, 'json', FETCH),
    subject(`${FETCH}, in an active span`, 'subjects/traced', 'jsonOfFetchWithin', FETCH),
    subject(`${FETCH}, instrumentation-undici`, 'subjects/traced', 'jsonOfInstrumentedFetch', FETCH),
    subject(OURS, OUR_MODULE, 'json', FETCH),
    subject(`${OURS}, in an active span`, 'subjects/traced', 'jsonWithin', FETCH),
    subject(`${OURS}, telemetry()`, 'subjects/traced', 'json', FETCH),
    subject(`${OURS}, telemetry({ requestSpan: false })`, 'subjects/traced', 'jsonBySending', FETCH),
  ],
};

const CONCURRENCIES = [1, 32, 256];

/**
 * Returns all cases, in the order in which they run.
 *
 * @param hasUndici - whether the package has a transport built on undici
 */
export function allCases(hasUndici: boolean): readonly Case[] {
  const formatConcurrency = (concurrency: number): string =>
    concurrency === 1 ? 'one at a time' : `${concurrency} at a time`;
  return [
    STUB,
    STUB_JSON,
    TRACED,
    ...CONCURRENCIES.map((concurrency) =>
      networkCase(
        `json-${concurrency}`,
        `Small JSON over loopback, ${formatConcurrency(concurrency)}`,
        'json',
        concurrency,
        ({ json = 'json' }) => json,
        hasUndici,
      ),
    ),
    ...CONCURRENCIES.map((concurrency) =>
      networkCase(
        `busy-${concurrency}`,
        `The same, each answered with a 503 first, ${formatConcurrency(concurrency)}`,
        'busy/*',
        concurrency,
        ({ busy }) => busy,
        hasUndici,
      ),
    ),
    networkCase(
      'megabyte',
      'Bodies of 1 MiB, read whole, one at a time',
      'megabyte',
      1,
      ({ bytes }) => bytes,
      hasUndici,
    ),
    PENDING,
    { kind: 'import', name: 'import', title: 'Time to import' },
    { kind: 'simulation', name: 'simulation', title: 'Simulation: 10,000 requests a second, of which a tenth fails' },
    { kind: 'size', name: 'size', title: 'Size: minified by esbuild, compressed by brotli, without RxJS' },
  ];
}

/** Returns the case with only the subjects of these names. */
export function withSubjects<C extends RequestCase | PendingCase>(benchCase: C, names: readonly string[]): C {
  return { ...benchCase, subjects: benchCase.subjects.filter(({ name }) => names.includes(name)) };
}
