import { Readable } from 'node:stream';

import type { BodySource, Chunks } from '../direct-response.js';
import { bodyResponse, spentResponse } from '../response-view.js';

/** What is known of a body beforehand. */
export interface NodeBodyBounds {
  /** The most bytes it may have; 0 for no limit. */
  readonly size: number;
  /** How many bytes were announced, where that is known. */
  readonly length: number | undefined;
}

type Bytes = Uint8Array<ArrayBuffer>;

/** node-fetch minds `size` only in readers of its own. The same body would be too large again. */
function tooLarge(size: number): Error {
  return Object.assign(new RangeError(`the body is larger than size, which is ${String(size)} bytes`), { permanent: true });
}

/** Node's stream as a response's body: straight from its chunks where it is read whole, else as a web stream that is read on demand. */
export class NodeBody implements BodySource {
  readonly #source: NodeJS.ReadableStream | null;
  readonly #headers: Headers;
  readonly #bounds: NodeBodyBounds;
  #begun = false;
  #read = 0;

  constructor(source: NodeJS.ReadableStream | null, headers: Headers, bounds: NodeBodyBounds) {
    this.#source = source;
    this.#headers = headers;
    this.#bounds = bounds;
  }

  whole(listener: { touch(): void } | undefined): Promise<Chunks> | undefined {
    if (!this.#source) return undefined;
    this.#begun = true;
    return this.#collect(this.#source, listener);
  }

  open(): Response {
    return this.#begun ? spentResponse() : bodyResponse(this.#source && this.#stream(this.#source), this.#headers);
  }

  async #collect(source: NodeJS.ReadableStream, listener: { touch(): void } | undefined): Promise<Chunks> {
    const chunks: Bytes[] = [];
    // An error within destroys the source.
    for await (const chunk of source) {
      listener?.touch();
      this.#count(chunk as Buffer);
      chunks.push(chunk as Buffer<ArrayBuffer>);
    }
    this.#checkEnd(source);
    return chunks;
  }

  /** Destroys its source when it is cancelled. */
  #stream(source: NodeJS.ReadableStream): ReadableStream<Bytes> {
    const chunks = source[Symbol.asyncIterator]() as AsyncIterator<Buffer<ArrayBuffer>, undefined>;
    const cut = (): void => {
      if (source instanceof Readable) source.destroy();
    };
    return new ReadableStream<Bytes>(
      {
        pull: async (controller) => {
          const { value } = await chunks.next();
          if (!value) {
            this.#checkEnd(source);
            controller.close();
            return;
          }
          try {
            this.#count(value);
          } catch (error) {
            cut();
            throw error;
          }
          // In memory of its own: the reader may give that away.
          controller.enqueue(new Uint8Array(value));
        },
        cancel: cut,
      },
      { highWaterMark: 0 },
    );
  }

  #count({ byteLength }: Buffer): void {
    const { size } = this.#bounds;
    this.#read += byteLength;
    if (size > 0 && this.#read > size) throw tooLarge(size);
  }

  /** A stream that was destroyed before anybody read it, or whose connection broke in some ways, seems to end. */
  #checkEnd(source: NodeJS.ReadableStream): void {
    const broke = source instanceof Readable && !source.readableEnded;
    if (broke || this.#read < (this.#bounds.length ?? 0)) throw new Error('the body was cut off');
  }
}
