import { invalidOptionMessage } from '../util/option-rule.js';

/** A file that can be written at any place: Node's `FileHandle` is one. It is the caller's to close. */
export interface RandomAccessFile {
  write(data: Uint8Array, offset: number, length: number, position: number): Promise<{ readonly bytesWritten: number }>;
  truncate(length: number): Promise<unknown>;
}

/** A stream that takes bytes. */
export type ByteStream = WritableStream<Uint8Array<ArrayBuffer>>;

/**
 * Where a download is written to: a file; a stream; or a function that opens a stream at a position, which is what a stream needs to be
 * written again from 0.
 */
export type DownloadTarget =
  RandomAccessFile | ByteStream | ((position: number) => ByteStream | PromiseLike<ByteStream>);

/** Takes the bytes of a download, each piece when the one before is written. */
export interface Sink {
  write(chunk: Uint8Array<ArrayBuffer>): Promise<void>;
  /** Starts over: what was written is void. */
  restart(): Promise<void>;
  /** All has been written. */
  close(): Promise<void>;
  /** No more will come. */
  abort(reason: unknown): void;
}

function fileSink(file: RandomAccessFile, start: number): Sink {
  let position = start;
  let aborted = false;
  return {
    async write(chunk) {
      // A write may take less than it is given; and the file may be closed once the download is over.
      for (let offset = 0; offset < chunk.byteLength && !aborted;) {
        const { bytesWritten } = await file.write(chunk, offset, chunk.byteLength - offset, position);
        offset += bytesWritten;
        position += bytesWritten;
      }
    },
    async restart() {
      position = 0;
      await file.truncate(0);
    },
    async close() {
      // What lies beyond was there before.
      await file.truncate(position);
    },
    abort: () => {
      aborted = true;
    },
  };
}

function streamSink(
  target: ByteStream | ((position: number) => ByteStream | PromiseLike<ByteStream>),
  start: number,
): Sink {
  let position = start;
  let writer: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>> | undefined;
  let aborted = false;
  const open = async (): Promise<WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>> => {
    if (writer) return writer;
    writer = (typeof target === 'function' ? await target(position) : target).getWriter();
    // Whoever writes is told; that it is told twice would be an error that nobody handles.
    writer.closed.catch(() => undefined);
    if (aborted) await writer.abort();
    return writer;
  };
  return {
    async write(chunk) {
      const to = await open();
      await to.ready;
      await to.write(chunk);
      position += chunk.byteLength;
    },
    async restart() {
      if (position > 0 && typeof target !== 'function') {
        throw new TypeError(
          'the download must start over, and its stream has taken a part already: pass a function that opens the stream anew',
        );
      }
      await writer?.abort();
      writer = undefined;
      position = 0;
    },
    close: async () => (await open()).close(),
    abort: (reason) => {
      aborted = true;
      // A stream that was given is told, too, where nothing has come to be written.
      const ending = writer ? writer.abort(reason) : typeof target === 'function' ? undefined : target.abort(reason);
      ending?.catch(() => undefined);
    },
  };
}

/**
 * Makes a sink of where a download is to be written, from a position on.
 *
 * @throws TypeError for what cannot be written to
 */
export function sinkOf(target: DownloadTarget, start: number): Sink {
  if (typeof target === 'function') return streamSink(target, start);
  if (typeof target === 'object' && (target as object | null) !== null) {
    // A stream first: the browser's file streams can truncate, too.
    if ('getWriter' in target) return streamSink(target, start);
    if ('write' in target && 'truncate' in target) return fileSink(target, start);
  }
  throw new TypeError(
    invalidOptionMessage(
      'to',
      target,
      "a WritableStream, a function that opens one, or a file such as Node's FileHandle",
    ),
  );
}
