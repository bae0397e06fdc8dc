import { checkSchema, type StandardSchema } from '../util/standard-schema.js';
import { checkMaxLength, LineReader, type LinesOptions } from './lines.js';
import { parseJson } from './parse-json.js';
import type { OnDemandSelector } from './selector.js';
import { validateWithSchema } from './validate.js';

/**
 * Reads a response's body as newline-delimited JSON, and emits the value of each line as soon as the line has arrived.
 * Blank lines are skipped.
 *
 * It is retried like {@link lines}. A line that is not JSON is an {@link HttpParseError}, and a value that the schema
 * rejects is an {@link HttpValidationError}. Both have the number of the line, and neither is retried.
 *
 * A last line without an end may be only the beginning of JSON. It then counts as cut off, unless `Content-Length`
 * proves that all of it has arrived.
 *
 * @param schema - any Standard Schema (Zod, Valibot, ArkType …) for the value of a line; without one, nothing checks
 * that it is a `T`
 * @throws TypeError or RangeError for a bad schema or option
 *
 * @example
 * ```ts
 * import { ndjson, RetryClient } from 'rxjs-retry-client';
 *
 * interface LogEntry {
 *   level: string;
 *   text: string;
 * }
 *
 * const selector = ndjson<LogEntry>();
 *
 * new RetryClient().get('https://api.example.com/log', { selector }).subscribe(({ level, text }) => {
 *   console.log(level, text);
 * });
 * ```
 *
 * @see {@link https://github.com/ndjson/ndjson-spec | NDJSON}
 */
export function ndjson<T = unknown>(schema?: StandardSchema<T>, options: LinesOptions = {}): OnDemandSelector<T> {
  if (schema !== undefined) checkSchema(schema);
  const maxLength = checkMaxLength(options);
  return async function* (response, attempt) {
    const reader = new LineReader(response, attempt, maxLength);
    for await (const text of reader.read()) {
      if (!/\S/.test(text)) continue;
      const data = parseJson(text, reader) as T;
      yield schema ? await validateWithSchema(schema, data, attempt, reader.line) : data;
    }
  };
}
