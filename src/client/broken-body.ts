import type { HttpNetworkError } from '../errors/http-network-error.js';
import { explainBody } from '../errors/transport-error.js';
import type { HttpAttempt } from '../retry/attempt.js';

/** Why a body broke off that nobody reads; `undefined` where it has not. Reads nothing of it. */
export async function brokenBody(
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
    return explainBody(error, attempt);
  }
}
