import { asyncScheduler } from 'rxjs';

import { announcedLength } from './announced-length.js';
import type { Chunks, ChunkReadable } from './direct-response.js';

/** The part of a body that was read within bounds. */
export interface BoundedBody {
  readonly chunks: Chunks;
  /** Whether the chunks are the whole body: it neither broke off nor exceeded a bound. */
  readonly isWhole: boolean;
  /** Whether the body has ended, completely or by breaking off, so that nothing is left to cancel. */
  readonly hasEnded: boolean;
}

/** The most bytes that are read of a discarded body. Reading more would cost more than a new connection. */
export const MAX_DRAIN_BYTES: number = 64 * 1024;

/** The bounds within which a body is read. */
export interface Bounds {
  /** The most bytes. @default 65_536 */
  readonly maxBytes?: number;
  /** The longest time, in ms. */
  readonly maxMs: number;
  /**
   * Whether the body is cancelled when it reaches a bound. A clone needs this: otherwise it would buffer all that its
   * twin reads.
   *
   * @default false
   */
  readonly cancels?: boolean;
}

/**
 * Reads a response's body within bounds, and calls `done` once, when the body has ended or exceeds a bound. It calls
 * `done` with `undefined`, synchronously, if there is no body or another reader has it. It never fails, and never
 * closes the connection.
 *
 * @returns a function that ends the reading at once
 */
export function readWithin(
  response: Response & Partial<ChunkReadable>,
  { maxBytes = MAX_DRAIN_BYTES, maxMs, cancels }: Bounds,
  done: (body: BoundedBody | undefined) => void,
): () => void {
  const chunks: Uint8Array[] = [];
  // A body that is known to be small needs no stream, which would cost more than the rest of a request.
  const collected =
    (announcedLength(response.headers) ?? Infinity) <= maxBytes ? response.readChunks?.(undefined) : undefined;
  const stream = collected ? undefined : response.body;
  if (!collected && (!stream || response.bodyUsed || stream.locked)) {
    done(undefined);
    return () => undefined;
  }
  let reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  const readAll = async (): Promise<boolean> => {
    if (collected) {
      chunks.push(...(await collected));
      return true;
    }
    reader = (stream as ReadableStream<Uint8Array>).getReader();
    for (let size = 0; ;) {
      const { done, value } = await reader.read();
      if (done) return true;
      size += value.byteLength;
      if (size > maxBytes) {
        chunks.push(value.subarray(0, value.byteLength - (size - maxBytes)));
        return false;
      }
      chunks.push(value);
    }
  };
  const timer = asyncScheduler.schedule(() => {
    finish(false, false);
  }, maxMs);
  const finish = (isWhole: boolean, hasEnded: boolean): void => {
    if (timer.closed) return;
    timer.unsubscribe();
    if (cancels && !hasEnded) reader?.cancel().catch(() => undefined);
    done({ chunks, isWhole, hasEnded });
  };
  readAll().then(
    (isWhole) => {
      finish(isWhole, isWhole);
    },
    () => {
      finish(false, true);
    },
  );
  return () => {
    finish(false, false);
  };
}
