import { checkNumber, checkOptions, invalidOptionMessage } from '../util/option-rule.js';
import { checkNames } from './check-names.js';
import type { DownloadDone, DownloadedBytes, DownloadPart, DownloadProgress } from './download-events.js';
import { DownloadSession, type DownloadConfig } from './download-session.js';
import { type DownloadTarget, sinkOf } from './download-sink.js';
import type { ResumableOnDemandSelector } from './selector.js';
import { checkSha256, hashFactory, type IncrementalHash } from './sha256.js';

/** What {@link download} takes. */
export interface DownloadOptions {
  /** The SHA-256 that the whole must have, in hexadecimal. Another is an {@link HttpValidationError}. */
  readonly sha256?: string | undefined;
  /**
   * Makes a hash for `sha256`, where the bytes are not kept in memory: `() => sha256.create()` of `@noble/hashes`, for example.
   *
   * @default node:crypto's, where there is one
   */
  readonly hash?: (() => IncrementalHash) | undefined;
}

/** What {@link download} takes to write what comes, and not to keep it. */
export interface DownloadToOptions extends DownloadOptions {
  /**
   * Where each piece is written, when the one before is: nothing is held in memory, and the server waits for a slow disk.
   *
   * A WritableStream is closed when all is written, and aborted when nothing more comes; it can be written once. A function that opens one
   * can be asked to start over, which is necessary where the server cannot resume. A file (Node's FileHandle) is written in place, and is
   * yours to close.
   */
  readonly to: DownloadTarget;
  /** Goes on where an earlier download broke off; the target has these bytes. Not with `sha256`. */
  readonly from?: DownloadPart | undefined;
}

function checkPart(from: unknown): void {
  checkOptions('from', from);
  const { loaded, validator, url } = from as { readonly [Field in keyof DownloadPart]: unknown };
  checkNumber('from.loaded', loaded, 0);
  if (typeof validator !== 'string' || validator === '') {
    throw new TypeError(invalidOptionMessage('from.validator', validator, 'the validator of an earlier progress'));
  }
  if (url !== undefined && typeof url !== 'string')
    throw new TypeError(invalidOptionMessage('from.url', url, 'a string'));
}

/** @throws TypeError or RangeError that names the option, its value and what was expected */
function checked(options: Partial<DownloadToOptions>): DownloadConfig {
  checkNames(options, 'to', 'from', 'sha256', 'hash');
  const { to, from, sha256, hash } = options;
  if (to !== undefined) sinkOf(to, 0);
  if (from !== undefined) {
    checkPart(from);
    if (to === undefined) throw new TypeError('from needs to, which has the bytes of the earlier download');
    if (sha256 !== undefined) {
      throw new TypeError('sha256 must be absent where from is given: what was there before has not been hashed');
    }
  }
  if (sha256 === undefined) return { to, from };
  return {
    to,
    sha256: checkSha256(sha256),
    hash: to === undefined && hash === undefined ? undefined : hashFactory(hash),
  };
}

/**
 * Downloads a response's body, and goes on where it broke off: emits how far it has come, and in the end the bytes; with `to` it writes
 * each piece there, and keeps none.
 *
 * It goes on only where the server proves that the rest is of the same version: by a strong `ETag` or `Last-Modified`, sent back in
 * `If-Range`, at the same URL, after redirects. Where it does not, or answers with all of it, or with another part than was asked for, the
 * download starts over; parts of two versions, or of two resources, are never put together. It asks for no compression, since what is decompressed on the way cannot be resumed
 * by bytes. `strategy.resetOnSuccess` gives it new attempts as often as some bytes came.
 *
 * (Across origins a browser must be shown `ETag` and `Content-Range`, by `Access-Control-Expose-Headers`, and asks first whether it may
 * send `If-Range`. Without that the download starts over each time.)
 *
 * @throws TypeError or RangeError for a bad option
 *
 * @example Into memory.
 * ```ts
 * import { download, RetryClient } from 'rxjs-retry-client';
 *
 * new RetryClient().get('https://example.com/model.bin', { selector: download() }).subscribe((event) => {
 *   if (event.type === 'done') console.log(event.bytes.byteLength);
 *   else console.log(`${event.loaded} of ${event.total ?? 'unknown'} bytes, ${event.bytesPerSecond} a second`);
 * });
 * ```
 *
 * @example Into a file of Node's, in constant memory, and checked.
 * ```ts
 * import { open } from 'node:fs/promises';
 * import { finalize, from, switchMap } from 'rxjs';
 * import { download, RetryClient } from 'rxjs-retry-client';
 *
 * const client = new RetryClient({ strategy: { attempts: 10, resetOnSuccess: true } });
 *
 * export function save(url: string, path: string, sha256: string) {
 *   return from(open(path, 'w')).pipe(
 *     switchMap((file) => client.get(url, { selector: download({ to: file, sha256 }) }).pipe(finalize(() => void file.close()))),
 *   );
 * }
 * ```
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-14 | RFC 9110, section 14}
 */
export function download(options?: DownloadOptions): ResumableOnDemandSelector<DownloadProgress | DownloadedBytes>;
export function download(options: DownloadToOptions): ResumableOnDemandSelector<DownloadProgress | DownloadDone>;
export function download(
  options: Partial<DownloadToOptions> = {},
): ResumableOnDemandSelector<DownloadProgress | DownloadDone | DownloadedBytes> {
  const ready = checked(options);
  return { open: () => new DownloadSession(ready) };
}
