import { toBodyError } from '../errors/transport-error.js';
import { bufferedResponse } from '../http/buffered-response.js';
import { type BodySource, type Chunks, type ChunkReadable, DirectResponse } from '../http/direct-response.js';
import { toPlatformResponse } from '../http/platform-response.js';
import { bodyResponse } from '../http/response-view.js';
import type { HttpAttempt } from '../retry/attempt.js';
import type { InactivityTimer } from '../util/inactivity-timer.js';

/** All that a stream gives. */
async function readStream(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  listener: { touch(): void } | undefined,
): Promise<Chunks> {
  const chunks: Uint8Array[] = [];
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return chunks;
    listener?.touch();
    chunks.push(value);
  }
}

/**
 * How a selector's reading of a body goes: silence counts while a read is pending, never while the reader thinks; what breaks off fails with
 * an error of ours.
 */
export class MonitoredBody implements BodySource {
  /** What the selector gets. */
  readonly response: Response;
  readonly #source: Response & Partial<ChunkReadable>;
  readonly #attempt: HttpAttempt;
  readonly #inactivityTimer: InactivityTimer | undefined;
  readonly #keepsChunks: boolean;
  #keptChunks: Chunks | undefined;
  #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  #hasBegun = false;
  #ended = false;
  #failure: { readonly error: unknown } | undefined;
  /** Tells whoever reads that it broke off. */
  #rejectReader: ((error: unknown) => void) | undefined;

  /** @param keeps - whether a body that is read whole is kept, so that the response can be cloned by whoever judges what was read */
  constructor(source: Response, attempt: HttpAttempt, inactivityTimer: InactivityTimer | undefined, keeps: boolean) {
    this.#source = source;
    this.#attempt = attempt;
    this.#inactivityTimer = inactivityTimer;
    this.#keepsChunks = keeps;
    this.response =
      (keeps ? undefined : toPlatformResponse(source, () => this.openStream())) ?? new DirectResponse(source, this);
  }

  /** Whether the body was read to its end, so that its socket is free. */
  get ended(): boolean {
    return this.#ended || (!this.#hasBegun && this.#body === null);
  }

  /** Why it broke off, if it did: the selector's own error may say less, since not every platform hands a stream's error on. */
  get failure(): { readonly error: unknown } | undefined {
    return this.#failure;
  }

  /** The source's body; where that throws, it has broken off. */
  get #body(): Response['body'] | undefined {
    try {
      return this.#source.body;
    } catch (error) {
      this.#recordFailure(error);
      return undefined;
    }
  }

  /** Breaks it off. */
  fail(error: unknown): void {
    this.#failure ??= { error };
    this.#rejectReader?.(error);
  }

  /** Discards what has not been read, where no connection brings it. */
  discard(): void {
    (this.#reader ?? this.#body)?.cancel().catch(() => undefined);
  }

  #recordFailure(error: unknown): void {
    if (!this.#failure) this.fail(toBodyError(error, this.#attempt));
  }

  /**
   * Reads it whole: most bodies are, and a stream of our own in between would cost more than all the rest of a request.
   *
   * @returns undefined where there is no body, or no stream of it
   * @throws TypeError if it was read before
   */
  readAll(): Promise<Chunks> | undefined {
    const inactivityTimer = this.#inactivityTimer;
    const source = this.#source;
    if (source.bodyUsed) throw new TypeError('the body has been read already');
    const body = source.readChunks ? undefined : this.#body;
    const chunks =
      source.readChunks?.(inactivityTimer) ?? (body && readStream((this.#reader = body.getReader()), inactivityTimer));
    if (!chunks) {
      if (this.#failure) throw this.#failure.error;
      return undefined;
    }
    this.#hasBegun = true;
    inactivityTimer?.start();
    return new Promise((resolve, reject) => {
      this.#rejectReader = reject;
      chunks.then(
        (whole) => {
          inactivityTimer?.pause();
          this.#ended = true;
          if (this.#keepsChunks) this.#keptChunks = whole;
          resolve(whole);
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

  /** Has it read as a stream, through one that is watched. */
  openStream(): Response {
    const inactivityTimer = this.#inactivityTimer;
    const source = this.#source;
    // One that has been read has nothing left to watch.
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
    const watched = new ReadableStream<Uint8Array<ArrayBuffer>>(
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
            if (done) controller.close();
            else controller.enqueue(value);
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
      // Nothing is read ahead: a read is pending only while the selector waits for it.
      { highWaterMark: 0 },
    );
    return bodyResponse(watched, source.headers);
  }
}
