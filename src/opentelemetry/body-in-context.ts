import { type Context, context } from '@opentelemetry/api';

import { type ChunkSource, isStream, openSource, releaseBody, type StreamBody } from '../http/stream-body.js';

/**
 * A streamed body whose source is read in a given context. The transport reads it, with tracing suppressed; the source
 * is the application's, and may open spans.
 *
 * A sending creates one. It is opened by its first read, and ends with the source, or by `return()`.
 */
class BodyInContext implements AsyncIterableIterator<unknown, undefined> {
  readonly #body: StreamBody;
  readonly #context: Context;
  #source: ChunkSource | undefined;

  constructor(body: StreamBody, sourceContext: Context) {
    this.#body = body;
    this.#context = sourceContext;
  }

  async next(): Promise<IteratorResult<unknown, undefined>> {
    const { done, value } = await context.with(this.#context, () => {
      this.#source ??= openSource(this.#body);
      return this.#source.read();
    });
    return done ? { done, value: undefined } : { done: false, value };
  }

  async return(): Promise<IteratorResult<unknown, undefined>> {
    await context.with(this.#context, async () => {
      if (this.#source) await this.#source.cancel(undefined);
      else releaseBody(this.#body);
    });
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

/** Returns a body that is read in a context; one that is no stream is returned as it is. */
export function readInContext<Body>(body: Body, sourceContext: Context): Body {
  return isStream(body) ? (new BodyInContext(body, sourceContext) as Body) : body;
}
