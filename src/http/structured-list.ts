/**
 * Reads a List of structured fields: items with parameters, without inner lists.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9651#section-4.2 | RFC 9651, section 4.2}
 */

/**
 * One item of a List. Its value and those of its parameters are as they were sent, so that their types are still known:
 * `"text"`, `42`, `1.5`, `token`, `:Ynl0ZXM=:`, `?1`.
 */
export interface ListItem {
  readonly value: string;
  readonly parameters: ReadonlyMap<string, string>;
}

/** A string, decimal, integer, token, byte sequence, boolean, date, or display string. */
const BARE_ITEM =
  /"(?:[ !#-[\]-~]|\\["\\])*"|-?\d{1,12}\.\d{1,3}|-?\d{1,15}|[A-Za-z*][\w!#$%&'*+\-.^`|~:/]*|:[A-Za-z\d+/=]*:|\?[01]|@-?\d{1,15}|%"(?:[ !#$&-~]|%[\da-f]{2})*"/y;
const KEY = /[a-z*][a-z\d_.*-]*/y;
const SPACES = / */y;
const WHITESPACE = /[ \t]*/y;
const SEMICOLON = /; */y;
const EQUALS = /=/y;
const COMMA = /,[ \t]*/y;

/** Parses a List; returns `undefined` if it is malformed, or has an inner list. */
export function parseList(field: string): ListItem[] | undefined {
  let position = 0;
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = position;
    const match = pattern.exec(field)?.[0];
    if (match !== undefined) position += match.length;
    return match;
  };
  const items: ListItem[] = [];
  take(SPACES);
  if (position === field.length) return items;
  do {
    const value = take(BARE_ITEM);
    if (value === undefined) return undefined;
    const parameters = new Map<string, string>();
    while (take(SEMICOLON) !== undefined) {
      const key = take(KEY);
      const parameter = take(EQUALS) === undefined ? '?1' : take(BARE_ITEM);
      if (key === undefined || parameter === undefined) return undefined;
      parameters.set(key, parameter);
    }
    items.push({ value, parameters });
    take(WHITESPACE);
    if (position === field.length) return items;
  } while (take(COMMA) !== undefined);
  return undefined;
}

/** Returns the text of a String; `undefined` if it has another type. */
export function stringOf(bareItem: string | undefined): string | undefined {
  return bareItem?.startsWith('"') ? bareItem.slice(1, -1).replace(/\\(.)/g, '$1') : undefined;
}

/** Returns the value of an Integer; `undefined` if it is negative or has another type. */
export function countOf(bareItem: string | undefined): number | undefined {
  return bareItem !== undefined && /^\d+$/.test(bareItem) ? Number(bareItem) : undefined;
}
