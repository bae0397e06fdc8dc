import { invalidOptionMessage } from '../util/option-rule.js';
import { isBlobOrForm } from './foreign-body.js';
import { checkUnread, ignoreStreamErrors, isStream } from './stream-body.js';

/** What fetch takes as a body: named as every platform's types do. */
export type FetchBody = NonNullable<RequestInit['body']>;

/** What no object that is sent as JSON has: with one of these it is a promise, an Observable, a stream, a collection, or a function. */
export interface NoJson {
  readonly then?: never;
  readonly subscribe?: never;
  readonly pipe?: never;
  readonly getReader?: never;
  readonly append?: never;
  readonly [Symbol.iterator]?: never;
  readonly [Symbol.asyncIterator]?: never;
  readonly [Symbol.hasInstance]?: never;
}

/** An object of any interface or class that is sent as JSON. An Error is none: its fields do not show in JSON. */
export type JsonObject =
  | Readonly<Record<string, unknown>>
  | (object &
      NoJson &
      ({ readonly stack?: object | number | boolean | null } | { readonly stack: string | undefined }));

/** What can be sent: whatever fetch takes, an async iterable of bytes, or what is sent as JSON. */
export type BodyContent = FetchBody | AsyncIterable<Uint8Array> | readonly unknown[] | JsonObject | null;

/** A body, or a factory that makes it anew for each attempt, which is what a stream needs to be sent again. */
export type RequestBody = BodyContent | (() => BodyContent);

/** A body made ready for one attempt. */
export interface EncodedBody {
  readonly content: FetchBody | null;
  /** The content type to send unless the headers say otherwise; absent where fetch knows it. */
  readonly type?: string;
  readonly isStream: boolean;
}

/** A request's body, ready to be opened once per attempt. */
export interface PreparedBody {
  readonly open: () => EncodedBody;
  /** The stream, where it can be sent only once. */
  readonly singleUseStream: object | undefined;
}

const EXPECTED = 'what fetch takes, an object or array for JSON, or a factory of these';

/** What to pass in place of what bears one of these, the first that fits. */
const INSTEAD: readonly (readonly [property: PropertyKey, instead: string])[] = [
  ['then', 'what it resolves to'],
  ['subscribe', 'what it emits'],
  ['append', "the platform's own FormData"],
  ['pipe', "a stream that can be iterated, such as Node's Readable"],
  ['getReader', "the platform's own ReadableStream"],
  [Symbol.iterator, 'an array or a plain object'],
];

function tagOf(body: object): string {
  return Object.prototype.toString.call(body).slice(8, -1);
}

/** Those of no class of its own, of whatever realm. */
function isPlain(body: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(body);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function isJson(body: object): boolean {
  return (
    Array.isArray(body) ||
    'toJSON' in body ||
    (tagOf(body) === 'Object' && !INSTEAD.some(([property]) => property in body))
  );
}

function toJson(body: object): string {
  let text: string;
  try {
    text = JSON.stringify(body);
  } catch (error) {
    throw new TypeError(`body cannot be written as JSON: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
  // What it holds does not show.
  if (text === '{}' && !('toJSON' in body) && !isPlain(body)) throw refused(body);
  return text;
}

/** @returns an error that says by its class what was passed, and what to pass */
function refused(body: object): TypeError {
  const { name } = (body.constructor as { readonly name?: unknown } | undefined) ?? {};
  const instead =
    INSTEAD.find(([property]) => property in body)?.[1] ??
    ('slice' in body ? "the platform's own Blob" : 'a plain object, or one with toJSON()');
  return new TypeError(
    `body must be ${EXPECTED}, not an object of class ${typeof name === 'string' && name ? name : tagOf(body)}: pass ${instead}`,
  );
}

function encodeBody(body: unknown): EncodedBody {
  if (body === null || body === undefined) return { content: null, isStream: false };
  if (typeof body === 'string') return { content: body, isStream: false };
  if (typeof body !== 'object') throw new TypeError(invalidOptionMessage('body', body, EXPECTED));
  if (isStream(body)) {
    checkUnread(body);
    ignoreStreamErrors(body);
    return { content: body as ReadableStream, isStream: true };
  }
  // Told by its tag, since there are those of other realms and libraries.
  if (tagOf(body) === 'URLSearchParams') {
    return {
      content: body instanceof URLSearchParams ? body : new URLSearchParams((body as URLSearchParams).toString()),
      isStream: false,
    };
  }
  if (ArrayBuffer.isView(body) || tagOf(body) === 'ArrayBuffer' || isBlobOrForm(body)) {
    return { content: body as FetchBody, isStream: false };
  }
  if (isJson(body)) return { content: toJson(body), type: 'application/json', isStream: false };
  throw refused(body);
}

/**
 * Makes a body ready to be sent, again where it can be. JSON is written now, so that what cannot be written is told to whoever passes it,
 * and what is changed later changes nothing.
 *
 * @throws TypeError for a body of a kind that cannot be sent
 */
export function prepareBody(body: unknown): PreparedBody | undefined {
  if (body === null || body === undefined) return undefined;
  if (typeof body === 'function') {
    return { singleUseStream: undefined, open: () => encodeBody((body as () => unknown)()) };
  }
  if (isStream(body)) return { singleUseStream: body, open: () => encodeBody(body) };
  const opened = encodeBody(body);
  return { singleUseStream: undefined, open: () => opened };
}
