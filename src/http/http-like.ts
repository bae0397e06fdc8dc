import { isInstance, readProperty } from '../util/foreign-object.js';

/** What a response of any library has: enough to judge it, and to read how long it asks to be left alone. */
export interface HttpLike {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
}

/** Whether a value has a status and headers. */
export function isHttpLike(value: unknown): value is HttpLike {
  // Asked first, since there are responses whose headers are made when somebody reads them.
  if (typeof Response === 'function' && isInstance(value, Response)) return true;
  return (
    typeof readProperty(value, 'status') === 'number' &&
    typeof readProperty(readProperty(value, 'headers'), 'get') === 'function'
  );
}

/** Whether a value is a response of fetch, of whatever library or realm. */
export function isResponse(value: unknown): value is Response {
  return isHttpLike(value) && 'arrayBuffer' in value && 'clone' in value;
}

/** What an error, of ky, axios and others, has as the response that it is about. */
export function responseOf(error: unknown): unknown {
  return readProperty(error, 'response');
}
