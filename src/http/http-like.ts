import type { Outcome } from '../retry/attempt.js';
import { isInstance, readProperty } from '../errors/error-chain.js';

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

/** Headers of another kind than fetch's: an XMLHttpRequest's, or the plain ones of Node's libraries. */
function plainHeaders(xhr: unknown, headers: unknown): HttpLike['headers'] | undefined {
  if (typeof readProperty(xhr, 'getResponseHeader') === 'function') {
    return { get: (name) => (xhr as XMLHttpRequest).getResponseHeader(name) };
  }
  return typeof headers === 'object' ? { get: (name) => readProperty(headers, name) as string | null } : undefined;
}

/** The HTTP response that an error of some library is, or is about: Angular's, ky's and axios's; RxJS's own ajax; got's and undici's. */
function httpOfError(error: unknown): HttpLike | undefined {
  const response = responseOf(error);
  for (const one of [error, response]) {
    if (isHttpLike(one)) return one;
    // A bare `status` beside some headers is in too many errors that are about something else.
    const status =
      readProperty(one, 'statusCode') ??
      (one === response || readProperty(one, 'xhr') ? readProperty(one, 'status') : undefined);
    const headers = plainHeaders(readProperty(one, 'xhr'), readProperty(one, 'headers'));
    if (typeof status === 'number' && headers) return { status, headers };
  }
  return undefined;
}

/** The HTTP response in an outcome, where it holds or looks like one. */
export function httpOf(outcome: Outcome): HttpLike | undefined {
  if (outcome.kind === 'error') return httpOfError(outcome.error);
  if (outcome.kind === 'response') return outcome.response;
  const { value, response } = outcome;
  // What a selector says of its own response, as withResponse() does, was judged with that.
  return isHttpLike(value) && 'body' in value && value.headers !== response?.headers ? value : undefined;
}
