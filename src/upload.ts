/**
 * A streamed body as a web stream, each pull of which is a sign of life: a slow upload is not silence.
 *
 * @param onPull - called whenever the transport asks for more
 */
export function uploadStream(source: ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>, onPull: () => void): ReadableStream<Uint8Array> {
  // Both kinds are read by hand: not every browser can iterate over a stream.
  const reader = source instanceof ReadableStream ? source.getReader() : undefined;
  const iterator = reader ? undefined : (source as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        onPull();
        const { done, value } = reader ? await reader.read() : await (iterator as AsyncIterator<Uint8Array>).next();
        if (done) controller.close();
        else controller.enqueue(value as Uint8Array);
      },
      async cancel(reason) {
        await (reader ? reader.cancel(reason) : iterator?.return?.(reason));
      },
    },
    { highWaterMark: 0 },
  );
}

/** Whether a body is read as it is sent. */
export function isStream(body: unknown): body is ReadableStream<Uint8Array> | AsyncIterable<Uint8Array> {
  return body instanceof ReadableStream || (typeof body === 'object' && body !== null && Symbol.asyncIterator in body);
}
