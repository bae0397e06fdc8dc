import type { Observable } from 'rxjs';

import type { Attempt, AttemptEvent, FailureReason } from './attempt.js';
import type { Decision } from './decide-retry.js';
import type { Outcome } from './outcome.js';
import type { ResolvedStrategy } from './strategy.js';

/** What becomes of an attempt's connection: it was of use, it is read to its end in bounds so that it can be used again, or it is cut. */
export type ConnectionDisposal = 'use' | 'drain' | 'abort';

/** Why an attempt is the last, and what it came to. */
export interface FinalFailure {
  readonly reason: FailureReason;
  readonly outcome: Outcome;
}

/** A run, which its host may end for a reason of its own. */
export interface Terminable {
  terminate(error: unknown, reason: FailureReason): void;
  /** Calls back once, when all outcomes of the attempt are decided about: now, or later; never where the attempt ends by that. */
  whenDecided(callback: () => void): void;
}

/** Whoever wants to know of events, if anybody does. */
export interface EventSink<A extends Attempt> {
  readonly hasListeners: boolean;
  /** @param consumer - who is told first, where a request's own consumer wants its events */
  next(event: AttemptEvent<unknown, A>, consumer?: { next(event: AttemptEvent<unknown, A>): void }): void;
}

/**
 * What is particular to the thing that is retried: HTTP in the client, nothing in the bare operator, which is why none of it need be
 * there. The run decides when; its host says what an attempt is, where it goes, and what must be let go of.
 */
export interface RetryDelegate<A extends Attempt> {
  /** Called before the first attempt: from here on the host may end the run. */
  onRunStart?(run: Terminable): void;
  /** Called once, when the run is over; without `open` where that was so from the start. */
  onRunEnd?(): void;
  /** Those who listen from outside. */
  readonly eventSink?: EventSink<A>;
  /** Completes what is known of an attempt before it is announced. */
  createAttempt?(attempt: Attempt): A;
  /** What a value of the source, or its error, amounts to. */
  toOutcome?(value: unknown): Outcome | undefined;
  toErrorOutcome?(error: unknown): Outcome | undefined;
  /** Whether an outcome is no matter of `shouldRetry`. */
  bypassesShouldRetry?(outcome: Outcome): boolean;
  /**
   * What to look at where `shouldRetry` failed at an outcome: emits the loss of a connection that broke off while its body was read, or
   * `undefined` where the fault is `shouldRetry`'s. Absent where there was nothing to read.
   */
  findBodyFailure?(outcome: Outcome): Observable<Outcome | undefined> | undefined;
  /** Judges an outcome, given what `shouldRetry` said of it. */
  decide?(policy: ResolvedStrategy, outcome: Outcome, asked: boolean | undefined): Decision | FailureReason;
  /** Whether the attempt came further than the one before, though it emitted nothing. With `resetOnSuccess` that counts as a success. */
  madeProgress?(): boolean;
  /**
   * The wait before the next attempt in ms, or why there is none.
   *
   * @param emitted - whether the attempt has emitted anything
   * @param asked - how long the response asks to be left alone, in ms
   * @param backoff - how long the strategy would wait
   */
  nextDelay?(
    policy: ResolvedStrategy,
    emitted: boolean,
    asked: number | undefined,
    backoff: () => number,
  ): number | FailureReason;
  /**
   * Makes of an outcome that is not retried what it is to the caller; `undefined` where the source goes on to read it.
   *
   * @param reason - why it is the last word, where it is not accepted
   */
  resolveFinal?(outcome: Outcome, reason: FailureReason | undefined): Outcome | undefined;
  /** Set where the attempt is the last, though it is still being read. */
  readonly finalFailure?: FinalFailure | undefined;
  /** Lets go of what the current attempt holds. */
  releaseConnection?(how: ConnectionDisposal): void;
}
