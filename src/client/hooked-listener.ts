import type { Observable, Observer, TeardownLogic, Unsubscribable } from 'rxjs';

import type { RequestListener } from '../retry/request-observer.js';
import type { OutgoingRequest } from './exchange.js';

/** Sends a message, and tells the observer of its response. What it returns ends it. */
export type Send = (request: OutgoingRequest, observer: Observer<Response>) => Unsubscribable | undefined;

/**
 * What telemetry does around the sending of a request, beyond listening to its events. An interceptor would cost about
 * half as much as all other parts of a request.
 */
export interface HookedListener extends RequestListener {
  /** Calls `send`, the transport, with a request and an observer of its own. */
  aroundSend(request: OutgoingRequest, observer: Observer<Response>, send: Send): TeardownLogic;
  /** Runs the interceptors of an attempt, which are called on subscribing to `responses`. */
  aroundInterceptors(responses: Observable<Response>): Observable<Response>;
}
