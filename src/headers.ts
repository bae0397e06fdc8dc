import { wrongType } from './check.js';

/** Headers, as fetch takes them; in a record, `undefined` counts as absent. */
export type HeadersInput = NonNullable<RequestInit['headers']> | Readonly<Record<string, string | undefined>>;

/** What is null would be sent as the text. */
function checkValue(name: string, value: string | null): string {
  if (value === null) throw wrongType(name, value, 'a string, or undefined to leave it out');
  return value;
}

/** Reads headers, leaving out what is `undefined`. */
export function readHeaders(name: string, headers: HeadersInput | undefined): Headers | undefined {
  if (headers === undefined) return undefined;
  if (typeof headers !== 'object' || (headers as object | null) === null) throw wrongType(name, headers, 'an object, Headers, or an array of pairs');
  try {
    if (headers instanceof Headers || Array.isArray(headers) || Symbol.iterator in headers) return new Headers(headers as NonNullable<RequestInit['headers']>);
    const given = Object.entries<string | null | undefined>(headers).filter((entry): entry is [string, string | null] => entry[1] !== undefined);
    return new Headers(given.map(([header, value]) => [header, checkValue(`${name}.${header}`, value)]));
  } catch (cause) {
    if (cause instanceof TypeError && cause.message.startsWith(`${name}.`)) throw cause;
    throw new TypeError(`${name} cannot be sent: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
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
