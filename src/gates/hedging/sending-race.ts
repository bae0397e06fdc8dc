import { type Observable, type Subscriber, Subscription, throwError } from 'rxjs';

import type { Attempt, HttpAttempt } from '../../retry/attempt.js';
import type { Decision } from '../../retry/decide-retry.js';
import type { Place } from '../../retry/failover.js';
import type { GateLease } from '../../retry/gate.js';
import type { DecidedOutcome, HedgedDelegate, HedgeRace } from '../../retry/hedge.js';
import type { Outcome } from '../../retry/outcome.js';
import { serverDelay } from '../../retry/server-delay.js';
import type { ResolvedStrategy } from '../../retry/strategy.js';
import { now, wallClock } from '../../util/clock.js';
import { isNamed } from '../../util/error-name.js';
import { longTimer } from '../../util/long-timer.js';
import { runAndReportErrors } from '../../util/report-errors.js';

/** How attempts are hedged, and what is measured of them. */
export interface HedgeSettings {
  readonly max: number;
  /** How long a sending to a URL waits for its response before the next is sent, in ms; `undefined` for ever. */
  delayFor(url: string): number | undefined;
  record(url: string, latency: number): void;
}

/** One sending of the attempt. */
interface Sending {
  readonly attempt: HttpAttempt;
  /** On the monotonic clock. */
  readonly startedAt: number;
  readonly subscription: Subscription;
  /** What it holds of the gates. That of the first is the run's own. */
  lease: GateLease<Attempt> | undefined;
  /** What the delegate knows of it. */
  state: object;
  /** `pending` until its outcome is decided. */
  phase: 'pending' | 'failed' | 'won' | 'lost';
  hasCompleted: boolean;
  failure: DecidedOutcome | undefined;
}

/** The response of a sending, or its error: the source of the run emits it, so that the run decides it. */
class SendingResult {
  constructor(
    readonly sending: Sending,
    readonly value: unknown,
    readonly isError: boolean,
  ) {}
}

/**
 * One attempt that may be sent several times. The first sending whose outcome is accepted wins: its further values are
 * the attempt's, and the others are cut.
 *
 *     racing ──► won ──► over
 *       │                 ▲
 *       └── all failed ───┘
 *
 * The source of a run's attempt is made of it, so the run ends it by unsubscribing.
 */
export class SendingRace<P extends Place> implements HedgeRace {
  readonly #settings: HedgeSettings;
  readonly #delegate: HedgedDelegate<P>;
  readonly #strategy: ResolvedStrategy;
  readonly #output: Subscriber<unknown>;
  readonly #sendings: Sending[] = [];
  /** The one that the delegate's questions are about. */
  #current: Sending | undefined;
  readonly #sendingOf = new WeakMap<Outcome, Sending>();
  #hedgesLeft: number;
  #timer: Subscription | undefined;
  #isOver = false;

  constructor(
    settings: HedgeSettings,
    delegate: HedgedDelegate<P>,
    strategy: ResolvedStrategy,
    output: Subscriber<unknown>,
  ) {
    this.#settings = settings;
    this.#delegate = delegate;
    this.#strategy = strategy;
    this.#output = output;
    this.#hedgesLeft = settings.max;
  }

  /** Sends the attempt for the first time; returns what ends the race. */
  start(place: P): Subscription {
    const delegate = this.#delegate;
    const end = new Subscription(() => {
      this.#end();
    });
    // A synchronous response can end the run before start() returns.
    this.#output.add(end);
    delegate.race = this;
    this.#send(place, delegate.currentAttempt, delegate.run?.gates?.lease);
    return end;
  }

  // ——— Sending.

  #send(place: P, attempt: HttpAttempt, lease: GateLease<Attempt> | undefined): void {
    const delegate = this.#delegate;
    const sending: Sending = {
      attempt,
      startedAt: now(),
      subscription: new Subscription(),
      lease,
      state: {},
      phase: 'pending',
      hasCompleted: false,
      failure: undefined,
    };
    const current = delegate.sending;
    let source: Observable<unknown>;
    try {
      source = delegate.send(place, attempt);
    } catch (error) {
      // The factory of a body can throw.
      // eslint-disable-next-line rxjs-x/throw-error -- it can throw anything
      source = throwError(() => error);
    }
    sending.state = delegate.sending;
    if (this.#current) delegate.sending = current;
    else this.#current = sending;
    this.#sendings.push(sending);
    if (this.#hedgesLeft > 0) this.#startTimer(sending);
    sending.subscription.add(
      source.subscribe({
        next: (value) => {
          this.#output.next(sending.phase === 'pending' ? new SendingResult(sending, value, false) : value);
        },
        error: (error: unknown) => {
          if (sending.phase === 'pending') this.#output.next(new SendingResult(sending, error, true));
          else if (sending.phase === 'won') this.#output.error(error);
        },
        complete: () => {
          sending.hasCompleted = true;
          if (sending.phase === 'won') this.#output.complete();
        },
      }),
    );
    if (sending.phase === 'lost') sending.subscription.unsubscribe();
  }

  #startTimer({ attempt }: Sending): void {
    const delay = this.#settings.delayFor(attempt.url);
    this.#timer?.unsubscribe();
    if (delay === undefined) return;
    // eslint-disable-next-line rxjs-x/no-ignored-error -- a timer cannot fail
    this.#timer = longTimer(delay).subscribe(() => {
      this.#sendHedge();
    });
  }

  /** Sends the attempt once more, unless no place is free, or a gate does not let it in at once. */
  #sendHedge(): boolean {
    const { run, failover } = this.#delegate;
    const [first] = this.#sendings;
    if (this.#isOver || this.#hedgesLeft <= 0 || !run || !first) return false;
    this.#hedgesLeft -= 1;
    for (let ahead = 0; ahead < failover.size; ahead += 1) {
      const place = failover.peek(ahead);
      if (!this.#delegate.canHedge(place) || failover.cooldownOf(place.url, now()) > 0) continue;
      const attempt = {
        ...this.#delegate.createAttempt({ ...first.attempt, startedAt: wallClock() }, place),
        hedge: true as const,
      };
      let lease: GateLease<Attempt> | undefined;
      try {
        lease = run.gates?.admitHedge(attempt);
      } catch (error) {
        run.terminate(error, 'permanent');
        return true;
      }
      // A gate's own code can end the run.
      if (this.#hasEnded()) {
        lease?.end();
        return true;
      }
      if (run.gates && !lease) continue;
      failover.skip(ahead + 1);
      lease?.tell({ type: 'start', attempt });
      run.onHedge(attempt.url);
      if (this.#hasEnded()) {
        this.#leaveGates(lease);
        return true;
      }
      this.#send(place, attempt, lease);
      return true;
    }
    return false;
  }

  #hasEnded(): boolean {
    return this.#isOver;
  }

  // ——— Deciding.

  outcomeOf(result: unknown): Outcome | undefined {
    if (!(result instanceof SendingResult)) return undefined;
    const { sending, value, isError } = result;
    const { attempt } = sending;
    const delegate = this.#delegate;
    const current = delegate.sending;
    delegate.sending = sending.state;
    const outcome: Outcome = isError
      ? (delegate.toErrorOutcome?.(value) ?? { attempt, kind: 'error', error: value })
      : (delegate.toOutcome?.(value) ?? { attempt, kind: 'value', value });
    delegate.sending = current;
    this.#sendingOf.set(outcome, sending);
    return outcome;
  }

  isLost(outcome: Outcome): boolean {
    return this.#sendingOf.get(outcome)?.phase === 'lost';
  }

  select(outcome: Outcome): void {
    const sending = this.#sendingOf.get(outcome);
    if (sending?.phase === 'pending') this.#makeCurrent(sending);
  }

  #makeCurrent(sending: Sending): void {
    this.#current = sending;
    this.#delegate.sending = sending.state;
  }

  settle(outcome: Outcome, decision: Decision): DecidedOutcome | undefined {
    const sending = this.#sendingOf.get(outcome);
    if (!sending) return { outcome, decision };
    if (sending.phase !== 'pending') return undefined;
    if (decision === 'accept') {
      this.#win(sending, outcome);
      return { outcome, decision };
    }
    this.#fail(sending, outcome, decision);
    const [first] = this.#sendings;
    if (!first) return undefined;
    this.#makeCurrent(first);
    // A hedge that ends at once has settled the attempt already.
    if (this.#sendHedge() || this.#sendings.some(({ phase }) => phase === 'pending')) return undefined;
    // What is read from its response is the attempt's.
    first.phase = 'won';
    this.#tellChosen();
    return first.failure;
  }

  #win(winner: Sending, outcome: Outcome): void {
    this.#timer?.unsubscribe();
    winner.phase = 'won';
    if (outcome.kind !== 'error') this.#record(winner);
    for (const sending of this.#sendings) {
      if (sending.phase === 'pending') this.#record(sending);
      if (sending !== winner) this.#cut(sending);
    }
    const gates = this.#delegate.run?.gates;
    if (gates) gates.lease = winner.lease;
    this.#tellChosen();
    // Its response came, and completed, before it was decided.
    if (winner.hasCompleted) this.#output.complete();
  }

  #tellChosen(): void {
    if (this.#sendings.length > 1) this.#delegate.onSendingChosen?.();
  }

  #fail(sending: Sending, outcome: Outcome, decision: Decision): void {
    sending.phase = 'failed';
    sending.failure = { outcome, decision };
    const { attempt, lease } = sending;
    if (outcome.kind === 'error' && isNamed(outcome.error, 'HttpTimeoutError')) this.#record(sending);
    const retryAfter = serverDelay(this.#strategy, outcome);
    if (retryAfter !== undefined) this.#delegate.failover.coolDown(attempt.url, retryAfter, now());
    const elapsed = now() - sending.startedAt;
    if (outcome.kind === 'response') {
      lease?.tell({ type: 'response', attempt, response: outcome.response, url: attempt.url, elapsed });
    }
    lease?.tell({ type: 'failure', attempt, outcome, elapsed, reason: 'attempts' });
    lease?.end();
    // The outcome of the first may become the attempt's: its body may still be read.
    if (sending !== this.#sendings[0]) this.#delegate.discard(sending.state);
  }

  #record({ attempt, startedAt }: Sending): void {
    this.#settings.record(attempt.url, now() - startedAt);
  }

  // ——— Ending.

  #cut(sending: Sending): void {
    const { phase, lease } = sending;
    if (phase === 'lost') return;
    sending.phase = 'lost';
    if (phase === 'pending') this.#leaveGates(lease);
    this.#delegate.discard(sending.state);
    runAndReportErrors(() => {
      sending.subscription.unsubscribe();
    });
  }

  #leaveGates(lease: GateLease<Attempt> | undefined): void {
    if (!lease) return;
    lease.tell({ type: 'cancel', attempt: lease.attempt, elapsed: 0 });
    lease.end();
  }

  /** The run has unsubscribed: what the delegate's current sending holds is the delegate's to end. */
  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#timer?.unsubscribe();
    const delegate = this.#delegate;
    if (delegate.race === this) delegate.race = undefined;
    for (const sending of this.#sendings) if (sending !== this.#current) this.#cut(sending);
    runAndReportErrors(() => this.#current?.subscription.unsubscribe());
  }
}
