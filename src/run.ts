import { asyncScheduler, type Observable, type Subscriber, Subscription } from 'rxjs';

import type { Attempt, AttemptEvent, FailureReason, Outcome } from './attempt.js';
import type { Host, Interruptible, Release } from './host.js';
import { Pacing } from './pacing.js';
import { nextRequestId } from './request-id.js';
import type { Policy } from './strategy.js';
import { type Loss, Trial, type TrialObserver } from './trial.js';
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
 *     attempt ──► done
 *      ▲   │
 *      │   ├────► given up
 *      │   ▼
 *      wait
 *
 * It holds an attempt or a wait, never both; whatever ends it goes through `#settle`, which tells how the last attempt ended.
 */
export class Run<A extends Attempt> implements TrialObserver, Interruptible {
  readonly #source: Observable<unknown>;
  readonly #policy: Policy;
  readonly #of: number;
  readonly #host: Host<A>;
  readonly #output: Subscriber<unknown>;
  readonly #asEvents: boolean;
  readonly #requestId = nextRequestId();
  #number = 0;
  #attempt: A | undefined;
  #trial: Trial<A> | undefined;
  #waiting: Subscription | undefined;
  #pacing: Pacing | undefined;
  #ended = false;

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
    if (!this.#ended) this.#begin();
  }

  #begin(): void {
    this.#number += 1;
    const attempt = this.#host.describe({ number: this.#number, of: this.#of, requestId: this.#requestId, startedAt: asyncScheduler.now() });
    const trial = new Trial(attempt, this.#policy, this.#host, this);
    this.#attempt = attempt;
    this.#trial = trial;
    if (this.#heard) this.#tell({ type: 'start', attempt });
    // A listener may have ended the run just now.
    if (this.#trial === trial) trial.start(this.#source);
  }

  onAccepted(value: unknown): void {
    if (this.#policy.resetOnSuccess) {
      this.#number = 1;
      this.#pacing?.reset();
    }
    if (this.#heard) this.#tell({ type: 'value', attempt: this.#current, value, elapsed: this.#elapsed });
    if (!this.#asEvents) this.#output.next(value);
  }

  onDone(): void {
    this.#succeed(this.#trial as Trial<A>);
    this.#output.complete();
  }

  onRetry(outcome: Outcome): void {
    const trial = this.#trial as Trial<A>;
    let next: number | FailureReason | undefined;
    try {
      next = this.#number >= this.#of ? 'attempts' : this.#host.obstacle(trial.emitted);
      next ??= (this.#pacing ??= new Pacing()).next(this.#policy, this.#host, outcome);
      // Asked again, since Retry-After may have turned the host to another place.
      if (typeof next === 'number') next = this.#host.obstacle(trial.emitted) ?? next;
    } catch (error) {
      this.onCrash(error, outcome);
      return;
    }
    // A backoff may have ended the run itself.
    if (this.#ended) return;
    if (typeof next === 'string') trial.giveUp(next, outcome);
    else this.#rest(trial, next, outcome);
  }

  #rest(trial: Trial<A>, delay: number, outcome: Outcome): void {
    trial.stop(() => {
      if (this.#ended) return;
      this.#trial = undefined;
      const waiting = new Subscription();
      this.#waiting = waiting;
      waiting.add(this.#host.release('drain'));
      if (this.#heard) this.#tell({ type: 'retry', attempt: this.#current, outcome, elapsed: this.#elapsed, delay });
      // A listener may have ended the run just now.
      if (!waiting.closed) waiting.add(this.#wake(delay));
    });
  }

  #wake(delay: number): Subscription {
    return after(delay, () => {
      this.#waiting?.unsubscribe();
      this.#waiting = undefined;
      this.#begin();
    });
  }

  // ——— The run ends.

  onGivenUp(reason: FailureReason, outcome: Outcome, how: Release): void {
    const finish = (): void => {
      if (this.#ended) return;
      this.#settle(how, { reason, outcome });
      if (outcome.kind === 'error') {
        this.#output.error(outcome.error);
        return;
      }
      if (!this.#asEvents) this.#output.next(outcome.kind === 'response' ? outcome.response : outcome.value);
      this.#output.complete();
    };
    if (this.#trial) this.#trial.stop(finish);
    else finish();
  }

  onCrash(error: unknown, outcome: Outcome): void {
    this.fail('permanent', withCause(error, outcome));
  }

  fail(reason: FailureReason, error: unknown): void {
    if (this.#ended) return;
    if (this.#attempt) {
      this.onGivenUp(reason, { attempt: this.#attempt, kind: 'error', error }, 'abort');
    } else {
      this.#ended = true;
      this.#output.error(error);
    }
  }

  /** The consumer unsubscribed, or has been told the end. */
  #leave(): void {
    if (!this.#ended && this.#attempt) {
      if (this.#trial?.emitted) this.#succeed(this.#trial);
      else this.#settle('abort', 'cancel');
    }
    this.#ended = true;
    this.#host.close();
  }

  /** What was accepted is all there is; where the attempt was the last, it is a failure nonetheless. */
  #succeed(trial: Trial<A>): void {
    this.#settle(trial.bodyAfterUse, trial.loss ?? 'success');
  }

  /** Stops everything, and tells how the last attempt ended. */
  #settle(how: Release, end: 'success' | 'cancel' | Loss): void {
    const trial = this.#trial;
    const waiting = this.#waiting;
    this.#ended = true;
    this.#trial = this.#waiting = undefined;
    waiting?.unsubscribe();
    trial?.stop();
    this.#host.release(how)?.unsubscribe();
    if (!this.#heard) return;
    const attempt = this.#current;
    const elapsed = this.#elapsed;
    if (typeof end === 'string') this.#tell({ type: end, attempt, elapsed });
    else this.#tell({ type: 'failure', attempt, outcome: end.outcome, elapsed, reason: end.reason });
  }

  get #current(): A {
    return this.#attempt as A;
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
