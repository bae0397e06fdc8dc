import { isInstance, readProperty } from '../util/foreign-object.js';
import { safeText } from '../util/safe-text.js';
import { errorsBeneath } from './error-chain.js';

/** Fields in which Node and undici quote their input: a URL with its password, or bytes that are not HTTP. */
const QUOTING_FIELDS = ['input', 'data', 'rawPacket'];
/** The fields that a copy keeps, besides message, stack and causes. */
const KEPT_FIELDS = ['name', 'code', 'errno', 'syscall', 'address', 'port', 'hostname', 'erroredSysCall'];
/** The limit of errors that are read: an error may lead to any number of others, or to itself. */
const MAX_ERRORS = 32;

function readText(error: object, name: string): string {
  const value = readProperty(error, name);
  return typeof value === 'string' ? value : '';
}

/** Whether an error, or one beneath it, shows a secret or characters that a terminal might interpret. */
function revealsSecrets(error: unknown, seen: Set<unknown>): boolean {
  if (typeof error !== 'object' || !error || seen.has(error) || seen.size >= MAX_ERRORS) return false;
  seen.add(error);
  const message = readText(error, 'message');
  const isUnsafe =
    QUOTING_FIELDS.some((name) => readProperty(error, name) !== undefined) ||
    safeText(message) !== message.replace(/\s+/g, ' ').trim();
  return isUnsafe || errorsBeneath(error).some((beneath) => revealsSecrets(beneath, seen));
}

function safeStack(error: object): string {
  const frames = readText(error, 'stack').match(/^ {4}at .*$/gm) ?? [];
  return (
    safeText(`${readText(error, 'name')}: ${readText(error, 'message')}`) + frames.map((frame) => `\n${frame}`).join('')
  );
}

/** Copies an error and those beneath it, without secrets; an error that was copied before gets the same copy. */
function copyWithoutSecrets(error: unknown, copies: Map<unknown, Error>): unknown {
  if (typeof error !== 'object' || !error || copies.size >= MAX_ERRORS) return undefined;
  const existing = copies.get(error);
  if (existing) return existing;
  const copy = Object.create(isInstance(error, TypeError) ? TypeError.prototype : Error.prototype) as Error;
  copies.set(error, copy);
  const define = (name: string, value: unknown, enumerable = false): void => {
    if (value !== undefined) {
      Object.defineProperty(copy, name, { value, enumerable, configurable: true, writable: true });
    }
  };
  define('message', safeText(readText(error, 'message')));
  define('stack', safeStack(error));
  for (const name of KEPT_FIELDS) define(name, readProperty(error, name), name !== 'name');
  const [cause, ...errors] = errorsBeneath(error).map((beneath) => copyWithoutSecrets(beneath, copies));
  define('cause', cause);
  if (errors.length > 0) define('errors', errors);
  return copy;
}

/**
 * Makes a transport's rejection safe as the `cause` of an error that may be printed with all its causes. Without
 * secrets of the URL or the response it is returned as it is. Otherwise the result is a copy, since foreign errors must
 * not be changed.
 */
export function safeCause(error: unknown): unknown {
  return revealsSecrets(error, new Set()) ? copyWithoutSecrets(error, new Map()) : error;
}
