import { invalidOptionMessage } from '../util/option-rule.js';

/** A file that can be written at any position, such as Node's `FileHandle`. The caller closes it. */
export interface RandomAccessFile {
  write(data: Uint8Array, offset: number, length: number, position: number): Promise<{ readonly bytesWritten: number }>;
  truncate(length: number): Promise<unknown>;
}

/** A writable stream of bytes. */
export type ByteStream = WritableStream<Uint8Array<ArrayBuffer>>;

/**
 * The target of a download: a file, a stream, or a function that opens a stream at a position in bytes. A download that
 * starts over needs a file or a function, since a stream cannot be written again from 0.
 */
export type DownloadTarget =
  RandomAccessFile | ByteStream | ((position: number) => ByteStream | PromiseLike<ByteStream>);

/**
 * Writes the bytes of a download to its target. The download session owns it: it calls one method at a time, and ends
 * it with `close()` or `abort()`.
 */
export interface DownloadSink {
  /** Writes a chunk after all earlier ones. */
  write(chunk: Uint8Array<ArrayBuffer>): Promise<void>;
  /** Discards all that was written, so that the next chunk is written at position 0. */
  restart(): Promise<void>;
  /** Ends the target after the last chunk. */
  close(): Promise<void>;
  /** Ends the target of a download that is incomplete. It may be called during another method. */
  abort(reason: unknown): void;
}

function fileSink(file: RandomAccessFile, start: number): DownloadSink {
  let position = start;
  let isAborted = false;
  return {
    async write(chunk) {
      // A file may write fewer bytes than it is given. After abort() the caller may have closed the file.
      for (let offset = 0; offset < chunk.byteLength && !isAborted;) {
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
      // The file may have been longer before the download.
      await file.truncate(position);
    },
    abort: () => {
      isAborted = true;
    },
  };
}

function streamSink(
  target: ByteStream | ((position: number) => ByteStream | PromiseLike<ByteStream>),
  start: number,
): DownloadSink {
  let position = start;
  let writer: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>> | undefined;
  let isAborted = false;
  const open = async (): Promise<WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>> => {
    if (writer) return writer;
    writer = (typeof target === 'function' ? await target(position) : target).getWriter();
    // write() rejects with the same error. The rejection of `closed` has no other handler and would be reported as
    // unhandled.
    writer.closed.catch(() => undefined);
    if (isAborted) await writer.abort();
    return writer;
  };
  return {
    async write(chunk) {
      const openWriter = await open();
      await openWriter.ready;
      await openWriter.write(chunk);
      position += chunk.byteLength;
    },
    async restart() {
      if (position > 0 && typeof target !== 'function') {
        throw new TypeError(
          'to must be a function that opens a new stream: the download starts over, and this stream has bytes already',
        );
      }
      await writer?.abort();
      writer = undefined;
      position = 0;
    },
    close: async () => (await open()).close(),
    abort: (reason) => {
      isAborted = true;
      // A stream that was passed is aborted even if no byte was written: its consumer would wait for its end.
      const aborting = writer ? writer.abort(reason) : typeof target === 'function' ? undefined : target.abort(reason);
      aborting?.catch(() => undefined);
    },
  };
}

/**
 * Creates a sink that writes to a target from a position in bytes on.
 *
 * @throws TypeError for a target that cannot be written to
 */
export function toDownloadSink(target: DownloadTarget, start: number): DownloadSink {
  if (typeof target === 'function') return streamSink(target, start);
  if (typeof target === 'object' && (target as object | null) !== null) {
    // Streams first: a browser's FileSystemWritableFileStream has write() and truncate() too.
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
