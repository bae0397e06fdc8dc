import { HttpErrorResponse } from '@angular/common/http';
import { asyncScheduler } from 'rxjs';

import type { Attempt, AttemptEvent, HttpAttempt, Outcome } from '../attempt.js';
import { Cycle } from '../cycle.js';
import { HttpNetworkError } from '../errors/http-network-error.js';
import { HttpTimeoutError } from '../errors/http-timeout-error.js';
import { isNamed } from '../errors/is-named.js';
import type { Host } from '../host.js';
import { judge, type Policy, type Verdict } from '../strategy.js';
import type { AppAttempts } from './attempts.js';
import type { Place } from './places.js';

const nothing = (): undefined => undefined;

/** What a request of HttpClient tells its run: where attempts go, and what is retried. One for each subscription. */
export class AngularHost implements Host<HttpAttempt> {
  readonly answersHttp = false;
  readonly deadline: number;
  readonly places: Cycle<Place>;
  readonly #attempts: AppAttempts;
  readonly #repeatable: boolean;
  #place: Place;

  /** @param patience - how long after the first attempt the last one may begin, in ms */
  constructor(places: readonly [Place, ...Place[]], policy: Policy, patience: number, attempts: AppAttempts) {
    const { method, headers } = places[0].request;
    this.places = new Cycle(places, policy.rotation);
    this.deadline = asyncScheduler.now() + patience;
    this.#attempts = attempts;
    this.#repeatable = policy.methods.includes(method.toUpperCase()) || headers.has('idempotency-key');
    this.#place = places[0];
  }

  get listening(): boolean {
    return this.#attempts.listened;
  }

  tell(event: AttemptEvent<unknown, HttpAttempt>): void {
    this.#attempts.tell(event);
  }

  describe({ number, of, requestId, startedAt }: Attempt): HttpAttempt {
    this.#place = this.places.peek();
    const { request, url } = this.#place;
    return { number, of, requestId, startedAt, method: request.method, url, context: { http: request.context } };
  }

  get origin(): string {
    return this.#place.origin;
  }

  get nextOrigin(): string {
    return this.places.peek().origin;
  }

  turn(barred: (origin: string) => boolean): boolean {
    for (let tried = 0; tried < this.places.size; tried += 1) {
      if (!barred(this.nextOrigin)) return true;
      this.places.skip();
    }
    return false;
  }

  judge(policy: Policy, outcome: Outcome, asked: boolean | undefined): Verdict {
    return judge(forAngular(policy, outcome), outcome, asked, this.#repeatable);
  }

  // What is the client's alone: bodies that can be sent once, selectors, connections to let go of.
  readonly open: () => undefined = nothing;
  readonly close: () => undefined = nothing;
  readonly obstacle: () => undefined = nothing;
  readonly statusError: () => undefined = nothing;
  readonly delay: () => undefined = nothing;
  readonly release: () => undefined = nothing;

  view(response: Response): Response {
    return response;
  }

  blame(error: unknown): unknown {
    return error;
  }
}

/** The policy by which an outcome is judged: an error of status 0 is found among its classes as what the client would have made of it, too. */
function forAngular(policy: Policy, outcome: Outcome): Policy {
  if (outcome.kind !== 'error' || !policy.errors || !(outcome.error instanceof HttpErrorResponse) || outcome.error.status !== 0) return policy;
  const { error } = outcome;
  return { ...policy, errors: isRefusal(error) || !isListed(policy.errors, error) ? [] : [HttpErrorResponse] };
}

function isListed(errors: NonNullable<Policy['errors']>, error: HttpErrorResponse): boolean {
  const twin = isNamed(error.error, 'TimeoutError') ? HttpTimeoutError : HttpNetworkError;
  return errors.some((type) => error instanceof type || type === twin || twin.prototype instanceof type);
}

/** Whether nothing was answered because Angular itself refused to go on: its errors are numbered, `NG02825` and the like. */
function isRefusal({ error }: HttpErrorResponse): boolean {
  return error instanceof Error && /^NG\d+/.test(error.message);
}
