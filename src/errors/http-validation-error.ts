import type { SchemaIssue } from '../util/standard-schema.js';
import { HttpError, type HttpErrorDetails } from './http-error.js';

/** The details of an {@link HttpValidationError}. */
export interface HttpValidationErrorDetails extends HttpErrorDetails {
  /** The problems that the validator found. */
  readonly issues: readonly SchemaIssue[];
  /** The number of the line, from 1, if the body is read line by line. */
  readonly line?: number | undefined;
  /** The failure in a few words. @default that the schema expects other data, and at which paths */
  readonly summary?: string | undefined;
}

/** The most paths that a message names. */
const MAX_PATHS = 3;

/** Formats a path as in code: `items[3].name`; of long keys the beginning. */
function formatPath({ path = [] }: SchemaIssue): string {
  const text = path
    .map((segment) => (typeof segment === 'object' ? segment.key : segment))
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key).slice(0, 40)}`))
    .join('');
  return text === '' ? 'the top' : text.replace(/^\./, '');
}

/** `at a, b, c and more`, without the validator's own messages, which may quote the data. */
function describePaths(issues: readonly SchemaIssue[]): string {
  const paths = [...new Set(issues.map(formatPath))];
  return `at ${paths.slice(0, MAX_PATHS).join(', ')}${paths.length > MAX_PATHS ? ' and more' : ''}`;
}

/**
 * The data is complete but invalid by a schema or a digest. It is not retried, since the same request would return the
 * same data.
 *
 * The message names the paths in the data. `issues` has the validator's own messages, which may quote the data, so
 * neither a log nor `JSON.stringify` shows them by itself.
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
  /** The number of the line, from 1; absent if the body is one value. */
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

  /** The problems that the validator found. */
  get issues(): readonly SchemaIssue[] {
    return this.#issues;
  }
}
