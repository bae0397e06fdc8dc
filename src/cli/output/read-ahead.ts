import { Fifo } from '../../util/fifo.js';

const MAX_BUFFERED_BYTES = 64 * 1024;

/**
 * Returns a stream that reads its source from now on, up to 64 KiB ahead of its consumer.
 *
 * When a connection breaks, fetch discards the data that was not read yet. What arrives while the file is being opened
 * would be lost. An error of the source is passed on after the data that arrived before it.
 */
export function readAhead(source: ReadableStream<Uint8Array<ArrayBuffer>>): ReadableStream<Uint8Array<ArrayBuffer>> {
  const reader = source.getReader();
  const buffered = new Fifo<Uint8Array<ArrayBuffer>>();
  let size = 0;
  let end: { readonly error?: unknown } | undefined;
  let reading: Promise<void> | undefined;

  const readChunk = async (): Promise<void> => {
    try {
      const { done, value } = await reader.read();
      if (done) end = {};
      else {
        buffered.push(value);
        size += value.byteLength;
      }
    } catch (error) {
      end = { error };
    }
    reading = undefined;
    readMore();
  };
  const readMore = (): void => {
    if (!end && size < MAX_BUFFERED_BYTES) reading ??= readChunk();
  };
  readMore();
  return new ReadableStream(
    {
      pull: async (controller) => {
        while (buffered.size === 0 && !end) await reading;
        const chunk = buffered.shift();
        if (chunk) {
          size -= chunk.byteLength;
          controller.enqueue(chunk);
          readMore();
        } else if (end && 'error' in end) controller.error(end.error);
        else controller.close();
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}
