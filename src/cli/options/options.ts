import type { Values } from './option-values.js';
import {
  credentials,
  duration,
  header,
  httpUrl,
  limit,
  listOf,
  method,
  number,
  orWord,
  repeated,
  text,
  whole,
  word,
  type Reader,
} from './value-parsers.js';

/** Under which head of the help an option stands. */
export type Group = 'Request' | 'Retries' | 'Waits between attempts' | 'Time limits' | 'Output';

/** What there is to know of one option. */
export interface Option<T> {
  readonly group: Group;
  readonly short?: string;
  /** How help calls its argument; with `reader`, or neither for a flag. */
  readonly argument?: string;
  readonly reader?: Reader<T>;
  readonly about: string;
}

/** Every option of the command line: parsing, errors and help all read this table, so that they cannot disagree. */
export const options: { readonly [Name in keyof Values]: Option<Values[Name]> } = {
  request: {
    group: 'Request',
    short: 'X',
    argument: 'METHOD',
    reader: method,
    about: 'The method, in place of the word before the URL. Where both are given they must agree.',
  },
  header: {
    group: 'Request',
    short: 'H',
    argument: "'NAME: VALUE'",
    reader: repeated(header),
    about: 'A header to send. May be given again.',
  },
  user: {
    group: 'Request',
    short: 'u',
    argument: 'USER:PASSWORD',
    reader: credentials,
    about:
      'Basic authentication. Shown nowhere here, but other users of the machine may see a command line. The password is never asked for.',
  },
  data: {
    group: 'Request',
    short: 'd',
    argument: 'TEXT|@FILE|@-',
    reader: repeated(text),
    about:
      'The body: the text itself, a file, or standard input. Given again, the parts are joined by &. A file is read anew for each attempt; standard input is kept in memory, since it can be read only once. Without a content-type header a text goes as text/plain, a file with none.',
  },
  'base-url': {
    group: 'Request',
    argument: 'URL',
    reader: repeated(httpUrl),
    about: 'What relative URLs are resolved against. Given again, each is tried in turn: failover for every URL.',
  },
  transport: {
    group: 'Request',
    argument: 'NAME',
    reader: word('fetch', 'node-fetch', 'undici'),
    about: 'What sends: fetch; or node-fetch or undici, to be installed beside. Default: fetch.',
  },

  attempts: {
    group: 'Retries',
    argument: 'N|infinity',
    reader: orWord(whole(1), 'infinity', Infinity),
    about:
      'How many attempts in all, the first included. Default: 3, or one per URL where there are more; with --backoff list one more than it has delays.',
  },
  methods: {
    group: 'Retries',
    argument: 'LIST|none',
    reader: listOf(method, 'methods between commas such as GET,POST, or none'),
    about:
      'Methods that may be sent again. Default: GET,HEAD,OPTIONS,TRACE,PUT,DELETE,QUERY. Any other is where nothing was sent, or with an Idempotency-Key header.',
  },
  statuses: {
    group: 'Retries',
    argument: 'LIST|none',
    reader: listOf(whole(100, 599), 'statuses between commas such as 429,503, or none'),
    about: 'Statuses to retry. Default: 408,425,429, and all from 500.',
  },
  'no-retry-server-errors': { group: 'Retries', about: 'Of the statuses from 500, retry only those in --statuses.' },
  errors: {
    group: 'Retries',
    argument: 'LIST|none',
    reader: listOf(word('network', 'timeout'), 'network, timeout, both between a comma, or none'),
    about: 'Kinds of errors to retry. Default: network,timeout.',
  },
  'max-retry-after': {
    group: 'Retries',
    argument: 'TIME',
    reader: duration,
    about: 'The longest Retry-After to wait for; a longer one ends the request, 0 ignores the header. Default: 1m.',
  },
  rotation: {
    group: 'Retries',
    argument: 'cycle|hold',
    reader: word('cycle', 'hold'),
    about: 'After the last URL: start over, or stay on it. Default: cycle.',
  },

  backoff: {
    group: 'Waits between attempts',
    argument: 'NAME',
    reader: word('constant', 'exponential', 'fibonacci', 'random', 'list', 'jitter', 'decorrelated'),
    about:
      'How the waits grow: constant, exponential, fibonacci, random, list, jitter or decorrelated. Default: exponential.',
  },
  initial: {
    group: 'Waits between attempts',
    argument: 'TIME',
    reader: duration,
    about: 'The first wait of constant, exponential, fibonacci, jitter and decorrelated. Default: 100ms.',
  },
  factor: {
    group: 'Waits between attempts',
    argument: 'NUMBER',
    reader: number(1),
    about: 'What exponential and jitter multiply by. Default: 2.',
  },
  max: {
    group: 'Waits between attempts',
    argument: 'TIME',
    reader: duration,
    about: 'The longest wait of all but constant and list. Default: 30s, of random 3s.',
  },
  min: {
    group: 'Waits between attempts',
    argument: 'TIME',
    reader: duration,
    about: 'The shortest wait of random. Default: 100ms.',
  },
  interval: {
    group: 'Waits between attempts',
    argument: 'TIME',
    reader: duration,
    about: 'What jitter adds at most, at random. Default: 2s.',
  },
  delays: {
    group: 'Waits between attempts',
    argument: 'LIST',
    reader: listOf(duration, 'durations between commas such as 100ms,1s,5s'),
    about: 'The waits of list, the last one repeating.',
  },
  jitter: {
    group: 'Waits between attempts',
    argument: 'full|equal|none',
    reader: word('full', 'equal', 'none'),
    about:
      'Draws each wait at random: from all of it, from its upper half, or not. Default: full for exponential and fibonacci, else none.',
  },
  seed: {
    group: 'Waits between attempts',
    argument: 'N',
    reader: whole(0, 2 ** 32 - 1),
    about: 'Makes the random waits the same in every run.',
  },

  timeout: {
    group: 'Time limits',
    argument: 'TIME|none',
    reader: limit,
    about: 'The longest silence in one attempt, in headers and in the body. Default: 30s.',
  },
  'total-timeout': {
    group: 'Time limits',
    argument: 'TIME|none',
    reader: limit,
    about: 'The limit for everything, waits and body included. Default: none.',
  },

  output: {
    group: 'Output',
    short: 'o',
    argument: 'FILE',
    reader: text,
    about:
      'Writes the body to a file. What breaks off goes on where it was, if the server proves that the rest is of the same version.',
  },
  continue: {
    group: 'Output',
    short: 'C',
    about:
      'With --output: goes on where an earlier command broke off. FILE.resume tells which version its part is of, and its digest; without it, or where one of these is another, the file is begun anew.',
  },
  include: {
    group: 'Output',
    short: 'i',
    about: 'Writes the status line and the headers before the body, as for the HEAD method always.',
  },
  quiet: { group: 'Output', short: 'q', about: 'Shows no attempts on standard error; an error is still told.' },
  json: { group: 'Output', about: 'Writes each event of the attempts to standard error as one line of JSON.' },
  help: { group: 'Output', short: 'h', about: 'Shows this.' },
  version: { group: 'Output', short: 'V', about: 'Shows the version.' },
};

/** Whether an option of this name exists. */
export function isOption(name: string): name is keyof Values {
  return Object.hasOwn(options, name);
}

/** An option by its long name. */
export function option<Name extends keyof Values>(name: Name): Option<Values[Name]> {
  return options[name];
}
