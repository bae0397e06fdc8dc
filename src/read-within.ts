import { asyncScheduler } from 'rxjs';

import type { Chunks, Collectable } from './direct-response.js';

/** What was read of a body within bounds. */
export interface BoundedBody {
  readonly chunks: Chunks;
  /** Whether that is all of it: it neither broke off nor was over a bound. */
  readonly whole: boolean;
  /** Whether nothing is left to cut: it came to an end, be it by breaking off. */
  readonly ended: boolean;
}

/** How many bytes a body announces, where nothing was compressed on the way. */
function knownLength({ headers }: Response): number {
  return headers.has('content-encoding') ? NaN : Number(headers.get('content-length') ?? undefined);
}

/** The most that is read of a body that nobody asked for: to read on would cost more than a new connection. */
export const MAX_BYTES: number = 64 * 1024;

/**
 * Reads a response's body within bounds: calls back once, with what came, when it is whole or over a bound. Calls back with `undefined`, at
 * once, where there is nothing to read, or somebody else reads it. It never fails, and cuts nothing by itself.
 *
 * @param maxMs - how long it may take, in ms
 * @returns what ends the reading here
 */
export function readWithin(response: Response & Partial<Collectable>, maxMs: number, done: (body: BoundedBody | undefined) => void): () => void {
  const chunks: Uint8Array[] = [];
  // What is known to be small needs no stream, which would cost more than the rest of a request.
  const collected = knownLength(response) <= MAX_BYTES ? response.collectBody?.(undefined) : undefined;
  const stream = collected ? undefined : response.body;
  if (!collected && (!stream || response.bodyUsed || stream.locked)) {
    done(undefined);
    return () => undefined;
  }
  const readAll = async (): Promise<boolean> => {
    if (collected) {
      chunks.push(...(await collected));
      return true;
    }
    const reader = (stream as ReadableStream<Uint8Array>).getReader();
    for (let size = 0; ; ) {
      const { done, value } = await reader.read();
      if (done) return true;
      size += value.byteLength;
      if (size > MAX_BYTES) {
        chunks.push(value.subarray(0, value.byteLength - (size - MAX_BYTES)));
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
