import { type Observable, type Observer, Subscriber, type Subscription, type Unsubscribable } from 'rxjs';

import { isResponse, responseOf } from '../http/http-like.js';
import { now, wallClock } from '../util/clock.js';
import { wait } from '../util/long-timer.js';
import { checkNumber } from '../util/option-rule.js';
import { orReport } from '../util/report-errors.js';
import type { Attempt, AttemptEvent, FailureReason } from './attempt.js';
import { judge } from './decide-retry.js';
import { type Answer, type DecisionHandler, DecisionQueue } from './decision-queue.js';
import { handOnGivenUp, isGivenUp, noteOrigin } from './nested-runs.js';
import type { Outcome } from './outcome.js';
import { nextRunNumber, requestIdOf, runsBegun } from './request-id.js';
import type { Host, Interruptible, Loss } from './retry-delegate.js';
import { askedFor, isTooLong, waitFor } from './server-delay.js';
import { type Policy } from './strategy.js';

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
export class Run<A extends Attempt> implements Observer<unknown>, DecisionHandler, Interruptible, Unsubscribable {
  readonly #source: Observable<unknown>;
  readonly #policy: Policy;
  readonly #of: number;
  readonly #host: Host<A>;
  readonly #output: Subscriber<unknown>;
  readonly #asEvents: boolean;
  readonly #run = nextRunNumber();
  readonly #requestId = requestIdOf(this.#run);
  /** How many runs had begun when the attempt did: later ones are within it. */
  #begunBefore = 0;
  #number = 0;
  /** When the attempt began, on the clock for durations. */
  #began = 0;
  #retry = 0;
  #previousDelay = 0;
  #attempt: A | undefined;
  /** The attempt's source, or the wait. */
  #current: Subscription | undefined;
  /** Where there is a `shouldRetry`, what has it decide about the attempt's outcomes. */
  #queue: DecisionQueue | undefined;
  #judged: Outcome | undefined;
  #emitted = false;
  #ended = false;
  /** While the source is being subscribed to, its teardown is not known yet: the one thing that must come after that is kept until it is. */
  #subscribing = false;
  #afterwards: (() => void) | undefined;

  /**
   * @param of - how many attempts there may be
   * @param asEvents - whether events are emitted in the values' place
   */
  constructor(
    source: Observable<unknown>,
    policy: Policy,
    of: number,
    host: Host<A>,
    output: Subscriber<unknown>,
    asEvents: boolean,
  ) {
    this.#source = source;
    this.#policy = policy;
    this.#of = of;
    this.#host = host;
    this.#output = output;
    this.#asEvents = asEvents;
  }

  start(): void {
    // Where the consumer has left already, this ends the run.
    this.#output.add(this);
    if (!this.#ended) this.#host.open?.(this);
    if (!this.#ended) this.#begin();
  }

  // ——— An attempt begins.

  #begin(): void {
    this.#number += 1;
    const startedAt = wallClock();
    this.#began = now(startedAt);
    const known = { number: this.#number, of: this.#of, requestId: this.#requestId, startedAt };
    const attempt = (this.#attempt = this.#host.describe?.(known) ?? (known as Attempt as A));
    if (this.#heard) this.#tell({ type: 'start', attempt });
    // A listener may have ended the run just now.
    if (this.#ended) return;
    const { shouldRetry } = this.#policy;
    if (shouldRetry) this.#queue = new DecisionQueue(shouldRetry, this);
    this.#begunBefore = runsBegun();
    // No observer, since that could not be unsubscribed while a synchronous source still runs.
    // eslint-disable-next-line @typescript-eslint/no-deprecated
    const stage = new Subscriber<unknown>(this);
    this.#current = stage;
    this.#subscribing = true;
    orReport(() => this.#source.subscribe(stage));
    this.#subscribing = false;
    this.#catchUp();
  }

  #catchUp(): void {
    const next = this.#afterwards;
    this.#afterwards = undefined;
    if (!this.#ended) next?.();
  }

  // ——— What the source gives becomes outcomes.

  next(value: unknown): void {
    const attempt = this.#attempt as A;
    try {
      this.#offer(
        noteOrigin(
          this.#host.outcomeOf?.(value) ??
            (isResponse(value) ? { attempt, kind: 'response', response: value } : { attempt, kind: 'value', value }),
        ),
      );
    } catch (error) {
      // Looking at a value may run code of its own.
      this.#crash(error);
    }
  }

  error(error: unknown): void {
    const attempt = this.#attempt as A;
    try {
      const response = responseOf(error);
      const failure = noteOrigin(
        this.#host.failureOf?.(error) ?? { attempt, kind: 'error', error, ...(isResponse(response) && { response }) },
      );
      this.#leave(() => {
        this.#offer(failure);
      });
    } catch (thrown) {
      this.#crash(thrown);
    }
  }

  complete(): void {
    this.#offer(undefined);
  }

  #offer(outcome: Outcome | undefined): void {
    if (this.#queue) this.#queue.enqueue(outcome);
    else this.handle(outcome);
  }

  whenDecided(callback: () => void): void {
    if (this.#queue) this.#queue.whenIdle(callback);
    else callback();
  }

  bypasses(outcome: Outcome): boolean {
    return this.#host.knows?.(outcome) ?? false;
  }

  handle(outcome: Outcome | undefined, answer?: Answer): void {
    if (outcome) this.#take(outcome, answer);
    else this.#finish();
  }

  failDecision(error: unknown, outcome: Outcome): Subscription | undefined {
    const crash = (): void => {
      this.#judged = outcome;
      this.#crash(error);
    };
    // A body that breaks off while shouldRetry reads it is a lost connection, and no fault of shouldRetry's.
    const lossWhileRead$ = this.#host.lossWhileRead?.(outcome);
    if (!lossWhileRead$) crash();
    return lossWhileRead$?.subscribe({
      next: (loss) => {
        if (!loss) crash();
        else {
          this.#leave(() => {
            this.#take(loss);
          });
        }
      },
      error: crash,
    });
  }

  // ——— An outcome is judged.

  #take(outcome: Outcome, answer?: Answer): void {
    this.#judged = outcome;
    try {
      const verdict =
        answer === undefined && isGivenUp(outcome, this.#begunBefore)
          ? 'permanent'
          : (this.#host.judge?.(this.#policy, outcome, answer) ?? judge(this.#policy, outcome, answer));
      if (verdict === 'retry') this.#again(outcome);
      else this.#conclude(outcome, verdict === 'accept' ? undefined : verdict);
    } catch (error) {
      this.#crash(error);
    }
  }

  #again(outcome: Outcome): void {
    if (this.#host.madeProgress?.()) this.#resetCount();
    const next = this.#number < this.#of ? this.#pace(outcome) : 'attempts';
    // A backoff may have ended the run itself.
    if (this.#ended) return;
    if (typeof next === 'string') {
      this.#conclude(outcome, next);
      return;
    }
    this.#stop(() => {
      this.#rest(next, outcome);
    });
  }

  #pace(outcome: Outcome): number | FailureReason {
    const policy = this.#policy;
    const patience = askedFor(policy, outcome);
    this.#retry += 1;
    const backoff = (): number => {
      const context = { retry: this.#retry, previousDelay: this.#previousDelay, random: policy.random, outcome };
      return (this.#previousDelay = checkNumber('what strategy.backoff returns', policy.backoff(context), 0));
    };
    if (this.#host.pace) return this.#host.pace(policy, this.#emitted, patience, backoff);
    return patience !== undefined && isTooLong(policy, patience)
      ? 'retry-after'
      : waitFor(policy, backoff(), patience ?? 0);
  }

  #rest(delay: number, outcome: Outcome): void {
    this.#emitted = false;
    this.#judged = undefined;
    this.#host.release?.('drain');
    // A transport that hears of a cut may have ended the run; so may a listener, next.
    if (!this.#ended && this.#heard) {
      this.#tell({ type: 'retry', attempt: this.#attempt as A, outcome, elapsed: this.#elapsed, delay });
    }
    if (!this.#ended) this.#current = this.#wait(delay);
  }

  /** A method of its own, so that what waits holds no more than the run. */
  #wait(delay: number): Subscription {
    // eslint-disable-next-line rxjs-x/no-ignored-error -- a timer cannot fail
    return wait(delay).subscribe({
      next: () => {
        this.#begin();
      },
    });
  }

  #conclude(outcome: Outcome, reason?: FailureReason): void {
    const last = this.#host.conclude ? this.#host.conclude(outcome, reason) : outcome;
    // The host may have ended the run itself.
    if (!last || this.#ended) return;
    const emit = (): void => {
      this.#emit(valueOf(last));
    };
    if (reason ?? last.kind === 'error') this.#end(reason ?? 'permanent', last);
    else if (this.#host.loss) handOnGivenUp(last, this.#run, emit);
    else emit();
  }

  #resetCount(): void {
    if (!this.#policy.resetOnSuccess) return;
    this.#number = 1;
    this.#retry = this.#previousDelay = 0;
  }

  #emit(value: unknown): void {
    this.#emitted = true;
    this.#resetCount();
    if (this.#heard) this.#tell({ type: 'value', attempt: this.#attempt as A, value, elapsed: this.#elapsed });
    if (!this.#asEvents) this.#output.next(value);
  }

  // ——— It ends.

  /** Lets go of the source, or the wait; then goes on, unless the run has ended. A teardown that throws must not keep it from that. */
  #leave(next?: () => void): void {
    orReport(() => this.#current?.unsubscribe());
    if (this.#subscribing) this.#afterwards = next;
    else if (!this.#ended) next?.();
  }

  #stop(next: () => void): void {
    this.#queue?.cancel();
    this.#leave(next);
  }

  #finish(): void {
    this.#settle(this.#host.loss ?? 'success');
    this.#output.complete();
  }

  #crash(error: unknown): void {
    this.#end('permanent', { attempt: this.#attempt as A, kind: 'error', error: withCause(error, this.#judged) });
  }

  /** Ends the run at once, also in the middle of subscribing to the source: nothing that waits for that is to come after. */
  fail(error: unknown, reason: FailureReason): void {
    if (this.#ended) return;
    const attempt = this.#attempt;
    if (attempt) {
      this.#close(reason, { attempt, kind: 'error', error });
    } else {
      this.#ended = true;
      this.#output.error(error);
    }
  }

  #end(reason: FailureReason, outcome: Outcome): void {
    this.#stop(() => {
      this.#close(reason, outcome);
    });
  }

  #close(reason: FailureReason, outcome: Outcome): void {
    this.#settle({ reason, outcome });
    handOnGivenUp(outcome, this.#run, () => {
      if (outcome.kind === 'error') {
        this.#output.error(outcome.error);
        return;
      }
      if (!this.#asEvents) this.#output.next(valueOf(outcome));
      this.#output.complete();
    });
  }

  /** The consumer has unsubscribed, or been told the end. */
  unsubscribe(): void {
    if (!this.#ended && this.#attempt) this.#settle(this.#emitted ? (this.#host.loss ?? 'success') : 'cancel');
    this.#ended = true;
    this.#host.close?.();
  }

  /** Stops everything, and tells how the last attempt ended. */
  #settle(last: 'success' | 'cancel' | Loss): void {
    this.#ended = true;
    this.#queue?.cancel();
    this.#leave();
    this.#host.release?.(last === 'cancel' || (last !== 'success' && last.outcome.kind === 'error') ? 'abort' : 'use');
    if (!this.#heard) return;
    const told = { attempt: this.#attempt as A, elapsed: this.#elapsed };
    this.#tell(typeof last === 'string' ? { type: last, ...told } : { type: 'failure', ...told, ...last });
  }

  // ——— What is told.

  get #heard(): boolean {
    return this.#asEvents || this.#host.events?.observed === true;
  }

  get #elapsed(): number {
    return now() - this.#began;
  }

  #tell(event: AttemptEvent<unknown, A>): void {
    const consumer = this.#asEvents ? this.#output : undefined;
    const { events } = this.#host;
    if (events) events.next(event, consumer);
    else consumer?.next(event);
  }
}
