import { type Observable, type Observer, Subscriber, type Subscription, type Unsubscribable } from 'rxjs';

import { isResponse } from '../http/http-like.js';
import { justNow, now, wallClock } from '../util/clock.js';
import { longTimer } from '../util/long-timer.js';
import { checkNumber } from '../util/option-rule.js';
import { runAndReportErrors } from '../util/report-errors.js';
import type { Attempt, AttemptEvent, FailureReason, HttpAttempt } from './attempt.js';
import { decideRetry } from './decide-retry.js';
import { type RetryOverride, type DecisionHandler, DecisionQueue } from './decision-queue.js';
import type { Place } from './failover.js';
import { GATE, type GatedRun, type GateSession } from './gate.js';
import { emitGivenUp, isGivenUpByNestedRun, markIfNested } from './nested-runs.js';
import { errorOutcome, type Outcome } from './outcome.js';
import { nextRunNumber, requestIdOf, countRuns } from './request-id.js';
import type { RetryDelegate, Terminable, FinalFailure } from './retry-delegate.js';
import { combineDelays, exceedsMaxRetryAfter, serverDelay } from './server-delay.js';
import { type ResolvedStrategy } from './strategy.js';

/** Sets the attempt's error as the cause of an error that the strategy threw, if it has no cause yet. */
function withCause(error: unknown, outcome: Outcome | undefined): unknown {
  if (
    outcome?.kind === 'error' &&
    error instanceof Error &&
    error !== outcome.error &&
    error.cause === undefined &&
    Object.isExtensible(error)
  ) {
    Object.defineProperty(error, 'cause', { value: outcome.error, configurable: true, writable: true });
  }
  return error;
}

function valueOf(outcome: Outcome): unknown {
  return outcome.kind === 'value' ? outcome.value : outcome.response;
}

/**
 * One subscription to a retried source: it starts attempts one after the other, has their outcomes decided, and waits
 * between them. There is an attempt or a wait, never both.
 *
 *     attempt ──► success, failure, cancel
 *      ▲   │
 *      │   ▼
 *      wait ────► failure, cancel
 *
 * Its exits. Once there is an attempt, exactly one of them calls `#settle`:
 *
 * | method                 | when                                                    | event                     |
 * |------------------------|---------------------------------------------------------|---------------------------|
 * | `#finishRun`           | the source completed                                    | success, or failure       |
 * | `#giveUp`              | an outcome is final                                     | failure                   |
 * | `#failOnStrategyError` | `shouldRetry`, a backoff, a gate, or a getter of an outcome threw | failure            |
 * | `terminate`            | the delegate ends it, or its gates let no attempt in    | failure                   |
 * | `unsubscribe`          | the consumer unsubscribed                               | cancel, success, failure  |
 *
 * (Failure without an error: the response of a final failure was being read.)
 *
 * The Observable of `retryWithStrategy` or of a request creates one per subscription. It is a class, and not a function
 * with closures over its state, because each of many waiting requests holds one.
 */
export class RetryRun<A extends Attempt>
  implements Observer<unknown>, DecisionHandler, GatedRun<A>, Terminable, Unsubscribable
{
  readonly #source: Observable<unknown>;
  readonly #strategy: ResolvedStrategy;
  readonly #maxAttempts: number;
  readonly #delegate: RetryDelegate<A>;
  readonly #output: Subscriber<unknown>;
  readonly #emitsEvents: boolean;
  readonly gates: GateSession<A> | undefined;
  readonly #runNumber = nextRunNumber();
  readonly #requestId = requestIdOf(this.#runNumber);
  /** How many runs had started when the attempt did: runs with a higher number are nested in it. */
  #runsBeforeAttempt = 0;
  #attemptNumber = 0;
  /** When the attempt started, on the monotonic clock. */
  #attemptStart = 0;
  /** When the run started, on the same clock: its first attempt, or a gate that held that, was told then. */
  #runStart: number | undefined;
  #retryCount = 0;
  #previousBackoff = 0;
  #attempt: A | undefined;
  /** The subscription to the source, or to the timer. */
  #current: Subscription | undefined;
  /** One per attempt, if the strategy has a `shouldRetry`. */
  #queue: DecisionQueue | undefined;
  #lastOutcome: Outcome | undefined;
  #hasEmitted = false;
  #ended = false;
  /**
   * A synchronous source can emit before subscribe() returns and there is a teardown: the next step is deferred then.
   */
  #isSubscribing = false;
  #deferred: (() => void) | undefined;

  /**
   * @param maxAttempts - the number of attempts, the first included
   * @param emitsEvents - whether events are emitted instead of values
   */
  constructor(
    source: Observable<unknown>,
    strategy: ResolvedStrategy,
    maxAttempts: number,
    delegate: RetryDelegate<A>,
    output: Subscriber<unknown>,
    emitsEvents: boolean,
  ) {
    this.#source = source;
    this.#strategy = strategy;
    this.#maxAttempts = maxAttempts;
    this.#delegate = delegate;
    this.#output = output;
    this.#emitsEvents = emitsEvents;
    this.gates = strategy.gates?.[0]?.[GATE].openSession(strategy, delegate, this);
  }

  start(): void {
    // This ends the run if the consumer has unsubscribed already.
    this.#output.add(this);
    if (!this.#ended) this.#delegate.onRunStart?.(this, this.#requestId);
    if (this.#ended) return;
    if (this.gates) this.gates.admit();
    else this.startAttempt(this.draft());
  }

  // ——— An attempt starts.

  draft(place?: Place): A {
    const number = this.#attemptNumber + 1;
    const base = { number, of: this.#maxAttempts, requestId: this.#requestId, startedAt: wallClock() };
    return this.#delegate.createAttempt?.(base, place) ?? (base as Attempt as A);
  }

  draftFirst(): void {
    this.setAttempt(this.draft());
  }

  startAttempt(attempt: A): void {
    this.setAttempt(attempt);
    this.#attemptNumber = attempt.number;
    this.#delegate.onAttemptStart?.(attempt);
    if (this.#hasListeners) this.emitEvent({ type: 'start', attempt });
    // A listener can end the run.
    if (this.#ended) return;
    const { shouldRetry } = this.#strategy;
    if (shouldRetry) this.#queue = new DecisionQueue(shouldRetry, this);
    this.#runsBeforeAttempt = countRuns();
    // Not a plain observer: it could not be unsubscribed while a synchronous source is still emitting.
    // eslint-disable-next-line @typescript-eslint/no-deprecated
    const subscriber = new Subscriber<unknown>(this);
    this.#current = subscriber;
    this.#isSubscribing = true;
    runAndReportErrors(() => this.#source.subscribe(subscriber));
    this.#isSubscribing = false;
    this.#runDeferred();
  }

  setAttempt(attempt: A): void {
    this.#attempt = attempt;
    this.#attemptStart = now(attempt.startedAt);
    this.#runStart ??= this.#attemptStart;
  }

  #runDeferred(): void {
    const next = this.#deferred;
    this.#deferred = undefined;
    if (!this.#ended) next?.();
  }

  // ——— Notifications of the source become outcomes.

  next(value: unknown): void {
    const attempt = this.#attempt as A;
    try {
      this.#enqueue(
        markIfNested(
          this.#delegate.toOutcome?.(value) ??
            (isResponse(value) ? { attempt, kind: 'response', response: value } : { attempt, kind: 'value', value }),
        ),
      );
    } catch (error) {
      // A getter or a Proxy of the value can throw.
      this.#failOnStrategyError(error);
    }
  }

  error(error: unknown): void {
    const attempt = this.#attempt as A;
    try {
      const failure = markIfNested(this.#delegate.toErrorOutcome?.(error) ?? errorOutcome(attempt, error));
      this.#unsubscribeCurrent(() => {
        this.#enqueue(failure);
      });
    } catch (thrown) {
      this.#failOnStrategyError(thrown);
    }
  }

  complete(): void {
    this.#enqueue(undefined);
  }

  #enqueue(outcome: Outcome | undefined): void {
    if (this.#queue) this.#queue.enqueue(outcome);
    else this.handle(outcome);
  }

  // ——— The queue, and the delegate, ask.

  whenDecided(callback: () => void): void {
    if (this.#queue) this.#queue.whenDecided(callback);
    else callback();
  }

  bypassesShouldRetry(outcome: Outcome): boolean {
    return this.#delegate.bypassesShouldRetry?.(outcome) ?? false;
  }

  handle(outcome: Outcome | undefined, override?: RetryOverride): void {
    if (outcome) this.#decide(outcome, override);
    else this.#finishRun();
  }

  handleDecisionError(error: unknown, outcome: Outcome, resume: () => void): Subscription | undefined {
    const fail = (): void => {
      this.#lastOutcome = outcome;
      this.#failOnStrategyError(error);
    };
    // If the body broke off while shouldRetry read it, the connection failed, and not shouldRetry.
    const bodyFailure$ = this.#delegate.findBodyFailure?.(outcome);
    if (!bodyFailure$) fail();
    return bodyFailure$?.subscribe({
      next: (failure) => {
        if (!failure) fail();
        else if (this.#delegate.race) {
          // Other sendings of the attempt may still win.
          this.#decide(failure);
          resume();
        } else {
          this.#unsubscribeCurrent(() => {
            this.#decide(failure);
          });
        }
      },
      error: fail,
    });
  }

  // ——— An outcome is decided.

  #decide(outcome: Outcome, override?: RetryOverride): void {
    this.#lastOutcome = outcome;
    try {
      let decision =
        override === undefined && isGivenUpByNestedRun(outcome, this.#runsBeforeAttempt)
          ? 'permanent'
          : (this.#delegate.decide?.(this.#strategy, outcome, override) ??
            decideRetry(this.#strategy, outcome, override));
      if (this.#delegate.race) {
        const settled = this.#delegate.race.settle(outcome, decision);
        if (!settled) return;
        ({ outcome, decision } = settled);
      }
      // A gate can end the run, and so can a listener.
      const elapsed = this.#emitResponse(outcome);
      if (this.#ended) return;
      if (decision === 'retry') this.#scheduleRetry(outcome);
      else this.#resolveFinal(outcome, decision === 'accept' ? undefined : decision, elapsed);
    } catch (error) {
      this.#failOnStrategyError(error);
    }
  }

  /** Returns when it was emitted. */
  #emitResponse(outcome: Outcome): number | undefined {
    // Of several responses the first one is the attempt's. shouldRetry can have ended the run.
    if (this.#hasEmitted || this.#ended || !this.#hasListeners) return undefined;
    const { attempt: sent } = outcome;
    const response = outcome.kind === 'response' ? outcome.response : this.#delegate.responseOf?.(outcome);
    if (!response) return undefined;
    const attempt = this.#attempt as A;
    // A hedge has its own URL.
    const { url = response.url } = sent as Partial<HttpAttempt>;
    const elapsed = this.elapsed;
    const event = { type: 'response', attempt, response, url, elapsed } as const;
    // Gates are told what the source has emitted.
    if (outcome.kind === 'response') this.emitEvent(event);
    else this.#notifyListeners(event);
    return elapsed;
  }

  #scheduleRetry(outcome: Outcome): void {
    if (this.#delegate.madeProgress?.()) this.#resetAttempts();
    let next = this.#attemptNumber < this.#maxAttempts ? this.#computeDelay(outcome) : 'attempts';
    if (typeof next === 'number' && this.gates?.planRetry(this.#retryEvent(outcome, next)) === false) {
      next = 'rejected';
    }
    // A backoff, or a gate, can end the run.
    if (this.#ended) return;
    if (typeof next === 'string') {
      this.#resolveFinal(outcome, next);
      return;
    }
    this.#stopAttempt(() => {
      this.#beginWait(next, outcome);
    });
  }

  #retryEvent(outcome: Outcome, delay: number): AttemptEvent<unknown, A> & { readonly type: 'retry' } {
    return { type: 'retry', attempt: this.#attempt as A, outcome, elapsed: this.elapsed, delay };
  }

  #computeDelay(outcome: Outcome): number | FailureReason {
    const strategy = this.#strategy;
    const retryAfter = serverDelay(strategy, outcome);
    this.#retryCount += 1;
    const backoff = (): number => {
      const context = {
        retry: this.#retryCount,
        previousDelay: this.#previousBackoff,
        random: strategy.random,
        outcome,
      };
      return (this.#previousBackoff = checkNumber('what strategy.backoff returns', strategy.backoff(context), 0));
    };
    const gates = this.gates;
    if (this.#delegate.nextDelay) {
      return this.#delegate.nextDelay(strategy, this.#hasEmitted, retryAfter, backoff, gates);
    }
    if (gates) return gates.nextDelay(retryAfter, backoff);
    return retryAfter !== undefined && exceedsMaxRetryAfter(strategy, retryAfter)
      ? 'retry-after'
      : combineDelays(strategy, backoff(), retryAfter ?? 0);
  }

  #beginWait(delay: number, outcome: Outcome): void {
    this.#hasEmitted = false;
    this.#lastOutcome = undefined;
    this.#delegate.releaseConnection?.('drain');
    // A transport that is aborted can end the run, and so can a listener.
    // Gates were told when the retry was planned.
    if (!this.#ended && this.#hasListeners) this.#notifyListeners(this.#retryEvent(outcome, delay));
    if (this.#ended) return;
    if (this.gates) this.gates.wait(delay);
    else this.#current = this.#startTimer(delay);
  }

  /** A separate method: a closure in #beginWait would hold its outcome during the wait. */
  #startTimer(delay: number): Subscription {
    // eslint-disable-next-line rxjs-x/no-ignored-error -- a timer cannot fail
    return longTimer(delay).subscribe({
      next: () => {
        this.startAttempt(this.draft());
      },
    });
  }

  /** @param elapsed - when the outcome came, if the clock was read already: that is a good part of an event's cost */
  #resolveFinal(outcome: Outcome, reason?: FailureReason, elapsed?: number): void {
    const last = this.#delegate.resolveFinal ? this.#delegate.resolveFinal(outcome, reason) : outcome;
    // A selector can end the run.
    if (!last || this.#ended) return;
    const emit = (): void => {
      this.#emit(valueOf(last), elapsed);
    };
    if (reason !== undefined || last.kind === 'error') this.#giveUp(reason ?? 'permanent', last);
    // A value that is read from the response of a final failure: an outer run must not retry it.
    else if (this.#delegate.finalFailure) emitGivenUp(last, this.#runNumber, emit);
    else emit();
  }

  #resetAttempts(): void {
    if (!this.#strategy.resetOnSuccess) return;
    this.#attemptNumber = 1;
    this.#retryCount = this.#previousBackoff = 0;
  }

  #emit(value: unknown, elapsed?: number): void {
    this.#hasEmitted = true;
    this.#resetAttempts();
    if (this.#hasListeners) {
      this.emitEvent({ type: 'value', attempt: this.#attempt as A, value, elapsed: elapsed ?? this.elapsed });
    }
    if (!this.#emitsEvents) this.#output.next(value);
  }

  // ——— The run ends.

  /**
   * Unsubscribes from the source or the timer, then continues unless the run has ended. A teardown that throws is
   * reported.
   */
  #unsubscribeCurrent(next?: () => void): void {
    runAndReportErrors(() => this.#current?.unsubscribe());
    if (this.#isSubscribing) this.#deferred = next;
    else if (!this.#ended) next?.();
  }

  #stopAttempt(next: () => void): void {
    this.#queue?.cancel();
    this.#unsubscribeCurrent(next);
  }

  #finishRun(): void {
    this.#settle(this.#delegate.finalFailure ?? 'success');
    this.#output.complete();
  }

  #failOnStrategyError(error: unknown): void {
    this.#giveUp('permanent', {
      attempt: this.#attempt as A,
      kind: 'error',
      error: withCause(error, this.#lastOutcome),
    });
  }

  /** Ends the run at once, even while it subscribes to the source: deferred work is dropped. */
  terminate(error: unknown, reason: FailureReason): void {
    if (this.#ended) return;
    const attempt = this.#attempt;
    if (attempt) {
      this.#emitFinal(reason, { attempt, kind: 'error', error });
    } else {
      this.#ended = true;
      this.#output.error(error);
    }
  }

  #giveUp(reason: FailureReason, outcome: Outcome): void {
    this.#stopAttempt(() => {
      this.#emitFinal(reason, outcome);
    });
  }

  #emitFinal(reason: FailureReason, outcome: Outcome): void {
    this.#settle({ reason, outcome });
    emitGivenUp(outcome, this.#runNumber, () => {
      if (outcome.kind === 'error') {
        this.#output.error(outcome.error);
        return;
      }
      if (!this.#emitsEvents) this.#output.next(valueOf(outcome));
      this.#output.complete();
    });
  }

  /** Called when the consumer unsubscribes, and by RxJS after the end. */
  unsubscribe(): void {
    if (!this.#ended && this.#attempt) {
      this.#settle(this.#hasEmitted ? (this.#delegate.finalFailure ?? 'success') : 'cancel');
    }
    this.#ended = true;
    this.gates?.leave();
    this.#delegate.onRunEnd?.();
  }

  /** Stops source, queue and timer, releases the connection, and emits the event that settles the last attempt. */
  #settle(end: 'success' | 'cancel' | FinalFailure): void {
    this.#ended = true;
    this.#queue?.cancel();
    this.#unsubscribeCurrent();
    this.#delegate.releaseConnection?.(
      end === 'cancel' || (end !== 'success' && end.outcome.kind === 'error') ? 'abort' : 'keep',
    );
    if (!this.#hasListeners) return;
    const { elapsed, total } = this;
    const event = { type: end, attempt: this.#attempt as A, elapsed, total };
    this.emitEvent(
      typeof end === 'string'
        ? (event as AttemptEvent<unknown, A>)
        : {
            ...event,
            type: 'failure',
            ...end,
            ...(end.reason === 'rejected' && { gate: this.gates?.refusedBy as string }),
          },
    );
    this.gates?.leave();
  }

  // ——— Events.

  /** Gates hear all events, too. */
  get #hasListeners(): boolean {
    return this.gates !== undefined || this.#emitsEvents || this.#delegate.eventSink?.hasListeners === true;
  }

  get elapsed(): number {
    return now() - this.#attemptStart;
  }

  get total(): number {
    const time = justNow();
    return time - (this.#runStart ?? time);
  }

  emitEvent(event: AttemptEvent<unknown, A>): void {
    const wasEnded = this.#ended;
    this.gates?.tell(event);
    // What a gate does can end the run. Then listeners have got the event that settles the attempt: none follows it.
    if (this.#ended === wasEnded) this.#notifyListeners(event);
  }

  #notifyListeners(event: AttemptEvent<unknown, A>): void {
    const consumer = this.#emitsEvents ? this.#output : undefined;
    const { eventSink } = this.#delegate;
    if (eventSink) eventSink.next(event, consumer);
    else consumer?.next(event);
  }
}
