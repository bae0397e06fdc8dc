/** Creates a response whose body has these chunks. Each chunk is enqueued when the reader pulls. */
export function inPieces(pieces: Iterable<Uint8Array<ArrayBuffer>>, init?: ResponseInit): Response {
  const rest = pieces[Symbol.iterator]();
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      pull(controller) {
        const next = rest.next();
        if (next.done) controller.close();
        else controller.enqueue(next.value);
      },
    },
    { highWaterMark: 0 },
  );
  return new Response(body, init);
}

/** Encodes a text in UTF-8. */
export function utf8(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

/** Yields every way to cut bytes into two parts, either of which may be empty. */
export function* halves(bytes: Uint8Array<ArrayBuffer>): Generator<Uint8Array<ArrayBuffer>[]> {
  for (let at = 0; at <= bytes.length; at += 1) yield [bytes.slice(0, at), bytes.slice(at)];
}

/** Yields every way to cut bytes into three parts. */
export function* thirds(bytes: Uint8Array<ArrayBuffer>): Generator<Uint8Array<ArrayBuffer>[]> {
  for (const [head, tail] of halves(bytes)) for (const rest of halves(tail!)) yield [head!, ...rest];
}

/** Cuts bytes into parts of one byte. */
export function bytewise(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer>[] {
  return Array.from(bytes, (byte) => new Uint8Array([byte]));
}

/** Encodes bytes in base64, for scripts of the test server. */
export function base64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
}
