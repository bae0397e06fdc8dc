import { concatChunks } from '../http/direct-response.js';
import { readBoundedBody, checkMaxBytes, type WholeBodyOptions } from './bounded-body.js';
import type { SelectorFunction } from './selector.js';

/**
 * Reads a response's body as bytes, and emits them as one value.
 *
 * @throws TypeError or RangeError for a bad option
 *
 * @example
 * ```ts
 * import { bytes, RetryClient } from 'rxjs-retry-client';
 *
 * const selector = bytes({ maxBytes: 5_000_000 });
 *
 * export const image$ = new RetryClient().get('https://example.com/logo.png', { selector });
 * ```
 */
export function bytes(options: WholeBodyOptions = {}): SelectorFunction<Uint8Array<ArrayBuffer>> {
  const maxBytes = checkMaxBytes(options);
  return async (response, attempt) =>
    maxBytes === Infinity
      ? new Uint8Array(await response.arrayBuffer())
      : concatChunks(await readBoundedBody(response, attempt, maxBytes));
}
