import { checkBytes } from '../http/direct-response.js';
import type { OnDemandSelector } from './selector.js';

/**
 * Reads a response's body chunk by chunk as it arrives, and emits each chunk as bytes.
 *
 * A body that breaks off after its first chunk is not retried, and fails with reason `partial`. Use {@link download} to
 * resume.
 *
 * Chunks are emitted as fast as they arrive. If your work on them takes longer, wrap this selector in {@link each},
 * which reads on demand.
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
      // A consumer that stops early must not leave the connection busy. After the end, or an error, cancel() has no
      // effect.
      void reader.cancel().catch(() => undefined);
    }
  };
}
