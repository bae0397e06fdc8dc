import { show, wrongType } from './check.js';

/** Headers, as fetch takes them; in a record, `undefined` counts as absent. */
export type HeadersInput = NonNullable<RequestInit['headers']> | Readonly<Record<string, string | undefined>>;

/** Names and values as they were given, `undefined` left out. */
function entriesOf(name: string, headers: HeadersInput): Iterable<readonly unknown[]> {
  // Not told by its value, which may be a secret.
  if (typeof headers === 'string') throw new TypeError(`${name} must be ${EXPECTED}, not a string`);
  if (typeof headers !== 'object' || (headers as object | null) === null) throw wrongType(name, headers, EXPECTED);
  if (Symbol.iterator in headers) return headers as Iterable<readonly unknown[]>;
  return Object.entries<unknown>(headers).filter(([, value]) => value !== undefined);
}

const EXPECTED = 'an object, Headers, or an array of [name, value] pairs';

/** What is null or an object would be sent as that word. */
function checkText(value: unknown): string {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new TypeError('no text');
}

/**
 * Reads headers, leaving out what is `undefined`.
 *
 * @throws TypeError that names the header, and never says its value: that may be a secret
 */
export function readHeaders(name: string, headers: HeadersInput | undefined): Headers | undefined {
  if (headers === undefined) return undefined;
  const read = new Headers();
  for (const entry of entriesOf(name, headers)) {
    if (!Array.isArray(entry) || entry.length !== 2) throw wrongType(name, headers, EXPECTED);
    const [header, value] = entry as unknown[];
    try {
      read.append(checkText(header), checkText(value));
    } catch {
      throw new TypeError(`${name}.${typeof header === 'string' ? header.slice(0, 60) : show(header)} must be a header's name with a text that can be sent, or undefined`);
    }
  }
  return read;
}

/** Headers laid over others, by name. */
export function mergeHeaders(base: Headers | undefined, over: Headers | undefined): Headers | undefined {
  if (!base || !over) return over ?? base;
  const merged = new Headers(base);
  over.forEach((_, name) => {
    merged.delete(name);
  });
  for (const [name, value] of over) merged.append(name, value);
  return merged;
}
