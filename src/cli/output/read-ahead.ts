import { Fifo } from '../../util/fifo.js';

const mostBytes = 64 * 1024;

/**
 * A body that is read from now on, within a bound, whether or not somebody asks for it: a platform's fetch drops what nobody has asked for
 * when the connection breaks, and a file takes a while to be opened.
 *
 * What has come is given before the error that follows it.
 */
export function readAhead(source: ReadableStream<Uint8Array<ArrayBuffer>>): ReadableStream<Uint8Array<ArrayBuffer>> {
  const reader = source.getReader();
  const waiting = new Fifo<Uint8Array<ArrayBuffer>>();
  let size = 0;
  let end: { readonly error?: unknown } | undefined;
  let reading: Promise<void> | undefined;

  const readOne = async (): Promise<void> => {
    try {
      const { done, value } = await reader.read();
      if (done) end = {};
      else {
        waiting.push(value);
        size += value.byteLength;
      }
    } catch (error) {
      end = { error };
    }
    reading = undefined;
    goOn();
  };
  const goOn = (): void => {
    if (!end && size < mostBytes) reading ??= readOne();
  };
  goOn();
  return new ReadableStream(
    {
      pull: async (controller) => {
        while (waiting.size === 0 && !end) await reading;
        const chunk = waiting.shift();
        if (chunk) {
          size -= chunk.byteLength;
          controller.enqueue(chunk);
          goOn();
        } else if (end && 'error' in end) controller.error(end.error);
        else controller.close();
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}
