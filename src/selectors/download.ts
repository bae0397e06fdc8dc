import { checkNumber, checkOptions, invalidOptionMessage } from '../util/option-rule.js';
import type { DownloadDone, DownloadedBytes, DownloadPart, DownloadProgress } from './download-events.js';
import { DownloadSession, type DownloadConfig } from './download-session.js';
import { type DownloadTarget, toDownloadSink } from './download-sink.js';
import { checkKnownOptions } from './known-options.js';
import type { ResumableOnDemandSelector } from './selector.js';
import { checkSha256, hashFactory, type IncrementalHash } from './sha256.js';

/** The options of {@link download} into memory. */
export interface DownloadOptions {
  /** The expected SHA-256 of the whole, in hexadecimal. Another digest is an {@link HttpValidationError}. */
  readonly sha256?: string | undefined;
  /**
   * Creates the hash for `sha256` if the bytes are not kept in memory, for example `() => sha256.create()` of
   * `@noble/hashes`.
   *
   * @default the hash of node:crypto, on platforms that have it
   */
  readonly hash?: (() => IncrementalHash) | undefined;
}

/** The options of {@link download} to a file or a stream. */
export interface DownloadToOptions extends DownloadOptions {
  /**
   * The target that each chunk is written to after the previous one. No bytes are kept in memory, and the server waits
   * for a slow disk.
   *
   * - A WritableStream is closed after the last byte, and aborted if the download ends early. It can be written only
   *   once.
   * - A function that opens a WritableStream can be called again if the download starts over, as it does when the
   *   server cannot resume.
   * - A file (Node's FileHandle) is written in place. You close it.
   */
  readonly to: DownloadTarget;
  /**
   * The part of an earlier download to resume. The target has its bytes already. It cannot be combined with `sha256`.
   */
  readonly from?: DownloadPart | undefined;
}

function checkDownloadPart(from: unknown): void {
  checkOptions('from', from);
  const { loaded, validator, url } = from as { readonly [Field in keyof DownloadPart]: unknown };
  checkNumber('from.loaded', loaded, 0);
  if (typeof validator !== 'string' || validator === '') {
    throw new TypeError(invalidOptionMessage('from.validator', validator, 'the validator of an earlier progress'));
  }
  if (url !== undefined && typeof url !== 'string') {
    throw new TypeError(invalidOptionMessage('from.url', url, 'a string'));
  }
}

/** @throws TypeError or RangeError that names the option, its value and what was expected */
function toDownloadConfig(options: Partial<DownloadToOptions>): DownloadConfig {
  checkKnownOptions(options, 'to', 'from', 'sha256', 'hash');
  const { to, from, sha256, hash } = options;
  if (to !== undefined) toDownloadSink(to, 0);
  if (from !== undefined) {
    checkDownloadPart(from);
    if (to === undefined) throw new TypeError('from requires to, the target with the bytes of the earlier download');
    if (sha256 !== undefined) {
      throw new TypeError('sha256 must be absent with from: the bytes of the earlier download were not hashed');
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
 * Downloads a response's body, and resumes where an attempt broke off. It emits its progress, then the bytes. With `to`
 * it writes each chunk there, and keeps none in memory.
 *
 * It resumes only if the server proves that the rest belongs to the same version. The proof is a strong `ETag` or
 * `Last-Modified`, sent back in `If-Range`, from the same URL after redirects. Without the proof, or if the server
 * sends all of it or another part than requested, the download starts over. Parts of two versions, or of two resources,
 * are never joined.
 *
 * It asks for no compression, since decompressed bytes cannot be resumed by their position. With
 * `strategy.resetOnSuccess` the count of attempts starts over whenever bytes have arrived.
 *
 * Across origins a browser needs `ETag` and `Content-Range` in `Access-Control-Expose-Headers`, and a preflight that
 * allows `If-Range`. Without them the download starts over each time.
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
 * @example Into a file in Node, in constant memory, with its SHA-256 checked.
 * ```ts
 * import { open } from 'node:fs/promises';
 * import { finalize, from, switchMap } from 'rxjs';
 * import { download, RetryClient } from 'rxjs-retry-client';
 *
 * const client = new RetryClient({ strategy: { attempts: 10, resetOnSuccess: true } });
 *
 * export function save(url: string, path: string, sha256: string) {
 *   return from(open(path, 'w')).pipe(
 *     switchMap((file) => {
 *       const selector = download({ to: file, sha256 });
 *       return client.get(url, { selector }).pipe(finalize(() => void file.close()));
 *     }),
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
  const config = toDownloadConfig(options);
  return { open: () => new DownloadSession(config) };
}
