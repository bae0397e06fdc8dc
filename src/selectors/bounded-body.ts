import { HttpParseError } from '../errors/http-parse-error.js';
import { announcedLength } from '../http/announced-length.js';
import type { Chunks } from '../http/direct-response.js';
import type { HttpAttempt } from '../retry/attempt.js';
import { checkNumber } from '../util/option-rule.js';
import { chunks } from './chunks.js';
import { checkKnownOptions } from './known-options.js';

/** The options of the selectors that read a whole body. */
export interface WholeBodyOptions {
  /**
   * The largest body that is read, in bytes, after decompression.
   *
   * A larger body is an {@link HttpParseError} with this `limit`, and no more of it is read. If `Content-Length`
   * announces it, none of it is read.
   *
   * @default Infinity
   */
  readonly maxBytes?: number | undefined;
}

/** Checks the options; returns `maxBytes`. */
export function checkMaxBytes(options: WholeBodyOptions): number {
  checkKnownOptions(options, 'maxBytes');
  return checkNumber('maxBytes', options.maxBytes ?? Infinity, 0, true);
}

/**
 * Reads all chunks of a body.
 *
 * @throws HttpParseError for a body of more than `maxBytes` bytes
 */
export async function readBoundedBody(response: Response, attempt: HttpAttempt, maxBytes: number): Promise<Chunks> {
  const checkSize = (bytes: number): number => {
    if (bytes <= maxBytes) return bytes;
    throw new HttpParseError({
      attempt,
      response,
      limit: maxBytes,
      summary: `the body is larger than maxBytes, which is ${maxBytes} bytes`,
    });
  };
  // The response to a HEAD request announces the length of a body that does not come.
  if (response.body) checkSize(announcedLength(response.headers) ?? 0);
  const bodyChunks: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  for await (const chunk of chunks()(response, attempt)) {
    size = checkSize(size + chunk.byteLength);
    bodyChunks.push(chunk);
  }
  return bodyChunks;
}
