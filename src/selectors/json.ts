import { checkSchema, type StandardSchema, validated } from './schema.js';
import type { SelectorFunction } from './selector.js';

/**
 * Reads a response's body as JSON: one value, of the type that the schema gives.
 *
 * A body that breaks off is tried again. JSON that is whole but malformed is a `SyntaxError`, data that the schema refuses an
 * {@link HttpValidationError}, and neither is retried. An answer that has no content by its own word, of status 204 or 205, is read as
 * `undefined`, which a schema sees and may refuse; any other empty body is malformed.
 *
 * @param schema - any Standard Schema (Zod, Valibot, ArkType …); without one, `T` is your word, and nothing checks the data
 * @throws TypeError for a schema that is none
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
export function json<T = unknown>(schema?: StandardSchema<T>): SelectorFunction<T> {
  if (schema !== undefined) checkSchema(schema);
  return async (response, attempt) => {
    const data = (response.status === 204 || response.status === 205 ? undefined : await response.json()) as T;
    return schema ? validated(schema, data, attempt) : data;
  };
}
