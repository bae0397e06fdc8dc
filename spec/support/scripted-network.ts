import { defer, isObservable, type Observable, of, throwError } from 'rxjs';

import type { AttemptRequest, Interceptor } from '../../src/index.js';

/** What the network comes to: a status, a whole response (made anew for each attempt), an error, or any Observable. */
export type Answer = number | (() => Response) | Error | Observable<Response>;

/** A network of synchronous answers: for whole requests in virtual time, and for a look at what was asked for. */
export interface ScriptedNetwork {
  readonly interceptor: Interceptor;
  /** What was sent until now. */
  readonly requests: AttemptRequest[];
  /** The URLs of these. */
  readonly urls: () => string[];
  /** A header of each of these. */
  readonly header: (name: string) => (string | null)[];
}

/** Answers the n-th request with the n-th of the answers, the last repeating. */
export function network(...answers: readonly Answer[]): ScriptedNetwork {
  const requests: AttemptRequest[] = [];
  return {
    requests,
    urls: () => requests.map(({ url }) => url),
    header: (name) => requests.map(({ headers }) => headers.get(name)),
    interceptor: (request) => {
      requests.push(request);
      return give(answers[Math.min(requests.length, answers.length) - 1] ?? 200);
    },
  };
}

function give(answer: Answer): Observable<Response> {
  if (typeof answer === 'number') return of(new Response(null, { status: answer }));
  if (typeof answer === 'function') return defer(() => of(answer()));
  return isObservable(answer) ? answer : throwError(() => answer);
}

/** A response with headers and no body. */
export function bodiless(status: number, headers: Readonly<Record<string, string>> = {}): () => Response {
  return () => new Response(null, { status, headers: { ...headers } });
}
