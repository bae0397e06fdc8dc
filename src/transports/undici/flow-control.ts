/** Controls a source of bytes, such as undici's connection or a decoder. */
export interface FlowControl {
  /** Holds bytes back until `resume`, without losing any. */
  pause(): void;
  resume(): void;
  /** Ends the source: no more bytes arrive. */
  abort(reason: Error): void;
}

/** Receives bytes. Exactly one of `end` and `fail` is called, and nothing after it. */
export interface ByteSink {
  push(chunk: Buffer): void;
  end(): void;
  fail(error: unknown): void;
}
