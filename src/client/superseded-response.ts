import { isResponse } from '../http/http-like.js';
import { readWithin } from '../http/read-within.js';
import type { TransportCall } from '../transports/transport-call.js';
import { readProperty } from '../util/foreign-object.js';

/** How much of an answer is kept that an interceptor goes past, in bytes, and how long reading it may take, in ms. */
const BOUNDS = { maxBytes: 1024 * 1024, maxMs: 1_000, cancels: true };

function isBeingRead({ bodyUsed, body }: Response): boolean {
  return bodyUsed || (body?.locked ?? false);
}

/**
 * Frees the connection of an answer that an interceptor goes past by sending again (after a 401, say): behind a limit of connections its next
 * request would otherwise never get one. A copy is read, so that a short answer can still be read, or chosen, later.
 *
 * @param isChosen - whether the interceptor has given this answer by now
 * @returns what ends the reading here; `undefined` where none goes on
 */
export function releaseSuperseded(
  call: TransportCall,
  isChosen: (response: Response | undefined) => boolean,
): (() => void) | undefined {
  const { response } = call;
  // Asked first: to look at the body of a chosen answer would open its stream, which most selectors do without.
  if (call.isSuperseded || isChosen(response)) return undefined;
  // What another library gives as a response may have no clone().
  if (!isResponse(response) || !readProperty(response, 'body') || isBeingRead(response)) return undefined;
  call.isSuperseded = true;
  return readWithin(response.clone(), BOUNDS, (body) => {
    if (body?.ended || isBeingRead(response) || isChosen(response)) return;
    call.isCut = true;
    // Cancelled, too: of a response that was cloned, Node's fetch makes an abort look like the end.
    response.body?.cancel().catch(() => undefined);
    call.abort();
  });
}
