import type { FlowControl, ByteSink } from './flow-control.js';

/** How many bytes are buffered for a reader before the connection is paused. */
const HIGH_WATER_MARK = 64 * 1024;
const EMPTY = Buffer.alloc(0);

/** The owner of a body. */
export interface BodyOwner {
  /** Called once, when the body has ended or failed. */
  finish(): void;
}

/** A pending read of the whole body: converts the bytes and settles the read's promise. */
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
 * The body of a response while it arrives. Up to `HIGH_WATER_MARK`, bytes are buffered until a reader takes them:
 * whole, straight from the connection's chunks, or as a stream.
 *
 * It is open until `end()`, `fail()` or `discard()`. After a failure a stream first gives the bytes that arrived
 * before, so that a download can resume from there; a read of the whole body rejects. Its `BodyOwner` creates it, and
 * is informed of its end.
 */
export class IncomingBody implements ByteSink {
  readonly #flow: FlowControl;
  readonly #owner: BodyOwner;
  #chunks: Buffer[] | undefined;
  #bufferedBytes = 0;
  #isEnded = false;
  #failure: { readonly error: unknown } | undefined;
  /** The pending read of the whole body. */
  #pendingRead: Pick<PendingRead<unknown>, 'complete' | 'reject'> | undefined;
  #stream: ReadableByteStreamController | undefined;
  /** Whether the stream has requested a chunk that has not arrived. */
  #pullPending = false;
  /** Called for each chunk, so that a slow download is not mistaken for inactivity. */
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
   * Drops the buffered bytes, and aborts the source unless it has ended.
   *
   * @param reason - the error that a reader gets
   */
  discard(reason: unknown): void {
    this.#chunks = undefined;
    if (this.#isEnded) return;
    this.fail(reason);
    this.#flow.abort(new DOMException('The body was discarded', 'AbortError'));
  }

  /** Reads the whole body. It may be called once, and not together with `openStream()`. */
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

  /** Opens the body as a stream, once. Beyond the buffer, bytes that are not pulled stay with the server. */
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
      // All buffered chunks at once: shifting many small ones from the array would take quadratic time.
      this.#enqueue(this.#takeBuffered());
      this.#bufferedBytes = 0;
      if (this.#isEnded && this.#stream) this.#close(this.#stream);
    } else if (this.#failure) {
      // Not together with the last bytes: error() drops enqueued chunks that the reader has not read yet.
      this.#stream?.error(this.#failure.error);
    } else {
      this.#pullPending = true;
      this.#flow.resume();
    }
  }

  /**
   * Enqueues a copy: the chunk is a view of the socket's larger buffer, which a consumer could transfer or keep alive.
   */
  #enqueue(chunk: Buffer): void {
    this.#pullPending = false;
    this.#stream?.enqueue(new Uint8Array(chunk));
  }

  #close(stream: ReadableByteStreamController): void {
    stream.close();
    // A pending BYOB read ends only if its request is answered with 0 bytes.
    stream.byobRequest?.respond(0);
  }

  #takeBuffered(): Buffer {
    const chunks = this.#chunks;
    this.#chunks = undefined;
    if (!chunks) return EMPTY;
    return chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, this.#bufferedBytes);
  }
}
