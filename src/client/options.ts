import { HttpNetworkError } from '../errors/http-network-error.js';
import { HttpTimeoutError } from '../errors/http-timeout-error.js';
import type { RequestBody } from '../http/body.js';
import { type HeadersInput, mergeHeaders, readHeaders } from '../http/headers.js';
import { mergeParams, type ParamEntries, type Params } from '../http/params.js';
import { checkBaseUrls, type UrlInput } from '../http/url.js';
import type { Context } from '../retry/attempt.js';
import type { RequestObserver } from '../retry/request-observer.js';
import { OBSERVE, type Observe } from '../retry/retry-with-strategy.js';
import {
  DEFAULT_STRATEGY,
  mergeStrategy,
  type ResolvedStrategy,
  type RetryStrategy,
  STRATEGY_RULES,
} from '../retry/strategy.js';
import type { Selector } from '../selectors/selector.js';
import { platformFetch } from '../transports/fetch.js';
import type { Interceptor } from '../transports/interceptor.js';
import type { Transport } from '../transports/transport.js';
import { BOOLEAN, check, checkOptions, FUNCTION, type OptionRule, STRING } from '../util/option-rule.js';
import { CLIENT_KEY, type IdempotencyKey, REQUEST_KEY } from './idempotency-key.js';
import type { HookedInterceptor } from './interceptor-hooks.js';
import { rejectUnknownOption } from './unknown-option.js';

/** Options of fetch that are passed on unchanged. */
export type FetchOptions = {
  readonly [Name in Exclude<keyof RequestInit, 'body' | 'headers' | 'method' | 'signal' | 'window'>]?:
    RequestInit[Name] | undefined;
};

/** Options of a client and of a request. The request's override the client's. */
export interface CommonOptions extends FetchOptions {
  /** Request headers. Merged by name: the request's override the client's. */
  readonly headers?: HeadersInput | undefined;
  /** Query parameters, added to the URL's own. Merged by name: the request's override the client's. */
  readonly params?: Params | undefined;
  /** Data of your own, found in every attempt and event. Merged field by field: the request's override the client's. */
  readonly context?: object | undefined;
  /** When and how often requests are retried. Strategies merge field by field. */
  readonly strategy?: RetryStrategy | undefined;
  /**
   * Whether a final status of 400 or above becomes an `HttpStatusError`.
   *
   * @default true with a selector, else false: the last response is emitted as it is
   */
  readonly throwHttpErrors?: boolean | undefined;
  /**
   * The longest time in one attempt without data, in ms, or `false` for no limit. It counts until the response headers
   * come, and with a selector while a read is pending.
   *
   * @default 30_000
   */
  readonly timeout?: number | false | undefined;
  /**
   * The longest time for the whole request, in ms, or `false` for no limit. It includes all attempts, the waits between
   * them and, with a selector, the body.
   *
   * @default false
   */
  readonly totalTimeout?: number | false | undefined;
  /** Aborts the request with the signal's `reason`. The client's signal and the request's both count. */
  readonly signal?: AbortSignal | null | undefined;
}

/** Options of one request: fetch's options, and these. */
export interface RequestOptions<T = Response, O extends Observe = 'value'> extends CommonOptions {
  /**
   * The body: what fetch takes; a plain object or array, sent as JSON; a factory, so that a stream can be sent again.
   */
  readonly body?: RequestBody | undefined;
  /** Reads the response within the attempt. Without a selector the response itself is emitted. */
  readonly selector?: Selector<T> | undefined;
  /**
   * The `Idempotency-Key` of a POST or PATCH, by which a server recognises a request that it gets twice. `true` makes a
   * random UUID; a string is the key itself; a function makes one for each subscription.
   *
   * With a key the request is retried and hedged like a GET, with the same key in all of its attempts; a new
   * subscription has a new one. Status 409, the first request is still being processed, is then retried; 400 and 422
   * are not. A header of that name set by hand takes precedence, and changes no decision.
   *
   * @default false
   * @see {@link https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-idempotency-key-header | IETF draft, The
   * Idempotency-Key HTTP Header Field}
   */
  readonly idempotencyKey?: boolean | string | (() => string) | undefined;
  /** `'attempts'` emits the events of all attempts instead of values. @default 'value' */
  readonly observe?: O | undefined;
}

/** Options of a client: defaults for its requests, and these. */
export interface ClientOptions extends CommonOptions {
  /** The transport, which sends an attempt. @default globalThis.fetch */
  readonly fetch?: Transport | undefined;
  /**
   * The base of relative URLs, as with `new URL(url, base)`: end one that has a path in `/`. A list is failover for
   * every request: its entries are tried in turn.
   */
  readonly baseUrl?: UrlInput | undefined;
  /**
   * The `Idempotency-Key` of each POST and PATCH, by which a server recognises a request that it gets twice. `true`
   * makes a random UUID; a function makes a key for each subscription.
   *
   * With a key the request is retried and hedged like a GET, with the same key in all of its attempts; a new
   * subscription has a new one. Status 409, the first request is still being processed, is then retried; 400 and 422
   * are not. A header of that name set by hand takes precedence, and changes no decision.
   *
   * @default false
   * @see {@link https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-idempotency-key-header | IETF draft, The
   * Idempotency-Key HTTP Header Field}
   */
  readonly idempotencyKey?: boolean | (() => string) | undefined;
  /** Functions around each attempt's transport call, outermost first. Those of an extension come after its parent's. */
  readonly interceptors?: readonly Interceptor[] | undefined;
  /** Names the client in its attempts: `attempt.client`. Its extensions have its name, unless they set their own. */
  readonly name?: string | undefined;
  /** Functions that watch each request from its first moment. Those of an extension come after its parent's. */
  readonly observers?: readonly RequestObserver[] | undefined;
}

/** The merged and checked options of a client, or of one request. */
export interface ResolvedOptions {
  readonly strategy: ResolvedStrategy;
  /** The client's headers, apart from the request's: some of the client's go to its own origins only. */
  readonly defaultHeaders: Headers | undefined;
  /**
   * The origins that the client's credentials may go to, by header name: those of the `baseUrl` that they came with.
   */
  readonly headerOrigins: Readonly<Record<string, ReadonlySet<string> | undefined>>;
  readonly headers: Headers | undefined;
  readonly fetchInit: RequestInit;
  readonly params: ParamEntries | undefined;
  readonly context: Context;
  readonly throwHttpErrors: boolean | undefined;
  /** In ms; absent if neither the client nor the request sets it. */
  readonly timeout: number | undefined;
  /** In ms; `Infinity` for no limit. */
  readonly totalTimeout: number;
  readonly signals: readonly AbortSignal[];
  readonly selector: Selector<unknown> | undefined;
  readonly observe: Observe | undefined;
  readonly idempotencyKey: IdempotencyKey;
  readonly fetch: Transport;
  readonly baseUrls: readonly URL[] | undefined;
  readonly interceptors: readonly Interceptor[];
  readonly name: string | undefined;
  readonly observers: readonly RequestObserver[];
}

/** The client's headers that go to the origins of its `baseUrl` only. */
export const ORIGIN_BOUND_HEADERS: readonly string[] = ['authorization', 'cookie', 'proxy-authorization'];

/** The options of a client without options. */
export const DEFAULT_OPTIONS: ResolvedOptions = {
  strategy: { ...DEFAULT_STRATEGY, errors: [HttpNetworkError, HttpTimeoutError] },
  defaultHeaders: undefined,
  headerOrigins: {},
  headers: undefined,
  fetchInit: {},
  params: undefined,
  context: Object.freeze({}),
  throwHttpErrors: undefined,
  timeout: undefined,
  totalTimeout: Infinity,
  signals: [],
  selector: undefined,
  observe: undefined,
  idempotencyKey: false,
  fetch: platformFetch,
  baseUrls: undefined,
  interceptors: [],
  name: undefined,
  observers: [],
};

/** Checks the value of an option; returns the resolved options that change. */
type OptionReader = (value: never, base: ResolvedOptions) => Partial<ResolvedOptions>;
type OptionReaders = Readonly<Record<string, OptionReader>>;

function optionReader(name: keyof ResolvedOptions, rule: OptionRule): OptionReader {
  return (value) => {
    check(name, value, rule);
    return { [name]: value };
  };
}

/** Reads a list of functions, which come after those of the base. */
function functionsReader(name: 'interceptors' | 'observers'): OptionReader {
  return (functions: readonly unknown[], base) => {
    check(name, functions, [[String], 'a function']);
    return { [name]: [...base[name], ...functions] };
  };
}

function timeoutReader(name: 'timeout' | 'totalTimeout'): OptionReader {
  return (value: number | false) => {
    if (value !== false) check(name, value, [0, 'a number of ms above 0, or false', (ms: number) => ms > 0]);
    return { [name]: value === false ? Infinity : value };
  };
}

const COMMON_READERS = {
  context: (context: object, base: ResolvedOptions) => {
    checkOptions('context', context);
    // A context with all fields is kept as it is: it may be an instance of a class.
    const isWhole = Object.keys(base.context).every((field) => Object.hasOwn(context, field));
    return { context: isWhole ? (context as Context) : { ...base.context, ...context } };
  },
  params: (params: Params, base: ResolvedOptions) => ({ params: mergeParams('params', base.params, params) }),
  signal: (signal: AbortSignal | null, { signals }: ResolvedOptions) => {
    if (signal === null) return {};
    check('signal', signal, [undefined, 'an AbortSignal', ({ aborted }: AbortSignal) => typeof aborted === 'boolean']);
    return { signals: [...new Set([...signals, signal])] };
  },
  strategy: (strategy: RetryStrategy, base: ResolvedOptions) => ({ strategy: mergeStrategy(base.strategy, strategy) }),
  throwHttpErrors: optionReader('throwHttpErrors', BOOLEAN),
  timeout: timeoutReader('timeout'),
  totalTimeout: timeoutReader('totalTimeout'),
};

const CLIENT_READERS: OptionReaders = {
  ...COMMON_READERS,
  baseUrl: (urls: UrlInput) => ({ baseUrls: checkBaseUrls('baseUrl', urls) }),
  fetch: optionReader('fetch', FUNCTION),
  idempotencyKey: optionReader('idempotencyKey', CLIENT_KEY),
  headers: (headers: HeadersInput, base) => ({
    defaultHeaders: mergeHeaders(base.defaultHeaders, readHeaders('headers', headers)),
  }),
  interceptors: functionsReader('interceptors'),
  name: optionReader('name', STRING),
  observers: functionsReader('observers'),
};

const REQUEST_READERS: OptionReaders = {
  ...COMMON_READERS,
  // Checked together with the method.
  body: () => ({}),
  headers: (headers: HeadersInput) => ({ headers: readHeaders('headers', headers) }),
  idempotencyKey: optionReader('idempotencyKey', REQUEST_KEY),
  observe: optionReader('observe', OBSERVE),
  selector: optionReader('selector', [
    undefined,
    'a function, or an object with open()',
    (selector: { readonly open?: unknown } | null) =>
      typeof (typeof selector === 'function' ? selector : selector?.open) === 'function',
  ]),
};

/** Rejects names that are certainly wrong. Others may be options that a platform adds to fetch. */
function rejectMisspelledOption(name: string, readers: OptionReaders): void {
  if (name === 'method') throw new TypeError('method is an option of request(method, url)');
  if (Object.hasOwn(STRATEGY_RULES, name)) {
    throw new TypeError(`${name} is an option of strategy: { strategy: { ${name}: … } }`);
  }
  rejectUnknownOption(name, Object.keys(readers));
}

/** Whether an option is the transport's business: one of fetch, or one that a platform adds to it. */
export function isTransportOption(name: string): boolean {
  if (Object.hasOwn(REQUEST_READERS, name) || Object.hasOwn(CLIENT_READERS, name)) return false;
  try {
    rejectMisspelledOption(name, REQUEST_READERS);
    return true;
  } catch {
    return false;
  }
}

/** Merges options of fetch; `undefined` counts as absent. */
export function mergeFetchInit(base: RequestInit, options: FetchOptions): RequestInit {
  const entries = Object.entries<unknown>({ ...options }).filter(([, value]) => value !== undefined);
  return { ...base, ...Object.fromEntries(entries) };
}

/**
 * Reads each option, and merges the result over the base.
 *
 * @param otherReaders - those of options that belong elsewhere
 * @param otherPlace - where they belong
 */
function applyOptions(
  base: ResolvedOptions,
  options: object,
  readers: OptionReaders,
  otherReaders: OptionReaders,
  otherPlace: string,
): ResolvedOptions {
  checkOptions('options', options);
  const resolved = { ...base, fetchInit: { ...base.fetchInit } as Record<string, unknown> };
  for (const [name, value] of Object.entries<unknown>(options as Readonly<Record<string, unknown>>)) {
    if (value === undefined) continue;
    if (Object.hasOwn(readers, name)) {
      Object.assign(resolved, readers[name]?.(value as never, base));
      continue;
    }
    if (Object.hasOwn(otherReaders, name)) throw new TypeError(`${name} is an option of ${otherPlace}`);
    rejectMisspelledOption(name, readers);
    resolved.fetchInit[name] = value;
  }
  return resolved;
}

/**
 * Merges a client's options over a base.
 *
 * @throws TypeError or RangeError that names the option, its value and what was expected
 */
export function mergeClientOptions(base: ResolvedOptions, options: ClientOptions): ResolvedOptions {
  const resolved = applyOptions(base, options, CLIENT_READERS, REQUEST_READERS, 'a request, not of the client');
  const headers = options.headers && readHeaders('headers', options.headers);
  const origins = resolved.baseUrls && new Set(resolved.baseUrls.map(({ origin }) => origin));
  // A header that came without a baseUrl is bound to the first baseUrl that comes after it.
  const bind = (name: string): [string, ReadonlySet<string> | undefined] => [
    name,
    headers?.has(name) ? origins : (base.headerOrigins[name] ?? origins),
  ];
  return {
    ...resolved,
    interceptors: resolved.interceptors.map(
      (interceptor: HookedInterceptor) => interceptor.forOrigins?.(origins) ?? interceptor,
    ),
    headerOrigins: Object.fromEntries(ORIGIN_BOUND_HEADERS.map(bind)),
  };
}

/** Merges a request's options over the client's; throws as {@link mergeClientOptions} does. */
export function mergeRequestOptions(
  base: ResolvedOptions,
  options: RequestOptions<unknown, Observe> | undefined,
): ResolvedOptions {
  return options === undefined
    ? base
    : applyOptions(base, options, REQUEST_READERS, CLIENT_READERS, 'the client; extend() makes one that has it');
}
