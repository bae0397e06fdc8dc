import type { Observable } from 'rxjs';

import type { PreparedBody } from '../http/body.js';
import type { AttemptRequest, Interceptor } from '../transports/interceptor.js';
import type { OutgoingRequest } from './exchange.js';

/** What an interceptor of this package can do with its attempt, beyond what every interceptor can. */
export interface InterceptorExchange {
  /** The request before the selector prepared it. */
  readonly request: OutgoingRequest | undefined;
  /** The body of the request, which a factory can open again. */
  readonly body: PreparedBody | undefined;
  /**
   * The response after which an interceptor would have sent again, but the body can be sent only once. If it is the
   * attempt's, it is final, with the reason `body`.
   */
  finalResponse: Response | undefined;
  /** Takes over a body that was opened for this attempt, and discards it with the attempt. */
  ownBody(content: unknown): void;
  /** Frees the connections of the responses so far, which stay readable within limits. */
  releaseSuperseded(): void;
}

/** An interceptor of this package. The client calls it with the exchange of the attempt. */
export interface HookedInterceptor {
  (
    request: AttemptRequest,
    next: (request: AttemptRequest) => Observable<Response>,
    exchange?: InterceptorExchange,
  ): Observable<Response>;
  /**
   * Returns the interceptor that a client uses in its place.
   *
   * @param origins - those of the client's `baseUrl`, if it has one
   */
  readonly forOrigins?: (origins: ReadonlySet<string> | undefined) => Interceptor;
}
