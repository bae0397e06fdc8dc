import { type HttpLike, isHttpLike, isResponse, responseOf } from '../http/http-like.js';
import { readProperty } from '../util/foreign-object.js';
import type { Attempt } from './attempt.js';

/**
 * The result of one attempt, as `shouldRetry`, a backoff and the events get it.
 *
 * `response` is there whenever HTTP answered, whatever the kind: also for a value that a selector read from the
 * response, and for an error that broke off its body.
 */
export type Outcome<T = unknown> = { readonly attempt: Attempt; readonly response?: Response } & (
  | { readonly kind: 'response'; readonly response: Response }
  | { readonly kind: 'value'; readonly value: T }
  | { readonly kind: 'error'; readonly error: unknown }
);

/** Makes the outcome of an attempt that failed. */
export function errorOutcome(attempt: Attempt, error: unknown): Outcome {
  const response = responseOf(error);
  return { attempt, kind: 'error', error, ...(isResponse(response) && { response }) };
}

/** Adapts headers that are not fetch's: those of an XMLHttpRequest, or the plain objects of Node's libraries. */
function plainHeaders(xhr: unknown, headers: unknown): HttpLike['headers'] | undefined {
  if (typeof readProperty(xhr, 'getResponseHeader') === 'function') {
    return { get: (name) => (xhr as XMLHttpRequest).getResponseHeader(name) };
  }
  return typeof headers === 'object' ? { get: (name) => readProperty(headers, name) as string | null } : undefined;
}

/**
 * Returns the HTTP response that an error is, or has: those of Angular, ky and axios; of RxJS's ajax; of got and
 * undici.
 */
function httpOfError(error: unknown): HttpLike | undefined {
  const response = responseOf(error);
  for (const candidate of [error, response]) {
    if (isHttpLike(candidate)) return candidate;
    // Not any `status` beside headers: too many errors that are not about HTTP have both.
    const status =
      readProperty(candidate, 'statusCode') ??
      (candidate === response || readProperty(candidate, 'xhr') ? readProperty(candidate, 'status') : undefined);
    const headers = plainHeaders(readProperty(candidate, 'xhr'), readProperty(candidate, 'headers'));
    if (typeof status === 'number' && headers) return { status, headers };
  }
  return undefined;
}

/** Returns the HTTP response in an outcome, or what looks like one. */
export function httpOf(outcome: Outcome): HttpLike | undefined {
  if (outcome.kind === 'error') return httpOfError(outcome.error);
  if (outcome.kind === 'response') return outcome.response;
  const { value, response } = outcome;
  // The value of withResponse() has the headers of its response, and was decided with it.
  return isHttpLike(value) && 'body' in value && value.headers !== response?.headers ? value : undefined;
}
