import { invalidOptionMessage, describeValue } from '../util/option-rule.js';
import type { NamedFields } from './named-fields.js';

/** Headers, as fetch takes them; in an object, of whatever interface, `undefined` counts as absent. */
export type HeadersInput =
  | NonNullable<RequestInit['headers']>
  | Readonly<Record<string, string | undefined>>
  | readonly (readonly [string, string])[]
  | NamedFields;

/** What no header's value can hold: control characters, and all beyond Latin-1. */
const UNSENDABLE = /[^\t\x20-\x7e\x80-\xff]/u;

/** A character by its number, and where it can be seen as it is. */
function describeCharacter(character: string): string {
  const number = `U+${character.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0') ?? ''}`;
  return /[\p{C}\p{Z}]/u.test(character) ? number : `${number} (${character})`;
}

const EXPECTED = 'an object, Headers, or an array of [name, value] pairs';

/**
 * Reads headers, leaving out what is `undefined`.
 *
 * @throws TypeError that names the header, and never says its value: that may be a secret
 */
export function readHeaders(name: string, headers: HeadersInput): Headers {
  // Not told by its value, as an option is otherwise.
  if (typeof headers === 'string') throw new TypeError(`${name} must be ${EXPECTED}, not a string`);
  const refuse = (): never => {
    throw new TypeError(invalidOptionMessage(name, headers, EXPECTED));
  };
  if (typeof headers !== 'object' || (headers as object | null) === null) refuse();
  const read = new Headers();
  for (const entry of (Symbol.iterator in headers ? headers : Object.entries(headers)) as Iterable<
    readonly unknown[]
  >) {
    if (!Array.isArray(entry) || entry.length !== 2) refuse();
    const [header, value] = entry;
    if (value === undefined && !(Symbol.iterator in headers)) continue;
    try {
      // What is null or an object would be sent as that word.
      if (![header, value].every((text) => ['string', 'number', 'boolean'].includes(typeof text))) {
        throw new TypeError();
      }
      read.append(header as string, value as string);
    } catch {
      const [unsendable] = UNSENDABLE.exec(typeof value === 'string' ? value : '') ?? [];
      throw new TypeError(
        `${name}.${typeof header === 'string' ? header.slice(0, 60) : describeValue(header)} ` +
          (unsendable === undefined
            ? "must be a header's name with a text that can be sent, or undefined"
            : `has the character ${describeCharacter(unsendable)}, which no header can carry: encode the value, as encodeURIComponent() does`),
      );
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
