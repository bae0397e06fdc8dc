import type { StandardSchema } from '../util/standard-schema.js';
import { boundedBody, checkMaxBytes, type WholeBodyOptions } from './bounded-body.js';
import { jsonOf } from './json-of.js';
import type { SelectorFunction } from './selector.js';

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
  const limit = checkMaxBytes(options);
  return jsonOf(schema, limit === Infinity ? undefined : (response, attempt) => boundedBody(response, attempt, limit));
}
