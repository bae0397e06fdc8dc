import type { Observable } from 'rxjs';

import type { OptionRule } from '../util/option-rule.js';
import type { Attempt, AttemptEvent, FailureReason, HttpAttempt } from './attempt.js';
import type { Decision } from './decide-retry.js';
import type { Failover, Place } from './failover.js';
import type { GateSession } from './gate.js';
import type { Outcome } from './outcome.js';
import type { ResolvedStrategy } from './strategy.js';

/** The internal part of hedging. */
export const HEDGE: unique symbol = Symbol('hedge');

/**
 * Sends an attempt once more if no response has come after a while. `hedging()` makes it. Requests share it, and with
 * it the latencies that it measures.
 */
export interface Hedging {
  /** @internal */
  readonly [HEDGE]: HedgeInternals;
}

/** The rule for the strategy's `hedge`. */
export const HEDGE_RULE: OptionRule = [
  undefined,
  'what hedging() returns, or false',
  (hedge: Partial<Hedging> | false | null) => hedge === false || !!hedge?.[HEDGE],
];

/** The machinery of hedging. A strategy without it does not import it. */
export interface HedgeInternals {
  /** Sends an attempt to a place, and perhaps to others. The race is known to the delegate. */
  race<P extends Place>(delegate: HedgedDelegate<P>, place: P, strategy: ResolvedStrategy): Observable<unknown>;
}

/** An outcome, and what follows it. */
export interface DecidedOutcome {
  readonly outcome: Outcome;
  readonly decision: Decision;
}

/** The sendings of one attempt. */
export interface HedgeRace {
  /** Whether all sendings have failed. Then it is recorded how long their servers ask to be left alone. */
  readonly hasFailed: boolean;
  /** Returns the outcome that a result of a sending is; `undefined` for a value that is read from the winner. */
  outcomeOf(result: unknown): Outcome | undefined;
  /** Whether the outcome is that of a sending that has lost. */
  isLost(outcome: Outcome): boolean;
  /** Makes the sending that had the outcome the delegate's current one. */
  select(outcome: Outcome): void;
  /**
   * Settles one sending by its outcome.
   *
   * @returns the outcome of the attempt: this one, or that of the first sending if all have failed; `undefined` while
   * another sending may still win
   */
  settle(outcome: Outcome, decision: Decision): DecidedOutcome | undefined;
}

/** A run whose attempts are hedged. */
export interface HedgedRun {
  readonly gates: GateSession<Attempt> | undefined;
  /** How long the attempt has taken, in ms. */
  readonly elapsed: number;
  /** How long the run had taken when `elapsed` was read last, in ms. */
  readonly total: number;
  emitEvent(event: AttemptEvent): void;
  terminate(error: unknown, reason: FailureReason): void;
}

/** What a delegate knows of a sending. */
export interface SendingState {
  readonly attempt: HttpAttempt;
  /** Its use of the network, if it must be ended besides being unsubscribed. */
  readonly exchange?: { readonly request?: unknown; release(disposal: 'abort'): unknown } | undefined;
}

/** A delegate whose attempts can be sent several times at once. */
export interface HedgedDelegate<P extends Place> {
  readonly failover: Failover<P>;
  readonly run: HedgedRun | undefined;
  /** Set by the race, for the delegate to unset when the attempt is over. */
  race: HedgeRace | undefined;
  /** The current sending, at first that of the attempt itself. Questions and answers of the delegate are about it. */
  sending: SendingState | undefined;
  createAttempt(attempt: Attempt, place: P): HttpAttempt;
  /** Makes an outcome whose `attempt` is that of the current sending: by it the race knows whose outcome it is. */
  toOutcome(value: unknown): Outcome | undefined;
  toErrorOutcome(error: unknown): Outcome | undefined;
  /** Whether a request to the place may be sent beside another one. */
  canHedge(place: P): boolean;
  /** Creates a sending. It sends nothing. */
  createSending(place: P, attempt: HttpAttempt): SendingState;
  /** Sends it; emits its response, and what is read from it. */
  execute(sending: SendingState): Observable<unknown>;
  /** Reads responses. Its state is that of the request that it has prepared last. */
  readonly reading?: { prepare?(request: unknown): unknown } | undefined;
}
