import { Readable } from 'node:stream';

import type { BodySource, Chunks } from '../http/direct-response.js';
import { bodyResponse, consumedResponse } from '../http/response-view.js';
import { IncomingBody } from './undici/incoming-body.js';

/** What is known of a body beforehand. */
export interface NodeBodyBounds {
  /** The most bytes it may have; 0 for no limit. */
  readonly size: number;
  /** How many bytes were announced, where that is known. */
  readonly length: number | undefined;
  /** Told when the answer is over: what is still being sent then nobody waits for. */
  readonly over: () => void;
}

/** node-fetch minds `size` only in readers of its own. The same body would be too large again. */
function tooLarge(size: number): Error {
  return Object.assign(new RangeError(`the body is larger than size, which is ${String(size)} bytes`), {
    permanent: true,
  });
}

/** The next chunk in a stream's own buffer; `null` where there is none, which Node's types do not know. */
function unread(source: NodeJS.ReadableStream): Buffer | null {
  return source.read() as Buffer | null;
}

/**
 * Node's stream as a response's body: straight from its chunks where it is read whole, else as a web stream that is read on demand.
 *
 * It is read from the start, within a bound: a stream that is destroyed when its connection breaks drops what nobody has read.
 */
export class NodeBody implements BodySource {
  readonly #headers: Headers;
  readonly #bounds: NodeBodyBounds;
  readonly #incoming: IncomingBody | undefined;
  #begun = false;
  #received = 0;

  constructor(source: NodeJS.ReadableStream | null, headers: Headers, bounds: NodeBodyBounds) {
    this.#headers = headers;
    this.#bounds = bounds;
    this.#incoming = source ? this.#receive(source) : undefined;
  }

  readAll(listener: { touch(): void } | undefined): Promise<Chunks> | undefined {
    if (!this.#incoming) return undefined;
    this.#begun = true;
    this.#incoming.listener = listener;
    return this.#incoming.read((bytes) => [bytes]);
  }

  openStream(): Response {
    return this.#begun ? consumedResponse() : bodyResponse(this.#incoming?.stream() ?? null, this.#headers);
  }

  #receive(source: NodeJS.ReadableStream): IncomingBody {
    const abort = (): void => {
      if (source instanceof Readable) source.destroy();
    };
    const flow = { pause: () => source.pause(), resume: () => source.resume(), abort };
    const incoming = new IncomingBody(flow, { finish: this.#bounds.over });
    const { size, length = 0 } = this.#bounds;
    const push = (chunk: Buffer): void => {
      this.#received += chunk.byteLength;
      if (size > 0 && this.#received > size) {
        incoming.fail(tooLarge(size));
        abort();
      } else {
        incoming.push(chunk);
      }
    };
    const end = (): void => {
      if (this.#received < length) incoming.fail(new Error('the body was cut off'));
      else incoming.end();
    };
    source
      .on('data', push)
      .on('end', end)
      .on('error', (error: Error) => {
        source.off('data', push);
        // Whoever aborted it wants nothing more. A connection that broke has left what it brought in the stream's own buffer.
        if (error.name === 'AbortError') incoming.cut(error);
        else for (let left = unread(source); left; left = unread(source)) push(left);
        incoming.fail(error);
      })
      // Some ways of breaking are no error to Node, and no end either.
      .on('close', () => {
        incoming.fail(new Error('the body was cut off'));
      });
    return incoming;
  }
}
