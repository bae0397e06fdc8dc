import type { Observable } from 'rxjs';

import type { FetchBody } from '../http/body.js';
import type { HttpAttempt } from '../retry/attempt.js';

/**
 * The request of one attempt, as interceptors see it. Each attempt gets a new one. To change it, pass a changed copy to
 * `next`.
 */
export interface AttemptRequest {
  readonly method: string;
  /** The URL without user and password, which are in the header `authorization`. */
  readonly url: string;
  readonly headers: Headers;
  readonly body: FetchBody | null;
  readonly attempt: HttpAttempt;
  /** The other options of fetch: `credentials`, `redirect` and the like. */
  readonly init: RequestInit;
}

/**
 * Wraps the sending of each attempt. It may change the request, observe or change the response, or return a response
 * without sending. Each attempt calls it again, so each attempt can have a fresh token or signature.
 *
 * @example A fresh token for each attempt.
 * ```ts
 * import { concatMap, from } from 'rxjs';
 * import { type Interceptor, RetryClient } from 'rxjs-retry-client';
 *
 * declare function freshToken(): Promise<string>;
 *
 * const withToken: Interceptor = (request, next) =>
 *   from(freshToken()).pipe(
 *     concatMap((token) => {
 *       const headers = new Headers(request.headers);
 *       headers.set('authorization', `Bearer ${token}`);
 *       return next({ ...request, headers });
 *     }),
 *   );
 *
 * export const client = new RetryClient({ interceptors: [withToken] });
 * ```
 *
 * @example An interceptor that returns its own Observable replaces the network. Marble tests then run without a promise
 * in between.
 * ```ts
 * import { timer, map } from 'rxjs';
 * import { RetryClient } from 'rxjs-retry-client';
 *
 * export const stubbed = new RetryClient({
 *   interceptors: [
 *     ({ attempt }) => {
 *       const status = attempt.number < 3 ? 503 : 204;
 *       return timer(20).pipe(map(() => new Response(null, { status })));
 *     },
 *   ],
 * });
 * ```
 */
export type Interceptor = (
  request: AttemptRequest,
  next: (request: AttemptRequest) => Observable<Response>,
) => Observable<Response>;
