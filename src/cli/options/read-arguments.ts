import { parseArgs, type ParseArgsConfig } from 'node:util';

import { safeText, safeUrl } from '../../util/safe-text.js';
import { UsageError } from '../failures/usage-error.js';
import { nearest } from './closest-match.js';
import type { Values } from './option-values.js';
import { isOption, option, options, type Option } from './options.js';
import { httpUrl, method as methodReader, type Reader } from './value-parsers.js';

const usualMethods: readonly string[] = [
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

/** What a command line asks for. */
export type Command = { readonly kind: 'help' | 'version' | 'demo' } | RequestCommand;

/** A request to send. */
export interface RequestCommand {
  readonly kind: 'request';
  readonly method: string;
  readonly urls: readonly string[];
  readonly values: Partial<Values>;
}

/**
 * Reads a command line.
 *
 * @param argv - the arguments after the program's name
 * @throws UsageError
 */
export function readArguments(argv: readonly string[]): Command {
  const { values, positionals } = split(argv);
  if (values.help || positionals[0] === 'help') return { kind: 'help' };
  if (values.version) return { kind: 'version' };
  const [command, ...urls] = withMethod(positionals, values);
  if (command === undefined) throw new UsageError('expected a method and a URL, such as: get https://example.com');
  if (command === 'demo') {
    const [extra] = [...urls, ...Object.keys(values).map((name) => `--${name}`)];
    if (extra !== undefined) throw new UsageError(`demo: expected nothing after it, got '${shownUrl(extra)}'`);
    return { kind: 'demo' };
  }
  return checkRequest(command, urls, values);
}

/** With `--request` the method before the URLs may be left out. A word that is no method of the usual ones may be a relative URL. */
function withMethod(positionals: readonly string[], { request }: Partial<Values>): readonly string[] {
  const [first = ''] = positionals;
  if (request === undefined || first === 'demo') return positionals;
  if (!usualMethods.includes(first.toUpperCase())) return [request, ...positionals];
  if (first.toUpperCase() !== request) throw new UsageError(`--request ${request} and ${first}: expected one method`);
  return positionals;
}

type ParseArgsOptions = NonNullable<ParseArgsConfig['options']>;

/** Tells options from the rest. `parseArgs` is not strict here, since its own errors do not say what was expected. */
function split(argv: readonly string[]): { values: Partial<Values>; positionals: string[] } {
  const known: ParseArgsOptions = {};
  for (const [name, { short, reader }] of Object.entries(options) as [string, Option<unknown>][]) {
    known[name] = { type: reader === undefined ? 'boolean' : 'string', ...(short !== undefined && { short }) };
  }
  const { tokens } = parseArgs({ args: [...argv], options: known, strict: false, tokens: true });
  const values: Partial<Values> = {};
  const positionals: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value);
    if (token.kind !== 'option') continue;
    if (!isOption(token.name)) throw unknownOption(token.rawName);
    Object.assign(values, { [token.name]: readOption(token.name, token.rawName, token.value, values[token.name]) });
  }
  return { values, positionals };
}

function readOption<Name extends keyof Values>(
  name: Name,
  rawName: string,
  text: string | undefined,
  before: Values[Name] | undefined,
): Values[Name] | true {
  const { reader } = option(name);
  if (reader === undefined) {
    if (text !== undefined) throw new UsageError(`${rawName}: expected no value, got '${safeText(text)}'`);
    return true;
  }
  const value = text === undefined ? undefined : reader.read(text, before);
  if (value === undefined) throw new UsageError(`${rawName}: expected ${reader.expected}, got ${shown(text, reader)}`);
  return value;
}

/** What was given instead of what a reader reads, as far as it may be shown. */
function shown(text: string | undefined, { secret, url }: Reader<unknown>): string {
  if (text === undefined) return 'nothing';
  return secret ? 'something else' : `'${url ? shownUrl(text) : safeText(text)}'`;
}

function unknownOption(rawName: string): UsageError {
  const meant = nearest(
    rawName,
    Object.keys(options).map((name) => `--${name}`),
  );
  return new UsageError(
    `${safeText(rawName)}: no such option${meant === undefined ? '; --help lists them' : `, did you mean ${meant}?`}`,
  );
}

function checkRequest(command: string, urls: readonly string[], values: Partial<Values>): RequestCommand {
  if (httpUrl.read(command) !== undefined) {
    throw new UsageError(`expected a method before the URL, such as: get ${shownUrl(command)}`);
  }
  const method = methodReader.read(command);
  if (method === undefined) throw new UsageError(`expected ${methodReader.expected} first, got '${shownUrl(command)}'`);
  if (urls.length === 0) {
    throw new UsageError(
      values.request === undefined
        ? `${command}: expected a URL after it`
        : `--request ${method}: expected a URL beside it`,
    );
  }
  for (const url of urls) checkUrl(url, values['base-url'] !== undefined);
  if (values.user && [...urls, ...(values['base-url'] ?? [])].some(hasUser)) {
    throw new UsageError('--user and a user in the URL: expected one of them');
  }
  if (values.user && values.header?.some(([name]) => name.toLowerCase() === 'authorization')) {
    throw new UsageError('--user and an authorization header: expected one of them');
  }
  if (values.data && values.data.filter((part) => part === '@-').length > 1) {
    throw new UsageError('--data @-: expected once, since standard input can be read only once');
  }
  if (values.data !== undefined && (method === 'GET' || method === 'HEAD')) {
    throw new UsageError(`--data: a ${method} request carries no body`);
  }
  // Its head announces the length of a body that never comes: saved, it would pass for one that broke off.
  if (values.output !== undefined && method === 'HEAD') {
    throw new UsageError('--output: the answer to a HEAD request has no body to save');
  }
  if (values.continue && values.output === undefined) {
    throw new UsageError('--continue: expected --output FILE beside it');
  }
  if (values.include && values.output !== undefined) {
    throw new UsageError('--include and --output: expected one of them');
  }
  if (values.quiet && values.json) throw new UsageError('--quiet and --json: expected one of them');
  return { kind: 'request', method, urls, values };
}

function checkUrl(url: string, hasBase: boolean): void {
  if (httpUrl.read(url) !== undefined || (hasBase && isRelative(url))) return;
  const hint =
    httpUrl.read(`https://${url}`) !== undefined && !url.includes('//')
      ? `, did you mean ${shownUrl(`https://${url}`)}?`
      : '';
  throw new UsageError(
    `malformed URL '${shownUrl(url)}': expected ${httpUrl.expected}${hasBase ? ', or a path' : hint}`,
    3,
  );
}

function hasUser(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { username, password } = new URL(url);
  return username !== '' || password !== '';
}

/** What was meant to be a URL, as far as it may be shown: `user:password@host` lacks a scheme, and `user` is none. */
function shownUrl(text: string): string {
  const hasScheme = /^[\0-\x20]*(?:[a-z][a-z\d+.-]*:)?[/\\]{2,}/i.test(text);
  return safeUrl(hasScheme ? text : text.slice(text.lastIndexOf('@') + 1));
}

/** Whether a URL stays on its base's host: `//host` would leave it unseen. */
function isRelative(url: string): boolean {
  const base = 'http://base.invalid';
  return URL.canParse(url, base) && new URL(url, base).origin === base;
}
