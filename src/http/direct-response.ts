import { type ResponseHead, ResponseView } from './response-view.js';

/** The chunks of a body. They may be shared, so code that passes them to a consumer copies them. */
export type Chunks = readonly Uint8Array[];

/** A response whose whole body can be read without a stream, which costs less. */
export interface ChunkReadable {
  /**
   * Reads the body, once. It returns `undefined` if there is no body, or if it was read or opened before.
   *
   * @param listener - its `touch()` is called for each chunk
   */
  readChunks(listener: { touch(): void } | undefined): Promise<Chunks> | undefined;
}

/** The source of a body, which can be read once: whole or as a stream. */
export interface BodySource {
  /** Reads all chunks; `undefined` if there is no body. */
  readAll(listener: { touch(): void } | undefined): Promise<Chunks> | undefined;
  /** Returns a response with the body as a stream; a consumed one if `readAll()` was called before. */
  openStream(): Response;
  /** Returns another response with the same body, if that is in memory. */
  copy?(): Response | undefined;
}

/** Created for the first body, not at load: Jest's jsdom imports the package and has no TextDecoder. */
let utf8: TextDecoder | undefined;

/**
 * A response that reads its body directly from the chunks of its source. A stream is created only if a consumer asks
 * for one.
 *
 * Its body is unread, read whole, or opened as a stream; the first read decides. node-fetch's transport,
 * `MonitoredBody` and `bufferedResponse()` create one.
 */
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

  /** Reads the whole body; `undefined` if it is empty, read or opened: then `super` reads it. */
  async #read(): Promise<Chunks | undefined> {
    const chunks = await this.readChunks(undefined);
    chunks?.forEach(checkBytes);
    return chunks;
  }
}

/**
 * Checks that a chunk of a body is a Uint8Array, by its tag: `instanceof` fails for those of other realms.
 *
 * @throws TypeError
 */
export function checkBytes(chunk: unknown): void {
  if (Object.prototype.toString.call(chunk) !== '[object Uint8Array]') {
    throw new TypeError('a body must be made of Uint8Arrays');
  }
}

/** Decodes chunks as UTF-8, without a byte order mark. */
export function decodeUtf8(chunks: Chunks): string {
  return (utf8 ??= new TextDecoder()).decode(chunks.length === 1 ? chunks[0] : concatChunks(chunks));
}

/** Copies chunks into one array with a buffer of its own. */
export function concatChunks(chunks: Chunks): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(chunks.reduce((size, chunk) => size + chunk.byteLength, 0));
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return bytes;
}
