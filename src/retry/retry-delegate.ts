import type { Observable } from 'rxjs';

import type { Attempt, AttemptEvent, FailureReason } from './attempt.js';
import type { Verdict } from './decide-retry.js';
import type { Outcome } from './outcome.js';
import type { Policy } from './strategy.js';

/** What becomes of an attempt's connection: it was of use, it is read to its end in bounds so that it can be used again, or it is cut. */
export type Release = 'use' | 'drain' | 'abort';

/** Why an attempt is the last, and what it came to. */
export interface Loss {
  readonly reason: FailureReason;
  readonly outcome: Outcome;
}

/** A run, which its host may end for a reason of its own. */
export interface Interruptible {
  fail(error: unknown, reason: FailureReason): void;
  /** Calls back once, when all outcomes of the attempt are decided about: now, or later; never where the attempt ends by that. */
  whenDecided(callback: () => void): void;
}

/** Whoever wants to know of events, if anybody does. */
export interface Listeners<A extends Attempt> {
  readonly observed: boolean;
  /** @param consumer - who is told first, where a request's own consumer wants its events */
  next(event: AttemptEvent<unknown, A>, consumer?: { next(event: AttemptEvent<unknown, A>): void }): void;
}

/**
 * What is particular to the thing that is retried: HTTP in the client, nothing in the bare operator, which is why none of it need be
 * there. The run decides when; its host says what an attempt is, where it goes, and what must be let go of.
 */
export interface Host<A extends Attempt> {
  /** Called before the first attempt: from here on the host may end the run. */
  open?(run: Interruptible): void;
  /** Called once, when the run is over; without `open` where that was so from the start. */
  close?(): void;
  /** Those who listen from outside. */
  readonly events?: Listeners<A>;
  /** Completes what is known of an attempt before it is announced. */
  describe?(attempt: Attempt): A;
  /** What a value of the source, or its error, amounts to. */
  outcomeOf?(value: unknown): Outcome | undefined;
  failureOf?(error: unknown): Outcome | undefined;
  /** Whether an outcome is no matter of `shouldRetry`. */
  knows?(outcome: Outcome): boolean;
  /**
   * What to look at where `shouldRetry` failed at an outcome: emits the loss of a connection that broke off while its body was read, or
   * `undefined` where the fault is `shouldRetry`'s. Absent where there was nothing to read.
   */
  lossWhileRead?(outcome: Outcome): Observable<Outcome | undefined> | undefined;
  /** Judges an outcome, given what `shouldRetry` said of it. */
  judge?(policy: Policy, outcome: Outcome, asked: boolean | undefined): Verdict | FailureReason;
  /** Whether the attempt came further than the one before, though it emitted nothing. With `resetOnSuccess` that counts as a success. */
  madeProgress?(): boolean;
  /**
   * The wait before the next attempt in ms, or why there is none.
   *
   * @param emitted - whether the attempt has emitted anything
   * @param asked - how long the response asks to be left alone, in ms
   * @param backoff - how long the strategy would wait
   */
  pace?(policy: Policy, emitted: boolean, asked: number | undefined, backoff: () => number): number | FailureReason;
  /**
   * Makes of an outcome that is not retried what it is to the caller; `undefined` where the source goes on to read it.
   *
   * @param reason - why it is the last word, where it is not accepted
   */
  conclude?(outcome: Outcome, reason: FailureReason | undefined): Outcome | undefined;
  /** Set where the attempt is the last, though it is still being read. */
  readonly loss?: Loss | undefined;
  /** Lets go of what the current attempt holds. */
  release?(how: Release): void;
}
