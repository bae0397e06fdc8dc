import type { HttpAttempt } from '../attempt.js';
import { checkBytes, type Chunks, type Collectable, decoded } from '../direct-response.js';
import { HttpParseError } from '../errors/http-parse-error.js';
import { parseJson } from './json-text.js';
import { checkSchema, type StandardSchema, validated } from './schema.js';
import type { SelectorFunction } from './selector.js';
import { boundedBody, checkMaxBytes, type WholeBodyOptions } from './whole.js';

/** The chunks of a body; `undefined` where there is none, or no stream of it. */
async function chunksOf(response: Response & Partial<Collectable>, attempt: HttpAttempt, maxBytes: number): Promise<Chunks | undefined> {
  if (maxBytes < Infinity) return boundedBody(response, attempt, maxBytes);
  // A stream in between would cost more than all the rest of a request.
  if (response.collectBody) return response.collectBody(undefined);
  return 'arrayBuffer' in response ? [new Uint8Array(await response.arrayBuffer())] : undefined;
}

async function read(response: Response, attempt: HttpAttempt, maxBytes: number): Promise<unknown> {
  const { status } = response;
  if (status === 204 || status === 205) return undefined;
  const pieces = await chunksOf(response, attempt, maxBytes);
  if (!pieces && response.body !== null) return readOwn(response, attempt);
  pieces?.forEach(checkBytes);
  const size = pieces?.reduce((sum, { byteLength }) => sum + byteLength, 0) ?? 0;
  // Other answers may be empty on purpose: 201, 304, or what answers a HEAD.
  return parseJson(decoded(pieces ?? []), { response, attempt, size, open: size > 0 || (status === 200 && attempt.method !== 'HEAD') });
}

/** A response without a stream, such as one that a test made, is read in its own way. */
async function readOwn(response: Response, attempt: HttpAttempt): Promise<unknown> {
  try {
    return await response.json();
  } catch (error) {
    throw error instanceof SyntaxError ? new HttpParseError({ attempt, response, summary: 'the body is not JSON' }) : error;
  }
}

/**
 * Reads a response's body as JSON: one value, of the type that the schema gives.
 *
 * A body that breaks off is tried again; so is JSON that ends too early, unless `Content-Length` proves that all of it came. JSON that is
 * whole but malformed is an {@link HttpParseError}, data that the schema refuses an {@link HttpValidationError}, and neither is retried. An
 * answer of status 204 or 205 has no content and is read as `undefined`, which a schema sees and may refuse.
 *
 * @param schema - any Standard Schema (Zod, Valibot, ArkType …); without one, `T` is your word, and nothing checks the data
 * @param options - `maxBytes` bounds the memory
 * @throws TypeError or RangeError for a bad schema or option
 *
 * @example
 * ```ts
 * import { json, RetryClient, type StandardSchema } from 'rxjs-retry-client';
 *
 * interface User {
 *   name: string;
 * }
 * declare const userSchema: StandardSchema<User>; // z.object({ name: z.string() }) and the like
 *
 * export const user$ = new RetryClient().get('https://api.example.com/users/1', { selector: json(userSchema) });
 * ```
 */
export function json<T = unknown>(schema?: StandardSchema<T>, options: WholeBodyOptions = {}): SelectorFunction<T> {
  if (schema !== undefined) checkSchema(schema);
  const maxBytes = checkMaxBytes(options);
  return async (response, attempt) => {
    const data = (await read(response, attempt, maxBytes)) as T;
    return schema ? validated(schema, data, attempt) : data;
  };
}
