import { from, type Observable, type ObservableInput, Subscriber } from 'rxjs';

import type { Attempt, AttemptEvent } from '../retry/attempt.js';
import { GATE, type Gate, type GateLease } from '../retry/gate.js';
import { now } from '../util/clock.js';
import { runAndReportErrors } from '../util/report-errors.js';
import { type HoldContext, openHoldContext } from '../util/request-context.js';

/** Is called once about an admission, unless the admission is ended before. */
export interface AdmissionListener<A extends Attempt> {
  /** How long the run has taken, in ms. */
  readonly total: number;
  onAdmitted(admission: Admission<A>): void;
  /** A gate holds the attempt. Called for each gate that does. */
  onHeld(admission: Admission<A>, gate: Gate): void;
  /** @param error - the gate's own error, if it has one */
  onRejected(admission: Admission<A>, gate: Gate, error: unknown): void;
  /** A gate's `admit` threw. */
  onGateError(admission: Admission<A>, error: unknown): void;
}

/**
 * One attempt's way through the gates, outermost first, and what it holds of them.
 *
 *     asking ◄──► held
 *       │
 *       ▼
 *     admitted ──► ended
 *
 * It can be ended in every state. {@link RunGates} owns one for each attempt that is sent, or held.
 */
export class Admission<A extends Attempt> implements GateLease<A> {
  readonly attempt: A;
  readonly #gates: readonly Gate[];
  readonly #listener: AdmissionListener<A>;
  /** How many gates have let the attempt in. */
  #passed = 0;
  /** What each gate notes about the attempt, and how to give back what it has lent. */
  readonly #memos: object[];
  #teardowns: (() => void)[] | undefined;
  #ended = false;
  readonly #hedgedAt: number;

  /** @param hedgedAt - for a hedge: when it is sent, on the monotonic clock */
  constructor(attempt: A, gates: readonly Gate[], listener: AdmissionListener<A>, hedgedAt = 0) {
    this.attempt = attempt;
    this.#hedgedAt = hedgedAt;
    this.#gates = gates;
    this.#listener = listener;
    // Of this length from the start: an array that grows from nothing has room for 17.
    this.#memos = new Array<object>(gates.length);
  }

  /** Asks one gate after the other, until one holds or rejects the attempt. */
  proceed(): void {
    while (!this.#ended) {
      const gate = this.#gates[this.#passed];
      if (!gate) {
        this.#listener.onAdmitted(this);
        return;
      }
      let admitted: Observable<unknown> | (() => void) | undefined;
      const memo = {};
      this.#memos[this.#passed] = memo;
      try {
        admitted = gate[GATE].definition.admit?.(this.attempt, memo);
        if (admitted !== undefined && typeof admitted !== 'function') {
          admitted = from(admitted as ObservableInput<unknown>);
        }
      } catch (error) {
        this.end();
        this.#listener.onGateError(this, error);
        return;
      }
      if (typeof admitted === 'object') {
        if (this.#hasEnded || !this.#isAdmittedAtOnce(gate, admitted)) return;
      } else {
        this.#passed += 1;
        if (admitted) this.#hold(admitted);
      }
    }
  }

  /** A gate's own code can end the run. */
  get #hasEnded(): boolean {
    return this.#ended;
  }

  /** Remembers how to give back what a gate has lent. */
  #hold(teardown: () => void): void {
    if (this.#ended) runAndReportErrors(teardown);
    else if (this.#teardowns) this.#teardowns.push(teardown);
    else this.#teardowns = [teardown];
  }

  /** Subscribes to what a gate's `admit` returned. If the attempt is let in later, it proceeds then. */
  #isAdmittedAtOnce(gate: Gate, admitted: Observable<unknown>): boolean {
    let isSynchronous = true;
    let isDecided = false;
    let context: HoldContext | undefined = undefined;
    /** Goes on after a hold, where the attempt belongs. */
    const resume = (next: () => void): void => {
      if (context) context.proceed(next);
      else next();
    };
    const reject = (error?: unknown): void => {
      if (isDecided) return;
      isDecided = true;
      resume(() => {
        if (!this.#ended) this.reject(gate, error);
      });
    };
    // Not a plain observer: it could not be unsubscribed while a synchronous source is still emitting.
    // eslint-disable-next-line @typescript-eslint/no-deprecated
    const lease = new Subscriber<unknown>({
      next: () => {
        if (isDecided) return;
        isDecided = true;
        this.#passed += 1;
        if (isSynchronous) return;
        resume(() => {
          context?.end();
          this.proceed();
        });
      },
      error: reject,
      complete: reject,
    });
    this.#hold(() => {
      lease.unsubscribe();
    });
    runAndReportErrors(() => admitted.subscribe(lease));
    isSynchronous = false;
    // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- the subscription can set it
    if (isDecided || this.#ended) return isDecided;
    context = openHoldContext();
    if (context) this.#hold(context.end);
    // What is told of the hold can let the attempt in, which proceeds then by itself.
    this.#listener.onHeld(this, gate);
    return false;
  }

  /** Rejects the attempt in the name of a gate. */
  reject(gate: Gate, error: unknown): void {
    // The gates before it had let the attempt in.
    this.tell({ type: 'cancel', attempt: this.attempt, elapsed: 0, total: this.#listener.total });
    this.end();
    this.#listener.onRejected(this, gate, error);
  }

  /**
   * Returns an event as one of this sending's attempt. To listeners an attempt that is hedged stays one. To gates each
   * sending is an attempt of its own.
   */
  own<E extends AttemptEvent<unknown, A>>(event: E): E {
    if (event.attempt === this.attempt) return event;
    return { ...event, attempt: this.attempt, elapsed: now() - this.#hedgedAt };
  }

  /** Tells the gates that have let the attempt in what happens to it. */
  tell(told: AttemptEvent<unknown, A>): void {
    const event = this.own(told);
    // Those that are let in by what one of them does have not let the attempt in before the event.
    const passed = this.#passed;
    // A gate before it can have ended the run: the others have been told so.
    for (let index = 0; index < passed && !this.#ended; index += 1) {
      const definition = this.#gates[index]?.[GATE].definition;
      if (!definition?.next) continue;
      try {
        definition.next(event, this.memoOf(index));
      } catch (error) {
        runAndReportErrors(() => {
          throw error;
        });
      }
    }
  }

  memoOf(index: number): object {
    return this.#memos[index] as object;
  }

  /** Gives back what the attempt holds, innermost first. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#passed = 0;
    this.#teardowns?.reverse().forEach(runAndReportErrors);
  }
}
