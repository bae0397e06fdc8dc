import { ResponseView } from './response-view.js';
import type { Reading } from './watched-body.js';

const UTF8 = /* @__PURE__ */ new TextDecoder();

/** What a selector gets: a response whose body is watched while it is read, whole or as a stream. */
export class WatchedResponse extends ResponseView {
  readonly #reading: Reading;
  #whole = false;
  #opened = false;

  constructor(source: Response, reading: Reading) {
    super(source, () => {
      this.#opened = true;
      return reading.open();
    });
    this.#reading = reading;
  }

  override get bodyUsed(): boolean {
    return this.#whole || super.bodyUsed;
  }
  override async json(): Promise<unknown> {
    return JSON.parse(await this.text()) as unknown;
  }
  override async text(): Promise<string> {
    return this.#taken ? super.text() : UTF8.decode(await this.#read());
  }
  override async arrayBuffer(): Promise<ArrayBuffer> {
    return this.#taken ? super.arrayBuffer() : (await this.bytes()).buffer;
  }
  override async bytes(): Promise<Uint8Array<ArrayBuffer>> {
    if (this.#taken) return super.bytes();
    const bytes = await this.#read();
    // What a socket has read may be a part of something larger.
    return isAlone(bytes) ? bytes : new Uint8Array(bytes);
  }

  /** Whether somebody has begun to read it. */
  get #taken(): boolean {
    return this.#opened || this.#whole;
  }

  /** Where there is no body nothing was used, and it may be read again. */
  async #read(): Promise<Uint8Array> {
    const bytes = this.#reading.whole();
    this.#whole = bytes !== undefined;
    return bytes ?? new Uint8Array();
  }
}

/** Whether bytes are just that, in memory of their own. */
function isAlone(bytes: Uint8Array): bytes is Uint8Array<ArrayBuffer> {
  return bytes.constructor === Uint8Array && bytes.byteLength === bytes.buffer.byteLength;
}
