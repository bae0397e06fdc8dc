import { type Chunks, DirectResponse } from './direct-response.js';
import { bodyResponse, type ResponseHead, consumedResponse } from './response-view.js';

/** Gives chunks one by one, each in memory of its own; then the end, or an error. */
function streamOf(chunks: Chunks, error: Error | undefined): ReadableStream<Uint8Array<ArrayBuffer>> {
  let next = 0;
  return new ReadableStream({
    pull(controller) {
      const chunk = chunks[next];
      next += 1;
      if (chunk) controller.enqueue(new Uint8Array(chunk));
      else if (error) controller.error(error);
      else controller.close();
    },
  });
}

/**
 * A response whose body was read before. It can be cloned also after it was read.
 *
 * @param chunks - what was read
 * @param error - what a reader gets after that, where it is not the whole body
 */
export function bufferedResponse(head: ResponseHead, chunks: Chunks, error?: Error): Response {
  let read = false;
  return new DirectResponse(head, {
    readAll: () => {
      read = true;
      return error ? Promise.reject(error) : Promise.resolve(chunks);
    },
    openStream: () => (read ? consumedResponse() : bodyResponse(streamOf(chunks, error), head.headers)),
    copy: () => bufferedResponse(head, chunks, error),
  });
}
