import { check, FUNCTION, invalidOptionMessage } from '../util/option-rule.js';
import { runAndReportErrors } from '../util/report-errors.js';
import type { RequestBody } from './body.js';
import { isStream, readChunk, releaseBody, type ChunkSource, openSource, type StreamBody } from './stream-body.js';
import { splitIntoChunks, type WholeBody } from './whole-body.js';

/** The progress of an upload. */
export interface UploadProgress {
  /** The number of bytes that the platform has taken for sending. Each attempt starts at 0. */
  readonly loaded: number;
  /** The number of bytes of the body; `undefined` for a stream. */
  readonly total: number | undefined;
}

/** A body whose bytes can be counted. */
export type CountableBody = StreamBody | WholeBody;

function checkCountable(body: CountableBody): CountableBody {
  if (isStream(body) || body instanceof Blob || body instanceof ArrayBuffer || ArrayBuffer.isView(body)) return body;
  throw new TypeError(invalidOptionMessage('body', body, 'a stream, a Blob or bytes, or a function that returns one'));
}

/** Called with the progress after each chunk. */
export type UploadProgressListener = (progress: UploadProgress) => void;

function sizeOf(body: CountableBody): number | undefined {
  if (body instanceof Blob) return body.size;
  return 'byteLength' in body ? body.byteLength : undefined;
}

/**
 * A body that reports its progress while it is read. It is not a generator: that could not end its source before it has
 * started, nor while it waits for a chunk.
 *
 * It is unopened until the first `next()`, then open until its source has ended or `return()` is called.
 * `withProgress()` creates one for each attempt; the upload that reads it ends it.
 */
class CountedBody implements AsyncIterableIterator<Uint8Array, undefined> {
  readonly #body: StreamBody;
  readonly #total: number | undefined;
  readonly #report: UploadProgressListener;
  #source: ChunkSource | undefined;
  #loaded = 0;
  #pendingBytes = 0;

  constructor(body: CountableBody, listener: UploadProgressListener) {
    this.#body = isStream(body) ? body : splitIntoChunks(body);
    this.#total = sizeOf(body);
    this.#report = listener;
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    // The platform requests another chunk, so it has taken the previous one.
    this.#loaded += this.#pendingBytes;
    if (!this.#source || this.#pendingBytes > 0) {
      runAndReportErrors(() => {
        this.#report({ loaded: this.#loaded, total: this.#total });
      });
    }
    this.#pendingBytes = 0;
    this.#source ??= openSource(this.#body);
    const value = await readChunk(this.#source);
    if (!value) return { done: true, value };
    this.#pendingBytes = value.byteLength;
    return { done: false, value };
  }

  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    if (this.#source) await this.#source.cancel(undefined);
    else releaseBody(this.#body);
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

/** Whether the platform sends streams in every request: browsers send them over HTTP/2 at best. */
function canStreamAnyBody(): boolean {
  const { process } = globalThis as { process?: { versions?: { node?: string } } };
  return process?.versions?.node !== undefined;
}

/**
 * Reports the progress of an upload: the number of bytes that the platform has taken for sending. Bytes in buffers of
 * the system or in proxies count as sent, since the platform does not see them.
 *
 * In Node a `Blob` or bytes are sent as a stream, so without `Content-Length` and content type: set these headers
 * yourself if the server needs them. **In browsers only a body that is a stream is counted.** Chromium sends streams
 * over HTTP/2; other browsers do not send them. A `Blob` or bytes are sent without progress, since `fetch` does not
 * report it.
 *
 * @param body - the body; a stream can be sent once, a function that creates it is called for each attempt
 * @param listener - called at the start of each attempt, and after each chunk; its errors do not affect the request
 * @throws TypeError if `body` or `listener` is invalid
 *
 * @example
 * ```ts
 * import { openAsBlob } from 'node:fs';
 * import { RetryClient, withProgress } from 'rxjs-retry-client';
 *
 * const backup = await openAsBlob('backup.tar');
 * const body = withProgress(backup, ({ loaded, total }) => {
 *   console.log(`${loaded} of ${total ?? 'unknown'} bytes`);
 * });
 *
 * new RetryClient().put('https://api.example.com/backup', body).subscribe();
 * ```
 */
export function withProgress(
  body: CountableBody | (() => CountableBody),
  listener: UploadProgressListener,
): RequestBody {
  check('listener', listener, FUNCTION);
  const count = (countable: CountableBody): CountableBody =>
    isStream(countable) || canStreamAnyBody() ? new CountedBody(countable, listener) : countable;
  if (typeof body === 'function') return () => count(checkCountable(body()));
  checkCountable(body);
  // A Blob or bytes can be read again for each attempt; a stream cannot.
  return isStream(body) ? count(body) : () => count(body);
}
