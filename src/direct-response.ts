import { ResponseView } from './response-view.js';
import type { Chunks, Reading } from './watched-body.js';

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
    const chunks = await this.#read();
    return chunks ? (JSON.parse(decoded(chunks)) as unknown) : super.json();
  }
  override async text(): Promise<string> {
    const chunks = await this.#read();
    return chunks ? decoded(chunks) : super.text();
  }
  override async arrayBuffer(): Promise<ArrayBuffer> {
    const chunks = await this.#read();
    return chunks ? joined(chunks).buffer : super.arrayBuffer();
  }
  override async bytes(): Promise<Uint8Array<ArrayBuffer>> {
    const chunks = await this.#read();
    return chunks ? joined(chunks) : super.bytes();
  }

  /** Reads it whole; `undefined` where it is to be read as the response itself does: there is nothing in it, or somebody has begun already. */
  async #read(): Promise<Chunks | undefined> {
    if (this.#opened || this.#whole) return undefined;
    const reading = this.#reading.whole();
    this.#whole = reading !== undefined;
    const chunks = await reading;
    if (chunks?.some((chunk) => !isBytes(chunk))) throw new TypeError('a body must be made of Uint8Arrays');
    return chunks;
  }
}

/** Told by its tag, since there are those of other realms. */
function isBytes(chunk: unknown): boolean {
  return Object.prototype.toString.call(chunk) === '[object Uint8Array]';
}

function decoded(chunks: Chunks): string {
  return UTF8.decode(chunks.length === 1 ? chunks[0] : joined(chunks));
}

/** Chunks in memory of their own. */
function joined(chunks: Chunks): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(chunks.reduce((size, chunk) => size + chunk.byteLength, 0));
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.byteLength;
  }
  return whole;
}
