import { EMPTY, from, type Observable, type Subscription, throwError } from 'rxjs';

import { setReason } from '../errors/http-error.js';
import { HttpNetworkError } from '../errors/http-network-error.js';
import { HttpStatusError } from '../errors/http-status-error.js';
import { HttpTimeoutError } from '../errors/http-timeout-error.js';
import { isHttpError } from '../errors/is-http-error.js';
import { responseOf } from '../http/http-like.js';
import type { Attempt, FailureReason, HttpAttempt } from '../retry/attempt.js';
import { decideRetry, type Decision } from '../retry/decide-retry.js';
import { Failover } from '../retry/failover.js';
import type { PlaceChooser } from '../retry/gate.js';
import { HEDGE, type HedgedDelegate, type HedgeRace } from '../retry/hedge.js';
import { errorOutcome, httpOf, type Outcome } from '../retry/outcome.js';
import { ObservedEvents } from '../retry/request-observer.js';
import type {
  RetryDelegate,
  Terminable,
  EventSink,
  FinalFailure,
  ConnectionDisposal,
} from '../retry/retry-delegate.js';
import { serverDelay } from '../retry/server-delay.js';
import { type ResolvedStrategy } from '../retry/strategy.js';
import type { ResumableReading } from '../selectors/selector.js';
import type { AttemptRequest } from '../transports/interceptor.js';
import { type InactivityListener } from '../util/inactivity-timer.js';
import { checkNumber, invalidOptionMessage } from '../util/option-rule.js';
import { runAndReportErrors } from '../util/report-errors.js';
import { redactSignatures } from '../util/safe-text.js';
import { findBodyError } from './broken-body.js';
import { Exchange, type ExchangeOwner } from './exchange.js';
import { makeIdempotencyKey } from './idempotency-key.js';
import type { ResolvedOptions } from './options.js';
import { RequestLifetime } from './request-lifetime.js';
import { type RequestRegistry } from './request-registry.js';
import { type Target, createAttemptRequest } from './targets.js';

/** One sending of an attempt. An attempt that is not hedged has one. */
interface Sending {
  readonly attempt: HttpAttempt;
  readonly target: Target;
  /** Absent when the attempt is over, and while a gate holds the first one. */
  exchange: Exchange | undefined;
}

/**
 * Answers a run's questions about a request of the client: where attempts go, which outcomes are retried, and what
 * becomes of connections. The client creates one per subscription; it ends with the run.
 *
 * What may end the request from outside is {@link RequestLifetime}'s, targets and delays are {@link Failover}'s, and
 * one attempt's network is an {@link Exchange}'s.
 */
export class HttpDelegate
  implements RetryDelegate<HttpAttempt>, ExchangeOwner, HedgedDelegate<Target>, InactivityListener
{
  eventSink: EventSink<HttpAttempt>;
  readonly failover: Failover<Target>;
  readonly #options: ResolvedOptions;
  readonly #lifetime: RequestLifetime;
  run: Terminable | undefined;
  race: HedgeRace | undefined;
  readonly reading: ResumableReading<unknown> | undefined;
  /** The streams that can be sent only once, and were. */
  #consumedBodies: Set<object> | undefined;
  /** Drains the response of the last attempt, until the next attempt starts. */
  #draining: Subscription | undefined;
  /** The same in all attempts. */
  #idempotencyKey: string | undefined;
  /** Absent if nobody observes the request. */
  #observed: ObservedEvents | undefined;
  // Of the current attempt:
  sending: Sending | undefined;
  #selectorResponse: Response | undefined;
  /** Whether the consumer has the body: a selector emitted its response, or a status error holds it. */
  #consumerOwnsBody = false;
  finalFailure: FinalFailure | undefined;

  constructor(targets: readonly Target[], options: ResolvedOptions, registry: RequestRegistry) {
    const { selector, signals, strategy, totalTimeout } = options;
    this.eventSink = registry.events;
    this.failover = new Failover(targets, strategy.rotation, totalTimeout);
    this.#options = options;
    this.#lifetime = new RequestLifetime(registry, signals);
    this.reading = typeof selector === 'function' ? { select: selector } : selector?.open();
    if (selector && typeof (this.reading as Partial<ResumableReading<unknown>> | undefined)?.select !== 'function') {
      throw new TypeError(
        invalidOptionMessage(
          "what the selector's open returns",
          this.reading,
          'an object with select(response, attempt)',
        ),
      );
    }
  }

  // ——— The run starts and ends.

  onRunStart(run: Terminable, requestId: string): void {
    this.run = run;
    if (this.#options.observers.length > 0) this.#openObservers(run, requestId);
    // An observer can end the request.
    if (this.#lifetime.hasEnded) return;
    this.#lifetime.start(run, this.#options.totalTimeout, this);
  }

  #openObservers(run: Terminable, requestId: string): void {
    const { context, name, observers } = this.#options;
    const { method, url } = this.failover.peek();
    run.draftFirst();
    this.eventSink = this.#observed = new ObservedEvents(this.eventSink);
    this.#observed.open(observers, {
      requestId,
      method,
      url: redactSignatures(url),
      context,
      ...(name !== undefined && { client: name }),
    });
  }

  /** The total timeout is over. */
  onInactive(limit: number): void {
    // A status error is known: it is emitted now, with the part of its body that has come.
    if (this.sending?.exchange?.finishErrorBody()) return;
    const error = new HttpTimeoutError({ attempt: this.#attempt, scope: 'total', limit });
    setReason(error, this.#attempt, 'deadline');
    this.run?.terminate(error, 'deadline');
  }

  onRunEnd(): void {
    if (this.#observed) {
      // An observer can end the request about an event: attempts$ of a closed client completes after the last event.
      this.#observed.after(() => {
        this.#lifetime.end();
      });
    } else this.#lifetime.end();
    runAndReportErrors(() => this.reading?.close?.());
  }

  // ——— An attempt is sent.

  createAttempt({ number, of, requestId, startedAt }: Attempt, target: Target = this.failover.peek()): HttpAttempt {
    const { method, url } = target;
    const attempt = {
      number,
      of,
      requestId,
      startedAt,
      method,
      url: redactSignatures(url),
      context: this.#options.context,
      ...(this.#options.name !== undefined && { client: this.#options.name }),
    };
    // The total timeout can end a request whose first attempt a gate holds: its error needs an attempt.
    this.sending ??= { attempt, target, exchange: undefined };
    return attempt;
  }

  onAttemptStart(attempt: HttpAttempt): void {
    this.#draining?.unsubscribe();
    this.#draining = undefined;
    this.sending = this.createSending(this.failover.peek(), attempt);
  }

  /** Sends one attempt per subscription, to the next target. */
  attemptPerSubscription(): Observable<unknown> {
    const { strategy } = this.#options;
    return this.failover.nextPerSubscription((target) =>
      strategy.hedge
        ? strategy.hedge[HEDGE].race<Target>(this, target, strategy)
        : this.execute(this.sending as Sending),
    );
  }

  /** A hedge repeats the request while it may still be received. */
  canHedge({ repeatable, invalidReason, body }: Target): boolean {
    return repeatable && invalidReason === undefined && !body?.singleUseStream;
  }

  createSending(target: Target, attempt: HttpAttempt): Sending {
    return { attempt, target, exchange: new Exchange(this.#options, attempt, this.#observed) };
  }

  execute({ target, attempt, exchange }: Sending): Observable<unknown> {
    const { body, invalidReason } = target;
    if (!exchange || invalidReason !== undefined) {
      return throwError(
        () => new HttpNetworkError({ attempt, summary: invalidReason, phase: 'connect', sent: false, permanent: true }),
      );
    }
    if (body?.singleUseStream) (this.#consumedBodies ??= new Set()).add(body.singleUseStream);
    const reading = this.reading;
    const request = createAttemptRequest(
      target,
      attempt,
      target.needsKey ? (this.#idempotencyKey ??= makeIdempotencyKey(this.#options.idempotencyKey)) : undefined,
      reading?.prepare !== undefined || this.#options.interceptors.length > 0,
    );
    // A stream of the caller's stays the caller's; what a factory opened for this attempt ends with it.
    if (!body?.singleUseStream) exchange.ownBody(request.body);
    exchange.request = request;
    exchange.body = body;
    const prepared = reading?.prepare?.(request as AttemptRequest) ?? request;
    // A body's factory, or the selector, can end the request.
    if (this.#lifetime.hasEnded) return EMPTY;
    return exchange.execute(prepared);
  }

  // ——— Outcomes are made, and decided.

  toOutcome(value: unknown): Outcome {
    const hedged = this.race?.outcomeOf(value);
    if (hedged) return hedged;
    const attempt = this.#attempt;
    const response = this.#selectorResponse;
    return response
      ? { attempt, kind: 'value', value, response }
      : { attempt, kind: 'response', response: value as Response };
  }

  toErrorOutcome(error: unknown): Outcome {
    const attempt = this.#attempt;
    const response = this.#selectorResponse;
    return response
      ? { attempt, kind: 'error', error: this.sending?.exchange?.attributeError(error), response }
      : errorOutcome(attempt, error);
  }

  /** Whether an outcome needs no decision: the selector's own response, or what is read of a response that is final. */
  bypassesShouldRetry(outcome: Outcome): boolean {
    return (
      this.finalFailure !== undefined ||
      (outcome.kind === 'value' && outcome.value === this.#selectorResponse) ||
      this.race?.isLost(outcome) === true
    );
  }

  decide(strategy: ResolvedStrategy, outcome: Outcome, override: boolean | undefined): Decision {
    this.race?.select(outcome);
    const { target, exchange } = this.sending as Sending;
    const error = outcome.kind === 'error' && outcome.error instanceof HttpNetworkError ? outcome.error : undefined;
    if (this.bypassesShouldRetry(outcome)) {
      return this.finalFailure && outcome.kind === 'error' ? this.finalFailure.reason : 'accept';
    }
    if (override === undefined && this.#isErrorOfAnotherRequest(outcome)) return 'permanent';
    if (outcome.kind === 'response' && outcome.response === exchange?.finalResponse) return 'body';
    let decision: Decision;
    const status = override === undefined && target.needsKey ? httpOf(outcome)?.status : undefined;
    // The request with this key is still being processed; or it must change first, and its key with it.
    if (status === 409) return 'retry';
    if (status === 400 || status === 422) return 'accept';
    if (override === undefined && error?.permanent) {
      // The same URL would fail in the same way. Another URL may not.
      this.failover.remove(target);
      if (this.failover.size === 0) return 'permanent';
      decision = target.repeatable || error.sent === false ? 'retry' : 'method';
    } else {
      decision = decideRetry(strategy, outcome, override, target.repeatable);
    }
    // An interceptor can make several calls: that one of them (for a token) was not sent proves nothing about another.
    return decision === 'retry' && !override && !target.repeatable && exchange?.mayHaveReachedServer
      ? 'method'
      : decision;
  }

  /** Whether a selector failed with the error of a request that it made itself: that request has been retried. */
  #isErrorOfAnotherRequest(outcome: Outcome): boolean {
    if (outcome.kind !== 'error' || !this.#selectorResponse || !isHttpError(outcome.error)) return false;
    return outcome.error.attempt.requestId !== this.#attempt.requestId;
  }

  get timeLeft(): number {
    return this.failover.timeLeft;
  }

  whenDecided(callback: () => void): void {
    this.run?.whenDecided(callback);
  }

  madeProgress(): boolean {
    return this.reading?.madeProgress?.() ?? false;
  }

  nextDelay(
    strategy: ResolvedStrategy,
    hasEmitted: boolean,
    retryAfter: number | undefined,
    backoff: () => number,
    gates: PlaceChooser | undefined,
  ): number | FailureReason {
    const selectorOrBackoff = (): number => {
      const delay = this.reading?.delay?.();
      return delay === undefined ? backoff() : checkNumber("what the selector's delay returns", delay, 0);
    };
    const blocked = this.#blockingReason(hasEmitted);
    if (blocked) return blocked;
    const delay = this.failover.nextDelay(
      strategy,
      this.#attempt.url,
      this.race?.hasFailed ? undefined : retryAfter,
      selectorOrBackoff,
      gates,
    );
    // Checked again, because another target may be next now.
    return typeof delay === 'string' ? delay : (this.#blockingReason(hasEmitted) ?? delay);
  }

  /** Returns the reason why no other attempt is possible, whatever was decided. */
  #blockingReason(hasEmitted: boolean): FailureReason | undefined {
    if (this.isSpent(this.failover.peek())) return 'body';
    // An object is a resumable selector.
    return hasEmitted && typeof this.#options.selector !== 'object' ? 'partial' : undefined;
  }

  isSpent({ body }: Target): boolean {
    return body?.singleUseStream !== undefined && this.#consumedBodies?.has(body.singleUseStream) === true;
  }

  resolveFinal(outcome: Outcome, reason: FailureReason | undefined): Outcome | undefined {
    if (outcome.kind !== 'response') {
      // A selector can emit its response, or throw a status error that holds it.
      const emitted = outcome.kind === 'value' ? outcome.value : responseOf(outcome.error);
      this.#consumerOwnsBody ||= this.#selectorResponse !== undefined && emitted === this.#selectorResponse;
      if (outcome.kind === 'error') setReason(outcome.error, this.#attempt, reason ?? 'permanent');
      return outcome;
    }
    const { response } = outcome;
    const attempt = this.#attempt;
    if (
      (this.#options.throwHttpErrors ?? this.reading) &&
      response.status >= 400 &&
      !this.reading?.handlesErrorStatus?.(response)
    ) {
      return this.#failByStatus(outcome, reason ?? 'permanent');
    }
    const reading = this.reading;
    const exchange = this.sending?.exchange;
    if (!reading || !exchange) return outcome;
    this.finalFailure = reason && { reason, outcome };
    const selectorResponse = (this.#selectorResponse = exchange.openForReading(response));
    exchange.read(() => reading.select(selectorResponse, attempt), this);
    return undefined;
  }

  /**
   * Returns the status error of a response without a body; else `undefined`, and the error follows once it was read.
   */
  #failByStatus(outcome: Outcome & { readonly kind: 'response' }, reason: FailureReason): Outcome | undefined {
    const { response } = outcome;
    const attempt = this.#attempt;
    const exchange = this.sending?.exchange;
    const { strategy } = this.#options;
    const delay = reason === 'retry-after' ? serverDelay(strategy, outcome) : undefined;
    // With both numbers a reader of the log sees whether a larger maxRetryAfter would help.
    const summary =
      delay === undefined
        ? undefined
        : `${response.status} ${response.statusText}`.trimEnd() +
          `, with a Retry-After of ${Math.round(delay / 1000)} s; maxRetryAfter is ${strategy.maxRetryAfter / 1000} s`;
    const error = new HttpStatusError({ attempt, response, summary });
    setReason(error, attempt, reason);
    if (!exchange || !response.body) return { attempt, kind: 'error', error, response };
    this.finalFailure = { reason, outcome };
    exchange.read(() => exchange.readErrorBody(error, this), this);
    return undefined;
  }

  /** Emits an error outcome if the body broke off while `shouldRetry` read a clone: the original is broken, too. */
  findBodyFailure(outcome: Outcome): Observable<Outcome | undefined> | undefined {
    if (outcome.kind !== 'response' || !this.sending?.exchange) return undefined;
    const { response } = outcome;
    const { body } = response;
    const attempt = outcome.attempt as HttpAttempt;
    if (!body || body.locked) return undefined;
    return from(
      findBodyError(body, attempt).then((error) => error && { attempt, kind: 'error' as const, error, response }),
    );
  }

  releaseConnection(disposal: ConnectionDisposal): void {
    const { sending } = this;
    const exchange = sending?.exchange;
    this.race = undefined;
    if (sending) sending.exchange = undefined;
    this.#draining?.unsubscribe();
    // What a selector reads ends with the attempt. A response that was emitted is the consumer's.
    const keeps = this.#consumerOwnsBody || (disposal === 'keep' && !this.#selectorResponse);
    this.#draining = exchange?.release(keeps ? 'keep' : disposal === 'drain' ? 'drain' : 'abort');
    // A transport that is aborted can end the request: nothing uses the connection after that.
    if (this.#lifetime.hasEnded) this.#draining?.unsubscribe();
    // A waiting request holds no response.
    this.finalFailure = this.#selectorResponse = undefined;
    this.#consumerOwnsBody = false;
  }

  get #attempt(): HttpAttempt {
    return (this.sending as Sending).attempt;
  }
}
