import { invalidOptionMessage } from '../util/option-rule.js';
import { LengthCheck } from './length-check.js';

/** A body that is read while it is sent. */
export type StreamBody = ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>;

/** The methods that end a body: of web streams, Node's streams, and generators. */
interface EndableBody {
  readonly cancel?: () => unknown;
  readonly destroy?: () => unknown;
  readonly return?: () => unknown;
  readonly on?: (event: 'error', listener: () => void) => unknown;
}

/** The source of a body's chunks. The upload that opens it cancels it, or reads it to its end. */
export interface ChunkSource {
  read(): Promise<{ readonly done?: boolean | undefined; readonly value?: unknown }>;
  cancel(reason: unknown): Promise<unknown>;
}

/** Whether a body is a web stream. Jest's jsdom imports the package and has no web streams. */
export function isWebStream(body: unknown): body is ReadableStream<Uint8Array> {
  return typeof ReadableStream === 'function' && body instanceof ReadableStream;
}

/** Whether a body is a stream of any kind, which is read while it is sent. */
export function isStream(body: unknown): body is StreamBody {
  return isWebStream(body) || (typeof body === 'object' && body !== null && Symbol.asyncIterator in body);
}

/**
 * Generators that were started: the rest of one is not the whole body, and a generator does not show that it started.
 */
const startedGenerators = new WeakSet<object>();

/**
 * Checks that a stream has not been read, since it would be sent in part, or empty.
 *
 * @throws TypeError if it was read before
 */
export function checkUnread(body: StreamBody): void {
  try {
    if (isWebStream(body)) new Response(body);
    // The constructor throws for a web stream that was read; Node's streams have a property for it.
    else if (startedGenerators.has(body) || (body as { readonly readableDidRead?: boolean }).readableDidRead) {
      throw new TypeError('it has been read');
    }
  } catch (cause) {
    throw new TypeError('body must be a stream that has not been read; to send it again, pass a factory', {
      cause,
    });
  }
}

function ignore(): void {
  // The caller has no use for this error.
}

/**
 * Prevents a stream of Node from ending the process. It emits `error` if its file cannot be opened, which may be before
 * it has a reader. Its readers still get that error.
 */
export function ignoreStreamErrors(body: StreamBody): void {
  (body as EndableBody).on?.('error', ignore);
}

/**
 * Discards a body that has no further reader, so that its file is closed. It cancels a web stream, destroys a stream of
 * Node, and ends a generator. A body that is no stream or has ended stays as it is, and so does a locked web stream; a
 * stream of Node is destroyed even while it is read. It never throws, and it ignores errors of the source.
 */
export function releaseBody(content: unknown): void {
  if (!isStream(content)) return;
  const body = content as EndableBody;
  void (async () => {
    if (body.destroy) {
      ignoreStreamErrors(content);
      body.destroy();
    } else {
      await (body.cancel ? body.cancel() : body.return?.());
    }
  })().catch(ignore);
}

/**
 * Opens a body for reading. A web stream is read through a reader, since not every browser can iterate over a stream.
 *
 * @throws TypeError if it was read before
 */
export function openSource(body: StreamBody): ChunkSource {
  checkUnread(body);
  if (isWebStream(body)) return body.getReader();
  const iterator = body[Symbol.asyncIterator]();
  // An iterable that is its own iterator is started once, like a generator; others start again.
  if ((iterator as object) === body) startedGenerators.add(body);
  return {
    read: () => iterator.next(),
    cancel: async () => {
      // The body first: the iterator of a Node stream does nothing before it has started, and waits for a pending read.
      releaseBody(body);
      if ((iterator as object) !== body) await iterator.return?.();
    },
  };
}

/**
 * Reads the next chunk that is not empty; `undefined` at the end.
 *
 * @throws TypeError for a value that is no chunk: without it the body would be sent in part
 */
export async function readChunk(source: ChunkSource): Promise<Uint8Array | undefined> {
  for (;;) {
    const { done, value } = await source.read();
    if (done) return undefined;
    // A string is refused, since its bytes depend on an encoding.
    if (!ArrayBuffer.isView(value)) {
      throw new TypeError(invalidOptionMessage('each chunk of body', value, 'a Uint8Array'));
    }
    // Some platforms do not recognize the Uint8Array of another realm.
    if (value.byteLength > 0) {
      return value instanceof Uint8Array ? value : new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    }
  }
}

/**
 * A streamed body that is being sent. It is running until its source has ended, failed or been cancelled; its attempt
 * owns it.
 */
export interface Upload {
  readonly stream: ReadableStream<Uint8Array>;
  /** Whether its source has ended, failed or been cancelled. */
  readonly isFinished: () => boolean;
  /** Aborts the upload and cancels its source: not every transport does. */
  readonly cancel: () => void;
}

/** The listener of an upload. */
export interface UploadListener {
  /** Called when the transport requests a chunk. */
  onPull(): void;
  /** Called when the source fails, with its own error. */
  onSourceError(error: unknown): void;
}

/**
 * Wraps a streamed body in a web stream that reports each pull as activity: a slow upload is not inactive.
 *
 * @param listener - gets each pull, and the error of the source, which a transport replaces with an error of its own
 * @param length - the declared number of bytes, if there is one; a body of another length fails
 */
export function monitorUpload(body: StreamBody, listener: UploadListener, length?: number): Upload {
  const source = openSource(body);
  let isFinished = false;
  const check = length === undefined ? undefined : new LengthCheck(length);
  const cancel = async (reason?: unknown): Promise<void> => {
    if (isFinished) return;
    isFinished = true;
    await source.cancel(reason);
  };
  let streamController: ReadableStreamDefaultController<Uint8Array> | undefined;
  const stream = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        streamController = controller;
      },
      async pull(controller) {
        listener.onPull();
        try {
          const value = await readChunk(source);
          if (isFinished) return;
          check?.add(value);
          if (value) {
            controller.enqueue(value);
          } else {
            isFinished = true;
            controller.close();
          }
        } catch (error) {
          // A failure after the end comes from the cancellation itself.
          if (!isFinished) listener.onSourceError(error);
          cancel(error).catch(ignore);
          throw error;
        }
      },
      cancel,
    },
    { highWaterMark: 0 },
  );
  return {
    stream,
    isFinished: () => isFinished,
    cancel: () => {
      if (isFinished) return;
      // It fails instead of ending: the server must not take the part that was sent for the whole body.
      streamController?.error(new DOMException('The attempt is over', 'AbortError'));
      // The attempt has ended, so an error of the source's cancellation has no receiver.
      cancel().catch(ignore);
    },
  };
}
