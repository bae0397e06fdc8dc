import { wrongType } from './check.js';

/** Headers, as fetch takes them; in a record, `undefined` counts as absent. */
export type HeadersInput = HeadersInit | Readonly<Record<string, string | undefined>>;

/** Reads headers, leaving out what is `undefined`. */
export function readHeaders(name: string, headers: HeadersInput | undefined): Headers | undefined {
  if (headers === undefined) return undefined;
  if (typeof headers !== 'object' || (headers as object | null) === null) throw wrongType(name, headers, 'an object, Headers, or an array of pairs');
  try {
    if (headers instanceof Headers || Array.isArray(headers) || Symbol.iterator in headers) return new Headers(headers as HeadersInit);
    return new Headers(Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined));
  } catch (cause) {
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
