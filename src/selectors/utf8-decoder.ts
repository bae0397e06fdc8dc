/**
 * Decodes the UTF-8 chunks of one body, and skips the byte order mark at its start. Each reader of a body creates its
 * own.
 *
 * `ignoreBOM` keeps the mark, which is skipped here. Without it, TextDecoder of Node 24 and later loses a U+FEFF after
 * a character whose bytes are in two chunks.
 */
export class Utf8Decoder {
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  #hasStarted = false;

  /** Decodes a chunk. Without one it ends the text, where a character with missing bytes becomes U+FFFD. */
  decode(chunk?: Uint8Array): string {
    const text = this.#decoder.decode(chunk, { stream: chunk !== undefined });
    if (this.#hasStarted || text === '') return text;
    this.#hasStarted = true;
    return text.startsWith('\uFEFF') ? text.slice(1) : text;
  }
}
