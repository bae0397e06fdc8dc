import { lines, type LinesOptions } from './lines.js';
import { checkSchema, type StandardSchema, validated } from './schema.js';
import type { PulledSelector } from './selector.js';

function parse(line: string, number: number): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw new SyntaxError(`line ${String(number)} of the body is not JSON`, { cause });
  }
}

/**
 * Reads a response's body as newline-delimited JSON: emits what each line holds, as soon as the line has come; blank lines are skipped.
 *
 * It is read and tried again as {@link lines} is. A line that is not JSON is a `SyntaxError`, one that the schema refuses an
 * {@link HttpValidationError} with the line's number; neither is retried.
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
export function ndjson<T = unknown>(schema?: StandardSchema<T>, options?: LinesOptions): PulledSelector<T> {
  if (schema !== undefined) checkSchema(schema);
  const read = lines(options);
  return async function* (response, attempt) {
    let number = 0;
    for await (const line of read(response, attempt)) {
      number += 1;
      if (!/\S/.test(line)) continue;
      const data = parse(line, number) as T;
      yield schema ? await validated(schema, data, attempt, number) : data;
    }
  };
}
