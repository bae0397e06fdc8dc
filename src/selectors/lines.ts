import { HttpParseError } from '../errors/http-parse-error.js';
import type { HttpAttempt } from '../retry/attempt.js';
import { checkNumber } from '../util/option-rule.js';
import { chunks } from './chunks.js';
import { checkKnownOptions } from './known-options.js';
import type { JsonSource } from './parse-json.js';
import type { OnDemandSelector } from './selector.js';
import { Utf8Decoder } from './utf8-decoder.js';

/** The options of {@link lines} and {@link ndjson}. */
export interface LinesOptions {
  /**
   * The longest line that is read, in characters. A longer one is an {@link HttpParseError} with this `limit`. It
   * bounds the memory.
   *
   * @default Infinity
   */
  readonly maxLength?: number | undefined;
}

/** Checks the options; returns `maxLength`. */
export function checkMaxLength(options: LinesOptions): number {
  checkKnownOptions(options, 'maxLength');
  return checkNumber('maxLength', options.maxLength ?? Infinity, 1, true);
}

/**
 * Reads the body of one response line by line. Each attempt creates its own reader.
 *
 * The fragments of an unfinished line are kept apart: joining them for each chunk would take quadratic time.
 */
export class LineReader implements JsonSource {
  readonly response: Response;
  readonly attempt: HttpAttempt;
  readonly #maxLength: number;
  /** The number of the line that was emitted last, the first being 1. */
  line = 0;
  canBeTruncated = false;
  bytesRead = 0;
  /** The fragments of the unfinished line. */
  #fragments: string[] = [];
  #lineLength = 0;

  constructor(response: Response, attempt: HttpAttempt, maxLength: number) {
    this.response = response;
    this.attempt = attempt;
    this.#maxLength = maxLength;
  }

  async *read(): AsyncGenerator<string> {
    const decoder = new Utf8Decoder();
    for await (const chunk of chunks()(this.response, this.attempt)) {
      this.bytesRead += chunk.byteLength;
      yield* this.#splitLines(decoder.decode(chunk));
    }
    yield* this.#splitLines(decoder.decode());
    this.canBeTruncated = true;
    if (this.#lineLength > 0) yield this.#countLine(this.#takeLine(''));
  }

  /** Returns the lines that a chunk of text completes. */
  *#splitLines(text: string): Generator<string> {
    let start = 0;
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', start)) {
      const line = this.#takeLine(text.slice(start, end));
      yield this.#countLine(line.endsWith('\r') ? line.slice(0, -1) : line);
      start = end + 1;
    }
    if (start === text.length) return;
    this.#fragments.push(text.slice(start));
    this.#lineLength += text.length - start;
    // The last character may be the CR of the line's end, which does not count.
    if (this.#lineLength > this.#maxLength + 1) throw this.#toLengthError(this.line + 1);
  }

  #takeLine(rest: string): string {
    if (this.#lineLength === 0) return rest;
    this.#fragments.push(rest);
    const line = this.#fragments.join('');
    this.#fragments = [];
    this.#lineLength = 0;
    return line;
  }

  #countLine(line: string): string {
    this.line += 1;
    if (line.length > this.#maxLength) throw this.#toLengthError(this.line);
    return line;
  }

  #toLengthError(line: number): HttpParseError {
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
 * Reads a response's body line by line as UTF-8 text. Each line is emitted without its end, LF or CR LF, as soon as the
 * end has arrived. A CR alone is part of its line. The last line needs no end, and a byte order mark is skipped.
 *
 * A body that breaks off before the first line is retried. After the first line it fails with reason `partial`, since a
 * retry would emit lines twice.
 *
 * Lines are emitted as fast as they arrive. If your work on them takes longer, wrap this selector in {@link each},
 * which reads on demand.
 *
 * @throws TypeError or RangeError for a bad option
 *
 * @example
 * ```ts
 * import { lines, RetryClient } from 'rxjs-retry-client';
 *
 * const selector = lines({ maxLength: 10_000 });
 *
 * new RetryClient().get('https://example.com/words.txt', { selector }).subscribe((line) => {
 *   console.log(line);
 * });
 * ```
 */
export function lines(options: LinesOptions = {}): OnDemandSelector<string> {
  const maxLength = checkMaxLength(options);
  return (response, attempt) => new LineReader(response, attempt, maxLength).read();
}
