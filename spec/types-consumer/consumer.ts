// Uses every export of the package, as a user's project would. It is only compiled, with the lowest TypeScript that the
// README promises and with the newest.
import { concatMap, type Observable, of } from 'rxjs';
import {
  type AttemptEvent,
  type AttemptLogger,
  type AttemptRequest,
  type Backoff,
  bytes,
  type ByteStream,
  chunks,
  type ClientOptions,
  type CommonOptions,
  constant,
  type Context,
  cycle,
  decorrelatedJitter,
  download,
  type DownloadDone,
  type DownloadedBytes,
  type DownloadProgress,
  type DownloadTarget,
  each,
  equalJitter,
  exponential,
  type FailureReason,
  fibonacci,
  fullJitter,
  type HeadersInput,
  type HttpAttempt,
  HttpError,
  HttpNetworkError,
  HttpParseError,
  HttpStatusError,
  HttpTimeoutError,
  HttpValidationError,
  GateRejectedError,
  type IncrementalHash,
  type Interceptor,
  isHttpError,
  jitter,
  json,
  type JsonOptions,
  lines,
  list,
  logAttempts,
  ndjson,
  type Observe,
  type Outcome,
  type Params,
  random,
  type RandomAccessFile,
  type RequestBody,
  type RequestOptions,
  type RequestParams,
  type ResumableSelector,
  RetryClient,
  type RetryStrategy,
  retryBudget,
  retryWithStrategy,
  type SelectedResponse,
  type Selector,
  type SelectorFunction,
  type ServerSentEvent,
  serverSentEvents,
  type StandardSchema,
  text,
  type Transport,
  type UploadProgress,
  type UrlInput,
  withProgress,
  withResponse,
} from 'rxjs-retry-client';
import { nodeFetch, type NodeFetchOptions } from 'rxjs-retry-client/node';
import {
  combine,
  contended,
  failing,
  outage,
  queueing,
  type Scenario,
  scenarios,
  type SecondReport,
  type Server,
  simulate,
  type SimulationReport,
  slowing,
} from 'rxjs-retry-client/simulate';
import { undiciFetch, type UndiciFetchOptions } from 'rxjs-retry-client/undici';

import { is } from './is.js';

interface User {
  name: string;
}
interface Query {
  q: string;
  page?: number;
}
interface Auth {
  authorization: string;
}
class Order {
  constructor(readonly tea: number) {}
}

const url: UrlInput = 'https://api.example.com/users/1';
const client = new RetryClient();
const flag = Boolean(url);

// ——— Values that a request emits.

is<Observable<Response>>()(client.get(url), true);
is<Observable<Response>>()(client.get(url, { timeout: 5, redirect: 'manual' }), true);
is<Observable<Response>>()(client.request('QUERY', url), true);
is<Observable<Response>>()(client.post(url, { a: 1 }), true);
is<Observable<Response>>()(client.requests([{ url }]), true);
is<Observable<string>>()(client.get(url, { selector: text() }), true);
is<Observable<number>>()(
  client.get(url, { selector: (response, attempt) => [response.status + attempt.number] }),
  true,
);
is<Observable<AttemptEvent<Response, HttpAttempt>>>()(client.get(url, { observe: 'attempts' }), true);
is<Observable<AttemptEvent<string, HttpAttempt>>>()(client.get(url, { observe: 'attempts', selector: text() }), true);
is<Observable<User>>()(client.getJSON<User>(url), true);
is<Observable<unknown>>()(client.getJSON(url), true);
is<Observable<AttemptEvent<User, HttpAttempt>>>()(client.getJSON<User>(url, { observe: 'attempts' }), true);
is<Observable<AttemptEvent<unknown, HttpAttempt>>>()(client.attempts$, true);

// ——— Values of selectors.

type Bytes = Uint8Array<ArrayBuffer>;
is<Observable<Bytes>>()(client.get(url, { selector: bytes({ maxBytes: 5 }) }), true);
is<Observable<Bytes>>()(client.get(url, { selector: chunks() }), true);
is<Observable<string>>()(client.get(url, { selector: lines() }), true);
is<Observable<User>>()(client.get(url, { selector: ndjson<User>() }), true);
is<Observable<ServerSentEvent>>()(client.get(url, { selector: serverSentEvents() }), true);
is<Observable<SelectedResponse<User>>>()(client.get(url, { selector: withResponse(json<User>()) }), true);
is<Observable<number>>()(client.get(url, { selector: each(lines(), (line) => of(line.length)) }), true);
is<Observable<DownloadProgress | DownloadedBytes>>()(client.get(url, { selector: download() }), true);
is<Observable<DownloadProgress | DownloadDone>>()(
  client.get(url, { selector: download({ to: new WritableStream() as ByteStream }) }),
  true,
);

// ——— Wrappers.

export const get = <T>(where: UrlInput, options: RequestOptions<T>) => client.get(where, options);
export const post = <T>(where: UrlInput, body: RequestBody, options?: RequestOptions<T>) =>
  client.post(where, body, options);
export const read = <T>(where: UrlInput, selector: Selector<T>): Observable<T> => client.get(where, { selector });
export const data = <T>(where: UrlInput, options?: JsonOptions<T>): Observable<T> => client.getJSON(where, options);
is<Observable<string | Response>>()(get(url, { selector: text() }), true);
is<Observable<string | Response>>()(post(url, 'a', { selector: text() }), true);
const observe = 'value' as Observe;
is<Observable<Response | AttemptEvent<Response, HttpAttempt>>>()(client.get(url, { observe }), true);

export class Traced extends RetryClient {
  override get(where: UrlInput, options?: RequestOptions<unknown, Observe>): Observable<never> {
    return super.get(where, options) as Observable<never>;
  }
}

export const methods: readonly [
  RetryClient['get'],
  RetryClient['post'],
  RetryClient['request'],
  RetryClient['requests'],
  RetryClient['getJSON'],
] = [client.get, client.post, client.request, client.requests, client.getJSON];

// ——— Options, of interfaces, classes and conditions.

const query: Query = { q: 'a' };
const auth: Auth = { authorization: 'Bearer a' };
const context: User = { name: 'Ada' };
export const taken: readonly [Params, HeadersInput, Context, RequestBody][] = [
  [query, auth, { ...context }, context],
  [new URLSearchParams(), new Headers(), {}, new Order(2)],
  [[['a', '1']] as const, [['a', '1']] as const, {}, () => new Order(2)],
  [{ a: [1, null], b: 1n }, { a: 'b', c: undefined }, {}, [query]],
  ['a=1', {}, {}, new Uint8Array(2)],
  [{}, {}, {}, new ReadableStream()],
  [{}, {}, {}, null],
];
const strategy = {
  attempts: 5,
  statuses: [503],
  methods: ['POST'],
  errors: [HttpNetworkError],
} as const satisfies RetryStrategy;
const options = {
  strategy: { ...strategy, maxRetryAfter: flag ? 5 : undefined },
  timeout: flag ? 5 : undefined,
  params: query,
  headers: auth,
  context,
} satisfies CommonOptions;
is<Observable<Response>>()(client.get(url, options), true);
is<Observable<string>>()(client.get(url, { ...options, ...(flag && { totalTimeout: 5 }), selector: text() }), true);
export const params: readonly RequestParams[] = [
  { url, method: 'QUERY', params: query, headers: auth, body: new Order(1) },
];
client.extend({ ...options, baseUrl: [url], fetch: undefined } satisfies ClientOptions).close();

const withToken: Interceptor = (request: AttemptRequest, next) =>
  of('token').pipe(
    concatMap((token) => next({ ...request, headers: new Headers([...request.headers, ['authorization', token]]) })),
  );
const transport: Transport = (where, init) => fetch(where, init);
new RetryClient({ interceptors: [withToken], fetch: transport }).close();
new RetryClient({ fetch: nodeFetch({} satisfies NodeFetchOptions) }).close();
new RetryClient({ fetch: undiciFetch({} satisfies UndiciFetchOptions) }).close();

export function scope(): void {
  using scoped = new RetryClient();
  scoped.attempts$.subscribe(logAttempts(console satisfies AttemptLogger));
}

// ——— Strategies and the operator.

const backoff: Backoff = ({ retry, previousDelay, random: chance }) => retry + previousDelay + chance();
export const backoffs: readonly Backoff[] = [
  backoff,
  constant(1),
  decorrelatedJitter(),
  equalJitter(backoff),
  exponential({ initial: 1 }),
  fibonacci(),
  fullJitter(exponential()),
  jitter(),
  list([1, 2]),
  random(),
];
is<Observable<number>>()(
  of(1).pipe(
    retryWithStrategy({ backoff, shouldRetry: (outcome: Outcome) => outcome.kind === 'error' || of(undefined) }),
  ),
  true,
);
is<Observable<AttemptEvent<number>>>()(of(1).pipe(retryWithStrategy({}, { observe: 'attempts' })), true);
is<Observable<string>>()(cycle(['a', 'b'], 'hold'), true);

// ——— Errors and events.

export function words(error: unknown): string | number | undefined {
  if (error instanceof HttpError) return error.message;
  if (!isHttpError(error)) return undefined;
  is<
    | HttpStatusError
    | HttpNetworkError
    | HttpTimeoutError
    | HttpParseError
    | HttpValidationError
    | (GateRejectedError & Pick<HttpError, 'attempt' | 'request'>)
  >()(error, true);
  const reason: FailureReason | undefined = error.reason;
  switch (error.name) {
    case 'HttpStatusError':
      return error.body ?? error.status;
    case 'HttpNetworkError':
      return error.phase;
    case 'HttpTimeoutError':
      return error.limit;
    case 'HttpParseError':
      return error.contentType;
    case 'HttpValidationError':
      return reason ?? error.issues.length;
    case 'GateRejectedError':
      return error.retryAfter ?? error.gate;
  }
}

// ——— Interfaces that users implement.

const schema: StandardSchema<User> = {
  '~standard': { version: 1, vendor: 'own', validate: (value) => ({ value: { name: String(value) } }) },
};
is<Observable<User>>()(client.getJSON(url, { schema }), true);
is<Observable<User>>()(client.get(url, { selector: json(schema) }), true);
const selector: SelectorFunction<User> = (response) => response.json() as Promise<User>;
export const resumable: ResumableSelector<User> = {
  open: () => ({ select: selector, prepare: (request) => request, delay: () => undefined }),
};
export const upload = withProgress(new Blob(['a']), (progress: UploadProgress) => {
  console.log(progress.loaded);
});
export type Sinks = readonly [DownloadTarget, RandomAccessFile, IncrementalHash];

// ——— Simulation.

const server: Server = ({ at, inFlight, client, random, url, attempt, memory }) => {
  memory.set(url, client + attempt.number);
  return inFlight > 10 && random() < at ? 'silent' : { delay: 1, status: 200, headers: { 'retry-after': '1' } };
};
const scenario: Scenario = { duration: 1_000, rate: (at) => at, network: (chance) => chance(), server };
const reports = simulate(
  { ...scenario, server: combine(server, failing(0.1), outage({ from: 0, to: 1 }), contended()) },
  { plain: { attempts: 3 }, own: (client) => ({ attempts: client + 1, gates: [retryBudget()] }) },
  { onProgress: ({ strategy, at, part }) => strategy + at + part },
);
is<SimulationReport>()(reports.own, true);
is<readonly SecondReport[]>()(reports.plain.series, true);
// @ts-expect-error -- no strategy has this name
export const unknownStrategy = reports.other;
simulate(scenarios.blip, { queued: {} });
simulate({ ...scenario, rate: 'together', server: queueing({ workers: 1, serviceTime: (chance) => chance() }) }, {});
simulate({ ...scenario, rate: 1, server: slowing({ base: 1, perRequest: 1 }) }, {});
// @ts-expect-error -- a server must answer
simulate({ ...scenario, server: () => ({ delay: 1 }) }, {});
