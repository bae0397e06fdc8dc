import type { Context } from './attempt.js';
import type { RequestBody } from './body.js';
import { checkArray, checkFunction, checkOptions, wrongType } from './check.js';
import { HttpNetworkError } from './errors/http-network-error.js';
import { HttpTimeoutError } from './errors/http-timeout-error.js';
import { type HeadersInput, mergeHeaders, readHeaders } from './headers.js';
import type { Interceptor } from './interceptor.js';
import { checkObserve, type Observe } from './retry-with-strategy.js';
import type { Selector } from './selectors/selector.js';
import { DEFAULT_POLICY, mergeStrategy, type Policy, type RetryStrategy, STRATEGY_CHECKS } from './strategy.js';
import { platformFetch } from './transports/fetch.js';
import type { Transport } from './transports/transport.js';
import { mergeParams, type Pairs, type Params } from './params.js';
import { checkBaseUrls, type UrlInput } from './url.js';

/** What fetch takes besides, handed on as it is. */
export type FetchOptions = { readonly [Name in Exclude<keyof RequestInit, 'body' | 'headers' | 'method' | 'signal' | 'window'>]?: RequestInit[Name] | undefined };

/** What a client and a request both take; the request's come over the client's. */
export interface CommonOptions extends FetchOptions {
  /** Merged by name, the request's over the client's. */
  readonly headers?: HeadersInput | undefined;
  /** Query parameters, added to the URL's own; merged by name, the request's over the client's. */
  readonly params?: Params | undefined;
  /** Yours: handed on in every attempt and event. */
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
export interface Settings {
  readonly policy: Policy;
  /** The client's headers, and the request's: kept apart, since some of the client's are for its own origins only. */
  readonly defaultHeaders: Headers | undefined;
  readonly headers: Headers | undefined;
  readonly init: RequestInit;
  readonly params: Pairs | undefined;
  readonly context: Context;
  readonly throwHttpErrors: boolean | undefined;
  /** Absent where nobody has said it. */
  readonly timeout: number | undefined;
  readonly totalTimeout: number;
  readonly signals: readonly AbortSignal[];
  readonly selector: Selector<unknown> | undefined;
  readonly observe: Observe | undefined;
  readonly transport: Transport;
  readonly bases: readonly URL[] | undefined;
  readonly interceptors: readonly Interceptor[];
}

/** What holds where nobody says otherwise. */
export const DEFAULT_SETTINGS: Settings = {
  policy: { ...DEFAULT_POLICY, errors: [HttpNetworkError, HttpTimeoutError] },
  defaultHeaders: undefined,
  headers: undefined,
  init: {},
  params: undefined,
  context: Object.freeze({}),
  throwHttpErrors: undefined,
  timeout: undefined,
  totalTimeout: Infinity,
  signals: [],
  selector: undefined,
  observe: undefined,
  transport: platformFetch,
  bases: undefined,
  interceptors: [],
};

function readLimit<Base extends number | undefined>(name: string, limit: number | false | undefined, base: Base): number | Base {
  if (limit === undefined) return base;
  if (limit === false) return Infinity;
  const expected = 'a number of ms above 0, or false';
  if (typeof limit !== 'number') throw wrongType(name, limit, expected);
  if (!(limit > 0)) throw new RangeError(`${name} must be ${expected}, not ${String(limit)}`);
  return limit;
}

function readSignal(signals: readonly AbortSignal[], signal: AbortSignal | null | undefined): readonly AbortSignal[] {
  if (signal === undefined || signal === null) return signals;
  if (typeof signal !== 'object' || !('aborted' in signal)) throw wrongType('signal', signal, 'an AbortSignal');
  return signals.includes(signal) ? signals : [...signals, signal];
}

function checkSelector(selector: unknown): void {
  const resumes = typeof selector === 'object' && selector !== null && 'open' in selector && typeof selector.open === 'function';
  if (typeof selector !== 'function' && !resumes) throw wrongType('selector', selector, 'a function, or an object with open()');
}

/** Fetch's own options: whatever is left when ours are taken out. */
export function mergeInit(base: RequestInit, rest: FetchOptions): RequestInit {
  const given = Object.entries<unknown>({ ...rest }).filter(([, value]) => value !== undefined);
  return given.length === 0 ? base : { ...base, ...Object.fromEntries(given) };
}

function mergeCommon(base: Settings, options: CommonOptions): Settings {
  const { params, context, strategy, throwHttpErrors, timeout, totalTimeout, signal, headers: _, ...rest } = options;
  refuseMisspelt(rest);
  if (context !== undefined) checkOptions('context', context);
  if (throwHttpErrors !== undefined && typeof throwHttpErrors !== 'boolean') throw wrongType('throwHttpErrors', throwHttpErrors, 'true or false');
  return {
    ...base,
    policy: mergeStrategy(base.policy, strategy),
    init: mergeInit(base.init, rest),
    params: mergeParams('params', base.params, params),
    context: (context as Context | undefined) ?? base.context,
    throwHttpErrors: throwHttpErrors ?? base.throwHttpErrors,
    timeout: readLimit('timeout', timeout, base.timeout),
    totalTimeout: readLimit('totalTimeout', totalTimeout, base.totalTimeout),
    signals: readSignal(base.signals, signal),
  };
}

const OWN = ['baseUrl', 'body', 'context', 'fetch', 'headers', 'interceptors', 'observe', 'params', 'selector', 'signal', 'strategy', 'throwHttpErrors', 'timeout', 'totalTimeout'];

/** Fetch may know names that we do not, so not all of them can be checked; these are certainly wrong. */
function refuseMisspelt(rest: object): void {
  for (const [name, value] of Object.entries<unknown>({ ...rest })) {
    if (value === undefined) continue;
    if (Object.hasOwn(STRATEGY_CHECKS, name)) throw new TypeError(`${name} is an option of strategy: { strategy: { ${name}: … } }`);
    const meant = OWN.find((own) => own.toLowerCase() === name.toLowerCase());
    if (meant !== undefined) throw new TypeError(`${name} is no option; ${meant} is`);
  }
}

/** Whose an option is, for those who put it in the wrong place. */
function refuse(options: object, names: readonly string[], whose: string): void {
  for (const name of names) {
    if ((options as Record<string, unknown>)[name] !== undefined) throw new TypeError(`${name} is an option of ${whose}`);
  }
}

/**
 * Lays a client's options over what holds so far.
 *
 * @throws TypeError or RangeError that names the option, its value and what was expected
 */
export function clientSettings(base: Settings, options: ClientOptions): Settings {
  checkOptions('options', options);
  refuse(options, ['body', 'selector', 'observe'], 'a request, not of the client');
  refuse(options, ['method'], 'request(method, url)');
  const { fetch: transport, baseUrl, interceptors, ...common } = options;
  if (transport !== undefined) checkFunction('fetch', transport);
  if (interceptors !== undefined) checkArray('interceptors', interceptors, 'an array of functions', (item) => typeof item === 'function');
  return {
    ...mergeCommon(base, common),
    defaultHeaders: mergeHeaders(base.defaultHeaders, readHeaders('headers', options.headers)),
    transport: transport ?? base.transport,
    bases: baseUrl === undefined ? base.bases : checkBaseUrls('baseUrl', baseUrl),
    interceptors: interceptors ? [...base.interceptors, ...interceptors] : base.interceptors,
  };
}

/** Lays a request's options over the client's; throws as {@link clientSettings} does. */
export function requestSettings(base: Settings, options: RequestOptions<unknown, Observe> | undefined): Settings {
  if (options === undefined) return base;
  checkOptions('options', options);
  refuse(options, ['fetch', 'baseUrl', 'interceptors'], 'the client; extend() makes one that has it');
  refuse(options, ['method'], 'request(method, url)');
  const { selector, observe, body: _, ...common } = options;
  checkObserve('observe', observe);
  if (selector !== undefined) checkSelector(selector);
  return { ...mergeCommon(base, common), headers: readHeaders('headers', options.headers), selector, observe };
}

