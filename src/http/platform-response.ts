import { isBodiless } from './status.js';

/** Whether the platform is Node or behaves like it. There another stream would cost more than the rest of a request. */
function isNode(): boolean {
  const { process } = globalThis as { process?: { versions?: { node?: string } } };
  return process?.versions?.node !== undefined;
}

/** Sets the fields of a response, and of its clones, that the constructor does not accept. */
function withHead(
  response: Response,
  head: Readonly<Record<'url' | 'redirected' | 'type', PropertyDescriptor>>,
): Response {
  const clone = (): Response => withHead(Response.prototype.clone.call(response), head);
  return Object.defineProperties(response, { ...head, clone: { value: clone } });
}

/**
 * Creates a Response of the platform itself, with another body: in browsers `WebAssembly.compileStreaming` and
 * `cache.put` accept no other. It is `undefined` in Node, and if the platform refuses to create one (for a status of 0,
 * for example).
 *
 * @param open - returns a response with that body
 */
export function toPlatformResponse(source: Response, open: () => Response): Response | undefined {
  // For the other statuses the constructor refuses a body, even an empty one.
  const takesBody = source.status >= 200 && !isBodiless(source.status);
  if (isNode() || !(source instanceof Response) || !takesBody || !source.body) return undefined;
  const { status, statusText, headers, url, redirected, type } = source;
  return withHead(new Response(open().body, { status, statusText, headers }), {
    url: { value: url },
    redirected: { value: redirected },
    type: { value: type },
  });
}
