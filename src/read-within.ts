import { merge, Observable, type ObservableInput } from 'rxjs';

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

/**
 * Reads a response's body within bounds: emits what came, once it is whole, or over a bound. Emits `undefined` at once where there is nothing to
 * read, since somebody else reads it. It never errors, and cuts nothing by itself.
 *
 * @param maxBytes - the most bytes to read
 * @param until - whatever emits first ends the reading
 */
export function readWithin(response: Response & Partial<Collectable>, maxBytes: number, ...until: readonly ObservableInput<unknown>[]): Observable<BoundedBody | undefined> {
  return new Observable((subscriber) => {
    const chunks: Uint8Array[] = [];
    const finish = (whole: boolean, ended: boolean): void => {
      subscriber.next({ chunks, whole, ended });
      subscriber.complete();
    };
    // What is known to be small needs no stream, which would cost more than the rest of a request.
    const collected = knownLength(response) <= maxBytes ? response.collectBody?.(undefined) : undefined;
    const stream = collected ? undefined : response.body;
    if (!collected && (!stream || response.bodyUsed || stream.locked)) {
      subscriber.next(undefined);
      subscriber.complete();
      return;
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
        if (size > maxBytes) {
          chunks.push(value.subarray(0, value.byteLength - (size - maxBytes)));
          return false;
        }
        chunks.push(value);
      }
    };
    subscriber.add(
      merge(...until).subscribe({
        next: () => {
          finish(false, false);
        },
        error: () => undefined,
      }),
    );
    readAll().then(
      (whole) => {
        finish(whole, whole);
      },
      () => {
        finish(false, true);
      },
    );
  });
}
