import { defer, isObservable, type Observable, of, throwError } from 'rxjs';

import type { AttemptRequest, Interceptor } from '../../src/index.js';

/**
 * One answer of the network: a status, a function that creates a response for each attempt, an error, or any
 * Observable.
 */
export type Answer = number | (() => Response) | Error | Observable<Response>;

/** A network of synchronous answers, for requests in virtual time. It records every request. */
export interface ScriptedNetwork {
  readonly interceptor: Interceptor;
  /** All requests until now. */
  readonly requests: AttemptRequest[];
  /** Returns the URLs of these requests. */
  readonly urls: () => string[];
  /** Returns one header of each of these requests. */
  readonly header: (name: string) => (string | null)[];
}

/** Answers the n-th request with the n-th answer. The last answer repeats. */
export function network(...answers: readonly Answer[]): ScriptedNetwork {
  const requests: AttemptRequest[] = [];
  return {
    requests,
    urls: () => requests.map(({ url }) => url),
    header: (name) => requests.map(({ headers }) => headers.get(name)),
    interceptor: (request) => {
      requests.push(request);
      return toResponse(answers[Math.min(requests.length, answers.length) - 1] ?? 200);
    },
  };
}

function toResponse(answer: Answer): Observable<Response> {
  if (typeof answer === 'number') return of(new Response(null, { status: answer }));
  if (typeof answer === 'function') return defer(() => of(answer()));
  return isObservable(answer) ? answer : throwError(() => answer);
}

/** Returns a function that creates a response with headers and without a body. */
export function bodiless(status: number, headers: Readonly<Record<string, string>> = {}): () => Response {
  return () => new Response(null, { status, headers: { ...headers } });
}
