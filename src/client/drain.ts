import { Subscription } from 'rxjs';

import { MAX_DRAIN_BYTES, readWithin } from '../http/read-within.js';

/** How long a discarded body may take for its socket to be used again, in ms: beyond, a new connection is cheaper. */
const MAX_DRAIN_MS = 250;

/**
 * Reads a discarded response to its end, so that its connection can be used again, within bounds.
 *
 * @param cut - called when it is not worth it any more, or the returned Subscription is unsubscribed before the end
 */
export function drain(response: Response, cut: () => void): Subscription | undefined {
  // It would be cut after the first bytes.
  if (Number(response.headers.get('content-length') ?? undefined) > MAX_DRAIN_BYTES && response.body) {
    cut();
    return undefined;
  }
  const draining = new Subscription();
  const end = readWithin(response, { maxMs: MAX_DRAIN_MS }, (body) => {
    // Nothing is left to cut where there is no body.
    if (body ? !body.ended : response.body) cut();
    draining.unsubscribe();
  });
  draining.add(end);
  return draining.closed ? undefined : draining;
}
