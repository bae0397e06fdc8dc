import { type ResponseHead, ResponseView } from './response-view.js';

/** A body's chunks, which may be shared: whoever hands them on makes a copy. */
export type Chunks = readonly Uint8Array[];

/** A response whose body can be had whole without a stream in between. */
export interface ChunkReadable {
  /**
   * Reads the body, once; `undefined` where there is none, or it was asked for in another way before.
   *
   * @param listener - told of each chunk
   */
  readChunks(listener: { touch(): void } | undefined): Promise<Chunks> | undefined;
}

/** Where a body comes from: whole or as a stream, as whoever asks first wants it. */
export interface BodySource {
  /** Its chunks, once all are there; `undefined` where there are none to wait for. */
  readAll(listener: { touch(): void } | undefined): Promise<Chunks> | undefined;
  /** A response with the body as a stream; one that has been read, where the whole was asked for before. */
  openStream(): Response;
  /** A response with the same body, where that is in memory. */
  copy?(): Response | undefined;
}

/** Made for the first body, not at load: not every platform that imports the package has a TextDecoder (Jest's jsdom). */
let utf8: TextDecoder | undefined;

/** A response whose body goes from its source's chunks to what it is read as, unless somebody wants a stream. */
export class DirectResponse extends ResponseView implements ChunkReadable {
  readonly #source: BodySource;
  #isReadWhole = false;
  #isStreamOpened = false;

  constructor(head: ResponseHead, source: BodySource) {
    super(head, () => {
      this.#isStreamOpened = true;
      return source.openStream();
    });
    this.#source = source;
  }

  override get bodyUsed(): boolean {
    return this.#isReadWhole || super.bodyUsed;
  }
  override async json(): Promise<unknown> {
    const chunks = await this.#read();
    return chunks ? (JSON.parse(decodeUtf8(chunks)) as unknown) : super.json();
  }
  override async text(): Promise<string> {
    const chunks = await this.#read();
    return chunks ? decodeUtf8(chunks) : super.text();
  }
  override async arrayBuffer(): Promise<ArrayBuffer> {
    const chunks = await this.#read();
    return chunks ? concatChunks(chunks).buffer : super.arrayBuffer();
  }
  override async bytes(): Promise<Uint8Array<ArrayBuffer>> {
    const chunks = await this.#read();
    return chunks ? concatChunks(chunks) : super.bytes();
  }

  override clone(): Response {
    const copy = this.#source.copy?.();
    if (copy) return copy;
    if (!this.#isReadWhole) return super.clone();
    throw new TypeError('the response cannot be cloned: its body was read already');
  }

  readChunks(listener: { touch(): void } | undefined): Promise<Chunks> | undefined {
    if (this.#isStreamOpened || this.#isReadWhole) return undefined;
    const chunks = this.#source.readAll(listener);
    this.#isReadWhole = chunks !== undefined;
    return chunks;
  }

  /** Reads it whole; `undefined` where it is to be read as a stream's response does it: there is nothing in it, or somebody has begun already. */
  async #read(): Promise<Chunks | undefined> {
    const chunks = await this.readChunks(undefined);
    chunks?.forEach(checkBytes);
    return chunks;
  }
}

/** Checks a chunk of a body: by its tag, since there are those of other realms. */
export function checkBytes(chunk: unknown): void {
  if (Object.prototype.toString.call(chunk) !== '[object Uint8Array]') {
    throw new TypeError('a body must be made of Uint8Arrays');
  }
}

/** Chunks as UTF-8 text, without a byte order mark. */
export function decodeUtf8(chunks: Chunks): string {
  return (utf8 ??= new TextDecoder()).decode(chunks.length === 1 ? chunks[0] : concatChunks(chunks));
}

/** Chunks in memory of their own. */
export function concatChunks(chunks: Chunks): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(chunks.reduce((size, chunk) => size + chunk.byteLength, 0));
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.byteLength;
  }
  return whole;
}
