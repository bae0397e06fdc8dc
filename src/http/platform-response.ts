import { isBodiless } from './status.js';

/** Whether this is Node, or what behaves like it: there a stream of our own would cost more than all the rest of a request. */
function isNode(): boolean {
  const { process } = globalThis as { process?: { versions?: { node?: string } } };
  return process?.versions?.node !== undefined;
}

/** Gives a response what its constructor does not take; its clones, too. */
function withHead(
  response: Response,
  head: Readonly<Record<'url' | 'redirected' | 'type', PropertyDescriptor>>,
): Response {
  const clone = (): Response => withHead(Response.prototype.clone.call(response), head);
  return Object.defineProperties(response, { ...head, clone: { value: clone } });
}

/**
 * A response as the platform's own kind, with another body: `WebAssembly.compileStreaming` and `cache.put` of browsers take no other.
 * `undefined` in Node, and where the platform refuses to make one (a status of 0, say).
 *
 * @param open - gives a response with that body
 */
export function toPlatformResponse(source: Response, open: () => Response): Response | undefined {
  // Of these statuses it takes no body, not even an empty one.
  const takesBody = source.status >= 200 && !isBodiless(source.status);
  if (isNode() || !(source instanceof Response) || !takesBody || !source.body) return undefined;
  const { status, statusText, headers, url, redirected, type } = source;
  return withHead(new Response(open().body, { status, statusText, headers }), {
    url: { value: url },
    redirected: { value: redirected },
    type: { value: type },
  });
}
