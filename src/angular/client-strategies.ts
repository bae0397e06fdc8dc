import { OPTIONS_INDEX } from '../client/options-index.js';
import type { ClientOptions } from '../client/options.js';
import type { RetryClient } from '../client/retry-client.js';
import type { Gate } from '../retry/gate.js';
import { DEFAULT_STRATEGY, mergeStrategy, type RetryStrategy } from '../retry/strategy.js';
import { isOptions } from '../util/option-rule.js';
import type { HttpRetryLimits } from './settings.js';

/** What a RetryClient has instead of the limits of HttpClient's strategies. */
const INSTEAD: { readonly [Name in keyof HttpRetryLimits]-?: string } = {
  maxServerWait: 'totalTimeout',
  timeout: 'timeout beside the strategy',
  totalTimeout: 'totalTimeout beside the strategy',
};

/**
 * Checks what is for HttpClient's strategies only.
 *
 * @param of - what the message puts before the name
 * @throws TypeError that says what a RetryClient has instead
 */
function rejectLimits(of: string, names: readonly (keyof HttpRetryLimits)[], options: object): void {
  for (const name of names) {
    if ((options as HttpRetryLimits)[name] !== undefined) {
      throw new TypeError(`${of}${name} is only for strategies of HttpClient; a RetryClient has ${INSTEAD[name]}`);
    }
  }
}

/**
 * Checks the options of a client, or of a request, for what is for HttpClient's strategies only. The client itself
 * checks the rest.
 */
export function rejectHttpLimits(options: object): void {
  rejectLimits('', ['maxServerWait'], options);
  const { strategy } = options as AnyOptions;
  // What is no object is left to the client, which refuses it by name.
  if (isOptions(strategy)) {
    rejectLimits('strategy.', Object.keys(INSTEAD) as (keyof HttpRetryLimits)[], strategy);
  }
}

/**
 * Returns what makes of the strategy of a request, or of an extension, the one that the app's client sends it by: it
 * keeps the app's first gate, and obeys the strategy of tests.
 */
export function strategyAdapter(firstGate: Gate, forced: RetryStrategy | undefined): StrategyAdapter {
  return (strategy) => {
    // Before it is changed, so that a message names what was passed.
    mergeStrategy(DEFAULT_STRATEGY, strategy);
    const gates = strategy?.gates && [firstGate, ...strategy.gates];
    return gates || forced ? { ...strategy, ...(gates && { gates }), ...forced } : strategy;
  };
}

/** Adapts the strategy that a request, or an extension, brings. */
export type StrategyAdapter = (strategy: RetryStrategy | undefined) => RetryStrategy | undefined;

interface AnyOptions {
  readonly strategy?: RetryStrategy | undefined;
}

/** Returns options with an adapted strategy; the same options if there is nothing to adapt. */
function adaptOptions<O extends AnyOptions>(options: O | undefined, adapt: StrategyAdapter): O | undefined {
  // What is no object of options is left to the client, which refuses it by name.
  if (options !== undefined && !isOptions(options)) return options;
  if (options) rejectHttpLimits(options);
  const strategy = adapt(options?.strategy);
  return strategy === options?.strategy ? options : ({ ...options, strategy } as O);
}

/**
 * Has a client, and the clients that it is extended to, adapt the strategies of their requests: those that a request
 * brings replace fields of the client's, also the `gates` that the app has put there.
 *
 * @returns the same client
 */
export function adaptStrategies(client: RetryClient, adapt: StrategyAdapter): RetryClient {
  const methods = client as unknown as Record<string, (...args: unknown[]) => unknown>;
  for (const [name, index] of Object.entries(OPTIONS_INDEX)) {
    const method = methods[name];
    methods[name] = (...args) => {
      const options = args[index] as AnyOptions | undefined;
      const adapted = adaptOptions(options, adapt);
      if (adapted !== options) args[index] = adapted;
      return method?.(...args);
    };
  }
  const extend = client.extend.bind(client);
  client.extend = (options: ClientOptions) =>
    adaptStrategies(extend(adaptOptions(options, adapt) as ClientOptions), adapt);
  return client;
}
