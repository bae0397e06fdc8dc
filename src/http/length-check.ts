/**
 * Counts the bytes of a stream whose length was declared. With more bytes a server would take the rest for another
 * request; with fewer it would take the next request for the missing bytes.
 *
 * The upload that sends the stream creates it; it ends with the first error, or with the end of the stream.
 */
export class LengthCheck {
  readonly #declared: number;
  #counted = 0;

  constructor(declared: number) {
    this.#declared = declared;
  }

  /**
   * @param chunk - the next chunk; `undefined` at the end
   * @throws TypeError if the body is longer or shorter than declared
   */
  add(chunk: Uint8Array | undefined): void {
    this.#counted += chunk?.byteLength ?? 0;
    if (chunk ? this.#counted <= this.#declared : this.#counted === this.#declared) return;
    throw new TypeError(
      `the header content-length must be the length of the body: it is ${this.#declared}, and the body has ${chunk ? 'more' : this.#counted} bytes`,
    );
  }
}
