import { LengthCheck } from '../http/length-check.js';
import { readChunk, releaseBody, type ChunkSource, openSource, type StreamBody } from '../http/stream-body.js';

/**
 * A streamed request body, as the async iterator that undici and Node read.
 *
 * It is finished when its source ends, its source or length check fails, or `cancel()` is called. A pending read then
 * fails: an end would make the sent part look like the whole body. The transport that created it owns it, and cancels
 * it when the request ends.
 */
export class OutgoingStream implements AsyncIterableIterator<Uint8Array, undefined> {
  readonly #source: ChunkSource;
  readonly #body: StreamBody;
  readonly #lengthCheck: LengthCheck | undefined;
  readonly #reportActivity: (() => void) | undefined;
  #isFinished = false;
  /** The error of the source or of the length check. A transport may wrap or replace it. */
  failure: { readonly error: unknown } | undefined;

  /**
   * @param declaredLength - the declared length in bytes, which the stream must have
   * @param reportActivity - called for each requested chunk
   * @throws TypeError for a stream that was read before
   */
  constructor(body: StreamBody, declaredLength: number | undefined, reportActivity: (() => void) | undefined) {
    this.#source = openSource(body);
    this.#body = body;
    this.#lengthCheck = declaredLength === undefined ? undefined : new LengthCheck(declaredLength);
    this.#reportActivity = reportActivity;
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.#reportActivity?.();
    let value: Uint8Array | undefined;
    try {
      value = await readChunk(this.#source);
      if (!this.#isFinished) this.#lengthCheck?.add(value);
    } catch (error) {
      if (!this.#isFinished) this.failure = { error };
      this.cancel();
      throw error;
    }
    // A cancelled web stream reports an end.
    if (this.#isFinished) throw new DOMException('The upload was cancelled', 'AbortError');
    if (value) return { done: false, value };
    this.#isFinished = true;
    return { done: true, value };
  }

  return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.cancel();
    return Promise.resolve({ done: true, value: undefined });
  }

  /** Discards the source; does nothing if the body is finished. */
  cancel(): void {
    if (this.#isFinished) return;
    this.#isFinished = true;
    // The request has ended: an error of the source's teardown has no receiver, and must not become an unhandled
    // rejection.
    this.#source.cancel(undefined).catch(() => undefined);
    releaseBody(this.#body);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
