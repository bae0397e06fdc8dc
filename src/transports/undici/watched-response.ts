import { ResponseView } from '../../response-view.js';
import { type BodyWatch, type Reading, watchStream } from '../../watched-body.js';
import type { IncomingBody } from './incoming-body.js';
import type { UndiciResponse } from './undici-response.js';

/** A response whose body is watched while it is read whole, straight from the connection's chunks. */
class WatchedResponse extends ResponseView {
  readonly #whole: (read: () => Promise<unknown>) => Promise<unknown>;
  readonly #source: UndiciResponse;
  #used = false;
  #opened = false;

  constructor(source: UndiciResponse, open: () => Response, whole: (read: () => Promise<unknown>) => Promise<unknown>) {
    super(source, () => {
      this.#opened = true;
      // One that has been read has nothing left to watch.
      return this.#used ? source : open();
    });
    this.#source = source;
    this.#whole = whole;
  }

  override get bodyUsed(): boolean {
    return this.#used || super.bodyUsed;
  }
  override json(): Promise<unknown> {
    return this.#opened ? super.json() : this.#read(() => this.#source.json());
  }
  override text(): Promise<string> {
    return this.#opened ? super.text() : this.#read(() => this.#source.text());
  }
  override bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return this.#opened ? super.bytes() : this.#read(() => this.#source.bytes());
  }
  override arrayBuffer(): Promise<ArrayBuffer> {
    return this.#opened ? super.arrayBuffer() : this.#read(() => this.#source.arrayBuffer());
  }

  #read<T>(read: () => Promise<T>): Promise<T> {
    this.#used = true;
    return this.#whole(read) as Promise<T>;
  }
}

/** Watches a body that is read whole without a stream in between; one that is asked for as a stream is watched as any other is. */
export function watchDirectly(source: UndiciResponse, body: IncomingBody, { silence, explain }: BodyWatch): Reading {
  let streamed: Reading | undefined;
  let failure: Error | undefined;
  const whole = async (read: () => Promise<unknown>): Promise<unknown> => {
    body.listener = silence;
    silence?.listen();
    try {
      return await read();
    } catch (error) {
      // JSON that is whole but malformed is no matter of the body's.
      if (body.failed) failure ??= explain(error);
      throw failure ?? error;
    } finally {
      silence?.rest();
    }
  };
  const open = (): Response => {
    streamed = watchStream(source, { silence, explain });
    return streamed.response;
  };
  return {
    response: new WatchedResponse(source, open, whole),
    ended: () => streamed?.ended() ?? body.ended,
    failure: () => streamed?.failure() ?? failure,
    fail: (error) => {
      if (streamed) {
        streamed.fail(error);
        return;
      }
      failure = error;
      body.cut(error);
    },
  };
}
