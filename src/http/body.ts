import { invalidOptionMessage } from '../util/option-rule.js';
import { isBlobOrForm } from './foreign-body.js';
import { checkUnread, ignoreStreamErrors, isStream } from './stream-body.js';
import { TEXT_TYPE } from './text-type.js';

/**
 * A body that fetch accepts. The type is derived from RequestInit, since the platforms' types have different names for
 * it.
 */
export type FetchBody = NonNullable<RequestInit['body']>;

/**
 * Properties that no object has that is sent as JSON. An object with one of them is a promise, an Observable, a stream,
 * a form, a collection or a function.
 */
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

/** An object of any interface or class that is sent as JSON. An Error is excluded: its fields do not appear in JSON. */
export type JsonObject =
  | Readonly<Record<string, unknown>>
  | (object &
      NoJson &
      ({ readonly stack?: object | number | boolean | null } | { readonly stack: string | undefined }));

/** The content of a body: a body of fetch, an async iterable of bytes, or a value that is sent as JSON. */
export type BodyContent = FetchBody | AsyncIterable<Uint8Array> | readonly unknown[] | JsonObject | null;

/** A body, or a factory that creates a new one for each attempt. Without a factory a stream can be sent only once. */
export type RequestBody = BodyContent | (() => BodyContent);

/** A body in the form in which one attempt sends it. */
export interface EncodedBody {
  readonly content: FetchBody | null;
  /** The content type to send unless the headers have another; absent if fetch sets it. */
  readonly type?: string | undefined;
  readonly isStream: boolean;
}

/** A request's body, checked and ready to be opened once per attempt. The request owns it. */
export interface PreparedBody {
  readonly open: () => EncodedBody;
  /** The body, if it is a stream, which can be sent only once. */
  readonly singleUseStream: object | undefined;
}

const EXPECTED = 'what fetch takes, an object or array for JSON, or a factory of these';

/** The replacement to suggest for a body with one of these properties; the first match counts. */
const REPLACEMENTS: readonly (readonly [property: PropertyKey, replacement: string])[] = [
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

/** Whether an object has no class of its own, in any realm. */
function isPlain(body: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(body);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function isJsonBody(body: object): boolean {
  return (
    Array.isArray(body) ||
    'toJSON' in body ||
    (tagOf(body) === 'Object' && !REPLACEMENTS.some(([property]) => property in body))
  );
}

function stringify(body: object): string {
  let text: string;
  try {
    text = JSON.stringify(body);
  } catch (error) {
    throw new TypeError(`body cannot be written as JSON: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
  // It has no enumerable fields, so its content would be lost.
  if (text === '{}' && !('toJSON' in body) && !isPlain(body)) throw unsupportedBodyError(body);
  return text;
}

/** @returns an error that names the class of the body and suggests a replacement */
function unsupportedBodyError(body: object): TypeError {
  const { name } = (body.constructor as { readonly name?: unknown } | undefined) ?? {};
  const replacement =
    REPLACEMENTS.find(([property]) => property in body)?.[1] ??
    ('slice' in body ? "the platform's own Blob" : 'a plain object, or one with toJSON()');
  return new TypeError(
    `body must be ${EXPECTED}, not an object of class ${typeof name === 'string' && name ? name : tagOf(body)}: pass ${replacement}`,
  );
}

function encodeBody(body: unknown): EncodedBody {
  if (body === null || body === undefined) return { content: null, isStream: false };
  if (typeof body === 'string') return { content: body, type: TEXT_TYPE, isStream: false };
  if (typeof body !== 'object') throw new TypeError(invalidOptionMessage('body', body, EXPECTED));
  if (isStream(body)) {
    checkUnread(body);
    ignoreStreamErrors(body);
    return { content: body as ReadableStream, isStream: true };
  }
  // Recognized by its tag: `instanceof` fails for objects of other realms and libraries.
  if (tagOf(body) === 'URLSearchParams') {
    return {
      content: body instanceof URLSearchParams ? body : new URLSearchParams((body as URLSearchParams).toString()),
      isStream: false,
    };
  }
  if (ArrayBuffer.isView(body) || tagOf(body) === 'ArrayBuffer' || isBlobOrForm(body)) {
    return { content: body as FetchBody, isStream: false };
  }
  if (isJsonBody(body)) return { content: stringify(body), type: 'application/json', isStream: false };
  throw unsupportedBodyError(body);
}

/**
 * Prepares a body for all attempts. JSON is serialized now: an error then reaches the caller synchronously, and later
 * changes of the object have no effect.
 *
 * @throws TypeError for a body that cannot be sent
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
