import type { SchemaIssue } from '../util/standard-schema.js';
import { HttpError, type HttpErrorDetails } from './http-error.js';

/** What an {@link HttpValidationError} is made from. */
export interface HttpValidationErrorDetails extends HttpErrorDetails {
  readonly issues: readonly SchemaIssue[];
  /** Of a body that is read line by line: which line it was, the first being 1. */
  readonly line?: number | undefined;
  /** What is wrong, in a few words; by default that the schema expects something else, and where. */
  readonly summary?: string | undefined;
}

/** How many of the places go into the message. */
const MAX_PATHS = 3;

/** `items[3].name`, as one would write it; of long keys the beginning. */
function formatPath({ path = [] }: SchemaIssue): string {
  const place = path
    .map((segment) => (typeof segment === 'object' ? segment.key : segment))
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key).slice(0, 40)}`))
    .join('');
  return place === '' ? 'the top' : place.replace(/^\./, '');
}

/** `at a, b, c and more`: the validator's own messages may quote the data, so they stay out of ours. */
function describePaths(issues: readonly SchemaIssue[]): string {
  const all = [...new Set(issues.map(formatPath))];
  return `at ${all.slice(0, MAX_PATHS).join(', ')}${all.length > MAX_PATHS ? ' and more' : ''}`;
}

/**
 * The data came whole, and is not what was expected: by a schema, or a digest. It is not retried: the same request would give the same data.
 *
 * The message says where in the data; `issues` says what, in the validator's own words, which may quote the data: so neither a log nor
 * `JSON.stringify` shows them by itself.
 *
 * @example
 * ```ts
 * import { catchError, of } from 'rxjs';
 * import { HttpValidationError, RetryClient, type StandardSchema } from 'rxjs-retry-client';
 *
 * declare const price: StandardSchema<number>;
 *
 * export const price$ = new RetryClient().getJSON('https://api.example.com/price', { schema: price }).pipe(
 *   catchError((error: unknown) => {
 *     if (error instanceof HttpValidationError) return of(undefined);
 *     throw error;
 *   }),
 * );
 * ```
 */
export class HttpValidationError extends HttpError {
  override readonly name = 'HttpValidationError';
  /** Which line of the body it was, the first being 1; absent where the body is one value. */
  declare readonly line?: number;
  readonly #issues: readonly SchemaIssue[];

  constructor({ issues, line, summary, ...details }: HttpValidationErrorDetails) {
    super(
      summary ??
        `the data${line === undefined ? '' : ` of line ${line}`} is not what the schema expects, ${describePaths(issues)}`,
      details,
    );
    if (line !== undefined) this.line = line;
    this.#issues = issues;
  }

  /** What the validator found. */
  get issues(): readonly SchemaIssue[] {
    return this.#issues;
  }
}
