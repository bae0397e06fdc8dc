import type { SelectorFunction } from './selector.js';

/**
 * Reads a response's body as bytes: one value.
 *
 * @example
 * ```ts
 * import { bytes, RetryClient } from 'rxjs-retry-client';
 *
 * export const image$ = new RetryClient().get('https://example.com/logo.png', { selector: bytes() });
 * ```
 */
export function bytes(): SelectorFunction<Uint8Array<ArrayBuffer>> {
  return (response) => response.arrayBuffer().then((buffer) => new Uint8Array(buffer));
}
