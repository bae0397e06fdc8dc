import { HttpErrorResponse } from '@angular/common/http';
import type { Observable } from 'rxjs';

import { HttpNetworkError } from '../errors/http-network-error.js';
import { HttpTimeoutError } from '../errors/http-timeout-error.js';
import type { Attempt, FailureReason, HttpAttempt } from '../retry/attempt.js';
import { decideRetry, type Decision, isRepeatable } from '../retry/decide-retry.js';
import { Failover } from '../retry/failover.js';
import type { PlaceChooser } from '../retry/gate.js';
import { HEDGE, type HedgedDelegate, type HedgeRace } from '../retry/hedge.js';
import { isGivenUpByNestedRun } from '../retry/nested-runs.js';
import { errorOutcome, type Outcome } from '../retry/outcome.js';
import { countRuns } from '../retry/request-id.js';
import { ObservedEvents, type RequestObserver } from '../retry/request-observer.js';
import type { EventSink, RetryDelegate, Terminable } from '../retry/retry-delegate.js';
import { type ResolvedStrategy } from '../retry/strategy.js';
import { isNamed } from '../util/error-name.js';
import { type InactivityListener, InactivityTimer } from '../util/inactivity-timer.js';
import { redactSignatures } from '../util/safe-text.js';
import type { RequestTarget } from './request-targets.js';
import { responseOf } from './response-of.js';
import type { TimeLimits } from './settings.js';
import { timeoutError } from './time-limits.js';

/** One sending of an attempt. */
interface Sending {
  readonly attempt: HttpAttempt;
  readonly target: RequestTarget;
}

/**
 * Answers a run's questions about a request of HttpClient: where attempts go, which outcomes are retried, and how long
 * the run waits. The interceptor creates one per subscription.
 */
export class AngularDelegate implements RetryDelegate<HttpAttempt>, HedgedDelegate<RequestTarget>, InactivityListener {
  eventSink: EventSink<HttpAttempt>;
  /** On a server a gate, too, holds a request no longer than `maxServerWait`. */
  readonly limitsHolds = true;
  readonly failover: Failover<RequestTarget>;
  readonly #isRepeatable: boolean;
  /** Absent without a total timeout. */
  readonly #totalTimer: InactivityTimer | undefined;
  /** A run with a higher number is nested in the attempt. */
  #runsBeforeAttempt = 0;
  #hasEnded = false;
  run: Terminable | undefined;
  race: HedgeRace | undefined;
  readonly #observers: readonly RequestObserver[];
  readonly #strategy: ResolvedStrategy;
  readonly #sendRequest: (target: RequestTarget, attempt: HttpAttempt) => Observable<unknown>;
  sending: Sending | undefined;

  /**
   * @param limits - of the request's time
   * @param sendRequest - sends an attempt's request
   */
  constructor(
    targets: readonly [RequestTarget, ...RequestTarget[]],
    strategy: ResolvedStrategy,
    { maxServerWait, totalTimeout }: TimeLimits,
    eventSink: EventSink<HttpAttempt>,
    observers: readonly RequestObserver[],
    sendRequest: (target: RequestTarget, attempt: HttpAttempt) => Observable<unknown>,
  ) {
    const [{ request }] = targets;
    this.#strategy = strategy;
    this.#sendRequest = sendRequest;
    this.eventSink = eventSink;
    this.#observers = observers;
    this.failover = new Failover(targets, strategy.rotation, Math.min(maxServerWait, totalTimeout));
    this.#totalTimer = totalTimeout === Infinity ? undefined : new InactivityTimer(totalTimeout, this);
    this.#isRepeatable = isRepeatable(strategy, request.method, request.headers.has('idempotency-key'));
  }

  onRunStart(run: Terminable, requestId: string): void {
    this.run = run;
    if (this.#observers.length > 0) this.#openObservers(run, requestId);
    // An observer can end the request.
    if (!this.#hasEnded) this.#totalTimer?.start();
  }

  #openObservers(run: Terminable, requestId: string): void {
    const { request, url } = this.failover.peek();
    const events = new ObservedEvents(this.eventSink);
    this.eventSink = events;
    run.draftFirst();
    events.open(this.#observers, {
      requestId,
      method: request.method,
      url: redactSignatures(url),
      context: { http: request.context },
    });
  }

  onRunEnd(): void {
    this.#hasEnded = true;
    this.#totalTimer?.stop();
  }

  /** The total timeout is over. */
  onInactive(limit: number): void {
    const { url } = this.sending?.attempt ?? this.failover.peek();
    this.run?.terminate(timeoutError(url, 'totalTimeout', limit), 'deadline');
  }

  createAttempt(
    { number, of, requestId, startedAt }: Attempt,
    { request, url }: RequestTarget = this.failover.peek(),
  ): HttpAttempt {
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

  onAttemptStart(attempt: HttpAttempt): void {
    this.#runsBeforeAttempt = countRuns();
    this.sending = this.createSending(this.failover.peek(), attempt);
  }

  // ——— An attempt is sent.

  /** Sends one attempt per subscription, to the next target. */
  attemptPerSubscription(): Observable<unknown> {
    const strategy = this.#strategy;
    return this.failover.nextPerSubscription((target) =>
      strategy.hedge
        ? strategy.hedge[HEDGE].race<RequestTarget>(this, target, strategy)
        : this.execute(this.sending as Sending),
    );
  }

  canHedge(): boolean {
    return this.#isRepeatable;
  }

  createSending(target: RequestTarget, attempt: HttpAttempt): Sending {
    return { attempt, target };
  }

  execute({ attempt, target }: Sending): Observable<unknown> {
    return this.#sendRequest(target, attempt);
  }

  releaseConnection(): void {
    this.race = undefined;
  }

  // ——— Outcomes are made, and decided.

  toOutcome(value: unknown): Outcome | undefined {
    // Of the sending that has won, and not of the attempt that the run has started.
    return (
      this.race && (this.race.outcomeOf(value) ?? { attempt: (this.sending as Sending).attempt, kind: 'value', value })
    );
  }

  toErrorOutcome(error: unknown): Outcome | undefined {
    return this.race && errorOutcome((this.sending as Sending).attempt, error);
  }

  responseOf(outcome: Outcome): Response | undefined {
    return this.eventSink.hasListeners ? responseOf(outcome) : undefined;
  }

  bypassesShouldRetry(outcome: Outcome): boolean {
    return this.race?.isLost(outcome) ?? false;
  }

  decide(strategy: ResolvedStrategy, outcome: Outcome, override: boolean | undefined): Decision {
    this.race?.select(outcome);
    if (override === undefined && this.#isGivenUpLate(outcome)) return 'permanent';
    return decideRetry(strategyForOutcome(strategy, outcome), outcome, override, this.#isRepeatable);
  }

  /**
   * Whether a nested request has given up on an error, which may have come through a promise. Angular makes one for
   * each request.
   */
  #isGivenUpLate(outcome: Outcome): boolean {
    const { attempt } = outcome;
    return (
      outcome.kind === 'error' &&
      outcome.error instanceof HttpErrorResponse &&
      isGivenUpByNestedRun({ attempt, kind: 'value', value: outcome.error }, this.#runsBeforeAttempt)
    );
  }

  nextDelay(
    strategy: ResolvedStrategy,
    _hasEmitted: boolean,
    retryAfter: number | undefined,
    backoff: () => number,
    gates: PlaceChooser | undefined,
  ): number | FailureReason {
    const cooldown = this.race?.hasFailed ? undefined : retryAfter;
    return this.failover.nextDelay(strategy, (this.sending as Sending).attempt.url, cooldown, backoff, gates);
  }
}

/**
 * Returns the strategy that decides an outcome. An HttpErrorResponse of status 0 is also found under the error class of
 * RetryClient that is equivalent to it.
 */
function strategyForOutcome(strategy: ResolvedStrategy, outcome: Outcome): ResolvedStrategy {
  if (
    outcome.kind !== 'error' ||
    !strategy.errors ||
    !(outcome.error instanceof HttpErrorResponse) ||
    outcome.error.status !== 0
  ) {
    return strategy;
  }
  const { error } = outcome;
  const isListed = !isAngularRuntimeError(error) && includesError(strategy.errors, error);
  return { ...strategy, errors: isListed ? [HttpErrorResponse] : [] };
}

function includesError(errors: NonNullable<ResolvedStrategy['errors']>, error: HttpErrorResponse): boolean {
  const equivalentErrorClass = isNamed(error.error, 'TimeoutError') ? HttpTimeoutError : HttpNetworkError;
  return errors.some(
    (type) => error instanceof type || type === equivalentErrorClass || equivalentErrorClass.prototype instanceof type,
  );
}

/** Whether Angular itself refused to send the request. Its runtime errors have numbers, such as `NG02825`. */
function isAngularRuntimeError({ error }: HttpErrorResponse): boolean {
  return error instanceof Error && /^NG\d+/.test(error.message);
}
