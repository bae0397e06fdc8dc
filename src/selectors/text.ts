import { decodeUtf8 } from '../http/direct-response.js';
import { readBoundedBody, checkMaxBytes, type WholeBodyOptions } from './bounded-body.js';
import type { SelectorFunction } from './selector.js';
import { markTextFormat } from './whole-text.js';

/**
 * Reads a response's body as UTF-8 text, and emits it as one value, without a byte order mark.
 *
 * @throws TypeError or RangeError for a bad option
 *
 * @example
 * ```ts
 * import { RetryClient, text } from 'rxjs-retry-client';
 *
 * const selector = text({ maxBytes: 500_000 });
 *
 * export const robots$ = new RetryClient().get('https://example.com/robots.txt', { selector });
 * ```
 */
export function text(options: WholeBodyOptions = {}): SelectorFunction<string> {
  const maxBytes = checkMaxBytes(options);
  return markTextFormat(
    async (response, attempt) =>
      maxBytes === Infinity ? response.text() : decodeUtf8(await readBoundedBody(response, attempt, maxBytes)),
    'text',
  );
}
