import type { Outcome } from './attempt.js';

/** What a response of any library has: enough to judge it, and to read how long it asks to be left alone. */
export interface HttpLike {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
}

/** Whether a value has a status and headers. */
export function isHttpLike(value: unknown): value is HttpLike {
  if (typeof value !== 'object' || value === null) return false;
  const { status, headers } = value as { status?: unknown; headers?: { get?: unknown } | null };
  return typeof status === 'number' && typeof headers?.get === 'function';
}

/** Whether a value is a response of fetch, of whatever library or realm. */
export function isResponse(value: unknown): value is Response {
  return isHttpLike(value) && 'arrayBuffer' in value && 'clone' in value;
}

/**
 * The HTTP response in an outcome, where it holds or looks like one: a `Response`, Angular's `HttpResponse` and `HttpErrorResponse`, an
 * error whose `response` is one (ky, axios and others).
 */
export function httpOf(outcome: Outcome): HttpLike | undefined {
  switch (outcome.kind) {
    case 'response':
      return outcome.response;
    case 'value':
      return isHttpLike(outcome.value) && 'body' in outcome.value ? outcome.value : undefined;
    case 'error': {
      if (isHttpLike(outcome.error)) return outcome.error;
      const response = (outcome.error as { response?: unknown } | null | undefined)?.response;
      return isHttpLike(response) ? response : undefined;
    }
  }
}
