import { toBodyError } from '../errors/to-network-error.js';
import { bufferedResponse } from '../http/buffered-response.js';
import { type BodySource, type Chunks, type ChunkReadable, DirectResponse } from '../http/direct-response.js';
import { toPlatformResponse } from '../http/platform-response.js';
import { bodyResponse } from '../http/response-view.js';
import type { HttpAttempt } from '../retry/attempt.js';
import type { InactivityTimer } from '../util/inactivity-timer.js';

/** Reads all chunks of a stream. */
async function readStream(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  listener: { touch(): void } | undefined,
  onChunk: ((bytes: Uint8Array) => void) | undefined,
): Promise<Chunks> {
  const chunks: Uint8Array[] = [];
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return chunks;
    listener?.touch();
    onChunk?.(value);
    chunks.push(value);
  }
}

/**
 * The body of a response while a selector reads it. The inactivity timer runs while a read is pending, and never while
 * the selector works. A body that breaks off fails with an error of this package.
 *
 *     unread ──► reading ──► ended, failed
 *
 * An exchange creates one per response that is read.
 */
export class MonitoredBody implements BodySource {
  /** The response that the selector reads. */
  readonly response: Response;
  readonly #source: Response & Partial<ChunkReadable>;
  readonly #attempt: HttpAttempt;
  readonly #inactivityTimer: InactivityTimer | undefined;
  readonly #keepsChunks: boolean;
  readonly #onChunk: ((bytes: Uint8Array) => void) | undefined;
  #keptChunks: Chunks | undefined;
  #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  #hasBegun = false;
  #ended = false;
  #failure: { readonly error: unknown } | undefined;
  /** Makes the pending read, or the stream, fail. */
  #rejectReader: ((error: unknown) => void) | undefined;

  /**
   * @param keepsChunks - whether a body that is read whole is kept: `shouldRetry` can then clone the response
   * afterwards
   * @param onChunk - called with what is read, before the selector gets it
   */
  constructor(
    source: Response,
    attempt: HttpAttempt,
    inactivityTimer: InactivityTimer | undefined,
    keepsChunks: boolean,
    onChunk?: (bytes: Uint8Array) => void,
  ) {
    this.#source = source;
    this.#attempt = attempt;
    this.#inactivityTimer = inactivityTimer;
    this.#keepsChunks = keepsChunks;
    this.#onChunk = onChunk;
    this.response =
      (keepsChunks ? undefined : toPlatformResponse(source, () => this.openStream())) ??
      new DirectResponse(source, this);
  }

  /** Whether the body was read to its end, which leaves its connection free. */
  get ended(): boolean {
    return this.#ended || (!this.#hasBegun && this.#body === null);
  }

  /** The error of a body that broke off. The selector's own error can say less: not every platform passes it on. */
  get failure(): { readonly error: unknown } | undefined {
    return this.#failure;
  }

  /** The body of the source; a getter that throws counts as a body that broke off. */
  get #body(): Response['body'] | undefined {
    try {
      return this.#source.body;
    } catch (error) {
      this.#recordFailure(error);
      return undefined;
    }
  }

  /** Makes the body fail. */
  fail(error: unknown): void {
    this.#failure ??= { error };
    this.#rejectReader?.(error);
  }

  /** Cancels the rest of a body that has no connection to abort. */
  discard(): void {
    (this.#reader ?? this.#body)?.cancel().catch(() => undefined);
  }

  #recordFailure(error: unknown): void {
    if (!this.#failure) this.fail(toBodyError(error, this.#attempt));
  }

  /**
   * Reads the whole body without a stream of this package in between: that would cost more than the rest of a request.
   *
   * @returns undefined if there is no body, or no stream of it
   * @throws TypeError if the body was read before
   */
  readAll(): Promise<Chunks> | undefined {
    const inactivityTimer = this.#inactivityTimer;
    const source = this.#source;
    if (source.bodyUsed) throw new TypeError('the body has been read already');
    const onChunk = this.#onChunk;
    // Chunks that are read without a stream are known at the end only.
    const readChunks = onChunk ? undefined : source.readChunks?.bind(source);
    const body = readChunks ? undefined : this.#body;
    const chunks =
      readChunks?.(inactivityTimer) ??
      (body && readStream((this.#reader = body.getReader()), inactivityTimer, onChunk));
    if (!chunks) {
      if (this.#failure) throw this.#failure.error;
      return undefined;
    }
    this.#hasBegun = true;
    inactivityTimer?.start();
    return new Promise((resolve, reject) => {
      this.#rejectReader = reject;
      chunks.then(
        (all) => {
          inactivityTimer?.pause();
          this.#ended = true;
          if (this.#keepsChunks) this.#keptChunks = all;
          resolve(all);
        },
        (error: unknown) => {
          inactivityTimer?.pause();
          this.#recordFailure(error);
        },
      );
    });
  }

  copy(): Response | undefined {
    return this.#keptChunks && bufferedResponse(this.#source, this.#keptChunks);
  }

  /** Returns a response whose stream reads the body. */
  openStream(): Response {
    const inactivityTimer = this.#inactivityTimer;
    const source = this.#source;
    // A body that was read has nothing left to monitor.
    if (this.#hasBegun) return source;
    if (source.bodyUsed) throw new TypeError('the body has been read already');
    const body = this.#body;
    if (!body) {
      if (this.#failure) throw this.#failure.error;
      return source;
    }
    this.#hasBegun = true;
    const reader = (this.#reader = body.getReader());
    let cancelled = false;
    const monitored = new ReadableStream<Uint8Array<ArrayBuffer>>(
      {
        start: (controller) => {
          this.#rejectReader = (error) => {
            controller.error(error);
          };
        },
        pull: async (controller) => {
          inactivityTimer?.start();
          try {
            const { done, value } = await reader.read();
            this.#ended ||= done;
            if (this.#failure || cancelled) return;
            if (done) {
              controller.close();
            } else {
              this.#onChunk?.(value);
              controller.enqueue(value);
            }
          } catch (error) {
            if (!cancelled) this.#recordFailure(error);
          } finally {
            inactivityTimer?.pause();
          }
        },
        cancel(reason) {
          cancelled = true;
          return reader.cancel(reason);
        },
      },
      // Nothing is read ahead, so a read is pending only while the selector waits for it.
      { highWaterMark: 0 },
    );
    return bodyResponse(monitored, source.headers);
  }
}
