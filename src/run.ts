import { asyncScheduler, from, Observable, type ObservableInput, Subscription, type Subscriber, take } from 'rxjs';

import type { Attempt, AttemptEvent, FailureReason, Outcome } from './attempt.js';
import { checkNumber, wrongType } from './check.js';
import type { Host, Interruptible, Release } from './host.js';
import { httpOf, isResponse } from './http-like.js';
import { OriginHolds } from './origin-holds.js';
import { nextRequestId } from './request-id.js';
import { retryAfter } from './retry-after.js';
import { Stage, type StageObserver } from './stage.js';
import type { Policy } from './strategy.js';
import { wait } from './wait.js';

type ErrorOutcome = Outcome & { readonly kind: 'error' };

/** Gives an error of the strategy's own making the attempt's error as its cause, unless it has one. */
function withCause(error: unknown, outcome: Outcome): unknown {
  if (outcome.kind === 'error' && error instanceof Error && error.cause === undefined && error !== outcome.error && Object.isExtensible(error)) {
    Object.defineProperty(error, 'cause', { value: outcome.error, configurable: true, writable: true });
  }
  return error;
}

function checkAnswer(answer: unknown): boolean | undefined {
  if (answer === undefined || answer === null) return undefined;
  if (typeof answer !== 'boolean') throw wrongType('what strategy.shouldRetry returns', answer, 'true, false, undefined, or an ObservableInput of these');
  return answer;
}

/**
 * One subscription's way through its attempts.
 *
 *     attempt ──► judged ──► accepted ──► emitted … completed
 *        ▲          │
 *        └── wait ◄─┴─► given up
 *
 * At any time it is in one of three phases, and every way out of a phase goes through `settle` or `end`, so each attempt is settled once.
 */
export class Run<A extends Attempt> implements StageObserver, Interruptible {
  private readonly requestId = nextRequestId();
  private phase: 'idle' | 'attempt' | 'wait' | 'ended' = 'idle';
  private attempt: A | undefined;
  private number = 0;
  private retry = 0;
  private previousDelay = 0;
  private emitted = false;
  private holds: OriginHolds | undefined;
  /** Where notifications come from: the source, and the selector's stream while it reads a response. */
  private source: Stage | undefined;
  private selected: Stage | undefined;
  /** The response that is being selected from. */
  private response: Response | undefined;
  /** Whether that response itself was emitted, so that its body is the consumer's. */
  private handedOver = false;
  /** Set once it is clear that the attempt is the last, while the selector still reads its response. */
  private lost: { readonly reason: FailureReason; readonly outcome: Outcome } | undefined;
  /** What goes on besides the stages: an asynchronous `shouldRetry`, or the wait. */
  private pending: Subscription | undefined;

  constructor(
    private readonly attempts: Observable<unknown>,
    private readonly policy: Policy,
    private readonly of: number,
    private readonly host: Host<A>,
    private readonly output: Subscriber<unknown>,
    private readonly asEvents: boolean,
  ) {}

  start(): void {
    this.output.add(() => {
      this.leave();
    });
    if (this.output.closed) return;
    this.host.open(this);
    if (this.phase === 'idle') this.begin();
  }

  // ——— an attempt begins, and its notifications are judged in order

  private begin(): void {
    this.number += 1;
    const attempt = this.host.describe({ number: this.number, of: this.of, requestId: this.requestId, startedAt: asyncScheduler.now() });
    this.attempt = attempt;
    this.emitted = false;
    this.handedOver = false;
    this.phase = 'attempt';
    if (this.heard) this.tell({ type: 'start', attempt });
    // A listener may have ended the run just now.
    if (this.phase !== 'attempt') return;
    const stage = new Stage(this);
    this.source = stage;
    this.attempts.subscribe(stage);
  }

  onValue(stage: Stage, value: unknown): void {
    const attempt = this.current;
    if (stage === this.selected) this.judge(stage, this.responseAnd({ attempt, kind: 'value', value }));
    else if (this.host.answersHttp || isResponse(value)) this.judge(stage, { attempt, kind: 'response', response: value as Response });
    else this.judge(stage, { attempt, kind: 'value', value });
  }

  onError(stage: Stage, error: unknown): void {
    const blamed = stage === this.selected ? this.host.blame(error) : error;
    this.judge(stage, this.responseAnd({ attempt: this.current, kind: 'error', error: blamed }));
  }

  onComplete(stage: Stage): void {
    if (stage === this.selected) {
      this.selected = undefined;
      if (!this.lost) {
        this.response = undefined;
        this.source?.unpause();
        this.source?.flush();
        return;
      }
    }
    this.settle('success', this.host.select && !this.handedOver ? 'abort' : 'keep');
    this.output.complete();
  }

  private responseAnd(outcome: Outcome & { kind: 'value' | 'error' }): Outcome {
    return this.response && this.selected ? { ...outcome, response: this.response } : outcome;
  }

  private judge(stage: Stage, outcome: Outcome): void {
    if (this.lost) {
      if (outcome.kind === 'error') this.giveUp(this.lost.reason, outcome);
      else this.accept(stage, outcome);
      return;
    }
    const { shouldRetry } = this.policy;
    if (!shouldRetry) {
      this.decide(stage, outcome, undefined);
      return;
    }
    try {
      const answer = shouldRetry(outcome);
      if (typeof answer === 'object' || typeof answer === 'function') this.await(stage, outcome, from(answer ?? [undefined]));
      else this.decide(stage, outcome, answer);
    } catch (error) {
      this.crash(error, outcome);
    }
  }

  /** Holds the stage back until `shouldRetry` has answered. */
  private await(stage: Stage, outcome: Outcome, answers: Observable<boolean | undefined>): void {
    let answer: boolean | undefined;
    stage.pause();
    const pending = new Subscription();
    this.pending = pending;
    pending.add(
      answers.pipe(take(1)).subscribe({
        next: (first) => (answer = first),
        error: (error: unknown) => {
          this.crash(error, outcome);
        },
        complete: () => {
          this.pending = undefined;
          stage.unpause();
          this.decide(stage, outcome, answer);
          stage.flush();
        },
      }),
    );
  }

  private decide(stage: Stage, outcome: Outcome, answer: unknown): void {
    // The strategy's own function may have ended the run just now.
    if (this.phase !== 'attempt') return;
    let asked: boolean | undefined;
    try {
      asked = checkAnswer(answer);
    } catch (error) {
      this.crash(error, outcome);
      return;
    }
    const verdict = this.host.judge(this.policy, outcome, asked);
    if (verdict === 'accept') this.accept(stage, outcome);
    else if (verdict === 'retry') this.again(outcome);
    else this.giveUp(verdict, outcome);
  }

  private accept(stage: Stage, outcome: Outcome): void {
    if (outcome.kind === 'response') {
      const error = this.host.statusError(outcome.response);
      if (error) this.fail('permanent', error, outcome.response);
      else if (this.host.select) this.select(stage, outcome.response);
      else this.emit(outcome.response);
    } else if (outcome.kind === 'value') {
      this.emit(outcome.value);
    }
  }

  private emit(value: unknown): void {
    this.emitted = true;
    if (value === this.response) this.handedOver = true;
    if (this.policy.resetOnSuccess) {
      this.number = 1;
      this.retry = 0;
      this.previousDelay = 0;
    }
    if (this.heard) this.tell({ type: 'value', attempt: this.current, value, elapsed: this.elapsed });
    if (!this.asEvents) this.output.next(value);
  }

  /** Reads a response; the source is held back meanwhile. */
  private select(source: Stage | undefined, response: Response): void {
    source?.pause();
    this.response = this.host.view(response);
    const stage = new Stage(this);
    this.selected = stage;
    let values: Observable<unknown>;
    try {
      values = from((this.host.select as (response: Response) => ObservableInput<unknown>)(this.response));
    } catch (error) {
      stage.error(error);
      return;
    }
    if (!stage.closed) values.subscribe(stage);
  }

  // ——— an attempt failed: the next one, or the end

  private again(outcome: Outcome): void {
    const reason = this.number >= this.of ? 'attempts' : this.host.obstacle(this.emitted);
    if (reason) {
      this.giveUp(reason, outcome);
      return;
    }
    let delay: number | FailureReason;
    try {
      delay = this.plan(outcome);
    } catch (error) {
      this.crash(error, outcome);
      return;
    }
    if (this.phase !== 'attempt') return;
    if (typeof delay === 'string') {
      this.giveUp(delay, outcome);
      return;
    }
    this.stop();
    this.rest(delay, this.host.release('drain'), outcome);
  }

  /** How long to wait before the next attempt, or why there is none. */
  private plan(outcome: Outcome): number | FailureReason {
    const { host, policy } = this;
    const now = asyncScheduler.now();
    const asked = policy.maxRetryAfter > 0 ? this.retryAfter(outcome, now) : undefined;
    if (asked !== undefined) (this.holds ??= new OriginHolds()).hold(host.origin, asked, now);
    let delay: number;
    if (this.holds) {
      const { holds } = this;
      const tooLong = (origin: string): boolean => holds.rest(origin, now) > Math.min(policy.maxRetryAfter, Number.MAX_VALUE);
      if (!host.turn(tooLong)) return 'retry-after';
      const next = host.nextOrigin;
      delay = asked !== undefined && next === host.origin ? asked : Math.max(this.backoff(outcome), holds.rest(next, now));
    } else {
      delay = this.backoff(outcome);
    }
    return now + delay >= host.deadline ? 'deadline' : delay;
  }

  private retryAfter(outcome: Outcome, now: number): number | undefined {
    const headers = (httpOf(outcome) ?? outcome.response)?.headers;
    return headers && retryAfter((name) => headers.get(name), now);
  }

  private backoff(outcome: Outcome): number {
    this.retry += 1;
    const own = this.host.delay();
    if (own !== undefined) return checkNumber("what the selector's delay returns", own, 0);
    const { backoff, random } = this.policy;
    const delay = backoff({ retry: this.retry, previousDelay: this.previousDelay, random, outcome });
    return (this.previousDelay = checkNumber('what strategy.backoff returns', delay, 0));
  }

  private rest(delay: number, beside: Subscription | undefined, outcome: Outcome): void {
    const pending = new Subscription();
    pending.add(beside);
    this.pending = pending;
    this.phase = 'wait';
    if (this.heard) this.tell({ type: 'retry', attempt: this.current, outcome, elapsed: this.elapsed, delay });
    // A listener may have ended the run just now.
    if (this.phase === 'wait') pending.add(this.wake(delay));
  }

  private wake(delay: number): Subscription {
    return wait(delay).subscribe(() => {
      this.pending?.unsubscribe();
      this.begin();
    });
  }

  private giveUp(reason: FailureReason, outcome: Outcome): void {
    if (outcome.kind === 'error') {
      this.end(reason, outcome, 'abort');
      return;
    }
    if (outcome.kind === 'response') {
      const error = this.host.statusError(outcome.response);
      if (error) {
        this.fail(reason, error, outcome.response);
        return;
      }
      if (this.host.select) {
        this.lost = { reason, outcome };
        this.select(this.source, outcome.response);
        return;
      }
    }
    const value = outcome.kind === 'response' ? outcome.response : outcome.value;
    this.settle('failure', outcome.kind === 'response' || !this.host.select ? 'keep' : 'abort', reason, outcome);
    if (!this.asEvents) this.output.next(value);
    this.output.complete();
  }

  /** The strategy's own fault, or a wrong value from it. */
  private crash(error: unknown, outcome: Outcome): void {
    this.fail('permanent', withCause(error, outcome));
  }

  /** Ends the run with an error, from within or from outside. */
  fail(reason: FailureReason, error: unknown, response?: Response): void {
    if (this.phase === 'idle') {
      this.phase = 'ended';
      this.output.error(error);
      return;
    }
    const outcome = { attempt: this.current, kind: 'error', error } as const;
    this.end(reason, response ? { ...outcome, response } : outcome, response ? 'keep' : 'abort');
  }

  private end(reason: FailureReason, outcome: ErrorOutcome, how: Release): void {
    if (this.phase === 'ended') return;
    this.settle('failure', how, reason, outcome);
    this.output.error(outcome.error);
  }

  // ——— the run ends

  /** The consumer unsubscribed, or was told the end already. */
  private leave(): void {
    if (this.phase === 'attempt' && this.emitted) {
      this.settle('success', this.host.select && !this.handedOver ? 'abort' : 'keep');
    } else if (this.phase === 'attempt' || this.phase === 'wait') {
      this.settle('cancel', 'abort');
    } else if (this.phase === 'idle') {
      this.phase = 'ended';
    }
    this.host.close();
  }

  /** Stops everything, and tells how the last attempt ended. */
  private settle(type: 'success' | 'cancel', how: Release): void;
  private settle(type: 'failure', how: Release, reason: FailureReason, outcome: Outcome): void;
  private settle(type: 'success' | 'cancel' | 'failure', how: Release, reason?: FailureReason, outcome?: Outcome): void {
    this.phase = 'ended';
    this.stop();
    this.host.release(how)?.unsubscribe();
    if (!this.heard) return;
    const { current: attempt, elapsed, lost } = this;
    if (reason && outcome) this.tell({ type: 'failure', attempt, outcome, elapsed, reason });
    else if (type === 'success' && lost) this.tell({ type: 'failure', attempt, elapsed, ...lost });
    else if (type !== 'failure') this.tell({ type, attempt, elapsed });
  }

  /** Unsubscribes whatever the attempt, or the wait, has under way. */
  private stop(): void {
    this.pending?.unsubscribe();
    this.selected?.unsubscribe();
    this.source?.unsubscribe();
    this.pending = this.selected = this.source = this.response = undefined;
  }

  private get current(): A {
    return this.attempt as A;
  }

  private get elapsed(): number {
    return asyncScheduler.now() - this.current.startedAt;
  }

  private get heard(): boolean {
    return this.asEvents || this.host.listening;
  }

  private tell(event: AttemptEvent<unknown, A>): void {
    if (this.host.listening) this.host.tell(event);
    if (this.asEvents) this.output.next(event);
  }
}
