import type { HttpNetworkError } from '../errors/http-network-error.js';
import { toBodyError } from '../errors/to-network-error.js';
import type { HttpAttempt } from '../retry/attempt.js';

/** Returns the error of a body that broke off; `undefined` if it has not. It reads nothing of the body. */
export async function findBodyError(
  body: ReadableStream<unknown>,
  attempt: HttpAttempt,
): Promise<HttpNetworkError | undefined> {
  const reader = body.getReader();
  // For a broken body `closed` is rejected already, and wins. For others it may never settle, and releaseLock() would
  // reject it: so it is raced before.
  const state = Promise.race([reader.closed, Promise.resolve()]);
  reader.closed.catch(() => undefined);
  reader.releaseLock();
  try {
    await state;
    return undefined;
  } catch (error) {
    return toBodyError(error, attempt);
  }
}
