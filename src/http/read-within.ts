import { asyncScheduler } from 'rxjs';

import { announcedLength } from './announced-length.js';
import type { Chunks, ChunkReadable } from './direct-response.js';

/** What was read of a body within bounds. */
export interface BoundedBody {
  readonly chunks: Chunks;
  /** Whether that is all of it: it neither broke off nor was over a bound. */
  readonly whole: boolean;
  /** Whether nothing is left to cut: it came to an end, be it by breaking off. */
  readonly ended: boolean;
}

/** The most that is read of a body that nobody asked for: to read on would cost more than a new connection. */
export const MAX_DRAIN_BYTES: number = 64 * 1024;

/** How far a body is read. */
export interface Bounds {
  /** @default MAX_BYTES */
  readonly maxBytes?: number;
  /** How long it may take, in ms. */
  readonly maxMs: number;
  /** Whether a bound that is reached cancels the body: that of a copy, which would go on to collect what the other one reads. */
  readonly cancels?: boolean;
}

/**
 * Reads a response's body within bounds: calls back once, with what came, when it is whole or over a bound. Calls back with `undefined`, at
 * once, where there is nothing to read, or somebody else reads it. It never fails, and cuts nothing by itself.
 *
 * @returns what ends the reading here
 */
export function readWithin(
  response: Response & Partial<ChunkReadable>,
  { maxBytes = MAX_DRAIN_BYTES, maxMs, cancels }: Bounds,
  done: (body: BoundedBody | undefined) => void,
): () => void {
  const chunks: Uint8Array[] = [];
  // What is known to be small needs no stream, which would cost more than the rest of a request.
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
  const finish = (whole: boolean, ended: boolean): void => {
    if (timer.closed) return;
    timer.unsubscribe();
    if (cancels && !ended) reader?.cancel().catch(() => undefined);
    done({ chunks, whole, ended });
  };
  readAll().then(
    (whole) => {
      finish(whole, whole);
    },
    () => {
      finish(false, true);
    },
  );
  return () => {
    finish(false, false);
  };
}
