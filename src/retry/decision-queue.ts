import { defaultIfEmpty, defer, map, type Observable, type ObservableInput, type Subscription, take } from 'rxjs';

import { Fifo } from '../util/fifo.js';
import { invalidOptionMessage } from '../util/option-rule.js';
import type { Outcome } from './outcome.js';
import type { ResolvedStrategy } from './strategy.js';

type ShouldRetry = NonNullable<ResolvedStrategy['shouldRetry']>;

/** The answer of `shouldRetry`: `undefined` leaves the decision to the strategy's other fields. */
export type RetryOverride = boolean | undefined;

/** The run that owns a queue. */
export interface DecisionHandler {
  /** Whether `shouldRetry` is not asked about an outcome. */
  bypassesShouldRetry(outcome: Outcome): boolean;
  /** Handles the next outcome; `undefined` is the completion of the source. */
  handle(outcome: Outcome | undefined, override?: RetryOverride): void;
  /**
   * Handles an error of `shouldRetry`, or of its answer. Until then no other outcome is decided.
   *
   * @param resume - called later, if the other outcomes are to be decided all the same
   * @returns what must be unsubscribed if the run ends before that is handled
   */
  handleDecisionError(error: unknown, outcome: Outcome, resume: () => void): Subscription | undefined;
}

/**
 * Asks `shouldRetry` about the outcomes of one attempt, one after the other. Outcomes that come meanwhile wait.
 *
 *     idle ◄──► processing ──► cancelled
 *
 * Selectors that read on demand wait for it by decided-values.ts.
 *
 * A run owns one per attempt, if its strategy has a `shouldRetry`. It cancels the queue when the attempt is over.
 */
export class DecisionQueue {
  readonly #shouldRetry: ShouldRetry;
  readonly #handler: DecisionHandler;
  /** `undefined` is the completion of the source: it is last, and needs no decision. */
  readonly #outcomes = new Fifo<Outcome | undefined>();
  #isProcessing = false;
  #onDecided: (() => void) | undefined;
  #cancelled = false;
  #pendingDecision: Subscription | undefined;

  constructor(shouldRetry: ShouldRetry, handler: DecisionHandler) {
    this.#shouldRetry = shouldRetry;
    this.#handler = handler;
  }

  enqueue(outcome: Outcome | undefined): void {
    this.#outcomes.push(outcome);
    if (!this.#isProcessing) this.#processAll();
  }

  /** Calls back once, now or later, when no decision is pending; never, if it is cancelled before. */
  whenDecided(callback: () => void): void {
    if (this.#isProcessing) this.#onDecided = callback;
    else callback();
  }

  /** Drops the waiting outcomes, and the pending decision. */
  cancel(): void {
    this.#onDecided = undefined;
    this.#cancelled = true;
    this.#outcomes.clear();
    this.#pendingDecision?.unsubscribe();
  }

  /** Loops, because answers that come synchronously would make a recursion overflow the stack on a long queue. */
  #processAll(): void {
    this.#isProcessing = true;
    while (this.#outcomes.size > 0) {
      const outcome = this.#outcomes.shift();
      if (!outcome || this.#handler.bypassesShouldRetry(outcome)) {
        this.#handler.handle(outcome);
        continue;
      }
      let isSynchronous = true;
      let hasFailed = false;
      const pendingDecision = askShouldRetry(this.#shouldRetry, outcome).subscribe({
        next: (override) => {
          this.#handler.handle(outcome, override);
        },
        error: (error: unknown) => {
          hasFailed = true;
          this.#pendingDecision = this.#handler.handleDecisionError(error, outcome, () => {
            this.#processAll();
          });
        },
        complete: () => {
          if (!isSynchronous) this.#processAll();
        },
      });
      isSynchronous = false;
      if (this.#cancelled) {
        // shouldRetry itself can end the run, before subscribe() returns.
        pendingDecision.unsubscribe();
        // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- the subscription can set it
      } else if (hasFailed) {
        return;
      } else if (!pendingDecision.closed) {
        this.#pendingDecision = pendingDecision;
        return;
      }
    }
    if (this.#cancelled) return;
    this.#isProcessing = false;
    const onDecided = this.#onDecided;
    this.#onDecided = undefined;
    onDecided?.();
  }
}

/** Emits the answer of `shouldRetry` once. Errors if `shouldRetry` throws, errors, or answers with something else. */
function askShouldRetry(shouldRetry: ShouldRetry, outcome: Outcome): Observable<RetryOverride> {
  return defer(() => {
    const answer: unknown = shouldRetry(outcome);
    return (typeof answer === 'object' && answer ? answer : [answer]) as ObservableInput<unknown>;
  }).pipe(
    take(1),
    defaultIfEmpty(undefined),
    map((answer) => {
      if (typeof (answer ?? true) === 'boolean') return (answer ?? undefined) as RetryOverride;
      throw new TypeError(
        invalidOptionMessage(
          'what strategy.shouldRetry returns',
          answer,
          'true, false, undefined, or an ObservableInput of these',
        ),
      );
    }),
  );
}
