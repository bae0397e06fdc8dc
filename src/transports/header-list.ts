import { invalidArgument } from './invalid-argument.js';

/** Names and values in turn. */
export type HeaderList = string[];

/**
 * Reads headers into a list of names and values in turn, which is what undici takes with the least work.
 *
 * @throws TypeError for what is no pair
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

/** Whether a header is in a list, in whatever case. */
export function hasHeader(list: Readonly<HeaderList>, name: string): boolean {
  for (let index = 0; index < list.length; index += 2) {
    const listed = list[index] as string;
    if (listed === name || (listed.length === name.length && listed.toLowerCase() === name)) return true;
  }
  return false;
}

/** Adds a header that the caller has not set. */
export function addIfMissing(list: HeaderList, name: string, value: string): void {
  if (!hasHeader(list, name)) list.push(name, value);
}

/** Headers that belong to the connection, which the transport keeps: the caller's would frame the message in another way than it is sent. */
const FORBIDDEN_HEADERS: readonly string[] = ['expect', 'keep-alive', 'transfer-encoding', 'upgrade'];
/** Their lengths, and those of `host`, `connection` and `content-length`: most names need no closer look. */
const FRAMING_NAME_LENGTHS = new Set([4, 6, 7, 10, 14, 17]);

/**
 * Takes the headers that frame a message out of a list, so that no byte of a body can pass for another request, and none be waited for that
 * does not come. `transfer-encoding`, `keep-alive`, `upgrade` and `expect` are refused, and a `connection` other than `close` and `keep-alive`.
 *
 * @param list - loses its `content-length`: that of a body of known size is computed, and a request without a body has none
 * @returns the length that the caller declares, for a stream
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
        if (hostCount > 1) throw invalidArgument('the header host must be there once');
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

/** Several values, in headers of their own or separated by commas, count as one where they are the same. */
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
