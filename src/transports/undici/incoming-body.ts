import type { FlowControl, ByteSink } from './flow-control.js';

/** How much waits for a reader before the connection is paused, in bytes. */
const HIGH_WATER_MARK = 64 * 1024;
const EMPTY = Buffer.alloc(0);

/** Who is told, once, that nothing more can come. */
export interface BodyOwner {
  finish(): void;
}

/** Who reads a body whole: what its promise comes to. */
class PendingRead<T> {
  readonly #convert: (bytes: Buffer) => T;
  readonly #resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;

  constructor(convert: (bytes: Buffer) => T, resolve: (value: T) => void, reject: (error: unknown) => void) {
    this.#convert = convert;
    this.#resolve = resolve;
    this.reject = reject;
  }

  complete(bytes: Buffer): void {
    try {
      this.#resolve(this.#convert(bytes));
    } catch (error) {
      this.reject(error);
    }
  }
}

/**
 * A response's body as it comes in. It waits, within a bound, until somebody reads it: whole, straight from the connection's chunks, or as a
 * stream. Where it breaks off, a stream first gives what has come before, so that a download can go on from there; whole it is an error.
 */
export class IncomingBody implements ByteSink {
  readonly #flow: FlowControl;
  readonly #owner: BodyOwner;
  #chunks: Buffer[] | undefined;
  #bufferedBytes = 0;
  #isEnded = false;
  #failure: { readonly error: unknown } | undefined;
  /** Who waits for the whole. */
  #pendingRead: Pick<PendingRead<unknown>, 'complete' | 'reject'> | undefined;
  #stream: ReadableByteStreamController | undefined;
  /** Whether the stream waits for a chunk. */
  #pullPending = false;
  /** Who is told of each chunk, as a sign of life. */
  activityListener: { touch(): void } | undefined;

  constructor(flow: FlowControl, owner: BodyOwner) {
    this.#flow = flow;
    this.#owner = owner;
  }

  push(chunk: Buffer): void {
    if (this.#failure || chunk.byteLength === 0) return;
    this.activityListener?.touch();
    if (this.#pullPending) {
      this.#enqueue(chunk);
      return;
    }
    this.#bufferedBytes += chunk.byteLength;
    if (this.#chunks) this.#chunks.push(chunk);
    else this.#chunks = [chunk];
    if (this.#bufferedBytes > HIGH_WATER_MARK && !this.#pendingRead) this.#flow.pause();
  }

  end(): void {
    if (this.#failure) return;
    this.#isEnded = true;
    this.#owner.finish();
    if (this.#pendingRead) this.#pendingRead.complete(this.#takeBuffered());
    else if (this.#stream && !this.#chunks) this.#close(this.#stream);
  }

  fail(error: unknown): void {
    if (this.#failure || this.#isEnded) return;
    this.#failure = { error };
    this.#owner.finish();
    if (this.#pendingRead) {
      this.#chunks = undefined;
      this.#pendingRead.reject(error);
    } else if (!this.#chunks) {
      this.#stream?.error(error);
    }
  }

  /**
   * Lets go of it, and cuts what has not come yet.
   *
   * @param reason - what its reader gets
   */
  discard(reason: unknown): void {
    this.#chunks = undefined;
    if (this.#isEnded) return;
    this.fail(reason);
    this.#flow.abort(new DOMException('The body was cut', 'AbortError'));
  }

  /** Reads it whole, once. */
  readAll<T>(convert: (bytes: Buffer) => T): Promise<T> {
    return new Promise((resolve, reject) => {
      const pendingRead = new PendingRead(convert, resolve, reject);
      if (this.#failure) {
        this.#chunks = undefined;
        pendingRead.reject(this.#failure.error);
      } else if (this.#isEnded) {
        pendingRead.complete(this.#takeBuffered());
      } else {
        this.#pendingRead = pendingRead;
        this.#flow.resume();
      }
    });
  }

  /** Gives it as a stream, once: what nobody pulls stays with the server. */
  openStream(): ReadableStream<Uint8Array<ArrayBuffer>> {
    return new ReadableStream({
      type: 'bytes',
      start: (controller) => {
        this.#stream = controller;
        if (this.#chunks) return;
        if (this.#failure) controller.error(this.#failure.error);
        else if (this.#isEnded) controller.close();
      },
      pull: () => {
        this.#pull();
      },
      cancel: (reason) => {
        this.discard(reason);
      },
    });
  }

  #pull(): void {
    if (this.#chunks) {
      // All that waits, since to shift one chunk after another would take quadratic time where they are small.
      this.#enqueue(this.#takeBuffered());
      this.#bufferedBytes = 0;
      if (this.#isEnded && this.#stream) this.#close(this.#stream);
    } else if (this.#failure) {
      // Not together with the last bytes: an error takes back what its reader has not fetched yet.
      this.#stream?.error(this.#failure.error);
    } else {
      this.#pullPending = true;
      this.#flow.resume();
    }
  }

  /** Copies the chunk: its memory is a part of what the socket has read. */
  #enqueue(chunk: Buffer): void {
    this.#pullPending = false;
    this.#stream?.enqueue(new Uint8Array(chunk));
  }

  #close(stream: ReadableByteStreamController): void {
    stream.close();
    // Where a reader waits with a buffer of its own.
    stream.byobRequest?.respond(0);
  }

  #takeBuffered(): Buffer {
    const chunks = this.#chunks;
    this.#chunks = undefined;
    if (!chunks) return EMPTY;
    return chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, this.#bufferedBytes);
  }
}
