import type { HttpNetworkError } from '../errors/http-network-error.js';
import { toBodyError } from '../errors/transport-error.js';
import type { HttpAttempt } from '../retry/attempt.js';

/** Why a body broke off that nobody reads; `undefined` where it has not. Reads nothing of it. */
export async function findBodyError(
  body: ReadableStream<unknown>,
  attempt: HttpAttempt,
): Promise<HttpNetworkError | undefined> {
  const reader = body.getReader();
  // One that is broken is rejected already, and wins; one that is not may never be settled. To release the lock would reject it.
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
