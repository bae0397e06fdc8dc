import { defaultIfEmpty, defer, map, type Observable, type ObservableInput, type Subscription, take } from 'rxjs';

import { Fifo } from '../util/fifo.js';
import { invalidOptionMessage } from '../util/option-rule.js';
import type { Outcome } from './outcome.js';
import type { ResolvedStrategy } from './strategy.js';

/** The run that has its outcomes decided. */
export interface DecisionHandler {
  /** Whether an outcome is no matter for `shouldRetry`. */
  bypasses(outcome: Outcome): boolean;
  /** The next outcome's turn, or with `undefined` the completion's. */
  handle(outcome: Outcome | undefined, answer?: RetryOverride): void;
  /** `shouldRetry` has thrown, or its answer has errored. Returns what goes on until that is settled. */
  handleDecisionError(error: unknown, outcome: Outcome): Subscription | undefined;
}

/**
 * Asks `shouldRetry` about the outcomes of one attempt, one after the other; those that come meanwhile wait. The attempt's run makes one where
 * there is a `shouldRetry`, and cancels it when the attempt is over.
 */
export class DecisionQueue {
  readonly #shouldRetry: NonNullable<ResolvedStrategy['shouldRetry']>;
  readonly #handler: DecisionHandler;
  /** `undefined` stands for the completion, which comes last and is nothing to decide about. */
  readonly #outcomes = new Fifo<Outcome | undefined>();
  #isProcessing = false;
  #onIdle: (() => void) | undefined;
  #cancelled = false;
  #pendingDecision: Subscription | undefined;

  constructor(shouldRetry: NonNullable<ResolvedStrategy['shouldRetry']>, handler: DecisionHandler) {
    this.#shouldRetry = shouldRetry;
    this.#handler = handler;
  }

  enqueue(outcome: Outcome | undefined): void {
    this.#outcomes.push(outcome);
    if (!this.#isProcessing) this.#processAll();
  }

  /** Calls back once, when nothing waits to be decided: now, or later; never where it is cancelled before. */
  whenIdle(callback: () => void): void {
    if (this.#isProcessing) this.#onIdle = callback;
    else callback();
  }

  /** Asks no more, and forgets what waits. */
  cancel(): void {
    this.#onIdle = undefined;
    this.#cancelled = true;
    this.#outcomes.clear();
    this.#pendingDecision?.unsubscribe();
  }

  /** A loop, since answers that are there at once would make a recursion too deep of a long queue. */
  #processAll(): void {
    this.#isProcessing = true;
    while (this.#outcomes.size > 0) {
      const outcome = this.#outcomes.shift();
      if (!outcome || this.#handler.bypasses(outcome)) {
        this.#handler.handle(outcome);
        continue;
      }
      let synchronous = true;
      const pendingDecision = askShouldRetry(this.#shouldRetry, outcome).subscribe({
        next: (answer) => {
          this.#handler.handle(outcome, answer);
        },
        error: (error: unknown) => {
          // After that nothing is decided any more.
          this.cancel();
          this.#pendingDecision = this.#handler.handleDecisionError(error, outcome);
        },
        complete: () => {
          if (!synchronous) this.#processAll();
        },
      });
      synchronous = false;
      if (this.#cancelled) {
        // shouldRetry itself may have ended the run.
        pendingDecision.unsubscribe();
      } else if (!pendingDecision.closed) {
        this.#pendingDecision = pendingDecision;
        return;
      }
    }
    if (this.#cancelled) return;
    this.#isProcessing = false;
    const onIdle = this.#onIdle;
    this.#onIdle = undefined;
    onIdle?.();
  }
}

/** What `shouldRetry` may say of an outcome. */
export type RetryOverride = boolean | undefined;

/** Asks `shouldRetry` about an outcome: emits its answer once, at once or later. Errors where it throws, errors, or says something else. */
export function askShouldRetry(
  shouldRetry: NonNullable<ResolvedStrategy['shouldRetry']>,
  outcome: Outcome,
): Observable<RetryOverride> {
  return defer(() => {
    const given: unknown = shouldRetry(outcome);
    return (typeof given === 'object' && given ? given : [given]) as ObservableInput<unknown>;
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
