import { Subscription } from 'rxjs';

import { MAX_DRAIN_BYTES, readWithin } from '../http/read-within.js';

/** How long a discarded body is read, in ms. Beyond that a new connection is cheaper. */
const MAX_DRAIN_MS = 250;

/**
 * Reads a discarded response to its end, within limits, so that its connection can be used again. `Exchange.release`
 * decides whether a connection is drained.
 *
 * @param abort - called if a limit is exceeded, or if the returned subscription is unsubscribed before the end
 */
export function drain(response: Response, abort: () => void): Subscription | undefined {
  // A body that announces more is aborted at once instead of after the first bytes.
  if (Number(response.headers.get('content-length') ?? undefined) > MAX_DRAIN_BYTES && response.body) {
    abort();
    return undefined;
  }
  const draining = new Subscription();
  const end = readWithin(response, { maxMs: MAX_DRAIN_MS }, (body) => {
    // A response without a body has nothing to abort.
    if (body ? !body.hasEnded : response.body) abort();
    draining.unsubscribe();
  });
  draining.add(end);
  return draining.closed ? undefined : draining;
}
