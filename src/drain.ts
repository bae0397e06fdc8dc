import { Subscription, timer } from 'rxjs';

import { readWithin } from './read-within.js';

/** What a discarded body may cost for its socket to be used again: beyond, a new connection is cheaper. */
const MAX_BYTES = 64 * 1024;
const MAX_MS = 250;

/**
 * Reads a discarded response to its end, so that its connection can be used again, within bounds.
 *
 * @param cut - called when it is not worth it any more, or the returned Subscription is unsubscribed before the end
 */
export function drain(response: Response, cut: () => void): Subscription | undefined {
  // It would be cut after the first bytes.
  const isTooLong = Number(response.headers.get('content-length') ?? undefined) > MAX_BYTES && response.body;
  const draining = new Subscription();
  draining.add(cut);
  if (isTooLong) {
    draining.unsubscribe();
    return undefined;
  }
  draining.add(
    // eslint-disable-next-line rxjs-x/no-ignored-error -- reading within bounds cannot fail
    readWithin(response, MAX_BYTES, timer(MAX_MS)).subscribe((body) => {
      // Nothing is left to cut where there is no body.
      if (body ? body.ended : !response.body) draining.remove(cut);
      draining.unsubscribe();
    }),
  );
  return draining.closed ? undefined : draining;
}
