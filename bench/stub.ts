import type { Network } from './messages.js';

/** The JSON body of the stub and of the server. */
export const JSON_TEXT =
  '{"tea":true,"name":"Darjeeling","grams":250,"harvest":["first flush","second flush"],"stock":{"eu":12,"us":7}}';

/** The size of the large body, in bytes. */
export const MEGABYTE = 1024 * 1024;

/** Creates a fetch without a network. `isFailing` decides for each request whether its status is 503. */
export function stubFetch(network: Network, isFailing: () => boolean): typeof fetch {
  if (network === 'stub-json') {
    return () => Promise.resolve(new Response(JSON_TEXT, { headers: { 'content-type': 'application/json' } }));
  }
  const ready = reusableResponse(200);
  const busy = reusableResponse(503);
  return () => Promise.resolve(isFailing() ? busy : ready);
}

/** Creates a response that every request can share: without a body, it has no state that reading would change. */
function reusableResponse(status: number): Response {
  const response = new Response(null, { status, headers: { 'content-type': 'application/json' } });
  return Object.defineProperty(response, 'clone', { value: () => response });
}

/** Whether a subject's result is right, so that a subject that does nothing cannot win. */
export function isExpectedValue(network: Network, value: unknown): boolean {
  if (network === 'none') return true;
  if (network === 'stub') return value instanceof Response && value.status === 200;
  if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) return value.byteLength === MEGABYTE;
  return typeof value === 'object' && value !== null && 'tea' in value && value.tea === true;
}
