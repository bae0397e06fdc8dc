import type { SelectorFunction } from './selector.js';

/**
 * Reads a response's body as UTF-8 text: one value.
 *
 * @example
 * ```ts
 * import { RetryClient, text } from 'rxjs-retry-client';
 *
 * export const robots$ = new RetryClient().get('https://example.com/robots.txt', { selector: text() });
 * ```
 */
export function text(): SelectorFunction<string> {
  return (response) => response.text();
}
