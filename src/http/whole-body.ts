/** A body whose bytes are all available. */
export type WholeBody = Blob | ArrayBuffer | ArrayBufferView<ArrayBuffer>;

/** The size of the chunks in which a whole body is sent, in bytes. */
export const CHUNK_BYTES: number = 64 * 1024;

/** Splits a whole body into chunks, so that its progress can be reported. */
export async function* splitIntoChunks(body: WholeBody): AsyncGenerator<Uint8Array> {
  if (body instanceof Blob) {
    // The Blob's own stream may be a single chunk.
    for (let offset = 0; offset < body.size; offset += CHUNK_BYTES) {
      yield new Uint8Array(await body.slice(offset, offset + CHUNK_BYTES).arrayBuffer());
    }
    return;
  }
  const bytes = ArrayBuffer.isView(body)
    ? new Uint8Array(body.buffer, body.byteOffset, body.byteLength)
    : new Uint8Array(body);
  for (let offset = 0; offset < bytes.length; offset += CHUNK_BYTES) yield bytes.subarray(offset, offset + CHUNK_BYTES);
}
