import { type Chunks, DirectResponse } from './direct-response.js';
import { bodyResponse, type ResponseHead, consumedResponse } from './response-view.js';

/** Streams copies of the chunks, then ends or fails with `error`. A reader may transfer or change a chunk. */
function streamOf(chunks: Chunks, error: Error | undefined): ReadableStream<Uint8Array<ArrayBuffer>> {
  let index = 0;
  return new ReadableStream({
    pull(controller) {
      const chunk = chunks[index];
      index += 1;
      if (chunk) controller.enqueue(new Uint8Array(chunk));
      else if (error) controller.error(error);
      else controller.close();
    },
  });
}

/**
 * Creates a response whose body is in memory. It can be cloned even after it was read.
 *
 * @param chunks - the body, or the part of it that was read
 * @param error - the error that readers get after the chunks, if these are not the whole body
 */
export function bufferedResponse(head: ResponseHead, chunks: Chunks, error?: Error): Response {
  let isRead = false;
  return new DirectResponse(head, {
    readAll: () => {
      isRead = true;
      return error ? Promise.reject(error) : Promise.resolve(chunks);
    },
    openStream: () => (isRead ? consumedResponse() : bodyResponse(streamOf(chunks, error), head.headers)),
    copy: () => bufferedResponse(head, chunks, error),
  });
}
