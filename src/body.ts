import { refusal } from './check.js';
import { checkFresh, holdErrors, isStream } from './upload.js';

/** What fetch takes as a body: named as every platform's types do. */
export type FetchBody = NonNullable<RequestInit['body']>;

/** What can be sent: whatever fetch takes, or a plain object or array as JSON. */
export type BodyContent = FetchBody | AsyncIterable<Uint8Array> | object | null;

/** A body, or a factory that makes it anew for each attempt, which is what a stream needs to be sent again. */
export type RequestBody = BodyContent | (() => BodyContent);

/** A body made ready for one attempt. */
export interface OpenBody {
  readonly content: FetchBody | null;
  /** The content type to send unless the headers say otherwise; absent where fetch knows it. */
  readonly type?: string;
  readonly isStream: boolean;
}

/** A request's body, ready to be opened once per attempt. */
export interface Payload {
  readonly open: () => OpenBody;
  /** The stream, where it can be sent only once. */
  readonly once: object | undefined;
}

const EXPECTED = 'what fetch takes, a plain object or array, or a factory of these';

function isPlain(body: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(body);
  return Array.isArray(body) || prototype === null || prototype === Object.prototype || 'toJSON' in body;
}

/** The kinds that fetch takes, told by their tag so that those of other realms and libraries count. */
function isBodyInit(body: object): boolean {
  return (
    ArrayBuffer.isView(body) ||
    /^\[object (?:ArrayBuffer|Blob|File|FormData|URLSearchParams)\]$/.test(Object.prototype.toString.call(body))
  );
}

function toJson(body: object): string {
  try {
    return JSON.stringify(body);
  } catch (error) {
    throw new TypeError(`body cannot be written as JSON: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

function openContent(body: unknown): OpenBody {
  if (body === null || body === undefined) return { content: null, isStream: false };
  if (typeof body === 'string') return { content: body, isStream: false };
  if (typeof body === 'object') {
    if (isStream(body)) {
      checkFresh(body);
      holdErrors(body);
      return { content: body as ReadableStream, isStream: true };
    }
    if (isBodyInit(body)) return { content: body as FetchBody, isStream: false };
    if (isPlain(body)) return { content: toJson(body), type: 'application/json', isStream: false };
  }
  throw new TypeError(refusal('body', body, EXPECTED));
}

/**
 * Makes a body ready to be sent, again where it can be. JSON is written now, so that what cannot be written is told to whoever passes it,
 * and what is changed later changes nothing.
 *
 * @throws TypeError for a body of a kind that cannot be sent
 */
export function payload(body: unknown): Payload | undefined {
  if (body === null || body === undefined) return undefined;
  if (typeof body === 'function') {
    return { once: undefined, open: () => openContent((body as () => unknown)()) };
  }
  if (isStream(body)) return { once: body, open: () => openContent(body) };
  const opened = openContent(body);
  return { once: undefined, open: () => opened };
}
