import { Readable } from 'node:stream';

import type { Body } from '../response-view.js';

/** What is known of a body beforehand. */
export interface NodeBodyBounds {
  /** The most bytes it may have; 0 for no limit. */
  readonly size: number;
  /** How many bytes were announced, where that is known. */
  readonly length: number | undefined;
}

/** node-fetch minds `size` only in readers of its own. The same body would be too large again. */
function tooLarge(size: number): Error {
  return Object.assign(new RangeError(`the body is larger than size, which is ${String(size)} bytes`), { permanent: true });
}

/** Node's stream as a web stream that is read on demand, and destroys its source when it is cancelled. */
export function nodeBody(source: NodeJS.ReadableStream | null, { size, length }: NodeBodyBounds): Body {
  if (!source) return null;
  const chunks = source[Symbol.asyncIterator]() as AsyncIterator<Buffer<ArrayBuffer>, undefined>;
  const cut = (): void => {
    if (source instanceof Readable) source.destroy();
  };
  let read = 0;
  return new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      async pull(controller) {
        const { value } = await chunks.next();
        if (value) {
          read += value.byteLength;
          if (size > 0 && read > size) {
            cut();
            throw tooLarge(size);
          }
          controller.enqueue(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
          return;
        }
        // A stream that was destroyed before anybody read it, or whose connection broke in some ways, seems to end.
        const broke = source instanceof Readable && !source.readableEnded;
        if (broke || (length !== undefined && read < length)) throw new Error('the body was cut off');
        controller.close();
      },
      cancel: cut,
    },
    { highWaterMark: 0 },
  );
}
