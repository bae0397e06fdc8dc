import type { Observable } from 'rxjs';

import type { OptionRule } from '../util/option-rule.js';
import type { Attempt, AttemptEvent, FailureReason, HttpAttempt } from './attempt.js';
import type { Place } from './failover.js';
import type { Outcome } from './outcome.js';
import type { RetryDelegate } from './retry-delegate.js';
import type { ResolvedStrategy } from './strategy.js';

/**
 * An attempt, as gates see it: of an HTTP request it has the method, the URL and the context; the bare operator's
 * attempts do not. A hedge is an attempt of its own, and has `hedge: true`.
 */
export type GateAttempt = Attempt &
  Partial<Pick<HttpAttempt, 'method' | 'url' | 'context'>> & { readonly hedge?: true };

/**
 * What a gate does. `defineGate` makes a gate of it.
 *
 * @typeParam Memo - what it notes about each attempt, if it does
 */
export interface GateDefinition<Memo extends object = object> {
  /** The gate's name in events and errors: `circuit-breaker`. */
  readonly name: string;
  /**
   * How long an attempt would be held if it came now, in ms; 0 if it would pass at once, `Infinity` if it never would.
   * A question, asked for each place that the attempt could go to: it changes nothing.
   *
   * `Number.MIN_VALUE` says that `admit` would hold it, for a time that is not known: another place is preferred then.
   *
   * @default () => 0
   */
  delay?(attempt: GateAttempt): number;
  /**
   * Whether another sending may follow an attempt. A question: it changes nothing. If all gates agree, `next` gets the
   * `retry` event.
   *
   * @param outcome - how the attempt ended; absent for a hedge, which is sent beside it
   * @default () => true
   */
  allowsRetry?(attempt: GateAttempt, outcome: Outcome | undefined): boolean;
  /**
   * Lets an attempt in, holds it, or rejects it.
   *
   * An Observable lets it in by its first emission. An error rejects the attempt, and so does completing without a
   * value. The Observable stays subscribed until the attempt is over; its teardown gives back what the attempt held.
   *
   * A function lets it in at once, and is called when the attempt is over: a teardown alone. So does `undefined`, if
   * the attempt holds nothing.
   *
   * @param memo - an empty object, in which the gate can note what it needs to know about this attempt later. `next`
   *   gets the same one. It costs less than a Map by attempt.
   * @default () => undefined
   */
  admit?(attempt: GateAttempt, memo: Partial<Memo>): Observable<unknown> | (() => void) | undefined;
  /**
   * Whether `admit` holds attempts in an order of its own, such as a queue. A retry whose wait is over joins it, and
   * `delay` is not asked again: attempts that came later would be ahead of it each time.
   *
   * @default false
   */
  readonly queues?: boolean;
  /**
   * Is called with the events of the attempts that it let in, before any listener is.
   *
   * @param memo - what `admit` got for the attempt
   */
  next?(event: AttemptEvent<unknown, GateAttempt>, memo: Partial<Memo>): void;
  /** When it emits, waits end, except for the time that `Retry-After` or a gate's `delay` asks for. */
  readonly wake$?: Observable<unknown>;
}

/** The delay of a gate whose `admit` would hold an attempt for a time that it does not know. */
export const UNKNOWN_DELAY: number = Number.MIN_VALUE;

/** The internal part of a gate. */
export const GATE: unique symbol = Symbol('gate');

/**
 * An object that attempts of many requests share. It lets each of them pass, holds it back, or rejects it. `defineGate`
 * makes it, and functions such as `circuitBreaker`.
 */
export interface Gate {
  /** The gate's name in events and errors. */
  readonly name: string;
  /** @internal */
  readonly [GATE]: GateInternals;
}

/** The rule for the strategy's `gates`. */
export const GATES: OptionRule = [
  [undefined],
  'a gate, as defineGate() makes it',
  (gate: Partial<Gate> | null | undefined) => gate?.[GATE] !== undefined,
];

/** A gate's definition, and the machinery for the gates of one run. A strategy without gates does not import it. */
export interface GateInternals {
  readonly definition: GateDefinition;
  /** The waits that `wake$` ends; absent if the gate has none. */
  readonly waits: WaitRegistry | undefined;
  openSession<A extends Attempt>(
    strategy: ResolvedStrategy,
    delegate: RetryDelegate<A>,
    run: GatedRun<A>,
  ): GateSession<A>;
}

/** A wait that a gate can end. */
export interface Wakeable {
  wake(): void;
}

/** The waits that one gate can end. */
export interface WaitRegistry {
  add(wait: Wakeable): void;
  remove(wait: Wakeable): void;
}

/** Chooses the place of the next attempt. */
export interface PlaceChooser {
  /**
   * Moves to the first available place, in turn, that no gate delays, else to the one that gates delay the least.
   *
   * @param time - now, on the monotonic clock, if the caller has read it
   * @returns how long its server and gates ask to wait, in ms; or the reason why there is none
   */
  choose(time?: number): number | FailureReason;
}

/** A run, as its gates see it. */
export interface GatedRun<A extends Attempt> {
  /** Creates the next attempt, without starting it. */
  draft(place?: Place): A;
  /** Sets the attempt that events are about, and the error of an early end. It began at its `startedAt`, just now. */
  setAttempt(attempt: A): void;
  /** Starts an attempt that was drafted. */
  startAttempt(attempt: A): void;
  emitEvent(event: AttemptEvent<unknown, A>): void;
  /** How long the run has taken, in ms, as of the last reading of the clock. */
  readonly total: number;
  /** @param error - a GateRejectedError, or what a gate's own function threw */
  terminate(error: unknown, reason: 'rejected' | 'permanent'): void;
}

/** What one sending of an attempt holds of the gates. */
export interface GateLease<A extends Attempt> {
  readonly attempt: A;
  /** Returns an event as one of this sending's attempt. */
  own<E extends AttemptEvent<unknown, A>>(event: E): E;
  /** Tells the gates an event, as one of this sending's attempt. */
  tell(event: AttemptEvent<unknown, A>): void;
  /** Returns what a gate has noted about this sending's attempt. */
  memoOf(index: number): object;
  end(): void;
}

/** The gates of one run: all the state of gates that it has. */
export interface GateSession<A extends Attempt> extends PlaceChooser {
  /** The name of the gate that refused last. */
  readonly refusedBy: string | undefined;
  /** Asks whether a retry may follow; if so, tells the gates of it. */
  planRetry(event: AttemptEvent<unknown, A> & { readonly type: 'retry' }): boolean;
  /** Computes the delay before a retry, for a run without places of its own. */
  nextDelay(retryAfter: number | undefined, backoff: () => number): number | FailureReason;
  /** Has the next attempt admitted, now or later. */
  admit(): void;
  /** Ends what the attempt holds of the gates, waits, then has the next attempt admitted. */
  wait(delay: number): void;
  /** Of the sending whose events `tell` passes on. */
  lease: GateLease<A> | undefined;
  /** Admits a hedge; returns `undefined` if a gate does not let it in at once. */
  admitHedge(attempt: A): GateLease<A> | undefined;
  /** Tells the gates what happens to an attempt that they let in. */
  tell(event: AttemptEvent<unknown, A>): void;
  /** Ends what the attempt holds of the gates, or its wait, for good. Called once or more, when the run has ended. */
  leave(): void;
}
