import { type Observable, type Observer, Subscriber, type Subscription, throwError, type Unsubscribable } from 'rxjs';

import type { Attempt, HttpAttempt } from '../../retry/attempt.js';
import type { Decision } from '../../retry/decide-retry.js';
import type { Place } from '../../retry/failover.js';
import type { GateLease } from '../../retry/gate.js';
import type { DecidedOutcome, HedgedDelegate, HedgedRun, HedgeRace, SendingState } from '../../retry/hedge.js';
import type { Outcome } from '../../retry/outcome.js';
import { serverDelay } from '../../retry/server-delay.js';
import type { ResolvedStrategy } from '../../retry/strategy.js';
import { now, wallClock } from '../../util/clock.js';
import { isNamed } from '../../util/error-name.js';
import { longTimer } from '../../util/long-timer.js';
import { runAndReportErrors } from '../../util/report-errors.js';
import type { Latencies } from './latencies.js';

/** How attempts are hedged, and what is measured of them. */
export interface HedgeSettings {
  readonly max: number;
  /** The latencies of a URL's origin; `undefined` if none are measured. */
  latenciesOf(url: string): Latencies | undefined;
  /** How long a sending waits for its response before the next is sent, in ms; `undefined` for ever. */
  delayOf(latencies: Latencies | undefined): number | undefined;
}

/** One sending of the attempt. It observes its response, and what is read from it. */
class Sending implements Observer<unknown> {
  readonly #race: SendingObserver;
  readonly attempt: HttpAttempt;
  /** On the monotonic clock. */
  readonly startedAt: number = now();
  /** What it holds of the gates. That of the first is the run's own. */
  readonly lease: GateLease<Attempt> | undefined;
  /** What the delegate knows of it. */
  readonly state: SendingState;
  readonly latencies: Latencies | undefined;
  /** To its source. */
  readonly subscription: Subscriber<unknown>;
  /** `pending` until its outcome is decided, or that of another; `lost` if it has failed, too. */
  phase: 'pending' | 'won' | 'lost' = 'pending';
  /** Whether its outcome has come. */
  hasAnswered = false;
  hasCompleted = false;
  failure: DecidedOutcome | undefined;

  constructor(
    race: SendingObserver,
    state: SendingState,
    lease: GateLease<Attempt> | undefined,
    latencies: Latencies | undefined,
  ) {
    this.#race = race;
    this.attempt = state.attempt;
    this.lease = lease;
    this.state = state;
    this.latencies = latencies;
    // Not a plain observer: it could not be unsubscribed while a synchronous source is still emitting.
    // eslint-disable-next-line @typescript-eslint/no-deprecated
    this.subscription = new Subscriber<unknown>(this);
  }

  next(value: unknown): void {
    this.#race.onResult(this, value, false);
  }

  error(error: unknown): void {
    this.#race.onResult(this, error, true);
  }

  complete(): void {
    this.hasCompleted = true;
    this.#race.onCompleted(this);
  }
}

/** The race, as its sendings see it. */
interface SendingObserver {
  onResult(sending: Sending, result: unknown, isError: boolean): void;
  onCompleted(sending: Sending): void;
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
 *     racing ──► won ──────────► over
 *       │                         ▲
 *       └──────► all failed ──────┘
 *
 * The source of a run's attempt is made of it, so the run ends it by unsubscribing. What the delegate's current sending
 * holds, its lease included, is the run's to end; what the others hold is the race's.
 */
export class SendingRace<P extends Place> implements HedgeRace, SendingObserver, Unsubscribable {
  readonly #settings: HedgeSettings;
  readonly #delegate: HedgedDelegate<P>;
  readonly #strategy: ResolvedStrategy;
  readonly #output: Subscriber<unknown>;
  readonly #sendings: Sending[] = [];
  /** The one that the delegate's questions are about. */
  #current: Sending | undefined;
  #hedgesLeft = 0;
  #timer: Subscription | undefined;
  #isRacing = true;
  hasFailed = false;

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
  }

  /** Sends the attempt for the first time. */
  start(place: P): void {
    const delegate = this.#delegate;
    this.#output.add(this);
    delegate.race = this;
    // What must not be received twice is not sent twice, whatever request is the next.
    if (delegate.canHedge(place)) this.#hedgesLeft = this.#settings.max;
    this.#send(delegate.sending as SendingState, delegate.run?.gates?.lease);
  }

  // ——— Sending.

  #send(state: SendingState, lease: GateLease<Attempt> | undefined): void {
    const sending = new Sending(this, state, lease, this.#settings.latenciesOf(state.attempt.url));
    this.#sendings.push(sending);
    this.#current ??= sending;
    this.#startTimer(sending);
    let source: Observable<unknown>;
    try {
      source = this.#delegate.execute(state);
    } catch (error) {
      // The factory of a body can throw.
      // eslint-disable-next-line rxjs-x/throw-error -- it can throw anything
      source = throwError(() => error);
    }
    // It can end the run, too, or have another sending win.
    if (sending.subscription.closed) return;
    runAndReportErrors(() => source.subscribe(sending.subscription));
  }

  onCompleted(sending: Sending): void {
    // Without a response it ends the attempt, as it would without hedges.
    if (sending.phase === 'pending' && !sending.hasAnswered) this.#win(sending);
    else if (sending.phase === 'won') this.#output.complete();
  }

  onResult(sending: Sending, value: unknown, isError: boolean): void {
    if (sending.phase === 'pending') {
      sending.hasAnswered = true;
      // While it is decided no other is sent. If it has failed, the next is sent at once.
      this.#timer?.unsubscribe();
      this.#output.next(new SendingResult(sending, value, isError));
    } else if (sending.phase === 'won') {
      if (isError) this.#output.error(value);
      else this.#output.next(value);
    }
  }

  #startTimer(sending: Sending): void {
    this.#timer?.unsubscribe();
    const delay = this.#hedgesLeft > 0 ? this.#settings.delayOf(sending.latencies) : undefined;
    if (delay === undefined) return;
    // eslint-disable-next-line rxjs-x/no-ignored-error -- a timer cannot fail
    this.#timer = longTimer(delay).subscribe(() => {
      if (!this.#sendHedge()) this.#startTimer(sending);
    });
  }

  /** Sends the attempt once more; returns `false` if no place is free, or no gate lets it in at once. */
  #sendHedge(): boolean {
    const { run, failover } = this.#delegate;
    const [first] = this.#sendings;
    if (this.#hedgesLeft <= 0 || !run || !first) return false;
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
      // A gate's own code, or a listener's, can end the run, or have another sending win.
      if (this.#hasEnded()) {
        lease?.end();
        return true;
      }
      if (run.gates && !lease) continue;
      failover.skip(ahead + 1);
      lease?.tell({ type: 'start', attempt });
      if (!this.#hasEnded()) {
        run.emitEvent({ type: 'hedge', attempt: first.attempt, url: attempt.url, elapsed: run.elapsed });
      }
      if (this.#hasEnded()) leaveGates(lease, 0, run.total);
      else this.#send(this.#delegate.createSending(place, attempt), lease);
      return true;
    }
    return false;
  }

  #hasEnded(): boolean {
    return !this.#isRacing;
  }

  // ——— Deciding.

  outcomeOf(result: unknown): Outcome | undefined {
    if (!(result instanceof SendingResult)) return undefined;
    const { sending, value, isError } = result;
    const delegate = this.#delegate;
    const current = delegate.sending;
    delegate.sending = sending.state;
    try {
      return isError ? delegate.toErrorOutcome(value) : delegate.toOutcome(value);
    } finally {
      delegate.sending = current;
    }
  }

  /** Each sending has an attempt of its own. */
  #sendingOf(outcome: Outcome): Sending | undefined {
    return this.#sendings.find(({ attempt }) => attempt === outcome.attempt);
  }

  isLost(outcome: Outcome): boolean {
    return this.#sendingOf(outcome)?.phase === 'lost';
  }

  select(outcome: Outcome): void {
    const sending = this.#sendingOf(outcome);
    if (sending?.phase === 'pending') this.#makeCurrent(sending);
  }

  #makeCurrent(sending: Sending): void {
    const { gates } = this.#delegate.run ?? {};
    this.#current = sending;
    this.#delegate.sending = sending.state;
    if (gates) gates.lease = sending.lease;
  }

  settle(outcome: Outcome, decision: Decision): DecidedOutcome | undefined {
    const sending = this.#sendingOf(outcome);
    if (!sending || sending.phase === 'won') return { outcome, decision };
    if (sending.phase !== 'pending') return undefined;
    if (decision === 'accept') {
      if (outcome.kind !== 'error') this.#record(sending);
      this.#win(sending);
      return { outcome, decision };
    }
    this.#fail(sending, outcome, decision);
    const [first] = this.#sendings;
    // A gate's own code can end the run.
    if (this.#hasEnded() || !first) return undefined;
    this.#makeCurrent(first);
    // A hedge that ends at once has settled the attempt already.
    if (this.#sendHedge()) return undefined;
    const pending = this.#sendings.find(({ phase }) => phase === 'pending');
    if (pending) {
      this.#startTimer(pending);
      return undefined;
    }
    // What is read from its response is the attempt's.
    first.phase = 'won';
    this.hasFailed = true;
    this.#prepareReading();
    // The hedges may have failed for good at all the other places.
    return first.failure && this.#delegate.failover.size === 0
      ? { ...first.failure, decision: 'permanent' }
      : first.failure;
  }

  #win(winner: Sending): void {
    this.#isRacing = false;
    this.#timer?.unsubscribe();
    winner.phase = 'won';
    // It is current before the others are cut: their gates' own code can end the run.
    this.#makeCurrent(winner);
    for (const sending of this.#sendings) {
      if (sending.phase === 'pending') this.#record(sending);
      if (sending !== winner) this.#cut(sending);
    }
    this.#prepareReading();
    // Its response came, and completed, before it was decided; or it has none.
    if (winner.hasCompleted) this.#output.complete();
  }

  #prepareReading(): void {
    const { reading, sending } = this.#delegate;
    const request = sending?.exchange?.request;
    // The last request that it prepared may be another sending's.
    if (this.#sendings.length > 1 && !this.#output.closed && request) reading?.prepare?.(request);
  }

  #fail(sending: Sending, outcome: Outcome, decision: Decision): void {
    sending.phase = 'lost';
    sending.failure = { outcome, decision };
    const { attempt, lease } = sending;
    const run = this.#delegate.run as HedgedRun;
    if (outcome.kind === 'error' && isNamed(outcome.error, 'HttpTimeoutError')) this.#record(sending);
    const retryAfter = serverDelay(this.#strategy, outcome);
    if (retryAfter !== undefined) this.#delegate.failover.coolDown(attempt.url, retryAfter, now());
    const elapsed = now() - sending.startedAt;
    if (outcome.kind === 'response') {
      lease?.tell({ type: 'response', attempt, response: outcome.response, url: attempt.url, elapsed });
    }
    lease?.tell({ type: 'failure', attempt, outcome, elapsed, total: run.total, reason: 'attempts' });
    lease?.end();
    // The outcome of the first may become the attempt's: its body may still be read.
    if (sending !== this.#sendings[0]) this.#cut(sending);
  }

  #record({ latencies, startedAt }: Sending): void {
    const time = now();
    latencies?.record(time, time - startedAt);
  }

  // ——— Ending.

  #cut(sending: Sending): void {
    sending.phase = 'lost';
    leaveGates(sending.lease, now() - sending.startedAt, (this.#delegate.run as HedgedRun).total);
    sending.state.exchange?.release('abort');
    runAndReportErrors(() => {
      sending.subscription.unsubscribe();
    });
  }

  /** Called when the run unsubscribes, and by RxJS after the end. */
  unsubscribe(): void {
    this.#isRacing = false;
    this.#timer?.unsubscribe();
    for (const sending of this.#sendings) if (sending !== this.#current) this.#cut(sending);
    runAndReportErrors(() => this.#current?.subscription.unsubscribe());
  }
}

/** Ends a lease before the response came. One that has ended tells its gates no more. */
function leaveGates(lease: GateLease<Attempt> | undefined, elapsed: number, total: number): void {
  if (!lease) return;
  lease.tell({ type: 'cancel', attempt: lease.attempt, elapsed, total });
  lease.end();
}
