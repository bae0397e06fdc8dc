import { HttpNetworkError } from '../errors/http-network-error.js';
import { HttpTimeoutError } from '../errors/http-timeout-error.js';
import type { RequestBody } from '../http/body.js';
import { type HeadersInput, mergeHeaders, readHeaders } from '../http/headers.js';
import { mergeParams, type ParamEntries, type Params } from '../http/params.js';
import { checkBaseUrls, type UrlInput } from '../http/url.js';
import type { Context } from '../retry/attempt.js';
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
import { BOOLEAN, check, checkOptions, FUNCTION, type OptionRule } from '../util/option-rule.js';
import { rejectUnknownOption } from './unknown-option.js';

/** What fetch takes besides, handed on as it is. */
export type FetchOptions = {
  readonly [Name in Exclude<keyof RequestInit, 'body' | 'headers' | 'method' | 'signal' | 'window'>]?:
    RequestInit[Name] | undefined;
};

/** What a client and a request both take; the request's come over the client's. */
export interface CommonOptions extends FetchOptions {
  /** Merged by name, the request's over the client's. */
  readonly headers?: HeadersInput | undefined;
  /** Query parameters, added to the URL's own; merged by name, the request's over the client's. */
  readonly params?: Params | undefined;
  /** Yours: handed on in every attempt and event. Merged field by field, the request's over the client's. */
  readonly context?: object | undefined;
  /** When and how often to try again. Strategies merge field by field. */
  readonly strategy?: RetryStrategy | undefined;
  /**
   * Whether a status of 400 or above that is not retried any more becomes an {@link HttpStatusError}.
   *
   * @default true with a selector, else false: the last response is handed over as it is
   */
  readonly throwHttpErrors?: boolean | undefined;
  /**
   * The longest silence in one attempt, in ms, or `false` for none: until the headers, and with a selector while a read is pending.
   *
   * @default 30_000
   */
  readonly timeout?: number | false | undefined;
  /** How long the whole may take in ms, waits and (with a selector) body included, or `false` for no limit. @default false */
  readonly totalTimeout?: number | false | undefined;
  /** Ends the request with its own `reason`. The client's and the request's both count. */
  readonly signal?: AbortSignal | null | undefined;
}

/** What one request takes: all of fetch's options, and these. */
export interface RequestOptions<T = Response, O extends Observe = 'value'> extends CommonOptions {
  /** What is sent: whatever fetch takes; a plain object or array as JSON; a factory, for a stream to be sent again. */
  readonly body?: RequestBody | undefined;
  /** Reads the response within the attempt; without one the response itself is emitted. */
  readonly selector?: Selector<T> | undefined;
  /** `'attempts'` emits the events of all attempts instead of the values. @default 'value' */
  readonly observe?: O | undefined;
}

/** What a client takes: defaults for its requests, and these. */
export interface ClientOptions extends CommonOptions {
  /** What sends an attempt. @default globalThis.fetch */
  readonly fetch?: Transport | undefined;
  /** Where relative URLs start; of a list each is tried in turn, which is failover for every request. */
  readonly baseUrl?: UrlInput | undefined;
  /** What stands between each attempt and the network, outermost first. */
  readonly interceptors?: readonly Interceptor[] | undefined;
}

/** All options, merged and checked. */
export interface ResolvedOptions {
  readonly strategy: ResolvedStrategy;
  /** The client's headers, and the request's: kept apart, since some of the client's are for its own origins only. */
  readonly defaultHeaders: Headers | undefined;
  /** The origins that credentials among the client's headers are for, by the header's name: those of the `baseUrl` that they came with. */
  readonly headerOrigins: Readonly<Record<string, ReadonlySet<string> | undefined>>;
  readonly headers: Headers | undefined;
  readonly fetchInit: RequestInit;
  readonly params: ParamEntries | undefined;
  readonly context: Context;
  readonly throwHttpErrors: boolean | undefined;
  /** Absent where nobody has said it. */
  readonly timeout: number | undefined;
  readonly totalTimeout: number;
  readonly signals: readonly AbortSignal[];
  readonly selector: Selector<unknown> | undefined;
  readonly observe: Observe | undefined;
  readonly fetch: Transport;
  readonly baseUrls: readonly URL[] | undefined;
  readonly interceptors: readonly Interceptor[];
}

/** The client's default headers that go to certain origins only. */
export const ORIGIN_BOUND_HEADERS: readonly string[] = ['authorization', 'cookie', 'proxy-authorization'];

/** What holds where nobody says otherwise. */
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
  fetch: platformFetch,
  baseUrls: undefined,
  interceptors: [],
};

/** Reads an option: what it makes of the settings so far. */
type OptionReader = (value: never, base: ResolvedOptions) => Partial<ResolvedOptions>;
type OptionReaders = Readonly<Record<string, OptionReader>>;

function optionReader(name: keyof ResolvedOptions, rule: OptionRule): OptionReader {
  return (value) => {
    check(name, value, rule);
    return { [name]: value };
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
    // One that has every field is handed on as it is: it may be of a class.
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
  headers: (headers: HeadersInput, base) => ({
    defaultHeaders: mergeHeaders(base.defaultHeaders, readHeaders('headers', headers)),
  }),
  interceptors: (interceptors: readonly Interceptor[], base) => {
    check('interceptors', interceptors, [[String], 'a function']);
    return { interceptors: [...base.interceptors, ...interceptors] };
  },
};

const REQUEST_READERS: OptionReaders = {
  ...COMMON_READERS,
  // It is read with the method.
  body: () => ({}),
  headers: (headers: HeadersInput) => ({ headers: readHeaders('headers', headers) }),
  observe: optionReader('observe', OBSERVE),
  selector: optionReader('selector', [
    undefined,
    'a function, or an object with open()',
    (selector: { readonly open?: unknown } | null) =>
      typeof (typeof selector === 'function' ? selector : selector?.open) === 'function',
  ]),
};

/** Fetch may know names that we do not, so not all of them can be checked; these are certainly wrong. */
function rejectMisspelledOption(name: string, readers: OptionReaders): void {
  if (name === 'method') throw new TypeError('method is an option of request(method, url)');
  if (Object.hasOwn(STRATEGY_RULES, name)) {
    throw new TypeError(`${name} is an option of strategy: { strategy: { ${name}: … } }`);
  }
  rejectUnknownOption(name, Object.keys(readers));
}

/** Fetch's own options, laid over others. */
export function mergeFetchInit(base: RequestInit, rest: FetchOptions): RequestInit {
  return {
    ...base,
    ...Object.fromEntries(Object.entries<unknown>({ ...rest }).filter(([, value]) => value !== undefined)),
  };
}

function applyOptions(
  base: ResolvedOptions,
  options: object,
  readers: OptionReaders,
  others: OptionReaders,
  whose: string,
): ResolvedOptions {
  checkOptions('options', options);
  const settings = { ...base, fetchInit: { ...base.fetchInit } as Record<string, unknown> };
  for (const [name, value] of Object.entries<unknown>(options as Readonly<Record<string, unknown>>)) {
    if (value === undefined) continue;
    if (Object.hasOwn(readers, name)) {
      Object.assign(settings, readers[name]?.(value as never, base));
      continue;
    }
    if (Object.hasOwn(others, name)) throw new TypeError(`${name} is an option of ${whose}`);
    rejectMisspelledOption(name, readers);
    settings.fetchInit[name] = value;
  }
  return settings;
}

/**
 * Lays a client's options over what holds so far.
 *
 * @throws TypeError or RangeError that names the option, its value and what was expected
 */
export function mergeClientOptions(base: ResolvedOptions, options: ClientOptions): ResolvedOptions {
  const settings = applyOptions(base, options, CLIENT_READERS, REQUEST_READERS, 'a request, not of the client');
  const own = options.headers && readHeaders('headers', options.headers);
  const origins = settings.baseUrls && new Set(settings.baseUrls.map(({ origin }) => origin));
  // A header that came with no baseUrl is for the first that comes after it.
  const bind = (name: string): [string, ReadonlySet<string> | undefined] => [
    name,
    own?.has(name) ? origins : (base.headerOrigins[name] ?? origins),
  ];
  return { ...settings, headerOrigins: Object.fromEntries(ORIGIN_BOUND_HEADERS.map(bind)) };
}

/** Lays a request's options over the client's; throws as {@link mergeClientOptions} does. */
export function mergeRequestOptions(
  base: ResolvedOptions,
  options: RequestOptions<unknown, Observe> | undefined,
): ResolvedOptions {
  return options === undefined
    ? base
    : applyOptions(base, options, REQUEST_READERS, CLIENT_READERS, 'the client; extend() makes one that has it');
}
