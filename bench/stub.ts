import type { Network } from './messages.js';

/** What every JSON of the benchmarks says. */
export const JSON_TEXT =
  '{"tea":true,"name":"Darjeeling","grams":250,"harvest":["first flush","second flush"],"stock":{"eu":12,"us":7}}';

/** The bytes of a large body. */
export const MEGABYTE = 1024 * 1024;

/** A fetch without a network. */
export function stubFetch(network: Network, failing: () => boolean): typeof fetch {
  if (network === 'stub-json') {
    return () => Promise.resolve(new Response(JSON_TEXT, { headers: { 'content-type': 'application/json' } }));
  }
  const ready = response(200);
  const busy = response(503);
  return () => Promise.resolve(failing() ? busy : ready);
}

/** A response that costs nothing: neither a body nor a state that a reader would change. */
function response(status: number): Response {
  const made = new Response(null, { status, headers: { 'content-type': 'application/json' } });
  return Object.defineProperty(made, 'clone', { value: () => made });
}

/** Whether a request was answered as it should be. */
export function isRight(network: Network, value: unknown): boolean {
  if (network === 'none') return true;
  if (network === 'stub') return value instanceof Response && value.status === 200;
  if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) return value.byteLength === MEGABYTE;
  return typeof value === 'object' && value !== null && 'tea' in value && value.tea === true;
}
