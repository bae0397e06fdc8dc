import { bodyResponse, ResponseView } from './response-view.js';
import type { Silence } from './silence.js';

/** What becomes of a body that a selector reads. */
export interface Reading {
  /** What the selector gets. */
  readonly response: Response;
  /** Whether the body was read to its end, so that its socket is free. */
  readonly ended: () => boolean;
  /** Why it broke off, if it did: the selector's own error may say less, since not every platform hands a stream's error on. */
  readonly failure: () => Error | undefined;
  /** Breaks it off. */
  readonly fail: (error: Error) => void;
}

/** What watches a body. */
export interface BodyWatch {
  readonly silence: Silence | undefined;
  /** Makes an error of ours from the platform's, where it broke off. */
  readonly explain: (error: unknown) => Error;
}

/** A transport's response that knows how it is best watched; `undefined` where it does not, this time. */
export interface Watchable {
  watchBody(watch: BodyWatch): Reading | undefined;
}

/**
 * Lets a selector read a response's body, and sees how that goes: silence counts while a read is pending, never while the reader thinks;
 * what breaks off fails with an error of ours.
 */
export function watchBody(source: Response & Partial<Watchable>, watch: BodyWatch): Reading {
  return source.watchBody?.(watch) ?? watchStream(source, watch);
}

/** The same, of any response: its stream is read through another one. */
export function watchStream(source: Response, { silence, explain }: BodyWatch): Reading {
  let ended = source.body === null;
  let failure: Error | undefined;
  let fail = (error: Error): void => {
    failure = error;
  };

  const open = (): Response => {
    if (!source.body || ended) return source;
    const reader = source.body.getReader();
    let cancelled = false;
    const watched = new ReadableStream<Uint8Array<ArrayBuffer>>(
      {
        start(controller) {
          fail = (error) => {
            failure = error;
            controller.error(error);
          };
        },
        async pull(controller) {
          silence?.listen();
          try {
            const { done, value } = await reader.read();
            ended ||= done;
            if (failure || cancelled) return;
            if (done) controller.close();
            else controller.enqueue(value);
          } catch (error) {
            if (!failure && !cancelled) fail(explain(error));
          } finally {
            silence?.rest();
          }
        },
        cancel(reason) {
          cancelled = true;
          return reader.cancel(reason);
        },
      },
      // Nothing is read ahead: a read is pending only while the selector waits for it.
      { highWaterMark: 0 },
    );
    return bodyResponse(watched, source.headers);
  };

  return {
    response: ended ? source : new ResponseView(source, open),
    ended: () => ended,
    failure: () => failure,
    fail: (error) => {
      fail(error);
    },
  };
}
