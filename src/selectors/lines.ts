import { checkNumber, checkOptions } from '../check.js';
import { chunks } from './chunks.js';
import type { PulledSelector } from './selector.js';

/** What {@link lines} takes. */
export interface LinesOptions {
  /** The longest line that is read, in characters; a longer one is a `RangeError`. It bounds the memory. @default Infinity */
  readonly maxLength?: number | undefined;
}

/** Puts lines together from pieces of text. What a line has so far is kept in pieces too: joining it anew each time would be quadratic. */
class LineSplitter {
  readonly #maxLength: number;
  #number = 1;
  #pieces: string[] = [];
  #length = 0;

  constructor(maxLength: number) {
    this.#maxLength = maxLength;
  }

  /** The lines that a piece ends. */
  *split(text: string): Generator<string> {
    let start = 0;
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', start)) {
      const line = this.#joined(text.slice(start, end));
      yield this.#checked(line.endsWith('\r') ? line.slice(0, -1) : line);
      this.#number += 1;
      start = end + 1;
    }
    if (start === text.length) return;
    this.#pieces.push(text.slice(start));
    this.#length += text.length - start;
    // One more may turn out to be the CR of its end.
    if (this.#length > this.#maxLength + 1) throw this.#tooLong();
  }

  /** The last line, if nothing ended it. */
  *rest(): Generator<string> {
    if (this.#length > 0) yield this.#checked(this.#joined(''));
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
    if (line.length > this.#maxLength) throw this.#tooLong();
    return line;
  }

  #tooLong(): RangeError {
    return new RangeError(`line ${String(this.#number)} of the body is longer than maxLength, which is ${String(this.#maxLength)} characters`);
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
export function lines(options: LinesOptions = {}): PulledSelector<string> {
  checkOptions('options', options);
  const maxLength = checkNumber('maxLength', options.maxLength ?? Infinity, 1, true);
  return async function* (response, attempt) {
    const decoder = new TextDecoder();
    const splitter = new LineSplitter(maxLength);
    for await (const chunk of chunks()(response, attempt)) {
      for (const line of splitter.split(decoder.decode(chunk, { stream: true }))) yield line;
    }
    // A character that was cut amid its bytes is told now, as U+FFFD.
    for (const line of splitter.split(decoder.decode())) yield line;
    for (const line of splitter.rest()) yield line;
  };
}
