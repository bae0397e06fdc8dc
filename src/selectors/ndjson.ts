import { checkSchema, type StandardSchema } from '../util/standard-schema.js';
import { checkMaxLength, LineReader, type LinesOptions } from './lines.js';
import { parseJson } from './parse-json.js';
import { validated } from './schema.js';
import type { OnDemandSelector } from './selector.js';

/**
 * Reads a response's body as newline-delimited JSON: emits what each line holds, as soon as the line has come; blank lines are skipped.
 *
 * It is read and tried again as {@link lines} is. A line that is not JSON is an {@link HttpParseError} with the line's number, one that the
 * schema refuses an {@link HttpValidationError} with it; neither is retried. A last line without an end that is only the beginning of JSON
 * counts as cut off, unless `Content-Length` proves that all of it came.
 *
 * @param schema - any Standard Schema (Zod, Valibot, ArkType …) for what a line holds; without one, `T` is your word
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
 * new RetryClient().get('https://api.example.com/log', { selector: ndjson<LogEntry>() }).subscribe(({ level, text }) => {
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
      yield schema ? await validated(schema, data, attempt, reader.line) : data;
    }
  };
}
