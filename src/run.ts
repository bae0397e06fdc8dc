import { asyncScheduler, from, type Observable, type Subscriber, Subscription } from 'rxjs';

import { type Answer, ask } from './ask.js';
import type { Attempt, AttemptEvent, FailureReason, Outcome } from './attempt.js';
import type { Host, Interruptible, Release } from './host.js';
import { isResponse } from './http-like.js';
import { Pacing } from './pacing.js';
import { nextRequestId } from './request-id.js';
import { Stage, type StageObserver } from './stage.js';
import type { Policy } from './strategy.js';
import { after } from './wait.js';

/** Gives an error of the strategy's own making the attempt's error as its cause, unless it has one. */
function withCause(error: unknown, outcome: Outcome): unknown {
  if (outcome.kind === 'error' && error instanceof Error && error.cause === undefined && error !== outcome.error && Object.isExtensible(error)) {
    Object.defineProperty(error, 'cause', { value: outcome.error, configurable: true, writable: true });
  }
  return error;
}

/**
 * One subscription's way through its attempts.
 *
 *     attempt ──► judged ──► accepted ──► emitted … completed
 *        ▲          │
 *        └── wait ◄─┴─► given up
 *
 * It is in one phase at a time, and each attempt leaves its phase once: through `#rest` into the wait, or through `#settle` into the end.
 */
export class Run<A extends Attempt> implements StageObserver, Interruptible {
  readonly #source: Observable<unknown>;
  readonly #policy: Policy;
  readonly #host: Host<A>;
  readonly #output: Subscriber<unknown>;
  readonly #asEvents: boolean;
  readonly #of: number;
  readonly #requestId = nextRequestId();
  #phase: 'idle' | 'attempt' | 'wait' | 'ended' = 'idle';
  #number = 0;
  #attempt: A | undefined;
  #pacing: Pacing | undefined;
  /** Whether the attempt has emitted, and whether what it emitted was the response that its selector got. */
  #emitted = false;
  #handedOver = false;
  /** Where notifications come from: the source, and the selector's stream while it reads a response. */
  #stage: Stage | undefined;
  #selected: Stage | undefined;
  #response: Response | undefined;
  /** Set where the attempt is known to be the last, while the selector still reads its response. */
  #lost: { readonly reason: FailureReason; readonly outcome: Outcome } | undefined;
  /** What goes on besides: an asynchronous `shouldRetry`, or the wait. */
  #pending: Subscription | undefined;
  /** While the source is being subscribed to, its teardown is not known yet: what must come after that is kept until it is. */
  #subscribing = false;
  #afterwards: (() => void) | undefined;

  constructor(source: Observable<unknown>, policy: Policy, of: number, host: Host<A>, output: Subscriber<unknown>, asEvents: boolean) {
    this.#source = source;
    this.#policy = policy;
    this.#of = of;
    this.#host = host;
    this.#output = output;
    this.#asEvents = asEvents;
  }

  start(): void {
    this.#output.add(() => {
      this.#leave();
    });
    this.#host.open(this);
    if (this.#phase === 'idle') this.#begin();
  }

  // ——— An attempt begins, and what it gives is judged in order.

  #begin(): void {
    this.#number += 1;
    const attempt = this.#host.describe({ number: this.#number, of: this.#of, requestId: this.#requestId, startedAt: asyncScheduler.now() });
    this.#attempt = attempt;
    this.#emitted = this.#handedOver = false;
    this.#phase = 'attempt';
    if (this.#heard) this.#tell({ type: 'start', attempt });
    // A listener may have ended the run just now.
    if (this.#attempt !== attempt || !this.#running) return;
    this.#stage = new Stage(this);
    this.#subscribing = true;
    this.#stage.observe(this.#source);
    this.#subscribing = false;
    this.#afterwards?.();
  }

  onValue(stage: Stage, value: unknown): void {
    const attempt = this.#current;
    if (stage === this.#selected) this.#judge(stage, this.#withResponse({ attempt, kind: 'value', value }));
    else if (this.#host.answersHttp || isResponse(value)) this.#judge(stage, { attempt, kind: 'response', response: value as Response });
    else this.#judge(stage, { attempt, kind: 'value', value });
  }

  onError(stage: Stage, error: unknown): void {
    const attempt = this.#current;
    if (stage === this.#selected) {
      this.#judge(stage, this.#withResponse({ attempt, kind: 'error', error: this.#host.blame(error) }));
    } else {
      const response = (error as { readonly response?: unknown } | null | undefined)?.response;
      this.#judge(stage, { attempt, kind: 'error', error, ...(isResponse(response) && { response }) });
    }
  }

  onComplete(stage: Stage): void {
    if (stage === this.#selected && !this.#lost) {
      this.#selected = this.#response = undefined;
      this.#stage?.unpause();
      this.#stage?.flush();
      return;
    }
    this.#settle('success', this.#bodyAfterUse);
    this.#output.complete();
  }

  #withResponse(outcome: Outcome & { kind: 'value' | 'error' }): Outcome {
    return this.#response ? { ...outcome, response: this.#response } : outcome;
  }

  #judge(stage: Stage, outcome: Outcome): void {
    const { shouldRetry } = this.#policy;
    if (this.#lost) {
      if (outcome.kind === 'error') this.#giveUp(this.#lost.reason, outcome);
      else this.#accept(stage, outcome);
    } else if (shouldRetry) {
      this.#ask(shouldRetry, stage, outcome);
    } else {
      this.#decide(stage, outcome, undefined);
    }
  }

  /** Holds the stage back until `shouldRetry` has answered. */
  #ask(shouldRetry: NonNullable<Policy['shouldRetry']>, stage: Stage, outcome: Outcome): void {
    stage.pause();
    const pending = ask(
      shouldRetry,
      outcome,
      (answer) => {
        stage.unpause();
        // It may have ended the run itself.
        if (!this.#running) return;
        this.#decide(stage, outcome, answer);
        stage.flush();
      },
      (error) => {
        if (this.#running) this.#crash(error, outcome);
      },
    );
    if (!pending || pending.closed) return;
    if (this.#running) this.#pending = pending;
    else pending.unsubscribe();
  }

  #decide(stage: Stage, outcome: Outcome, answer: Answer): void {
    const verdict = this.#host.judge(this.#policy, outcome, answer);
    if (verdict === 'accept') this.#accept(stage, outcome);
    else if (verdict === 'retry') this.#again(outcome);
    else this.#giveUp(verdict, outcome);
  }

  #accept(stage: Stage, outcome: Outcome): void {
    if (outcome.kind === 'value') {
      this.#emit(outcome.value);
    } else if (outcome.kind === 'response') {
      const error = this.#host.statusError(outcome.response);
      if (error) this.fail('permanent', error, outcome.response);
      else if (this.#host.select) this.#select(stage, outcome.response);
      else this.#emit(outcome.response);
    }
  }

  #emit(value: unknown): void {
    this.#emitted = true;
    if (value === this.#response) this.#handedOver = true;
    if (this.#policy.resetOnSuccess) {
      this.#number = 1;
      this.#pacing?.reset();
    }
    if (this.#heard) this.#tell({ type: 'value', attempt: this.#current, value, elapsed: this.#elapsed });
    if (!this.#asEvents) this.#output.next(value);
  }

  /** Reads a response within the attempt; the source is held back meanwhile. */
  #select(source: Stage | undefined, response: Response): void {
    source?.pause();
    const stage = new Stage(this);
    this.#response = this.#host.view(response);
    this.#selected = stage;
    let values: Observable<unknown>;
    try {
      values = from((this.#host.select as NonNullable<Host<A>['select']>)(this.#response));
    } catch (error) {
      stage.error(error);
      return;
    }
    stage.observe(values);
  }

  // ——— An attempt failed: the next one, or the end.

  #again(outcome: Outcome): void {
    let next: number | FailureReason | undefined;
    try {
      next = this.#number >= this.#of ? 'attempts' : this.#host.obstacle(this.#emitted);
      next ??= (this.#pacing ??= new Pacing()).next(this.#policy, this.#host, outcome);
    } catch (error) {
      this.#crash(error, outcome);
      return;
    }
    // A backoff may have ended the run itself.
    if (!this.#running) return;
    if (typeof next === 'string') this.#giveUp(next, outcome);
    else this.#rest(next, outcome);
  }

  #rest(delay: number, outcome: Outcome): void {
    this.#afterTeardown(() => {
      this.#phase = 'wait';
      const pending = new Subscription();
      this.#pending = pending;
      pending.add(this.#host.release('drain'));
      if (this.#heard) this.#tell({ type: 'retry', attempt: this.#current, outcome, elapsed: this.#elapsed, delay });
      // A listener may have ended the run just now.
      if (!pending.closed) pending.add(this.#wake(delay));
    });
  }

  #wake(delay: number): Subscription {
    return after(delay, () => {
      this.#stop();
      this.#begin();
    });
  }

  #giveUp(reason: FailureReason, outcome: Outcome): void {
    if (outcome.kind === 'error') {
      this.#end(reason, outcome, 'abort');
      return;
    }
    if (outcome.kind === 'response') {
      const error = this.#host.statusError(outcome.response);
      if (error) {
        this.fail(reason, error, outcome.response);
        return;
      }
      if (this.#host.select) {
        this.#lost = { reason, outcome };
        this.#select(this.#stage, outcome.response);
        return;
      }
    }
    this.#afterTeardown(() => {
      this.#settle('failure', this.#host.select ? 'abort' : 'keep', reason, outcome);
      if (!this.#asEvents) this.#output.next(outcome.kind === 'response' ? outcome.response : outcome.value);
      this.#output.complete();
    });
  }

  /** The strategy's own fault. */
  #crash(error: unknown, outcome: Outcome): void {
    this.fail('permanent', withCause(error, outcome));
  }

  fail(reason: FailureReason, error: unknown, response?: Response): void {
    if (this.#phase === 'idle') {
      this.#phase = 'ended';
      this.#output.error(error);
      return;
    }
    const outcome = { attempt: this.#current, kind: 'error', error } as const;
    this.#end(reason, response ? { ...outcome, response } : outcome, response ? 'keep' : 'abort');
  }

  #end(reason: FailureReason, outcome: Outcome & { readonly kind: 'error' }, how: Release): void {
    this.#afterTeardown(() => {
      this.#settle('failure', how, reason, outcome);
      this.#output.error(outcome.error);
    });
  }

  // ——— The run ends.

  /** The consumer unsubscribed, or has been told the end. */
  #leave(): void {
    if (this.#running) {
      if (this.#phase === 'attempt' && this.#emitted) this.#settle('success', this.#bodyAfterUse);
      else this.#settle('cancel', 'abort');
    }
    this.#phase = 'ended';
    this.#host.close();
  }

  #settle(type: 'success' | 'cancel', how: Release): void;
  #settle(type: 'failure', how: Release, reason: FailureReason, outcome: Outcome): void;
  #settle(type: 'success' | 'cancel' | 'failure', how: Release, reason?: FailureReason, outcome?: Outcome): void {
    this.#phase = 'ended';
    this.#stop();
    this.#host.release(how)?.unsubscribe();
    if (!this.#heard) return;
    const attempt = this.#current;
    const elapsed = this.#elapsed;
    if (reason && outcome) this.#tell({ type: 'failure', attempt, outcome, elapsed, reason });
    else if (type === 'success' && this.#lost) this.#tell({ type: 'failure', attempt, elapsed, ...this.#lost });
    else if (type !== 'failure') this.#tell({ type, attempt, elapsed });
  }

  /** Unsubscribes whatever the attempt, or the wait, has under way. */
  #stop(): void {
    const { pending, selected, stage } = { pending: this.#pending, selected: this.#selected, stage: this.#stage };
    this.#pending = this.#selected = this.#stage = this.#response = undefined;
    pending?.unsubscribe();
    selected?.drop();
    stage?.drop();
  }

  /** Stops the attempt, and goes on once that is done. */
  #afterTeardown(next: () => void): void {
    this.#stop();
    if (!this.#subscribing) {
      if (this.#running) next();
      return;
    }
    this.#afterwards = () => {
      this.#afterwards = undefined;
      if (this.#running) next();
    };
  }

  get #running(): boolean {
    return this.#phase === 'attempt' || this.#phase === 'wait';
  }

  get #current(): A {
    return this.#attempt as A;
  }

  /** A body is the consumer's once its response was emitted; one that a selector was still reading, or has left unread, is not wanted. */
  get #bodyAfterUse(): Release {
    return this.#host.select && !this.#handedOver ? 'abort' : 'keep';
  }

  get #elapsed(): number {
    return asyncScheduler.now() - this.#current.startedAt;
  }

  get #heard(): boolean {
    return this.#asEvents || this.#host.listening;
  }

  #tell(event: AttemptEvent<unknown, A>): void {
    if (this.#host.listening) this.#host.tell(event);
    if (this.#asEvents) this.#output.next(event);
  }
}
