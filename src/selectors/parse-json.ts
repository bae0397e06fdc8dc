import { HttpNetworkError } from '../errors/http-network-error.js';
import { HttpParseError } from '../errors/http-parse-error.js';
import { announcedLength } from '../http/announced-length.js';
import type { HttpAttempt } from '../retry/attempt.js';

/** The origin of a JSON text: enough to decide whether it was cut off. */
export interface JsonSource {
  readonly response: Response;
  readonly attempt: HttpAttempt;
  /** The number of bytes of the body that were read. */
  readonly bytesRead: number;
  /** The number of the line that the text is, the first being 1; absent if the text is the whole body. */
  readonly line?: number;
  /** Whether the text ends with the body, so that the rest of it may be missing. */
  readonly canBeTruncated: boolean;
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
 * Whether a text that is not JSON is the beginning of a JSON text, so that some suffix makes it valid.
 *
 * The error message of `JSON.parse` contains this too, but differs from engine to engine.
 */
export function isTruncatedJson(text: string): boolean {
  const closing: string[] = [];
  let isInString = false;
  let scanned = 0;
  // A backslash outside a string is malformed with any suffix.
  for (const { 0: token, index } of text.matchAll(/\\(?:u[\da-f]{4}|[^u])|["{}[\]]/gi)) {
    scanned = index + token.length;
    if (token === '"') isInString = !isInString;
    else if (isInString) continue;
    else if (token === '{' || token === '[') closing.push(token === '{' ? '}' : ']');
    else if (token === '}' || token === ']') closing.pop();
  }
  const end = closing.reverse().join('');
  if (isInString) {
    const completed = text.slice(0, scanned) + text.slice(scanned).replace(/\\(?:u[\da-f]{0,3})?$/i, '');
    return [`"${end}`, `":0${end}`].some((suffix) => isJson(completed + suffix));
  }
  // A literal has five letters at most. On a long run of letters the pattern would take quadratic time, so it gets the
  // last six only.
  const partialWord = /[a-z]*$/.exec(text.slice(-6))?.[0] ?? '';
  const literal =
    ['true', 'false', 'null'].find((name) => partialWord !== '' && name.startsWith(partialWord)) ?? partialWord;
  return [literal.slice(partialWord.length), '0', ':0', '"":0'].some((suffix) => isJson(text + suffix + end));
}

/**
 * Parses JSON.
 *
 * Some connections that are cut appear to end normally: with a chunked response in Node 20, or behind a proxy that
 * speaks HTTP/1.0. So a text that ends too early counts as cut off, unless `Content-Length` proves that all of it has
 * arrived.
 *
 * @throws HttpNetworkError for a text that was cut off, HttpParseError for a malformed one
 */
export function parseJson(text: string, { response, attempt, bytesRead, line, canBeTruncated }: JsonSource): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The engine's error quotes the body, which may be private, so it must not be the cause.
    const subject = line === undefined ? 'the body' : `line ${line} of the body`;
    if (canBeTruncated && announcedLength(response.headers) !== bytesRead && isTruncatedJson(text)) {
      throw new HttpNetworkError({ attempt, summary: `${subject} ended before its JSON did`, phase: 'body' });
    }
    throw new HttpParseError({ attempt, response, line, summary: `${subject} is not JSON` });
  }
}
