import { HttpNetworkError } from '../errors/http-network-error.js';
import { HttpParseError } from '../errors/http-parse-error.js';
import { announcedLength } from '../http/announced-length.js';
import type { HttpAttempt } from '../retry/attempt.js';

/** Where a text of JSON was read: enough to tell whether it was cut off. */
export interface JsonSource {
  readonly response: Response;
  readonly attempt: HttpAttempt;
  /** How many bytes of the body were read. */
  readonly size: number;
  /** Of a body that is read line by line: which line the text is, the first being 1. */
  readonly line?: number;
  /** Whether the text ends where the body does, so that more of it may have been lost. */
  readonly open: boolean;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * Whether a text that is not JSON is the beginning of some: whether something can be added that makes it JSON. An engine's message says that
 * too, but each in words of its own.
 */
export function isCutJson(text: string): boolean {
  const closing: string[] = [];
  let inString = false;
  let read = 0;
  // A backslash outside a string is malformed, and stays so whatever is added.
  for (const { 0: mark, index } of text.matchAll(/\\(?:u[\da-f]{4}|[^u])|["{}[\]]/gi)) {
    read = index + mark.length;
    if (mark === '"') inString = !inString;
    else if (inString) continue;
    else if (mark === '{' || mark === '[') closing.push(mark === '{' ? '}' : ']');
    else if (mark === '}' || mark === ']') closing.pop();
  }
  const end = closing.reverse().join('');
  if (inString) {
    const whole = text.slice(0, read) + text.slice(read).replace(/\\(?:u[\da-f]{0,3})?$/i, '');
    return [`"${end}`, `":0${end}`].some((rest) => isJson(whole + rest));
  }
  // A literal has five letters at most: a longer run of them would be looked through from each of its letters on.
  const word = /[a-z]*$/.exec(text.slice(-6))?.[0] ?? '';
  const literal = ['true', 'false', 'null'].find((name) => word !== '' && name.startsWith(word)) ?? word;
  return [literal.slice(word.length), '0', ':0', '"":0'].some((rest) => isJson(text + rest + end));
}

/**
 * Parses JSON.
 *
 * Some connections are cut and seem to end: of a chunked answer in Node 20, or behind a proxy that speaks HTTP/1.0. So a text that ends too
 * early counts as cut, unless `Content-Length` proves that all of it came.
 *
 * @throws HttpNetworkError for a text that was cut off; HttpParseError for one that is malformed
 */
export function parseJson(text: string, { response, attempt, size, line, open }: JsonSource): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The engine's error quotes the body, which may be private, so it is not the cause.
    const what = line === undefined ? 'the body' : `line ${line} of the body`;
    if (open && announcedLength(response.headers) !== size && isCutJson(text)) {
      throw new HttpNetworkError({ attempt, summary: `${what} ended before its JSON did`, phase: 'body' });
    }
    throw new HttpParseError({ attempt, response, line, summary: `${what} is not JSON` });
  }
}
