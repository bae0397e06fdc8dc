import { HttpParseError } from '../errors/http-parse-error.js';
import { announcedLength } from '../http/announced-length.js';
import type { Chunks } from '../http/direct-response.js';
import type { HttpAttempt } from '../retry/attempt.js';
import { checkNumber } from '../util/option-rule.js';
import { checkNames } from './check-names.js';
import { chunks } from './chunks.js';

/** What the selectors take that read a body whole. */
export interface WholeBodyOptions {
  /**
   * The largest body that is read, in bytes, after decompression. A larger one is an {@link HttpParseError} with this `limit`; nothing more
   * of it is read, and nothing at all where `Content-Length` announces it.
   *
   * @default Infinity
   */
  readonly maxBytes?: number | undefined;
}

/** Checks these options; returns the limit. */
export function checkMaxBytes(options: WholeBodyOptions): number {
  checkNames(options, 'maxBytes');
  return checkNumber('maxBytes', options.maxBytes ?? Infinity, 0, true);
}

/** Reads all chunks of a body, of at most so many bytes. */
export async function boundedBody(response: Response, attempt: HttpAttempt, maxBytes: number): Promise<Chunks> {
  const checked = (bytes: number): number => {
    if (bytes <= maxBytes) return bytes;
    throw new HttpParseError({
      attempt,
      response,
      limit: maxBytes,
      summary: `the body is larger than maxBytes, which is ${maxBytes}`,
    });
  };
  // The answer to a HEAD announces a body that does not come.
  if (response.body) checked(announcedLength(response.headers) ?? 0);
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  for await (const chunk of chunks()(response, attempt)) {
    size = checked(size + chunk.byteLength);
    parts.push(chunk);
  }
  return parts;
}
