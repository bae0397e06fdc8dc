import type { Observable } from 'rxjs';

import type { Attempt, AttemptEvent, FailureReason } from './attempt.js';
import type { Decision } from './decide-retry.js';
import type { Failover, Place } from './failover.js';
import type { PlaceChooser } from './gate.js';
import type { HedgedRun, HedgeRace } from './hedge.js';
import type { Outcome } from './outcome.js';
import type { ResolvedStrategy } from './strategy.js';

/**
 * What becomes of an attempt's connection:
 *
 * - `keep`: the consumer has the body, or reads it;
 * - `drain`: the body is read to its end, within limits, so that the connection can be used again;
 * - `abort`: the connection is cut.
 */
export type ConnectionDisposal = 'keep' | 'drain' | 'abort';

/** The outcome of the last attempt, and the reason why no other follows. */
export interface FinalFailure {
  readonly reason: FailureReason;
  readonly outcome: Outcome;
}

/** A run, as its delegate sees it. */
export interface Terminable extends HedgedRun {
  /** Drafts the first attempt, so that listeners hear of an end before it. */
  draftFirst(): void;
  /** Ends the run with an error at once. */
  terminate(error: unknown, reason: FailureReason): void;
  /**
   * Calls back once, now or later, when all outcomes of the attempt are decided; never, if the attempt ends before.
   */
  whenDecided(callback: () => void): void;
}

/** Receives the events of attempts. */
export interface EventSink<A extends Attempt> {
  readonly hasListeners: boolean;
  /** @param consumer - the request's own consumer with `observe: 'attempts'`, who gets the event first */
  next(event: AttemptEvent<unknown, A>, consumer?: { next(event: AttemptEvent<unknown, A>): void }): void;
}

/**
 * Answers a run's questions about the source that it retries: HTTP in the client, Angular's HttpClient in the
 * interceptor. The bare operator has no delegate's answers, so every member is optional.
 *
 * The run decides when; its delegate says what an attempt is, where it goes, and which resources end with it. One
 * delegate belongs to one run.
 */
export interface RetryDelegate<A extends Attempt> {
  /** Called before the first attempt. From here on the delegate can terminate the run. */
  onRunStart?(run: Terminable, requestId: string): void;
  /** Called once when the run has ended; without `onRunStart`, if it ended before it started. */
  onRunEnd?(): void;
  readonly eventSink?: EventSink<A>;
  /** The places that attempts go to; absent if there is one, which has no URL. */
  readonly failover?: Failover<Place>;
  /**
   * Whether a gate may hold an attempt until the deadline of `failover` only. Where it is absent, the delegate itself
   * terminates the run at the deadline.
   */
  readonly limitsHolds?: boolean;
  /** Whether nothing can be sent to a place any more, because its body was sent already. */
  isSpent?(place: Place): boolean;
  /** The sendings of the current attempt, if it can be hedged. */
  readonly race?: HedgeRace | undefined;
  /**
   * Adds to an attempt what the delegate knows of it: the method, the URL. It starts nothing: gates are asked about
   * attempts that may never start.
   *
   * @param place - where the attempt would go; by default the next one in turn
   */
  createAttempt?(attempt: Attempt, place?: Place): A;
  /** Called before an attempt is sent to the next place in turn. */
  onAttemptStart?(attempt: A): void;
  /** Makes an outcome of the source's value, or of its error; `undefined` for the run's default. */
  toOutcome?(value: unknown): Outcome | undefined;
  toErrorOutcome?(error: unknown): Outcome | undefined;
  /** Returns the response of an outcome of another kind, for those who listen to events. */
  responseOf?(outcome: Outcome): Response | undefined;
  /** Whether `shouldRetry` is not asked about an outcome. */
  bypassesShouldRetry?(outcome: Outcome): boolean;
  /**
   * Finds out why `shouldRetry` failed: emits an outcome if the body that it read broke off, and `undefined` if the
   * error is its own. Absent for an outcome without a body.
   */
  findBodyFailure?(outcome: Outcome): Observable<Outcome | undefined> | undefined;
  /** @param override - the answer of `shouldRetry` */
  decide?(strategy: ResolvedStrategy, outcome: Outcome, override: boolean | undefined): Decision;
  /** Whether the attempt got further than the one before without a value. `resetOnSuccess` counts it as a success. */
  madeProgress?(): boolean;
  /**
   * Computes the delay before the next attempt, in ms; or returns the reason why there is none.
   *
   * @param hasEmitted - whether the attempt has emitted a value
   * @param retryAfter - the delay that the response asks for, in ms
   * @param backoff - computes the strategy's own delay, in ms
   * @param gates - choose the place, if there are any
   */
  nextDelay?(
    strategy: ResolvedStrategy,
    hasEmitted: boolean,
    retryAfter: number | undefined,
    backoff: () => number,
    gates: PlaceChooser | undefined,
  ): number | FailureReason;
  /**
   * Turns an outcome that is not retried into the one that the consumer gets; `undefined` if the source goes on to
   * read the response.
   *
   * @param reason - why it is final; absent if it was accepted
   */
  resolveFinal?(outcome: Outcome, reason: FailureReason | undefined): Outcome | undefined;
  /** Set while the response of a final failure is still being read. */
  readonly finalFailure?: FinalFailure | undefined;
  /** Ends what the attempt holds. */
  releaseConnection?(disposal: ConnectionDisposal): void;
}
