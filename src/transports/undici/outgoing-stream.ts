interface Source {
  next(): Promise<{ readonly done?: boolean | undefined; readonly value?: unknown }>;
  cancel(): unknown;
}

/** A stream's own iterator would not let go of it while a read is pending. */
function sourceOf(body: ReadableStream | AsyncIterable<unknown>): Source {
  if (body instanceof ReadableStream) {
    // It refuses one that somebody has read from: what is left of that is no whole body.
    new Response(body);
    const reader = body.getReader();
    return { next: () => reader.read(), cancel: () => reader.cancel() };
  }
  const iterator = body[Symbol.asyncIterator]();
  return { next: () => iterator.next(), cancel: () => iterator.return?.() };
}

/** A body that is read as it is sent, in the form in which undici reads it. It can be let go of at any time. */
export class OutgoingStream implements AsyncIterableIterator<Uint8Array, undefined> {
  readonly #source: Source;
  #over = false;

  /** @throws TypeError for a stream that somebody has read from */
  constructor(body: ReadableStream | AsyncIterable<unknown>) {
    this.#source = sourceOf(body);
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    const { done, value } = await this.#source.next();
    // A stream that was cancelled seems to end, but what has been sent is no whole body.
    if (this.#over) throw new DOMException('The request is over', 'AbortError');
    if (done) {
      this.#over = true;
      return { done, value: undefined };
    }
    if (value instanceof Uint8Array) return { done: false, value };
    throw new TypeError('a body that is a stream must give Uint8Arrays');
  }

  return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.cancel();
    return Promise.resolve({ done: true, value: undefined });
  }

  /** Lets go of the source, unless it has been read to its end. */
  cancel(): void {
    if (this.#over) return;
    this.#over = true;
    // That it fails to let go is nobody's concern any more.
    Promise.resolve()
      .then(() => this.#source.cancel())
      .catch(() => undefined);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
