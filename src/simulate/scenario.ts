import { checkUrls, tryParseUrl } from '../http/url.js';
import { checkKnownOptions, type OptionRules } from '../util/known-options.js';
import { check, checkOptions, FUNCTION, type OptionRule } from '../util/option-rule.js';
import type { Server } from './server.js';

/** What happens in a simulation: who sends when, over which network, to which server. All times are in ms. */
export interface Scenario {
  /** A whole number that determines all random numbers: with the same seed the report is the same. @default 1 */
  readonly seed?: number | undefined;
  /** Requests begin until then, and what is still under way then is left. */
  readonly duration: number;
  /**
   * The number of clients. Each sends requests of its own, and has a strategy of its own if a function makes it.
   *
   * @default 1
   */
  readonly clients?: number | undefined;
  /**
   * How many requests a client begins in a second, at random times (a Poisson process): a number, or a function of the
   * time. With `'together'` each client begins one request at the start.
   *
   * A function is asked every 10 ms.
   */
  readonly rate: number | ((at: number) => number) | 'together';
  /** As in the client: how long an attempt may wait for a response; `false` for no limit. @default 30_000 */
  readonly timeout?: number | false | undefined;
  /** As in the client: how long a request may take; `false` for no limit. @default false */
  readonly totalTimeout?: number | false | undefined;
  /** Returns how long a message takes, one way. @default () => 0 */
  readonly network?: ((random: () => number) => number) | undefined;
  /** The absolute URLs of each request, which the client tries in turn. @default ['http://server.test/'] */
  readonly urls?: readonly string[] | undefined;
  /** What the server does. Each URL is a server of its own, with the same model. */
  readonly server: Server;
}

/** A scenario whose options are all there. */
export type ResolvedScenario = {
  readonly [Name in Exclude<keyof Scenario, 'timeout' | 'totalTimeout'>]-?: NonNullable<Scenario[Name]>;
} & Pick<Scenario, 'timeout' | 'totalTimeout'>;

const COUNT: OptionRule = [1, 'a whole number of at least 1', (count: number) => Number.isInteger(count) && count >= 1];
const DURATION: OptionRule = [0, 'a finite number above 0', (ms: number) => ms > 0 && ms < Infinity];
const TIMEOUT: OptionRule = [0, 'a number above 0, or false', (ms: number) => ms > 0];

/** A client treats another one as a server that cannot be reached. */
const ABSOLUTE_URLS: OptionRule = [[''], 'an absolute URL', (url: string) => tryParseUrl(url) !== undefined];

const RULES: OptionRules<Scenario> = {
  // A fraction would be cut off, and Math.random() would be 0.
  seed: [0, 'a whole number', Number.isSafeInteger],
  duration: DURATION,
  clients: COUNT,
  rate: [
    undefined,
    "a finite number of at least 0, a function that returns one, or 'together'",
    (rate: unknown) =>
      rate === 'together' || typeof rate === 'function' || (typeof rate === 'number' && rate >= 0 && rate < Infinity),
  ],
  timeout: TIMEOUT,
  totalTimeout: TIMEOUT,
  network: FUNCTION,
  urls: [undefined, 'a list of URLs', Array.isArray],
  server: FUNCTION,
};

/** Without a limit is with an infinite one. */
function orInfinity<T>(limit: T | false): T | number {
  return limit === false ? Infinity : limit;
}

/** @throws TypeError or RangeError that names the bad option */
export function resolveScenario(scenario: Scenario): ResolvedScenario {
  checkOptions('scenario', scenario);
  const { timeout, totalTimeout, ...others } = scenario;
  checkKnownOptions(
    { ...others, timeout: orInfinity(timeout), totalTimeout: orInfinity(totalTimeout) },
    RULES,
    'scenario',
  );
  for (const name of ['duration', 'rate', 'server'] as const) {
    if ((scenario as Partial<Scenario>)[name] === undefined) throw new TypeError(`scenario.${name} is missing`);
  }
  const { seed = 1, clients = 1, network = () => 0, urls = ['http://server.test/'] } = scenario;
  const absolute = checkUrls('scenario.urls', urls);
  check('scenario.urls', absolute, ABSOLUTE_URLS);
  return { ...scenario, seed, clients, network, urls: absolute };
}
