import { Readable } from 'node:stream';

import type { BodySource, Chunks } from '../http/direct-response.js';
import { bodyResponse, consumedResponse } from '../http/response-view.js';
import { IncomingBody } from './undici/incoming-body.js';

/** What is known of a body before it is read. */
export interface NodeBodyOptions {
  /** The largest permitted size in bytes; 0 for no limit. */
  readonly maxBytes: number;
  /** The size in bytes that the response announced, if it is known. */
  readonly announcedLength: number | undefined;
  /** Called when the response has ended, so that an upload that still runs can be cancelled. */
  readonly onFinish: () => void;
}

/**
 * Creates the error for a body beyond `size`, which node-fetch checks only in its own readers. It is permanent: the
 * body would be too large again.
 */
function sizeError(maxBytes: number): Error {
  return Object.assign(new RangeError(`the body is larger than size, which is ${String(maxBytes)} bytes`), {
    permanent: true,
  });
}

/** Reads the next chunk from a stream's own buffer; `null` if it is empty, which Node's types do not declare. */
function readBuffered(source: NodeJS.ReadableStream): Buffer | null {
  return source.read() as Buffer | null;
}

/**
 * A response's body from a stream of Node. It is read whole straight from the stream's chunks, or on demand as a web
 * stream.
 *
 * The stream is read from the start, up to the bound of `IncomingBody`. If its connection breaks, Node destroys it and
 * drops all unread bytes.
 *
 * `nodeFetch()` creates one for each response; the response owns it. It ends when the stream ends, fails or is
 * cancelled.
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
        // After an abort the rest is not wanted. After a broken connection, bytes received before are still in the
        // stream's buffer.
        if (error.name === 'AbortError') incoming.discard(error);
        else for (let chunk = readBuffered(source); chunk; chunk = readBuffered(source)) push(chunk);
        incoming.fail(error);
      })
      // Node reports some broken connections neither as an error nor as an end.
      .on('close', () => {
        incoming.fail(new Error('the body was cut off'));
      });
    return incoming;
  }
}
