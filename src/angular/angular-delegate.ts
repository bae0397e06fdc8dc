import { HttpErrorResponse } from '@angular/common/http';

import { HttpNetworkError } from '../errors/http-network-error.js';
import { HttpTimeoutError } from '../errors/http-timeout-error.js';
import { originOf } from '../http/url.js';
import type { Attempt, FailureReason, HttpAttempt } from '../retry/attempt.js';
import { TargetRotation } from '../retry/cycle.js';
import { decideRetry, type Decision } from '../retry/decide-retry.js';
import { type Cooldowns, advanceToAvailable } from '../retry/failover.js';
import type { Outcome } from '../retry/outcome.js';
import type { RetryDelegate, EventSink } from '../retry/retry-delegate.js';
import { combineDelays } from '../retry/server-delay.js';
import { type ResolvedStrategy } from '../retry/strategy.js';
import { now } from '../util/clock.js';
import { isNamed } from '../util/error-name.js';
import { redactSignatures } from '../util/safe-text.js';
import type { RequestTarget } from './request-targets.js';

/** What a request of HttpClient tells its run: where attempts go, what is retried, and how long it waits. One for each subscription. */
export class AngularDelegate implements RetryDelegate<HttpAttempt> {
  readonly eventSink: EventSink<HttpAttempt>;
  readonly places: TargetRotation<RequestTarget>;
  readonly #repeatable: boolean;
  readonly #deadline: number;
  readonly #holds: Cooldowns = new Map();
  #url: string;

  /** @param patience - how long after the first attempt the last one may begin, in ms */
  constructor(
    places: readonly [RequestTarget, ...RequestTarget[]],
    policy: ResolvedStrategy,
    patience: number,
    events: EventSink<HttpAttempt>,
  ) {
    const [{ request, url }] = places;
    this.eventSink = events;
    this.places = new TargetRotation(places, policy.rotation);
    this.#repeatable = policy.methods.includes(request.method.toUpperCase()) || request.headers.has('idempotency-key');
    this.#deadline = now() + patience;
    this.#url = url;
  }

  createAttempt({ number, of, requestId, startedAt }: Attempt): HttpAttempt {
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

  decide(policy: ResolvedStrategy, outcome: Outcome, asked: boolean | undefined): Decision {
    return decideRetry(forAngular(policy, outcome), outcome, asked, this.#repeatable);
  }

  nextDelay(
    policy: ResolvedStrategy,
    _emitted: boolean,
    asked: number | undefined,
    backoff: () => number,
  ): number | FailureReason {
    const time = now();
    if (asked !== undefined) this.#holds.set(originOf(this.#url), { duration: asked, since: time });
    const rest = advanceToAvailable(this.places, this.#holds, policy, time, this.#deadline);
    if (typeof rest === 'string') return rest;
    const delay = combineDelays(policy, backoff(), rest);
    return time + delay < this.#deadline ? delay : 'deadline';
  }
}

/** The policy by which an outcome is judged: an error of status 0 is found among its classes as what the client would have made of it, too. */
function forAngular(policy: ResolvedStrategy, outcome: Outcome): ResolvedStrategy {
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

function isListed(errors: NonNullable<ResolvedStrategy['errors']>, error: HttpErrorResponse): boolean {
  const twin = isNamed(error.error, 'TimeoutError') ? HttpTimeoutError : HttpNetworkError;
  return errors.some((type) => error instanceof type || type === twin || twin.prototype instanceof type);
}

/** Whether nothing was answered because Angular itself refused to go on: its errors are numbered, `NG02825` and the like. */
function isRefusal({ error }: HttpErrorResponse): boolean {
  return error instanceof Error && /^NG\d+/.test(error.message);
}
