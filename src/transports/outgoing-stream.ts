import { LengthCheck } from '../http/length-check.js';
import { readChunk, releaseBody, type ChunkSource, openSource, type StreamBody } from '../http/stream-body.js';

/**
 * A body that is read as it is sent, in the form in which undici and Node read it. It can be discarded at any time, and then fails: what has
 * been sent is no whole body.
 */
export class OutgoingStream implements AsyncIterableIterator<Uint8Array, undefined> {
  readonly #source: ChunkSource;
  readonly #body: StreamBody;
  readonly #lengthCheck: LengthCheck | undefined;
  readonly #reportActivity: (() => void) | undefined;
  #isFinished = false;
  /** What its source, or its length, failed with: what a transport makes of that may say less. */
  failure: { readonly error: unknown } | undefined;

  /**
   * @param declaredLength - how many bytes it has, where that is declared
   * @param reportActivity - called for each chunk that is asked for: a sign of life
   * @throws TypeError for a stream that somebody has read from
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
    // A stream that was cancelled seems to end.
    if (this.#isFinished) throw new DOMException('The request is over', 'AbortError');
    if (value) return { done: false, value };
    this.#isFinished = true;
    return { done: true, value };
  }

  return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.cancel();
    return Promise.resolve({ done: true, value: undefined });
  }

  /** Discards the source, unless it has been read to its end. */
  cancel(): void {
    if (this.#isFinished) return;
    this.#isFinished = true;
    // That it fails to be discarded is nobody's concern any more.
    this.#source.cancel(undefined).catch(() => undefined);
    releaseBody(this.#body);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
