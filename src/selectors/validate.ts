import { HttpValidationError } from '../errors/http-validation-error.js';
import type { HttpAttempt } from '../retry/attempt.js';
import type { StandardSchema } from '../util/standard-schema.js';

/**
 * Validates data with a schema; returns the schema's value.
 *
 * @param line - the number of the body's line that the data is from, the first being 1
 * @throws HttpValidationError for data that the schema rejects
 */
export async function validateWithSchema<T>(
  schema: StandardSchema<T>,
  data: unknown,
  attempt: HttpAttempt,
  line?: number,
): Promise<T> {
  const result = await schema['~standard'].validate(data);
  if (result.issues) throw new HttpValidationError({ attempt, issues: result.issues, line });
  return result.value;
}
