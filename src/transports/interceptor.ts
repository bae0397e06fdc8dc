import type { Observable } from 'rxjs';

import type { FetchBody } from '../http/body.js';
import type { HttpAttempt } from '../retry/attempt.js';

/** One attempt's request, as interceptors see it. It is made anew for each attempt: to change it, pass a changed copy on. */
export interface AttemptRequest {
  readonly method: string;
  /** Where it is sent, without user and password: these are in `headers`. */
  readonly url: string;
  readonly headers: Headers;
  readonly body: FetchBody | null;
  readonly attempt: HttpAttempt;
  /** What else goes to fetch: `credentials`, `redirect` and the like. */
  readonly init: RequestInit;
}

/**
 * Stands between an attempt and the network: it may change the request, watch or change the response, or answer itself. Each attempt runs
 * it anew, so a token or a signature is fresh in every one.
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
 * @example One that returns its own Observable takes the network's place: whole requests in marbles, with no promise in between.
 * ```ts
 * import { timer, map } from 'rxjs';
 * import { RetryClient } from 'rxjs-retry-client';
 *
 * export const stubbed = new RetryClient({
 *   interceptors: [({ attempt }) => timer(20).pipe(map(() => new Response(null, { status: attempt.number < 3 ? 503 : 204 })))],
 * });
 * ```
 */
export type Interceptor = (
  request: AttemptRequest,
  next: (request: AttemptRequest) => Observable<Response>,
) => Observable<Response>;
