import { HttpErrorResponse } from '@angular/common/http';

import { HttpNetworkError } from '../errors/http-network-error.js';
import { HttpTimeoutError } from '../errors/http-timeout-error.js';
import { originOf } from '../http/url.js';
import type { Attempt, FailureReason, HttpAttempt } from '../retry/attempt.js';
import { Cycle } from '../retry/cycle.js';
import { judge, type Verdict } from '../retry/decide-retry.js';
import { type Holds, turn } from '../retry/failover.js';
import type { Outcome } from '../retry/outcome.js';
import type { Host, Listeners } from '../retry/retry-delegate.js';
import { waitFor } from '../retry/server-delay.js';
import { type Policy } from '../retry/strategy.js';
import { now } from '../util/clock.js';
import { isNamed } from '../util/error-name.js';
import { redactSignatures } from '../util/safe-text.js';
import type { Place } from './request-targets.js';

/** What a request of HttpClient tells its run: where attempts go, what is retried, and how long it waits. One for each subscription. */
export class AngularHost implements Host<HttpAttempt> {
  readonly events: Listeners<HttpAttempt>;
  readonly places: Cycle<Place>;
  readonly #repeatable: boolean;
  readonly #deadline: number;
  readonly #holds: Holds = new Map();
  #url: string;

  /** @param patience - how long after the first attempt the last one may begin, in ms */
  constructor(places: readonly [Place, ...Place[]], policy: Policy, patience: number, events: Listeners<HttpAttempt>) {
    const [{ request, url }] = places;
    this.events = events;
    this.places = new Cycle(places, policy.rotation);
    this.#repeatable = policy.methods.includes(request.method.toUpperCase()) || request.headers.has('idempotency-key');
    this.#deadline = now() + patience;
    this.#url = url;
  }

  describe({ number, of, requestId, startedAt }: Attempt): HttpAttempt {
    const { request, url } = this.places.peek();
    this.#url = url;
    return {
      number,
      of,
      requestId,
      startedAt,
      method: request.method,
      url: redactSignatures(url),
      context: { http: request.context },
    };
  }

  judge(policy: Policy, outcome: Outcome, asked: boolean | undefined): Verdict {
    return judge(forAngular(policy, outcome), outcome, asked, this.#repeatable);
  }

  pace(policy: Policy, _emitted: boolean, asked: number | undefined, backoff: () => number): number | FailureReason {
    const time = now();
    if (asked !== undefined) this.#holds.set(originOf(this.#url), { asked, since: time });
    const rest = turn(this.places, this.#holds, policy, time, this.#deadline);
    if (typeof rest === 'string') return rest;
    const delay = waitFor(policy, backoff(), rest);
    return time + delay < this.#deadline ? delay : 'deadline';
  }
}

/** The policy by which an outcome is judged: an error of status 0 is found among its classes as what the client would have made of it, too. */
function forAngular(policy: Policy, outcome: Outcome): Policy {
  if (
    outcome.kind !== 'error' ||
    !policy.errors ||
    !(outcome.error instanceof HttpErrorResponse) ||
    outcome.error.status !== 0
  ) {
    return policy;
  }
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
