import { resolve } from 'node:path';
import { parseArgs, type ParseArgsConfig } from 'node:util';

import { isRepeatable } from '../../retry/decide-retry.js';
import { DEFAULT_STRATEGY } from '../../retry/strategy.js';
import { safeText, safeUrl } from '../../util/safe-text.js';
import { UsageError } from '../failures/usage-error.js';
import { checkSimulation, type SimulateCommand } from '../simulate/simulate-command.js';
import { closestMatch } from './closest-match.js';
import type { OptionValues } from './option-values.js';
import { isOptionName, getOption, options, type Option } from './options.js';
import { httpUrl, method as methodParser, type ValueParser } from './value-parsers.js';

const COMMON_METHODS: readonly string[] = [
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
  'TRACE',
  'CONNECT',
  'QUERY',
];

/** The first words that are no methods. */
const COMMANDS: readonly string[] = ['demo', 'simulate'];

/** The command that a command line describes. */
export type Command = { readonly kind: 'help' | 'version' | 'demo' } | RequestCommand | SimulateCommand;

/** The command to send a request. */
export interface RequestCommand {
  readonly kind: 'request';
  readonly method: string;
  readonly urls: readonly string[];
  readonly values: Partial<OptionValues>;
}

/**
 * Reads a command line and checks it.
 *
 * @param argv - the arguments after the program's name
 * @throws UsageError naming the wrong argument and what was expected
 */
export function readArguments(argv: readonly string[]): Command {
  const { values, positionals } = splitArguments(argv);
  if (values.help || positionals[0] === 'help') return { kind: 'help' };
  if (values.version) return { kind: 'version' };
  const [command, ...urls] = withRequestMethod(positionals, values);
  if (command === undefined) throw new UsageError('expected a method and a URL, such as: get https://example.com');
  if (command === 'demo') {
    const [extra] = [...urls, ...Object.keys(values).map((name) => `--${name}`)];
    if (extra !== undefined) {
      throw new UsageError(`demo: expected no argument after it, got '${describeUrl(extra)}'`);
    }
    return { kind: 'demo' };
  }
  if (command === 'simulate') return checkSimulation(urls, values);
  return checkRequest(command, urls, values);
}

/**
 * Puts the method of `--request` before the URLs if no method stands there.
 *
 * A first word that is not a common method can be a relative URL, so it is not taken for a method.
 */
function withRequestMethod(positionals: readonly string[], { request }: Partial<OptionValues>): readonly string[] {
  const [first = ''] = positionals;
  if (request === undefined || COMMANDS.includes(first)) return positionals;
  if (!COMMON_METHODS.includes(first.toUpperCase())) return [request, ...positionals];
  if (first.toUpperCase() !== request) throw new UsageError(`--request ${request} and ${first}: expected one method`);
  return positionals;
}

type ParseArgsOptions = NonNullable<ParseArgsConfig['options']>;

/** Separates options from other words. `parseArgs` is not strict here: its own errors do not say what was expected. */
function splitArguments(argv: readonly string[]): { values: Partial<OptionValues>; positionals: string[] } {
  const optionTypes: ParseArgsOptions = {};
  for (const [name, { short, parser, isArgumentOptional }] of Object.entries(options) as [string, Option<unknown>][]) {
    const takesNextWord = parser !== undefined && isArgumentOptional === undefined;
    optionTypes[name] = { type: takesNextWord ? 'string' : 'boolean', ...(short !== undefined && { short }) };
  }
  const { tokens } = parseArgs({ args: [...argv], options: optionTypes, strict: false, tokens: true });
  const values: Partial<OptionValues> = {};
  const positionals: string[] = [];
  for (const [i, token] of tokens.entries()) {
    if (token.kind === 'positional') positionals.push(token.value);
    if (token.kind !== 'option') continue;
    if (!isOptionName(token.name)) throw unknownOptionError(token.rawName);
    const next = tokens[i + 1];
    if (token.value === undefined && next?.kind === 'positional') refuseArgument(token.name, next.value);
    Object.assign(values, { [token.name]: parseOption(token.name, token.rawName, token.value, values[token.name]) });
  }
  return { values, positionals };
}

/**
 * Refuses a word after an option whose optional argument was left out, unless it can only be a method or a URL: it may
 * have been meant as the argument, and would be taken for a relative URL.
 */
function refuseArgument(name: keyof OptionValues, word: string): void {
  const { isArgumentOptional, argument = '' } = getOption(name);
  if (!isArgumentOptional || COMMON_METHODS.includes(word.toUpperCase()) || httpUrl.parse(word) !== undefined) return;
  throw new UsageError(
    `--${name}: expected its ${argument} after a '=', or a method or URL as the next word, got '${describeUrl(word)}'`,
  );
}

function parseOption<Name extends keyof OptionValues>(
  name: Name,
  rawName: string,
  text: string | undefined,
  previous: OptionValues[Name] | undefined,
): OptionValues[Name] | true {
  const { parser, isArgumentOptional } = getOption(name);
  if (text === undefined && isArgumentOptional) return true;
  if (parser === undefined) {
    if (text !== undefined) throw new UsageError(`${rawName}: expected no value, got '${safeText(text)}'`);
    return true;
  }
  const value = text === undefined ? undefined : parser.parse(text, previous);
  if (value === undefined) {
    throw new UsageError(`${rawName}: expected ${parser.expected}, got ${describeText(text, parser)}`);
  }
  return value;
}

/** Describes an invalid text for an error message, without secrets. */
function describeText(text: string | undefined, { secret, url }: ValueParser<unknown>): string {
  if (text === undefined) return 'nothing';
  return secret ? 'something else' : `'${url ? describeUrl(text) : safeText(text)}'`;
}

function unknownOptionError(rawName: string): UsageError {
  const suggestion = closestMatch(
    rawName,
    Object.keys(options).map((name) => `--${name}`),
  );
  return new UsageError(
    `${safeText(rawName)}: no such option${suggestion === undefined ? '; --help lists them' : `, did you mean ${suggestion}?`}`,
  );
}

function checkRequest(command: string, urls: readonly string[], values: Partial<OptionValues>): RequestCommand {
  if (values.compare !== undefined) {
    throw new UsageError(`--compare: expected the command simulate, got '${describeUrl(command)}'`);
  }
  if (httpUrl.parse(command) !== undefined) {
    throw new UsageError(`expected a method before the URL, such as: get ${describeUrl(command)}`);
  }
  const method = methodParser.parse(command);
  if (method === undefined) {
    throw new UsageError(`expected ${methodParser.expected} first, got '${describeUrl(command)}'`);
  }
  const meant = COMMON_METHODS.includes(method) ? undefined : closestMatch(command, COMMANDS);
  if (
    meant !== undefined &&
    values['base-url'] === undefined &&
    !urls.some((url) => httpUrl.parse(url) !== undefined)
  ) {
    throw new UsageError(`${command}: no such command, did you mean ${meant}?`);
  }
  if (urls.length === 0) {
    throw new UsageError(
      values.request === undefined
        ? `${command}: expected a URL after it`
        : `--request ${method}: expected a URL as well`,
    );
  }
  for (const url of urls) checkUrl(url, values['base-url'] !== undefined);
  if (values.user && [...urls, ...(values['base-url'] ?? [])].some(hasUser)) {
    throw new UsageError('--user and a user in the URL: expected one of them');
  }
  if (values.user && values.header?.some(([name]) => name.toLowerCase() === 'authorization')) {
    throw new UsageError('--user and an authorization header: expected one of them');
  }
  checkRepetition(method, values);
  if (values.data && values.data.filter((part) => part === '@-').length > 1) {
    throw new UsageError('--data @-: expected once, since standard input can be read only once');
  }
  if (values.data !== undefined && (method === 'GET' || method === 'HEAD')) {
    throw new UsageError(`--data: a ${method} request has no body`);
  }
  // A HEAD response announces the length of a body that is not sent. As a download it would count as broken off.
  if (values.output !== undefined && method === 'HEAD') {
    throw new UsageError('--output: the response to a HEAD request has no body to save');
  }
  if (values.continue && values.output === undefined) {
    throw new UsageError('--continue: expected --output FILE as well');
  }
  if (values.include && values.output !== undefined) {
    throw new UsageError('--include and --output: expected one of them');
  }
  checkFiles(values);
  if (values.quiet && values.json) throw new UsageError('--quiet and --json: expected one of them');
  return { kind: 'request', method, urls, values };
}

/** Checks that no two options name the same file. */
function checkFiles(values: Partial<OptionValues>): void {
  const options = new Map<string, string>();
  for (const name of ['output', 'har', 'html'] as const) {
    const path = values[name];
    if (path === undefined) continue;
    const other = options.get(resolve(path));
    if (other !== undefined) throw new UsageError(`--${other} and --${name}: expected two files`);
    options.set(resolve(path), name);
  }
}

/** Checks the options that need a request which may be received twice, or make it one. */
function checkRepetition(method: string, values: Partial<OptionValues>): void {
  const key = values['idempotency-key'];
  const hasKeyHeader = values.header?.some(([name]) => name.toLowerCase() === 'idempotency-key') ?? false;
  if (key !== undefined && method !== 'POST' && method !== 'PATCH') {
    throw new UsageError(`--idempotency-key: expected the method POST or PATCH, got ${method}`);
  }
  if (key !== undefined && hasKeyHeader) {
    throw new UsageError('--idempotency-key and an Idempotency-Key header: expected one of them');
  }
  const strategy = { ...DEFAULT_STRATEGY, ...(values.methods && { methods: values.methods }) };
  if (values.hedge !== undefined && !isRepeatable(strategy, method, key !== undefined || hasKeyHeader)) {
    throw new UsageError(
      `--hedge: a ${method} request may not be sent twice; expected an idempotency key, or ${method} in --methods`,
    );
  }
}

function checkUrl(url: string, hasBase: boolean): void {
  if (httpUrl.parse(url) !== undefined || (hasBase && staysOnBase(url))) return;
  const hint =
    httpUrl.parse(`https://${url}`) !== undefined && !url.includes('//')
      ? `, did you mean ${describeUrl(`https://${url}`)}?`
      : '';
  throw new UsageError(
    `malformed URL '${describeUrl(url)}': expected ${httpUrl.expected}${hasBase ? ', or a path' : hint}`,
    3,
  );
}

function hasUser(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { username, password } = new URL(url);
  return username !== '' || password !== '';
}

/**
 * Describes a text that was meant to be a URL for an error message, without its user and password.
 *
 * A text without `//` has no scheme: `user:` in `user:password@host` only looks like one.
 */
function describeUrl(text: string): string {
  const hasScheme = /^[\0-\x20]*(?:[a-z][a-z\d+.-]*:)?[/\\]{2,}/i.test(text);
  return safeUrl(hasScheme ? text : text.slice(text.lastIndexOf('@') + 1));
}

/** Checks whether a URL stays on the host of its base, unlike `//host/path`. */
function staysOnBase(url: string): boolean {
  const base = 'http://base.invalid';
  return URL.canParse(url, base) && new URL(url, base).origin === base;
}
