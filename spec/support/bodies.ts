/** A response whose body comes in these pieces, each when it is asked for. */
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

/** Bytes of a text. */
export function utf8(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

/** Every way to cut bytes in two, each half being possibly empty. */
export function* halves(bytes: Uint8Array<ArrayBuffer>): Generator<Uint8Array<ArrayBuffer>[]> {
  for (let at = 0; at <= bytes.length; at += 1) yield [bytes.slice(0, at), bytes.slice(at)];
}

/** Every way to cut bytes in three. */
export function* thirds(bytes: Uint8Array<ArrayBuffer>): Generator<Uint8Array<ArrayBuffer>[]> {
  for (const [head, tail] of halves(bytes)) for (const rest of halves(tail!)) yield [head!, ...rest];
}

/** Bytes one by one. */
export function bytewise(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer>[] {
  return Array.from(bytes, (byte) => new Uint8Array([byte]));
}

/** Bytes as base64, as scripts of the test server may bear them. */
export function base64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
}
