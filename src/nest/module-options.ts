import type { ClientOptions } from '../client/options.js';
import { check, isOptions, type OptionRule } from '../util/option-rule.js';

/** The least important level that is logged. */
export type RetryLogLevel = 'debug' | 'log' | 'warn' | 'error';

/** Options of a client in Nest: those of the client, and these. */
export interface RetryClientModuleOptions extends ClientOptions {
  /**
   * Options for `extend`, each over those before: what other libraries and entries of this package return, such as
   * those of telemetry.
   */
  readonly extensions?: readonly ClientOptions[] | undefined;
  /**
   * What Nest's `Logger` is told of attempts. `error`: requests that failed for good; `warn`: retries, too; `log`: what
   * succeeded, was cancelled, held or hedged, too; `debug`: all. `false` is silent, and makes no events.
   *
   * @default 'warn'
   */
  readonly log?: RetryLogLevel | false | undefined;
  /**
   * How long requests may go on when the application shuts down, in ms; then they are aborted. `false` for no limit.
   *
   * @default 10_000
   */
  readonly shutdownTimeout?: number | false | undefined;
}

/** The options of a client in Nest, taken apart. */
export interface ResolvedModuleOptions {
  readonly client: ClientOptions;
  readonly extensions: readonly ClientOptions[];
  readonly log: RetryLogLevel | false;
  readonly shutdownTimeout: number | false;
}

/** From the least important one. */
export const LOG_LEVELS: readonly RetryLogLevel[] = ['debug', 'log', 'warn', 'error'];

const LOG: OptionRule = [
  undefined,
  "'debug', 'log', 'warn', 'error' or false",
  (level: unknown) => level === false || (LOG_LEVELS as readonly unknown[]).includes(level),
];
const EXTENSIONS: OptionRule = [[undefined], 'an object of options', isOptions];
const SHUTDOWN_TIMEOUT: OptionRule = [
  undefined,
  'a number of ms above 0, or false',
  (ms: unknown) => ms === false || (typeof ms === 'number' && ms > 0),
];

/**
 * Takes options apart, and checks those that are not the client's.
 *
 * @throws TypeError or RangeError that names the option, its value and what was expected
 */
export function resolveModuleOptions(options: RetryClientModuleOptions): ResolvedModuleOptions {
  const { extensions = [], log = 'warn', shutdownTimeout = 10_000, ...client } = options;
  check('extensions', extensions, EXTENSIONS);
  check('log', log, LOG);
  check('shutdownTimeout', shutdownTimeout, SHUTDOWN_TIMEOUT);
  return { client, extensions, log, shutdownTimeout };
}
