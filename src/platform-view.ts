/** Whether this is Node, or what behaves like it: there a stream of our own would cost more than all the rest of a request. */
function isNode(): boolean {
  const { process } = globalThis as { process?: { versions?: { node?: string } } };
  return process?.versions?.node !== undefined;
}

/**
 * A response as the platform's own kind, with another body: `WebAssembly.compileStreaming` and `cache.put` of browsers take no other.
 * `undefined` in Node, and where the platform refuses to make one (a status of 0, say).
 *
 * @param open - gives a response with that body
 */
export function platformView(source: Response, open: () => Response): Response | undefined {
  // Of these statuses it takes no body, not even an empty one.
  const takesBody = source.status >= 200 && ![204, 205, 304].includes(source.status);
  if (isNode() || !(source instanceof Response) || !takesBody || !source.body) return undefined;
  const { status, statusText, headers, url, redirected, type } = source;
  const view = new Response(open().body, { status, statusText, headers });
  return Object.defineProperties(view, { url: { value: url }, redirected: { value: redirected }, type: { value: type } });
}
