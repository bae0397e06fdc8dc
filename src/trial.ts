import { from, type Observable, type ObservableInput, type Subscription } from 'rxjs';

import { type Answer, ask } from './ask.js';
import type { Attempt, FailureReason, Outcome } from './attempt.js';
import type { Host, Release } from './host.js';
import { isResponse } from './http-like.js';
import { Stage, type StageObserver } from './stage.js';
import type { Policy } from './strategy.js';

/** What an attempt comes to, told to the run. */
export interface TrialObserver {
  /** A value was accepted. */
  onAccepted(value: unknown): void;
  /** It has all been accepted. */
  onDone(): void;
  /** It is to be tried again, if that can be. */
  onRetry(outcome: Outcome): void;
  /** It is not to be tried again; `how` says what becomes of its connection. */
  onGivenUp(reason: FailureReason, outcome: Outcome, how: Release): void;
  /** The strategy itself failed. */
  onCrash(error: unknown, outcome: Outcome): void;
}

/** Where an attempt was the last, though its response is still being read. */
export interface Loss {
  readonly reason: FailureReason;
  readonly outcome: Outcome;
}

/**
 * One attempt under way: subscribes to the source, judges in order what it gives, and lets a selector read an accepted response.
 *
 *     source ──► judged ──► accepted
 *                   │ a response, where there is a selector
 *                   └──► selector ──► judged ──► accepted
 */
export class Trial<A extends Attempt> implements StageObserver {
  readonly #attempt: A;
  readonly #policy: Policy;
  readonly #host: Host<A>;
  readonly #observer: TrialObserver;
  readonly #source: Stage;
  #selected: Stage | undefined;
  #response: Response | undefined;
  #asking: Subscription | undefined;
  #loss: Loss | undefined;
  #emitted = false;
  #handedOver = false;
  #stopped = false;
  /** While the source is being subscribed to, its teardown is not known yet: what must come after that is kept until it is. */
  #subscribing = false;
  #afterwards: (() => void) | undefined;

  constructor(attempt: A, policy: Policy, host: Host<A>, observer: TrialObserver) {
    this.#attempt = attempt;
    this.#policy = policy;
    this.#host = host;
    this.#observer = observer;
    this.#source = new Stage(this);
  }

  /** Whether anything was accepted. */
  get emitted(): boolean {
    return this.#emitted;
  }

  get loss(): Loss | undefined {
    return this.#loss;
  }

  /** A body is the consumer's once its response was emitted; one that a selector was still reading, or left unread, is not wanted. */
  get bodyAfterUse(): Release {
    return this.#host.select && !this.#handedOver ? 'abort' : 'keep';
  }

  start(source: Observable<unknown>): void {
    this.#subscribing = true;
    this.#source.observe(source);
    this.#subscribing = false;
    this.#afterwards?.();
  }

  /** Unsubscribes from everything, and goes on once that is done. */
  stop(next?: () => void): void {
    this.#stopped = true;
    this.#asking?.unsubscribe();
    this.#selected?.drop();
    this.#source.drop();
    if (this.#subscribing) this.#afterwards = next;
    else next?.();
  }

  // ——— What the source and the selector give.

  onValue(stage: Stage, value: unknown): void {
    const attempt = this.#attempt;
    // A selector that hands its response on: that was judged before.
    if (stage === this.#selected && value === this.#response) this.#emit(value);
    else if (stage === this.#selected) this.#judge(stage, this.#withResponse({ attempt, kind: 'value', value }));
    else if (this.#host.answersHttp || isResponse(value)) this.#judge(stage, { attempt, kind: 'response', response: value as Response });
    else this.#judge(stage, { attempt, kind: 'value', value });
  }

  onError(stage: Stage, error: unknown): void {
    const attempt = this.#attempt;
    if (stage === this.#selected) {
      this.#judge(stage, this.#withResponse({ attempt, kind: 'error', error: this.#host.blame(error) }));
    } else {
      const response = (error as { readonly response?: unknown } | null | undefined)?.response;
      this.#judge(stage, { attempt, kind: 'error', error, ...(isResponse(response) && { response }) });
    }
  }

  onComplete(stage: Stage): void {
    if (stage !== this.#selected || this.#loss) {
      this.#observer.onDone();
      return;
    }
    this.#selected = this.#response = undefined;
    this.#source.unpause();
    this.#source.flush();
  }

  #withResponse(outcome: Outcome): Outcome {
    return this.#response ? { ...outcome, response: this.#response } : outcome;
  }

  // ——— What is made of it.

  #judge(stage: Stage, outcome: Outcome): void {
    const { shouldRetry } = this.#policy;
    if (this.#loss) {
      if (outcome.kind === 'error') this.giveUp(this.#loss.reason, outcome);
      else this.#accept(stage, outcome);
    } else if (shouldRetry) {
      this.#ask(shouldRetry, stage, outcome);
    } else {
      this.#decide(stage, outcome, undefined);
    }
  }

  /** Holds the stage back until `shouldRetry` has answered; it may have stopped the attempt itself. */
  #ask(shouldRetry: NonNullable<Policy['shouldRetry']>, stage: Stage, outcome: Outcome): void {
    stage.pause();
    const asking = ask(
      shouldRetry,
      outcome,
      (answer) => {
        stage.unpause();
        if (!this.#stopped) this.#decide(stage, outcome, answer);
        stage.flush();
      },
      (error) => {
        if (!this.#stopped) this.#observer.onCrash(error, outcome);
      },
    );
    // What has answered at once is over, and another stage may be asking by now.
    if (!asking || asking.closed) return;
    if (this.#stopped) asking.unsubscribe();
    else this.#asking = asking;
  }

  #decide(stage: Stage, outcome: Outcome, answer: Answer): void {
    const verdict = this.#host.judge(this.#policy, outcome, answer);
    if (verdict === 'accept') this.#accept(stage, outcome);
    else if (verdict === 'retry') this.#observer.onRetry(outcome);
    else this.giveUp(verdict, outcome);
  }

  #accept(stage: Stage, outcome: Outcome): void {
    if (outcome.kind === 'value') {
      this.#emit(outcome.value);
    } else if (outcome.kind === 'response') {
      if (this.#throwsStatus('permanent', outcome.response)) return;
      if (this.#host.select) this.#select(stage, outcome.response);
      else this.#emit(outcome.response);
    }
  }

  #emit(value: unknown): void {
    this.#emitted = true;
    if (value === this.#response) this.#handedOver = true;
    this.#observer.onAccepted(value);
  }

  /** Makes of an outcome the last word: a response may yet become an error, or be read by the selector. */
  giveUp(reason: FailureReason, outcome: Outcome): void {
    if (outcome.kind === 'response') {
      if (this.#throwsStatus(reason, outcome.response)) return;
      if (this.#host.select) {
        this.#loss = { reason, outcome };
        this.#select(this.#source, outcome.response);
        return;
      }
    }
    this.#observer.onGivenUp(reason, outcome, outcome.kind === 'error' ? 'abort' : this.bodyAfterUse);
  }

  #throwsStatus(reason: FailureReason, response: Response): boolean {
    const error = this.#host.statusError(response);
    if (error) this.#observer.onGivenUp(reason, { attempt: this.#attempt, kind: 'error', error, response }, 'keep');
    return error !== undefined;
  }

  /** Reads a response; the source is held back meanwhile. */
  #select(source: Stage, response: Response): void {
    source.pause();
    const stage = new Stage(this);
    this.#response = this.#host.view(response);
    this.#selected = stage;
    try {
      const values = (this.#host.select as (response: Response) => ObservableInput<unknown>)(this.#response);
      // The selector may have ended the run itself: then nobody subscribes, and its promise would be rejected unheard.
      if (this.#stopped && values instanceof Promise) values.catch(() => undefined);
      stage.observe(from(values));
    } catch (error) {
      stage.error(error);
    }
  }
}
