import type { OptionValues } from './option-values.js';
import {
  anyText,
  credentials,
  duration,
  header,
  httpUrl,
  idempotencyKey,
  integer,
  listOf,
  method,
  names,
  number,
  oneOf,
  orKeyword,
  repeated,
  timeLimit,
  type ValueParser,
} from './value-parsers.js';

/** The heading of `--help` that an option is listed under. */
export type OptionGroup = 'Request' | 'Retries' | 'Waits between attempts' | 'Time limits' | 'Simulation' | 'Output';

/** The definition of an option. */
export interface Option<T> {
  readonly group: OptionGroup;
  readonly short?: string;
  /** The name of its argument in `--help`. A flag has neither argument nor parser. */
  readonly argument?: string;
  /** Whether the argument can be left out. Otherwise the next word would be it, so it is given as `--name=ARGUMENT`. */
  readonly isArgumentOptional?: true;
  readonly parser?: ValueParser<T>;
  readonly description: string;
}

/**
 * Every option of the command line. Parsing, error messages and `--help` all read this table, so they cannot disagree.
 */
export const options: { readonly [Name in keyof OptionValues]: Option<OptionValues[Name]> } = {
  request: {
    group: 'Request',
    short: 'X',
    argument: 'METHOD',
    parser: method,
    description: 'The method, instead of the word before the URL. If both are given, they must be the same.',
  },
  header: {
    group: 'Request',
    short: 'H',
    argument: "'NAME: VALUE'",
    parser: repeated(header),
    description: 'A header to send. Can be repeated.',
  },
  user: {
    group: 'Request',
    short: 'u',
    argument: 'USER:PASSWORD',
    parser: credentials,
    description:
      'Basic authentication. It is never printed, but other users of the machine may see a command line. There is no password prompt.',
  },
  data: {
    group: 'Request',
    short: 'd',
    argument: 'TEXT|@FILE|@-',
    parser: repeated(anyText),
    description:
      'The body: the text itself, a file, or standard input. If repeated, the parts are joined by &. A file is read again for each attempt; standard input is kept in memory, since it can be read only once. Without a content-type header, a text is sent as text/plain and a file without a content type.',
  },
  'base-url': {
    group: 'Request',
    argument: 'URL',
    parser: repeated(httpUrl),
    description: 'The base of relative URLs. If repeated, each base is tried in turn: failover for every URL.',
  },
  'idempotency-key': {
    group: 'Request',
    argument: 'KEY',
    isArgumentOptional: true,
    parser: idempotencyKey,
    description:
      'Sends an Idempotency-Key header with a POST or PATCH, by which the server recognizes a request that it gets twice. The request is then sent again like a GET. Default KEY: a random UUID.',
  },
  transport: {
    group: 'Request',
    argument: 'NAME',
    parser: oneOf('fetch', 'node-fetch', 'undici'),
    description:
      'The transport that sends requests: fetch; or node-fetch or undici, if that package is installed. Default: fetch.',
  },

  attempts: {
    group: 'Retries',
    argument: 'N|infinity',
    parser: orKeyword(integer(1), 'infinity', Infinity),
    description:
      'The number of attempts, including the first. Default: 3, or one per URL if there are more URLs; with --backoff list, one more than it has delays.',
  },
  methods: {
    group: 'Retries',
    argument: 'LIST|none',
    parser: listOf(method, 'methods separated by commas such as GET,POST, or none'),
    description:
      'Methods that may be sent again. Default: GET,HEAD,OPTIONS,TRACE,PUT,DELETE,QUERY. Any other method is sent again only if the attempt sent nothing, or with an idempotency key.',
  },
  statuses: {
    group: 'Retries',
    argument: 'LIST|none',
    parser: listOf(integer(100, 599), 'statuses separated by commas such as 429,503, or none'),
    description: 'Statuses to retry. Default: 408,425,429, and all from 500.',
  },
  'no-retry-server-errors': {
    group: 'Retries',
    description: 'Of the statuses from 500, retry only those in --statuses.',
  },
  errors: {
    group: 'Retries',
    argument: 'LIST|none',
    parser: listOf(oneOf('network', 'timeout'), 'network, timeout, both separated by a comma, or none'),
    description: 'Kinds of errors to retry. Default: network,timeout.',
  },
  'max-retry-after': {
    group: 'Retries',
    argument: 'TIME',
    parser: duration,
    description:
      'The longest Retry-After to wait for. A longer one ends the request; 0 ignores the header. Default: 1m.',
  },
  hedge: {
    group: 'Retries',
    argument: 'TIME',
    parser: duration,
    description:
      'Sends an attempt once more if no response has come after TIME, to the next URL if there is one. The first response that needs no retry wins, and the other request is cut.',
  },
  rotation: {
    group: 'Retries',
    argument: 'cycle|hold',
    parser: oneOf('cycle', 'hold'),
    description: 'After the last URL: start over with the first, or stay on it. Default: cycle.',
  },

  backoff: {
    group: 'Waits between attempts',
    argument: 'NAME',
    parser: oneOf('constant', 'exponential', 'fibonacci', 'random', 'list', 'jitter', 'decorrelated'),
    description:
      'How the waits grow: constant, exponential, fibonacci, random, list, jitter or decorrelated. Default: exponential.',
  },
  initial: {
    group: 'Waits between attempts',
    argument: 'TIME',
    parser: duration,
    description: 'The first wait of constant, exponential, fibonacci, jitter and decorrelated. Default: 100ms.',
  },
  factor: {
    group: 'Waits between attempts',
    argument: 'NUMBER',
    parser: number(1),
    description: 'The factor of exponential and jitter. Default: 2.',
  },
  max: {
    group: 'Waits between attempts',
    argument: 'TIME',
    parser: duration,
    description: 'The longest wait, except of constant and list. Default: 30s; of random, 3s.',
  },
  min: {
    group: 'Waits between attempts',
    argument: 'TIME',
    parser: duration,
    description: 'The shortest wait of random. Default: 100ms.',
  },
  interval: {
    group: 'Waits between attempts',
    argument: 'TIME',
    parser: duration,
    description: 'The most that jitter adds at random. Default: 2s.',
  },
  delays: {
    group: 'Waits between attempts',
    argument: 'LIST',
    parser: listOf(duration, 'durations separated by commas such as 100ms,1s,5s'),
    description: 'The waits of list. The last one repeats.',
  },
  jitter: {
    group: 'Waits between attempts',
    argument: 'full|equal|none',
    parser: oneOf('full', 'equal', 'none'),
    description:
      'Draws each wait at random from its full range or its upper half, or uses it unchanged. Default: full for exponential and fibonacci, otherwise none.',
  },
  seed: {
    group: 'Waits between attempts',
    argument: 'N',
    parser: integer(0, 2 ** 32 - 1),
    description: 'Makes the random waits the same in every run. With simulate: the seed of all random numbers.',
  },

  timeout: {
    group: 'Time limits',
    argument: 'TIME|none',
    parser: timeLimit,
    description: 'The longest time without data in an attempt, for the headers and within the body. Default: 30s.',
  },
  'total-timeout': {
    group: 'Time limits',
    argument: 'TIME|none',
    parser: timeLimit,
    description: 'The limit for the whole request, including waits and the body. Default: none.',
  },

  compare: {
    group: 'Simulation',
    argument: 'NAMES',
    parser: names,
    description:
      'The strategies to compare, separated by commas. Default: those of the scenario file, or none,plain,default.',
  },

  output: {
    group: 'Output',
    short: 'o',
    argument: 'FILE',
    parser: anyText,
    description:
      'Writes the body to a file. A download that breaks off is resumed, if the server proves that the rest is of the same version.',
  },
  continue: {
    group: 'Output',
    short: 'C',
    description:
      'With --output: resumes the download of an earlier command. FILE.resume records the version of the download and the digest of its part. If it is missing, or one of them does not match, the download starts over.',
  },
  include: {
    group: 'Output',
    short: 'i',
    description: 'Writes the status line and the headers before the body. With the method HEAD, this is the default.',
  },
  har: {
    group: 'Output',
    argument: 'FILE',
    parser: anyText,
    description:
      'Writes all attempts to a HAR file, which the developer tools of browsers open. It has no bodies, cookies and credentials.',
  },
  html: {
    group: 'Output',
    argument: 'FILE',
    parser: anyText,
    description:
      'Writes a page with the waterfall of all attempts to a file. With simulate: a page with the table and the charts.',
  },
  quiet: {
    group: 'Output',
    short: 'q',
    description: 'Shows no attempts on standard error, only an error. With simulate: no progress.',
  },
  json: {
    group: 'Output',
    description:
      'Writes each event of the attempts to standard error as a line of JSON. With simulate: writes the reports as JSON.',
  },
  help: { group: 'Output', short: 'h', description: 'Shows this help.' },
  version: { group: 'Output', short: 'V', description: 'Shows the version.' },
};

/** Checks whether an option of this name exists. */
export function isOptionName(name: string): name is keyof OptionValues {
  return Object.hasOwn(options, name);
}

/** Checks whether an option is a part of the strategy, and not of the request, its time limits or the output. */
export function isStrategyOption(name: keyof OptionValues): boolean {
  const { group } = options[name];
  return (group === 'Retries' || group === 'Waits between attempts') && name !== 'seed';
}

/** Returns the option of a long name. */
export function getOption<Name extends keyof OptionValues>(name: Name): Option<OptionValues[Name]> {
  return options[name];
}
