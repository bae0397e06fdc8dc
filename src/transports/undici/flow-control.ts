/** What bytes come from: undici's controller of a response is one. */
export interface FlowControl {
  /** Holds what comes, until `resume`: nothing may be lost. */
  pause(): void;
  resume(): void;
  /** Cuts it: nothing more will come. */
  abort(reason: Error): void;
}

/** What bytes go to. Exactly one of `end` and `fail` is called, and nothing after. */
export interface ByteSink {
  push(chunk: Buffer): void;
  end(): void;
  fail(error: unknown): void;
}
