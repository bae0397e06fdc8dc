import { Readable } from 'node:stream';

import type { BodySource, Chunks } from '../http/direct-response.js';
import { bodyResponse, consumedResponse } from '../http/response-view.js';
import { IncomingBody } from './undici/incoming-body.js';

/** What is known of a body beforehand. */
export interface NodeBodyOptions {
  /** The most bytes it may have; 0 for no limit. */
  readonly maxBytes: number;
  /** How many bytes were announced, where that is known. */
  readonly announcedLength: number | undefined;
  /** Told when the answer is over: what is still being sent then nobody waits for. */
  readonly onFinish: () => void;
}

/** node-fetch minds `size` only in readers of its own. The same body would be too large again. */
function sizeError(maxBytes: number): Error {
  return Object.assign(new RangeError(`the body is larger than size, which is ${String(maxBytes)} bytes`), {
    permanent: true,
  });
}

/** The next chunk in a stream's own buffer; `null` where there is none, which Node's types do not know. */
function readBuffered(source: NodeJS.ReadableStream): Buffer | null {
  return source.read() as Buffer | null;
}

/**
 * Node's stream as a response's body: straight from its chunks where it is read whole, else as a web stream that is read on demand.
 *
 * It is read from the start, within a bound: a stream that is destroyed when its connection breaks drops what nobody has read.
 */
export class NodeBody implements BodySource {
  readonly #headers: Headers;
  readonly #options: NodeBodyOptions;
  readonly #incoming: IncomingBody | undefined;
  #isReadWhole = false;
  #receivedBytes = 0;

  constructor(source: NodeJS.ReadableStream | null, headers: Headers, options: NodeBodyOptions) {
    this.#headers = headers;
    this.#options = options;
    this.#incoming = source ? this.#receive(source) : undefined;
  }

  readAll(activityListener: { touch(): void } | undefined): Promise<Chunks> | undefined {
    if (!this.#incoming) return undefined;
    this.#isReadWhole = true;
    this.#incoming.activityListener = activityListener;
    return this.#incoming.readAll((bytes) => [bytes]);
  }

  openStream(): Response {
    return this.#isReadWhole ? consumedResponse() : bodyResponse(this.#incoming?.openStream() ?? null, this.#headers);
  }

  #receive(source: NodeJS.ReadableStream): IncomingBody {
    const abort = (): void => {
      if (source instanceof Readable) source.destroy();
    };
    const flow = { pause: () => source.pause(), resume: () => source.resume(), abort };
    const incoming = new IncomingBody(flow, { finish: this.#options.onFinish });
    const { maxBytes, announcedLength = 0 } = this.#options;
    const push = (chunk: Buffer): void => {
      this.#receivedBytes += chunk.byteLength;
      if (maxBytes > 0 && this.#receivedBytes > maxBytes) {
        incoming.fail(sizeError(maxBytes));
        abort();
      } else {
        incoming.push(chunk);
      }
    };
    const end = (): void => {
      if (this.#receivedBytes < announcedLength) incoming.fail(new Error('the body was cut off'));
      else incoming.end();
    };
    source
      .on('data', push)
      .on('end', end)
      .on('error', (error: Error) => {
        source.off('data', push);
        // Whoever aborted it wants nothing more. A connection that broke has left what it brought in the stream's own buffer.
        if (error.name === 'AbortError') incoming.discard(error);
        else for (let chunk = readBuffered(source); chunk; chunk = readBuffered(source)) push(chunk);
        incoming.fail(error);
      })
      // Some ways of breaking are no error to Node, and no end either.
      .on('close', () => {
        incoming.fail(new Error('the body was cut off'));
      });
    return incoming;
  }
}
