import { type Observable, type Observer, Subscriber, type Subscription, type Unsubscribable } from 'rxjs';

import { isResponse, responseOf } from '../http/http-like.js';
import { now, wallClock } from '../util/clock.js';
import { longTimer } from '../util/long-timer.js';
import { checkNumber } from '../util/option-rule.js';
import { runAndReportErrors } from '../util/report-errors.js';
import type { Attempt, AttemptEvent, FailureReason } from './attempt.js';
import { decideRetry } from './decide-retry.js';
import { type RetryOverride, type DecisionHandler, DecisionQueue } from './decision-queue.js';
import { emitGivenUp, isGivenUpByNestedRun, markIfNested } from './nested-runs.js';
import type { Outcome } from './outcome.js';
import { nextRunNumber, requestIdOf, countRuns } from './request-id.js';
import type { RetryDelegate, Terminable, FinalFailure } from './retry-delegate.js';
import { serverDelay, exceedsMaxRetryAfter, combineDelays } from './server-delay.js';
import { type ResolvedStrategy } from './strategy.js';

/** Gives an error of the strategy's own making the attempt's error as its cause, unless it has one. */
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
 * One subscription's way through its attempts.
 *
 *     attempt ──► done
 *      ▲   │
 *      │   ├────► given up
 *      │   ▼
 *      wait
 *
 * What the source gives becomes outcomes, and these are judged in order. There is an attempt or a wait, never both; whatever ends an
 * attempt for good goes through `#settle`. A class, and no closures: of many requests that wait, each holds one object.
 */
export class RetryRun<A extends Attempt> implements Observer<unknown>, DecisionHandler, Terminable, Unsubscribable {
  readonly #source: Observable<unknown>;
  readonly #strategy: ResolvedStrategy;
  readonly #maxAttempts: number;
  readonly #delegate: RetryDelegate<A>;
  readonly #output: Subscriber<unknown>;
  readonly #emitsEvents: boolean;
  readonly #runNumber = nextRunNumber();
  readonly #requestId = requestIdOf(this.#runNumber);
  /** How many runs had begun when the attempt did: later ones are within it. */
  #runsBeforeAttempt = 0;
  #attemptNumber = 0;
  /** When the attempt began, on the clock for durations. */
  #attemptStart = 0;
  #retryCount = 0;
  #previousDelay = 0;
  #attempt: A | undefined;
  /** The attempt's source, or the wait. */
  #current: Subscription | undefined;
  /** Where there is a `shouldRetry`, what has it decide about the attempt's outcomes. */
  #queue: DecisionQueue | undefined;
  #lastOutcome: Outcome | undefined;
  #hasEmitted = false;
  #ended = false;
  /** While the source is being subscribed to, its teardown is not known yet: the one thing that must come after that is kept until it is. */
  #isSubscribing = false;
  #deferred: (() => void) | undefined;

  /**
   * @param maxAttempts - how many attempts there may be
   * @param emitsEvents - whether events are emitted in the values' place
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
  }

  start(): void {
    // Where the consumer has left already, this ends the run.
    this.#output.add(this);
    if (!this.#ended) this.#delegate.onRunStart?.(this);
    if (!this.#ended) this.#startAttempt();
  }

  // ——— An attempt begins.

  #startAttempt(): void {
    this.#attemptNumber += 1;
    const startedAt = wallClock();
    this.#attemptStart = now(startedAt);
    const known = { number: this.#attemptNumber, of: this.#maxAttempts, requestId: this.#requestId, startedAt };
    const attempt = (this.#attempt = this.#delegate.createAttempt?.(known) ?? (known as Attempt as A));
    if (this.#hasListeners) this.#emitEvent({ type: 'start', attempt });
    // A listener may have ended the run just now.
    if (this.#ended) return;
    const { shouldRetry } = this.#strategy;
    if (shouldRetry) this.#queue = new DecisionQueue(shouldRetry, this);
    this.#runsBeforeAttempt = countRuns();
    // No observer, since that could not be unsubscribed while a synchronous source still runs.
    // eslint-disable-next-line @typescript-eslint/no-deprecated
    const stage = new Subscriber<unknown>(this);
    this.#current = stage;
    this.#isSubscribing = true;
    runAndReportErrors(() => this.#source.subscribe(stage));
    this.#isSubscribing = false;
    this.#runDeferred();
  }

  #runDeferred(): void {
    const next = this.#deferred;
    this.#deferred = undefined;
    if (!this.#ended) next?.();
  }

  // ——— What the source gives becomes outcomes.

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
      // Looking at a value may run code of its own.
      this.#failOnStrategyError(error);
    }
  }

  error(error: unknown): void {
    const attempt = this.#attempt as A;
    try {
      const response = responseOf(error);
      const failure = markIfNested(
        this.#delegate.toErrorOutcome?.(error) ?? {
          attempt,
          kind: 'error',
          error,
          ...(isResponse(response) && { response }),
        },
      );
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

  whenDecided(callback: () => void): void {
    if (this.#queue) this.#queue.whenIdle(callback);
    else callback();
  }

  bypasses(outcome: Outcome): boolean {
    return this.#delegate.bypassesShouldRetry?.(outcome) ?? false;
  }

  handle(outcome: Outcome | undefined, answer?: RetryOverride): void {
    if (outcome) this.#decide(outcome, answer);
    else this.#finishRun();
  }

  handleDecisionError(error: unknown, outcome: Outcome): Subscription | undefined {
    const fail = (): void => {
      this.#lastOutcome = outcome;
      this.#failOnStrategyError(error);
    };
    // A body that breaks off while shouldRetry reads it is a lost connection, and no fault of shouldRetry's.
    const bodyFailure$ = this.#delegate.findBodyFailure?.(outcome);
    if (!bodyFailure$) fail();
    return bodyFailure$?.subscribe({
      next: (failure) => {
        if (!failure) fail();
        else {
          this.#unsubscribeCurrent(() => {
            this.#decide(failure);
          });
        }
      },
      error: fail,
    });
  }

  // ——— An outcome is judged.

  #decide(outcome: Outcome, answer?: RetryOverride): void {
    this.#lastOutcome = outcome;
    try {
      const decision =
        answer === undefined && isGivenUpByNestedRun(outcome, this.#runsBeforeAttempt)
          ? 'permanent'
          : (this.#delegate.decide?.(this.#strategy, outcome, answer) ?? decideRetry(this.#strategy, outcome, answer));
      if (decision === 'retry') this.#scheduleRetry(outcome);
      else this.#resolveFinal(outcome, decision === 'accept' ? undefined : decision);
    } catch (error) {
      this.#failOnStrategyError(error);
    }
  }

  #scheduleRetry(outcome: Outcome): void {
    if (this.#delegate.madeProgress?.()) this.#resetAttempts();
    const next = this.#attemptNumber < this.#maxAttempts ? this.#computeDelay(outcome) : 'attempts';
    // A backoff may have ended the run itself.
    if (this.#ended) return;
    if (typeof next === 'string') {
      this.#resolveFinal(outcome, next);
      return;
    }
    this.#stopAttempt(() => {
      this.#beginWait(next, outcome);
    });
  }

  #computeDelay(outcome: Outcome): number | FailureReason {
    const strategy = this.#strategy;
    const retryAfter = serverDelay(strategy, outcome);
    this.#retryCount += 1;
    const backoff = (): number => {
      const context = { retry: this.#retryCount, previousDelay: this.#previousDelay, random: strategy.random, outcome };
      return (this.#previousDelay = checkNumber('what strategy.backoff returns', strategy.backoff(context), 0));
    };
    if (this.#delegate.nextDelay) return this.#delegate.nextDelay(strategy, this.#hasEmitted, retryAfter, backoff);
    return retryAfter !== undefined && exceedsMaxRetryAfter(strategy, retryAfter)
      ? 'retry-after'
      : combineDelays(strategy, backoff(), retryAfter ?? 0);
  }

  #beginWait(delay: number, outcome: Outcome): void {
    this.#hasEmitted = false;
    this.#lastOutcome = undefined;
    this.#delegate.releaseConnection?.('drain');
    // A transport that hears of a cut may have ended the run; so may a listener, next.
    if (!this.#ended && this.#hasListeners) {
      this.#emitEvent({ type: 'retry', attempt: this.#attempt as A, outcome, elapsed: this.#elapsed, delay });
    }
    if (!this.#ended) this.#current = this.#startTimer(delay);
  }

  /** A method of its own, so that what waits holds no more than the run. */
  #startTimer(delay: number): Subscription {
    // eslint-disable-next-line rxjs-x/no-ignored-error -- a timer cannot fail
    return longTimer(delay).subscribe({
      next: () => {
        this.#startAttempt();
      },
    });
  }

  #resolveFinal(outcome: Outcome, reason?: FailureReason): void {
    const last = this.#delegate.resolveFinal ? this.#delegate.resolveFinal(outcome, reason) : outcome;
    // The host may have ended the run itself.
    if (!last || this.#ended) return;
    const emit = (): void => {
      this.#emit(valueOf(last));
    };
    if (reason ?? last.kind === 'error') this.#giveUp(reason ?? 'permanent', last);
    else if (this.#delegate.finalFailure) emitGivenUp(last, this.#runNumber, emit);
    else emit();
  }

  #resetAttempts(): void {
    if (!this.#strategy.resetOnSuccess) return;
    this.#attemptNumber = 1;
    this.#retryCount = this.#previousDelay = 0;
  }

  #emit(value: unknown): void {
    this.#hasEmitted = true;
    this.#resetAttempts();
    if (this.#hasListeners)
      this.#emitEvent({ type: 'value', attempt: this.#attempt as A, value, elapsed: this.#elapsed });
    if (!this.#emitsEvents) this.#output.next(value);
  }

  // ——— It ends.

  /** Lets go of the source, or the wait; then goes on, unless the run has ended. A teardown that throws must not keep it from that. */
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

  /** Ends the run at once, also in the middle of subscribing to the source: nothing that waits for that is to come after. */
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

  /** The consumer has unsubscribed, or been told the end. */
  unsubscribe(): void {
    if (!this.#ended && this.#attempt)
      this.#settle(this.#hasEmitted ? (this.#delegate.finalFailure ?? 'success') : 'cancel');
    this.#ended = true;
    this.#delegate.onRunEnd?.();
  }

  /** Stops everything, and tells how the last attempt ended. */
  #settle(last: 'success' | 'cancel' | FinalFailure): void {
    this.#ended = true;
    this.#queue?.cancel();
    this.#unsubscribeCurrent();
    this.#delegate.releaseConnection?.(
      last === 'cancel' || (last !== 'success' && last.outcome.kind === 'error') ? 'abort' : 'use',
    );
    if (!this.#hasListeners) return;
    const told = { attempt: this.#attempt as A, elapsed: this.#elapsed };
    this.#emitEvent(typeof last === 'string' ? { type: last, ...told } : { type: 'failure', ...told, ...last });
  }

  // ——— What is told.

  get #hasListeners(): boolean {
    return this.#emitsEvents || this.#delegate.eventSink?.hasListeners === true;
  }

  get #elapsed(): number {
    return now() - this.#attemptStart;
  }

  #emitEvent(event: AttemptEvent<unknown, A>): void {
    const consumer = this.#emitsEvents ? this.#output : undefined;
    const { eventSink: events } = this.#delegate;
    if (events) events.next(event, consumer);
    else consumer?.next(event);
  }
}
