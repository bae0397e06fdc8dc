import type { SelectorFunction } from './selector.js';

/**
 * Reads a response's body as JSON: one value. JSON that is whole but malformed is a `SyntaxError`, and not retried; a body that breaks
 * off is. An empty body, as a 204 has, is no JSON either: ask for such a response without a selector.
 *
 * @example
 * ```ts
 * import { json, RetryClient } from 'rxjs-retry-client';
 *
 * export const user$ = new RetryClient().get('https://api.example.com/users/1', { selector: json<{ name: string }>() });
 * ```
 */
export function json<T = unknown>(): SelectorFunction<T> {
  return (response) => response.json() as Promise<T>;
}
