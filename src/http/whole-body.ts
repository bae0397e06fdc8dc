/** A body whose bytes are all there. */
export type WholeBody = Blob | ArrayBuffer | ArrayBufferView<ArrayBuffer>;

/** Whole bodies are sent in pieces of so many bytes. */
export const CHUNK_BYTES: number = 64 * 1024;

/** A whole body in pieces, so that it can be told how far it has been sent. */
export async function* splitIntoChunks(body: WholeBody): AsyncGenerator<Uint8Array> {
  if (body instanceof Blob) {
    // Its own stream may come in one piece.
    for (let at = 0; at < body.size; at += CHUNK_BYTES) {
      yield new Uint8Array(await body.slice(at, at + CHUNK_BYTES).arrayBuffer());
    }
    return;
  }
  const bytes = ArrayBuffer.isView(body)
    ? new Uint8Array(body.buffer, body.byteOffset, body.byteLength)
    : new Uint8Array(body);
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) yield bytes.subarray(at, at + CHUNK_BYTES);
}
