import { check, FUNCTION, invalidOptionMessage } from '../util/option-rule.js';
import { runAndReportErrors } from '../util/report-errors.js';
import type { RequestBody } from './body.js';
import { isStream, readChunk, releaseBody, type ChunkSource, openSource, type StreamBody } from './stream-body.js';
import { splitIntoChunks, type WholeBody } from './whole-body.js';

/** How far an upload has come. */
export interface UploadProgress {
  /** How many bytes the platform has taken to be sent; each attempt starts from 0. */
  readonly loaded: number;
  /** How many there are, where the body tells it. */
  readonly total: number | undefined;
}

/** A body whose bytes can be counted. */
export type CountableBody = StreamBody | WholeBody;

function checkCountable(body: CountableBody): CountableBody {
  if (isStream(body) || body instanceof Blob || body instanceof ArrayBuffer || ArrayBuffer.isView(body)) return body;
  throw new TypeError(invalidOptionMessage('body', body, 'a stream, a Blob or bytes, or a function that makes one'));
}

/** Is told of each piece that has been sent. */
export type UploadProgressListener = (progress: UploadProgress) => void;

function sizeOf(body: CountableBody): number | undefined {
  if (body instanceof Blob) return body.size;
  return 'byteLength' in body ? body.byteLength : undefined;
}

/**
 * A body that reports its progress as it is read. It is no generator, since that ends neither its source before it has begun, nor while it
 * waits for a piece.
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
    // It is asked for more: so the platform has taken the piece before.
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

/** Whether streams can be sent in every kind of request: browsers do it over HTTP/2 at best. */
function canStreamAnyBody(): boolean {
  const { process } = globalThis as { process?: { versions?: { node?: string } } };
  return process?.versions?.node !== undefined;
}

/**
 * Tells how much of a request's body has been sent, as far as the platform lets one know: how many bytes it has taken. What lies between
 * it and the server (buffers of the system, proxies) cannot be seen.
 *
 * In Node a `Blob` or bytes are sent as a stream for it, so without a `Content-Length` and a content type: set these headers yourself if the
 * server wants them. **In browsers only a body that is a stream already is counted**, which Chromium sends over HTTP/2 and no other browser
 * sends at all; a `Blob` or bytes are sent as they are, and nothing is told: `fetch` does not say how far it is.
 *
 * @param body - what to send; a stream can be sent once, a function that makes it can be called for each attempt
 * @param listener - told at the beginning of each attempt, and after each piece; what it throws disturbs no request
 * @throws TypeError if one of them is not what it must be
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
  check('tell', listener, FUNCTION);
  const count = (one: CountableBody): CountableBody =>
    isStream(one) || canStreamAnyBody() ? new CountedBody(one, listener) : one;
  if (typeof body === 'function') return () => count(checkCountable(body()));
  checkCountable(body);
  // What is whole can be read again; a stream cannot.
  return isStream(body) ? count(body) : () => count(body);
}
