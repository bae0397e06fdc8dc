/**
 * Decodes UTF-8 that comes in pieces, and skips the byte order mark at its start.
 *
 * The decoder is told to keep the mark, since that of Node 24 and later loses a U+FEFF behind a character whose bytes were cut apart.
 */
export class Utf8Decoder {
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  #begun = false;

  /** The text of a piece; without one, what is left at the end: a character that was cut amid its bytes is U+FFFD. */
  decode(piece?: Uint8Array): string {
    const text = this.#decoder.decode(piece, { stream: piece !== undefined });
    if (this.#begun || text === '') return text;
    this.#begun = true;
    return text.startsWith('\uFEFF') ? text.slice(1) : text;
  }
}
