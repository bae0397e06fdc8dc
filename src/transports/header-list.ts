import { invalidArgument } from './invalid-argument.js';

/** Header names and values in turn: `[name, value, name, value]`. */
export type HeaderList = string[];

/**
 * Converts headers to a list of names and values in turn, the form that costs undici the least work.
 *
 * @throws TypeError if an item of an iterable is not a pair
 */
export function toHeaderList(headers: RequestInit['headers']): HeaderList {
  if (headers === undefined) return [];
  const list: HeaderList = [];
  if (Symbol.iterator in headers) {
    for (const pair of headers as Iterable<readonly string[]>) {
      const [name, value] = pair;
      if (name === undefined || value === undefined || pair.length > 2) {
        throw invalidArgument('headers must be an object, Headers, or an array of [name, value] pairs');
      }
      list.push(name, value);
    }
  } else {
    for (const name of Object.keys(headers)) {
      const value = headers[name];
      if (value !== undefined) list.push(name, value);
    }
  }
  return list;
}

/**
 * Whether a list has a header; the case of the listed names does not matter.
 *
 * @param name - in lower case
 */
export function hasHeader(list: Readonly<HeaderList>, name: string): boolean {
  for (let index = 0; index < list.length; index += 2) {
    const listed = list[index] as string;
    if (listed === name || (listed.length === name.length && listed.toLowerCase() === name)) return true;
  }
  return false;
}

/**
 * Adds a header unless the list has it.
 *
 * @param name - in lower case
 */
export function addIfMissing(list: HeaderList, name: string, value: string): void {
  if (!hasHeader(list, name)) list.push(name, value);
}

/** Headers that the transport itself manages. The caller's are refused: they would not match the sent message. */
const FORBIDDEN_HEADERS: readonly string[] = ['expect', 'keep-alive', 'transfer-encoding', 'upgrade'];
/**
 * The lengths of these names and of `host`, `connection` and `content-length`: a name of another length needs no check.
 */
const FRAMING_NAME_LENGTHS = new Set([4, 6, 7, 10, 14, 17]);

/**
 * Checks the headers that frame a message, and removes and returns `content-length`.
 *
 * With wrong framing a server would read bytes of the body as another request, or wait for bytes that never come.
 * Refused are `transfer-encoding`, `keep-alive`, `upgrade` and `expect`, a second `host`, and a `connection` other than
 * `close` and `keep-alive`.
 *
 * @param list - loses its `content-length`: the transport computes it for a body of known size, and omits it without a
 * body
 * @returns the length in bytes that the caller declares, which counts for a stream
 * @throws TypeError for a header that cannot be sent
 * @see {@link https://www.rfc-editor.org/rfc/rfc9112#section-6 | RFC 9112, section 6}
 */
export function takeContentLength(list: HeaderList): number | undefined {
  let length: number | undefined;
  let hostCount = 0;
  for (let index = 0; index < list.length;) {
    const name = list[index] as string;
    const value = String(list[index + 1]);
    index += 2;
    if (!FRAMING_NAME_LENGTHS.has(name.length)) continue;
    switch (name.toLowerCase()) {
      case 'content-length':
        length = parseContentLength(length, value);
        index -= 2;
        list.splice(index, 2);
        break;
      case 'connection':
        if (!/^(?:close|keep-alive)$/i.test(value.trim())) {
          throw invalidArgument(`the header connection must be 'close' or 'keep-alive', not '${value}'`);
        }
        break;
      case 'host':
        hostCount += 1;
        if (hostCount > 1) throw invalidArgument('the header host must not be repeated');
        break;
      default:
        if (FORBIDDEN_HEADERS.includes(name.toLowerCase())) {
          throw invalidArgument(
            `the header ${name.toLowerCase()} cannot be sent: the transport frames the message itself`,
          );
        }
    }
  }
  return length;
}

/**
 * Parses one value of `content-length`. Repeated values, in several headers or separated by commas, must be equal.
 *
 * @param length - the value of the header's earlier occurrences
 * @throws TypeError if a value is not a whole number, or differs from another
 */
function parseContentLength(length: number | undefined, value: string): number {
  let agreed = length;
  for (const part of value.split(',')) {
    const digits = part.trim();
    const number = /^\d{1,16}$/.test(digits) ? Number(digits) : NaN;
    if (!Number.isSafeInteger(number) || (agreed !== undefined && agreed !== number)) {
      throw invalidArgument(`the header content-length must be one whole number of bytes, not '${value}'`);
    }
    agreed = number;
  }
  return agreed as number;
}
