import { inject, untracked } from '@angular/core';

import { check, type OptionRule } from '../util/option-rule.js';
import { WAITING_REQUESTS } from './waiting-requests.js';

const REQUEST_ID: OptionRule = ['', 'the id of a request'];

/**
 * Returns a function that ends the waits of the app's requests: for the button "Try now" of a banner. It ends those of
 * HttpClient's requests that go through {@link retryInterceptor}, and those of the clients of {@link
 * provideRetryClient}. With the id of a request, `attempt.requestId`, it ends the wait of that one.
 *
 * It ends the backoff. It does not hurry a server that has asked for time, or a gate: what is left of `Retry-After` is
 * waited for, and a request that a gate holds stays held. It does nothing if nothing waits. The next attempt is the one
 * that would have come later: it counts as one of the strategy's `attempts`.
 *
 * Call it in an injection context; the function that it returns can be called anywhere. That function throws a
 * TypeError for an id that is no string.
 *
 * @example
 * ```ts no-run: needs Angular
 * import { Component } from '@angular/core';
 * import { injectAttemptsSignal, injectRetryNow } from 'rxjs-retry-client/angular';
 *
 * @Component({
 *   selector: 'app-retries',
 *   template: `
 *     @for (request of running(); track request.attempt.requestId) {
 *       <p>
 *         {{ request.attempt.url }}
 *         <button type="button" (click)="retryNow(request.attempt.requestId)">Try now</button>
 *       </p>
 *     }
 *     <button type="button" (click)="retryNow()">Try all now</button>
 *   `,
 * })
 * export class Retries {
 *   protected readonly running = injectAttemptsSignal();
 *   protected readonly retryNow = injectRetryNow();
 * }
 * ```
 */
export function injectRetryNow(): (requestId?: string) => void {
  const waiting = inject(WAITING_REQUESTS);
  return (requestId) => {
    if (requestId !== undefined) check('requestId', requestId, REQUEST_ID);
    // An effect that calls it must not depend on the signals that interceptors and listeners read.
    untracked(() => {
      waiting.wake(requestId);
    });
  };
}
