import { checkBytes } from '../http/direct-response.js';
import type { OnDemandSelector } from './selector.js';

/**
 * Reads a response's body piece by piece, as it arrives: emits each piece as bytes.
 *
 * A body that breaks off after its first piece is not tried again, and fails with reason `partial`; {@link download} is what resumes.
 * Pieces are emitted as fast as they come: where what is done with them takes longer than that, wrap it in {@link each}, which reads on
 * demand.
 *
 * @example
 * ```ts
 * import { chunks, RetryClient } from 'rxjs-retry-client';
 *
 * new RetryClient().get('https://example.com/video', { selector: chunks() }).subscribe((chunk) => {
 *   console.log(`${chunk.byteLength} bytes`);
 * });
 * ```
 */
export function chunks(): OnDemandSelector<Uint8Array<ArrayBuffer>> {
  return async function* ({ body }) {
    if (!body) return;
    const reader = body.getReader();
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        checkBytes(value);
        if (value.byteLength > 0) yield value;
      }
    } finally {
      // Whoever leaves early wants no more of it; where it was read to its end, or broke, there is nothing left to cancel.
      void reader.cancel().catch(() => undefined);
    }
  };
}
