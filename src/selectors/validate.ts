import { HttpValidationError } from '../errors/http-validation-error.js';
import type { HttpAttempt } from '../retry/attempt.js';
import type { StandardSchema } from './schema.js';

/**
 * Gives what the schema makes of some data.
 *
 * @throws HttpValidationError for data that is not what it expects
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
