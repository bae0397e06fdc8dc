import { isInstance, readProperty } from '../util/foreign-object.js';
import { safeText } from '../util/safe-text.js';
import { errorsBeneath } from './error-chain.js';

/** In these Node and undici quote what they were given: a URL with its password, the bytes that are no HTTP. */
const QUOTES = ['input', 'data', 'rawPacket'];
/** What else is worth keeping of an error. */
const KEPT = ['name', 'code', 'errno', 'syscall', 'address', 'port', 'hostname', 'erroredSysCall'];
/** How many errors are looked at: one may lead to any number of others, or to itself. */
const MAX_ERRORS = 32;

function textOf(error: object, name: string): string {
  const text = readProperty(error, name);
  return typeof text === 'string' ? text : '';
}

function reveals(error: unknown, seen: Set<unknown>): boolean {
  if (typeof error !== 'object' || !error || seen.has(error) || seen.size >= MAX_ERRORS) return false;
  seen.add(error);
  const message = textOf(error, 'message');
  const quotes =
    QUOTES.some((name) => readProperty(error, name) !== undefined) ||
    safeText(message) !== message.replace(/\s+/g, ' ').trim();
  return quotes || errorsBeneath(error).some((one) => reveals(one, seen));
}

function safeStack(error: object): string {
  const frames = textOf(error, 'stack').match(/^ {4}at .*$/gm) ?? [];
  return (
    safeText(`${textOf(error, 'name')}: ${textOf(error, 'message')}`) + frames.map((frame) => `\n${frame}`).join('')
  );
}

function copyOf(error: unknown, copies: Map<unknown, Error>): unknown {
  if (typeof error !== 'object' || !error || copies.size >= MAX_ERRORS) return undefined;
  const known = copies.get(error);
  if (known) return known;
  const copy = Object.create(isInstance(error, TypeError) ? TypeError.prototype : Error.prototype) as Error;
  copies.set(error, copy);
  const define = (name: string, value: unknown, enumerable = false): void => {
    if (value !== undefined) {
      Object.defineProperty(copy, name, { value, enumerable, configurable: true, writable: true });
    }
  };
  define('message', safeText(textOf(error, 'message')));
  define('stack', safeStack(error));
  for (const name of KEPT) define(name, readProperty(error, name), name !== 'name');
  const [cause, ...errors] = errorsBeneath(error).map((one) => copyOf(one, copies));
  define('cause', cause);
  if (errors.length > 0) define('errors', errors);
  return copy;
}

/**
 * What a transport rejected with, as the cause of an error that is shown: printed with all its causes it must tell no secret of the URL or of the
 * answer. It is the very error where it tells none; else a copy without that, since others' errors are never changed.
 */
export function safeCause(error: unknown): unknown {
  return reveals(error, new Set()) ? copyOf(error, new Map()) : error;
}
