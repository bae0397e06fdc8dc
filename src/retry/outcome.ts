import { type HttpLike, isHttpLike, responseOf } from '../http/http-like.js';
import { readProperty } from '../util/foreign-object.js';
import type { Attempt } from './attempt.js';

/**
 * What one attempt came to, as `shouldRetry`, a backoff and the events see it.
 *
 * `response` is there wherever HTTP answered, whatever the kind: a value that a selector read from it, an error that broke its body off.
 */
export type Outcome<T = unknown> = { readonly attempt: Attempt; readonly response?: Response } & (
  | { readonly kind: 'response'; readonly response: Response }
  | { readonly kind: 'value'; readonly value: T }
  | { readonly kind: 'error'; readonly error: unknown }
);

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
