import { HttpParseError } from '../errors/http-parse-error.js';
import type { HttpAttempt } from '../retry/attempt.js';
import { checkNumber } from '../util/option-rule.js';
import { checkNames } from './check-names.js';
import { chunks } from './chunks.js';
import type { JsonSource } from './parse-json.js';
import type { OnDemandSelector } from './selector.js';
import { Utf8Decoder } from './utf8-decoder.js';

/** What {@link lines} takes. */
export interface LinesOptions {
  /** The longest line that is read, in characters; a longer one is an {@link HttpParseError} with this `limit`. It bounds the memory. @default Infinity */
  readonly maxLength?: number | undefined;
}

/** Checks these options; returns the limit. */
export function checkMaxLength(options: LinesOptions): number {
  checkNames(options, 'maxLength');
  return checkNumber('maxLength', options.maxLength ?? Infinity, 1, true);
}

/** Reads one body line by line. What a line has so far is kept in pieces: joining it anew for each piece would take quadratic time. */
export class LineReader implements JsonSource {
  readonly response: Response;
  readonly attempt: HttpAttempt;
  readonly #maxLength: number;
  /** The number of the line that was emitted last, and whether nothing ended it. */
  line = 0;
  open = false;
  size = 0;
  #pieces: string[] = [];
  #length = 0;

  constructor(response: Response, attempt: HttpAttempt, maxLength: number) {
    this.response = response;
    this.attempt = attempt;
    this.#maxLength = maxLength;
  }

  async *read(): AsyncGenerator<string> {
    const decoder = new Utf8Decoder();
    for await (const chunk of chunks()(this.response, this.attempt)) {
      this.size += chunk.byteLength;
      yield* this.#split(decoder.decode(chunk));
    }
    yield* this.#split(decoder.decode());
    this.open = true;
    if (this.#length > 0) yield this.#checked(this.#joined(''));
  }

  /** The lines that a piece ends. */
  *#split(text: string): Generator<string> {
    let start = 0;
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', start)) {
      const line = this.#joined(text.slice(start, end));
      yield this.#checked(line.endsWith('\r') ? line.slice(0, -1) : line);
      start = end + 1;
    }
    if (start === text.length) return;
    this.#pieces.push(text.slice(start));
    this.#length += text.length - start;
    // One more may turn out to be the CR of its end.
    if (this.#length > this.#maxLength + 1) throw this.#tooLong(this.line + 1);
  }

  #joined(end: string): string {
    if (this.#length === 0) return end;
    this.#pieces.push(end);
    const line = this.#pieces.join('');
    this.#pieces = [];
    this.#length = 0;
    return line;
  }

  #checked(line: string): string {
    this.line += 1;
    if (line.length > this.#maxLength) throw this.#tooLong(this.line);
    return line;
  }

  #tooLong(line: number): HttpParseError {
    const { response, attempt } = this;
    const limit = this.#maxLength;
    return new HttpParseError({
      attempt,
      response,
      line,
      limit,
      summary: `line ${line} of the body is longer than maxLength, which is ${limit} characters`,
    });
  }
}

/**
 * Reads a response's body line by line, as UTF-8 text: emits each line without its end, LF or CR LF, as soon as that has come. (A CR
 * alone is part of its line.) The last line needs no end; a byte order mark is skipped.
 *
 * A body that breaks off before the first line is tried again; after it, it fails with reason `partial`, so that nobody gets a line
 * twice. Lines are emitted as fast as they come: where what is done with them takes longer than that, wrap it in {@link each}, which reads
 * on demand.
 *
 * @throws TypeError or RangeError for a bad option
 *
 * @example
 * ```ts
 * import { lines, RetryClient } from 'rxjs-retry-client';
 *
 * new RetryClient().get('https://example.com/words.txt', { selector: lines({ maxLength: 10_000 }) }).subscribe((line) => {
 *   console.log(line);
 * });
 * ```
 */
export function lines(options: LinesOptions = {}): OnDemandSelector<string> {
  const maxLength = checkMaxLength(options);
  return (response, attempt) => new LineReader(response, attempt, maxLength).read();
}
