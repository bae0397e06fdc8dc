import { invalidOptionMessage } from '../util/option-rule.js';
import { LengthCheck } from './length-check.js';

/** A body that is read as it is sent. */
export type StreamBody = ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>;

/** What a body's kinds have to end them: web streams, Node's streams, generators. */
interface Endable {
  readonly cancel?: () => unknown;
  readonly destroy?: () => unknown;
  readonly return?: () => unknown;
  readonly on?: (event: 'error', listener: () => void) => unknown;
}

/** Where the chunks of a body come from. */
export interface ChunkSource {
  read(): Promise<{ readonly done?: boolean | undefined; readonly value?: unknown }>;
  cancel(reason: unknown): Promise<unknown>;
}

/** Not every platform that imports the package has web streams (Jest's jsdom). */
export function isWebStream(body: unknown): body is ReadableStream<Uint8Array> {
  return typeof ReadableStream === 'function' && body instanceof ReadableStream;
}

/** Whether a body is read as it is sent. */
export function isStream(body: unknown): body is StreamBody {
  return isWebStream(body) || (typeof body === 'object' && body !== null && Symbol.asyncIterator in body);
}

/** The generators that have been begun: what is left of one is no whole body. */
const startedGenerators = new WeakSet<object>();

/**
 * Refuses a stream that somebody has read from: it would be sent in part, or empty.
 *
 * @throws TypeError
 */
export function checkUnread(body: StreamBody): void {
  try {
    if (isWebStream(body)) new Response(body);
    // Node's streams know it themselves.
    else if (startedGenerators.has(body) || (body as { readonly readableDidRead?: boolean }).readableDidRead) {
      throw new TypeError('it has been read');
    }
  } catch (cause) {
    throw new TypeError('body must be a stream that nobody has read from; to send it again, pass a factory of it', {
      cause,
    });
  }
}

function ignore(): void {
  // An error that nobody waits for.
}

/**
 * Keeps a stream of Node from ending the process: it emits `error` when its file cannot be opened, which may be before anybody reads it.
 * Whoever reads it gets that error all the same.
 */
export function ignoreStreamErrors(body: StreamBody): void {
  (body as Endable).on?.('error', ignore);
}

/**
 * Discards a body that nobody reads any more, so that its file is closed: a web stream is cancelled, a stream of Node destroyed, a generator
 * ended. What is no stream, is locked by a reader, or has ended stays as it is. It never throws, and its source's own errors are ignored.
 */
export function releaseBody(content: unknown): void {
  if (!isStream(content)) return;
  const body = content as Endable;
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
 * Begins to read a body. Both kinds are read by hand: not every browser can iterate over a stream.
 *
 * @throws TypeError for one that has been read
 */
export function openSource(body: StreamBody): ChunkSource {
  checkUnread(body);
  if (isWebStream(body)) return body.getReader();
  const iterator = body[Symbol.asyncIterator]();
  // Others begin anew with each iterator.
  if ((iterator as object) === body) startedGenerators.add(body);
  return {
    read: () => iterator.next(),
    cancel: async () => {
      // First, since an iterator of a stream of Node does nothing where it has not begun, and waits for what it has asked for.
      releaseBody(body);
      if ((iterator as object) !== body) await iterator.return?.();
    },
  };
}

/**
 * The next chunk that has something in it; `undefined` at the end.
 *
 * @throws TypeError for what is no chunk: to leave it out would send a body in part
 */
export async function readChunk(source: ChunkSource): Promise<Uint8Array | undefined> {
  for (;;) {
    const { done, value } = await source.read();
    if (done) return undefined;
    // A text has no bytes before somebody picks an encoding.
    if (!ArrayBuffer.isView(value)) {
      throw new TypeError(invalidOptionMessage('each chunk of body', value, 'a Uint8Array'));
    }
    // Bytes of another realm are none to every platform.
    if (value.byteLength > 0) {
      return value instanceof Uint8Array ? value : new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    }
  }
}

/** A streamed body on its way out. */
export interface Upload {
  readonly stream: ReadableStream<Uint8Array>;
  /** Whether its source has been read to its end, or let go of. */
  readonly isFinished: () => boolean;
  /** Breaks it off, and lets go of its source: not every transport does. */
  readonly cancel: () => void;
}

/** Is told how an upload goes. */
export interface UploadListener {
  /** The transport asks for more. */
  onPull(): void;
  /** Its source failed, by an error of its own. */
  onSourceError(error: unknown): void;
}

/**
 * A streamed body as a web stream, each pull of which is a sign of life: a slow upload is not silence.
 *
 * @param listener - is told of each pull, and of a failure: what transports make of that is no longer the source's own error
 * @param length - how many bytes it must have, where that was declared; others are a failure
 */
export function monitorUpload(body: StreamBody, listener: UploadListener, length?: number): Upload {
  const source = openSource(body);
  let over = false;
  const check = length === undefined ? undefined : new LengthCheck(length);
  const cancel = async (reason?: unknown): Promise<void> => {
    if (over) return;
    over = true;
    await source.cancel(reason);
  };
  let sink: ReadableStreamDefaultController<Uint8Array> | undefined;
  const stream = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        sink = controller;
      },
      async pull(controller) {
        listener.onPull();
        try {
          const value = await readChunk(source);
          if (over) return;
          check?.add(value);
          if (value) {
            controller.enqueue(value);
          } else {
            over = true;
            controller.close();
          }
        } catch (error) {
          // Whoever cancelled it knows.
          if (!over) listener.onSourceError(error);
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
    isFinished: () => over,
    cancel: () => {
      if (over) return;
      // It must fail, and not end: what has been sent is no whole body.
      sink?.error(new DOMException('The attempt is over', 'AbortError'));
      // That its source fails to let go is nobody's concern any more.
      cancel().catch(ignore);
    },
  };
}
