/** A body that is read as it is sent. */
type StreamBody = ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>;

interface Source {
  read(): Promise<{ readonly done?: boolean | undefined; readonly value?: Uint8Array | undefined }>;
  cancel(reason: unknown): Promise<unknown>;
}

/** Whether a body is read as it is sent. */
export function isStream(body: unknown): body is StreamBody {
  return body instanceof ReadableStream || (typeof body === 'object' && body !== null && Symbol.asyncIterator in body);
}

/** Both kinds are read by hand: not every browser can iterate over a stream. */
function sourceOf(body: StreamBody): Source {
  if (body instanceof ReadableStream) return body.getReader();
  const iterator = body[Symbol.asyncIterator]();
  return { read: () => iterator.next(), cancel: async (reason) => iterator.return?.(reason) };
}

/** A streamed body on its way out. */
export interface Upload {
  readonly stream: ReadableStream<Uint8Array>;
  /** Lets go of its source, where that was not read to its end: not every transport does. */
  readonly cancel: () => void;
}

/**
 * A streamed body as a web stream, each pull of which is a sign of life: a slow upload is not silence.
 *
 * @param onPull - called whenever the transport asks for more
 */
export function upload(body: StreamBody, onPull: () => void): Upload {
  const source = sourceOf(body);
  let over = false;
  const cancel = async (reason?: unknown): Promise<void> => {
    if (over) return;
    over = true;
    await source.cancel(reason);
  };
  const stream = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        onPull();
        const { done, value } = await source.read();
        if (value && !done) {
          controller.enqueue(value);
        } else {
          over = true;
          controller.close();
        }
      },
      cancel,
    },
    { highWaterMark: 0 },
  );
  // That its source fails to let go is nobody's concern any more.
  return { stream, cancel: () => void cancel().catch(() => undefined) };
}
