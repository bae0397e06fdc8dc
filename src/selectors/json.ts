import type { StandardSchema } from '../util/standard-schema.js';
import { readBoundedBody, checkMaxBytes, type WholeBodyOptions } from './bounded-body.js';
import { jsonSelector } from './json-selector.js';
import type { SelectorFunction } from './selector.js';
import { markTextFormat } from './whole-text.js';

/**
 * Reads a response's body as JSON, and emits it as one value of the schema's type.
 *
 * A body that breaks off is retried. So is JSON that ends too early, unless `Content-Length` proves that all of it has
 * arrived. JSON that is complete but malformed is an {@link HttpParseError}, and data that the schema rejects is an
 * {@link HttpValidationError}. Neither is retried.
 *
 * A response of status 204 or 205 has no content and is read as `undefined`, which a schema validates and may reject.
 *
 * @param schema - any Standard Schema (Zod, Valibot, ArkType …); without one, nothing checks that the data is a `T`
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
  const selector = jsonSelector(
    schema,
    limit === Infinity ? undefined : (response, attempt) => readBoundedBody(response, attempt, limit),
  );
  return markTextFormat(selector, { schema });
}
