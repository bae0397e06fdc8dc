import { isResponse } from '../http/http-like.js';
import { readWithin } from '../http/read-within.js';
import type { TransportCall } from '../transports/transport-call.js';
import { readProperty } from '../util/foreign-object.js';

/** The limits of what is kept of a superseded response. */
const LIMITS = { maxBytes: 1024 * 1024, maxMs: 1_000, cancels: true };

function isBeingRead({ bodyUsed, body }: Response): boolean {
  return bodyUsed || (body?.locked ?? false);
}

/**
 * Frees the connection of a response after which an interceptor sends again (after a 401, for example). Behind a limit
 * of connections its next request would otherwise wait for ever. A copy is read, so that the interceptor can still read
 * a short response, or emit it.
 *
 * @param isEmitted - whether the interceptor has emitted this response
 * @returns a function that ends the reading; `undefined` if nothing is read
 */
export function releaseSuperseded(
  call: TransportCall,
  isEmitted: (response: Response | undefined) => boolean,
): (() => void) | undefined {
  const { response } = call;
  // Checked first: `body` opens the stream of the emitted response, and most selectors read faster without one.
  if (call.isSuperseded || isEmitted(response)) return undefined;
  // A response of another library may have no clone().
  if (!isResponse(response) || !readProperty(response, 'body') || isBeingRead(response)) return undefined;
  call.isSuperseded = true;
  return readWithin(response.clone(), LIMITS, (body) => {
    if (body?.hasEnded || isBeingRead(response) || isEmitted(response)) return;
    call.isCut = true;
    // Cancelled as well: after an abort, Node's fetch ends the body of a cloned response as if it were complete.
    response.body?.cancel().catch(() => undefined);
    call.abort();
  });
}
