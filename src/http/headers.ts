import { invalidOptionMessage, describeValue } from '../util/option-rule.js';
import type { NamedFields } from './named-fields.js';

/** Headers in every form that fetch accepts. In an object of any interface, `undefined` counts as absent. */
export type HeadersInput =
  | NonNullable<RequestInit['headers']>
  | Readonly<Record<string, string | undefined>>
  | readonly (readonly [string, string])[]
  | NamedFields;

/** Characters that a header cannot contain: control characters, and all beyond Latin-1. */
const UNSENDABLE = /[^\t\x20-\x7e\x80-\xff]/u;

/** Describes a character by its code point, and by itself if it is visible. */
function describeCharacter(character: string): string {
  const codePoint = `U+${character.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0') ?? ''}`;
  return /[\p{C}\p{Z}]/u.test(character) ? codePoint : `${codePoint} (${character})`;
}

const EXPECTED = 'an object, Headers, or an array of [name, value] pairs';

/**
 * Reads headers, without those whose value is `undefined`.
 *
 * @param name - the name of the option, for errors
 * @throws TypeError that names the header and not its value, which may be a secret
 */
export function readHeaders(name: string, headers: HeadersInput): Headers {
  // Unlike other options, the message does not show the value, which may be a secret.
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
      // `null` or an object would be sent as text: `null`, `[object Object]`.
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

/** Merges headers; those of `overrides` replace those of `base` with the same name. */
export function mergeHeaders(base: Headers | undefined, overrides: Headers | undefined): Headers | undefined {
  if (!base || !overrides) return overrides ?? base;
  const merged = new Headers(base);
  overrides.forEach((_, name) => {
    merged.delete(name);
  });
  for (const [name, value] of overrides) merged.append(name, value);
  return merged;
}
