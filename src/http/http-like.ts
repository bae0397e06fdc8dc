import { isInstance, readProperty } from '../util/foreign-object.js';

/** The part of a response that every library has: enough to decide on a retry and to read `Retry-After`. */
export interface HttpLike {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
}

/** Whether a value has a status and headers. */
export function isHttpLike(value: unknown): value is HttpLike {
  // This check is first because reading `headers` may create them.
  if (typeof Response === 'function' && isInstance(value, Response)) return true;
  return (
    typeof readProperty(value, 'status') === 'number' &&
    typeof readProperty(readProperty(value, 'headers'), 'get') === 'function'
  );
}

/** Whether a value is a response of fetch, of any library or realm. */
export function isResponse(value: unknown): value is Response {
  return isHttpLike(value) && 'arrayBuffer' in value && 'clone' in value;
}

/** Returns the `response` of an error of ky, axios and others. */
export function responseOf(error: unknown): unknown {
  return readProperty(error, 'response');
}
