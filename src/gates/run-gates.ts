import type { Subscription } from 'rxjs';

import type { Attempt, AttemptEvent, FailureReason } from '../retry/attempt.js';
import { Failover, type Place } from '../retry/failover.js';
import { GateRejectedError } from '../retry/gate-rejected-error.js';
import {
  GATE,
  type Gate,
  type GateAttempt,
  type GatedRun,
  type GateLease,
  type GateSession,
  UNKNOWN_DELAY,
  type Wakeable,
} from '../retry/gate.js';
import type { RetryDelegate } from '../retry/retry-delegate.js';
import { combineDelays, exceedsMaxRetryAfter } from '../retry/server-delay.js';
import type { ResolvedStrategy } from '../retry/strategy.js';
import { now, wallClock } from '../util/clock.js';
import { readProperty } from '../util/foreign-object.js';
import { longTimer } from '../util/long-timer.js';
import { checkNumber } from '../util/option-rule.js';
import { runAndReportErrors } from '../util/report-errors.js';
import { Admission, type AdmissionListener } from './admission.js';

/** The one place of a run whose source has no URL. */
const NO_PLACE: Place = { url: '' };

/**
 * The gates of one run, and what its attempts hold of them.
 *
 *     idle ──► admitting ──► admitted
 *                 ▲             │
 *                 └── waiting ◄─┘
 *
 * It can be left in every state. A run with gates opens one, and leaves it when it ends.
 */
export class RunGates<A extends Attempt> implements GateSession<A>, AdmissionListener<A>, Wakeable {
  readonly #gates: readonly Gate[];
  readonly #strategy: ResolvedStrategy;
  readonly #run: GatedRun<A>;
  readonly #delegate: RetryDelegate<A>;
  readonly #places: Failover<Place>;
  refusedBy: string | undefined;
  /** The next attempt, as it would go to each place. */
  #draft: A | undefined;
  #draftPlace: Place | undefined;
  #otherDrafts: Map<Place, A> | undefined;
  /** The places that have rejected the next attempt. */
  #tried: Set<Place> | undefined;
  #firstRejection: GateRejectedError | undefined;
  /** The next attempt, if something was told of it. */
  #unsent: A | undefined;
  /** The gates that the next attempt was told to be held by. */
  #toldHolds: Set<Gate> | undefined;
  /** The gate that delays the place asked last the longest. */
  #longest: Gate | undefined;
  /** Of the attempt that is sent, or held. */
  lease: GateLease<A> | undefined;
  /** Ends the wait, or the hold. */
  #timer: Subscription | undefined;
  /** Until when the wait may last, on the monotonic clock. */
  #waitLimit = 0;
  /** Whether the next attempt is a retry whose wait is over. */
  #hasWaited = false;
  #left = false;

  constructor(strategy: ResolvedStrategy, delegate: RetryDelegate<A>, run: GatedRun<A>) {
    this.#gates = strategy.gates as readonly Gate[];
    this.#strategy = strategy;
    this.#run = run;
    this.#delegate = delegate;
    this.#places = delegate.failover ?? new Failover([NO_PLACE], strategy.rotation, Infinity);
  }

  // ——— A retry is planned.

  /** Returns the longest delay that a gate asks for at a place, in ms, and remembers the gate. */
  #delayAt(place: Place): number {
    const attempt = this.#draftFor(place) as GateAttempt;
    let longest = 0;
    this.#longest = undefined;
    for (const gate of this.#gates) {
      // In a queue it is not overtaken by those that come later, as it would be in one wait after the other.
      if (this.#hasWaited && gate[GATE].definition.queues) continue;
      const delay = delayOf(gate, attempt);
      if (delay > longest) {
        longest = delay;
        this.#longest = gate;
      }
    }
    return longest;
  }

  /** Passes over a place that has rejected the attempt, and one that nothing can be sent to any more. */
  choose(time?: number): number | FailureReason {
    const places = this.#places;
    let result: number | FailureReason = 'retry-after';
    let least: number | undefined;
    let steps = 0;
    let longest: Gate | undefined;
    for (let ahead = 0; ahead < places.size && least !== 0; ahead += 1) {
      const place = places.peek(ahead);
      const cooldown = places.cooldownOf(place.url, time);
      if (exceedsMaxRetryAfter(this.#strategy, cooldown) || !this.#canSendTo(place, cooldown)) continue;
      const delay = this.#delayAt(place);
      const wait = Math.max(cooldown, delay);
      const isTooLong = delay > maxGateDelay(this.#strategy);
      // Without a deadline a delay of Infinity would be said to exceed it.
      if (wait >= places.timeLeft && !isTooLong) {
        if (least === undefined) {
          result = 'deadline';
          longest ??= this.#longest;
        }
      } else if (least === undefined || delay < least) {
        least = delay;
        steps = ahead;
        longest = this.#longest;
        // For an unknown time it is `admit` that holds the attempt.
        result = isTooLong ? 'rejected' : wait > UNKNOWN_DELAY ? wait : 0;
      }
    }
    places.skip(steps);
    this.#longest = longest;
    this.refusedBy = longest?.name;
    return result;
  }

  nextDelay(retryAfter: number | undefined, backoff: () => number): number | FailureReason {
    return this.#places.nextDelay(this.#strategy, NO_PLACE.url, retryAfter, backoff, this);
  }

  planRetry(planned: AttemptEvent<unknown, A> & { readonly type: 'retry' }): boolean {
    const lease = this.lease as GateLease<A>;
    const event = lease.own(planned);
    for (const {
      name,
      [GATE]: { definition },
    } of this.#gates) {
      // A gate's own code can end the run.
      if (!this.#left && definition.allowsRetry && !definition.allowsRetry(event.attempt, event.outcome)) {
        this.refusedBy = name;
        return false;
      }
    }
    // An attempt whose sendings have all failed holds nothing any more.
    this.#gates.forEach(({ [GATE]: { definition } }, index) => {
      runAndReportErrors(() => {
        if (!this.#left) definition.next?.(event, lease.memoOf(index));
      });
    });
    return true;
  }

  // ——— An attempt is admitted.

  get total(): number {
    return this.#run.total;
  }

  /** Admits the first attempt. It waits for nothing, so that a gate's delay only decides where it goes. */
  admit(): void {
    this.#choosePlace();
    this.#enter();
  }

  /** After a rejection nothing waits for a cooldown. */
  #canSendTo(place: Place, cooldown: number): boolean {
    const tried = this.#tried;
    return !(tried && (cooldown > 0 || tried.has(place))) && !this.#delegate.isSpent?.(place);
  }

  /** Chooses the place of the next attempt. If a gate's `delay` throws, that ends the run. */
  #choosePlace(): number | FailureReason {
    try {
      return this.choose();
    } catch (error) {
      this.#refuse(this.#draftFor(this.#places.peek()), error, 'permanent');
      return 0;
    }
  }

  /** Returns the next attempt as it would go to a place: the same object as long as the place is the same. */
  #draftFor(place: Place): A {
    // Most runs have one place: they need no Map.
    if (this.#draftPlace === place && this.#draft) return this.#draft;
    let draft = this.#otherDrafts?.get(place);
    if (draft) return draft;
    draft = this.#run.draft(place);
    if (this.#draft) {
      (this.#otherDrafts ??= new Map<Place, A>()).set(place, draft);
    } else {
      this.#draft = draft;
      this.#draftPlace = place;
    }
    return draft;
  }

  #enter(): void {
    if (this.#left) return;
    const place = this.#places.peek();
    const admission = (this.lease = new Admission(this.#draftFor(place), this.#gates, this));
    admission.proceed();
  }

  onAdmitted({ attempt }: Admission<A>): void {
    this.#timer?.unsubscribe();
    if (this.#hasWaited || this.#toldHolds) startNow(attempt);
    this.#timer = this.#draft = this.#otherDrafts = undefined;
    this.#tried = this.#firstRejection = this.#toldHolds = this.#unsent = undefined;
    this.#hasWaited = false;
    this.#run.startAttempt(attempt);
  }

  onHeld(admission: Admission<A>, gate: Gate): void {
    const { timeLeft } = this.#places;
    // In browsers there is no deadline, and needs no timer.
    if (this.#delegate.limitsHolds && timeLeft < Infinity) {
      this.#timer?.unsubscribe();
      // eslint-disable-next-line rxjs-x/no-ignored-error -- a timer cannot fail
      this.#timer = longTimer(Math.max(0, timeLeft)).subscribe(() => {
        admission.reject(gate, new Error('it was held until the deadline'));
      });
    }
    this.#tellHold(admission.attempt, gate);
  }

  #tellHold(attempt: A, gate: Gate): void {
    const told = (this.#toldHolds ??= new Set<Gate>());
    if (told.has(gate)) return;
    told.add(gate);
    this.#setUnsent(attempt);
    this.#run.emitEvent({ type: 'hold', attempt, gate: gate.name });
  }

  /** Asks the other places for the attempt. If there is none, the request ends. */
  onRejected({ attempt }: Admission<A>, gate: Gate, error: unknown): void {
    this.lease = undefined;
    // What an outer gate's teardown does can end the run.
    if (this.#left) return;
    (this.#tried ??= new Set()).add(this.#places.peek());
    this.#firstRejection ??= new GateRejectedError({
      gate: gate.name,
      attempt,
      retryAfter: retryAfterOf(gate, attempt, error),
      cause: error,
    });
    const { gate: refusedBy } = this.#firstRejection;
    const next = this.#choosePlace();
    // A place that a gate delays for longer than a retry would wait is asked all the same: the gate decides.
    if (next === 'retry-after' || next === 'deadline') {
      this.refusedBy = refusedBy;
      this.#refuse(this.#firstRejection.attempt as A, this.#firstRejection, 'rejected');
    } else {
      this.#enter();
    }
  }

  /** What happens next, happens to an attempt that may never be sent. */
  #setUnsent(attempt: A): void {
    if (attempt === this.#unsent) return;
    this.#unsent = attempt;
    startNow(attempt);
    this.#run.setAttempt(attempt);
  }

  #refuse(attempt: A, error: unknown, reason: 'rejected' | 'permanent'): void {
    this.#setUnsent(attempt);
    this.#run.terminate(error, reason);
  }

  onGateError({ attempt }: Admission<A>, error: unknown): void {
    this.lease = undefined;
    this.#refuse(attempt, error, 'permanent');
  }

  admitHedge(attempt: A): GateLease<A> | undefined {
    for (const gate of this.#gates) {
      if (gate[GATE].definition.allowsRetry?.(attempt, undefined) === false || delayOf(gate, attempt) > 0) {
        return undefined;
      }
    }
    let isAdmitted = false;
    const end = (admission: Admission<A>): void => {
      admission.end();
    };
    const listener: AdmissionListener<A> = {
      total: this.total,
      onAdmitted: () => {
        isAdmitted = true;
      },
      onHeld: end,
      onRejected: end,
      onGateError: (_, error) => {
        throw error;
      },
    };
    const admission = new Admission(attempt, this.#gates, listener, now());
    admission.proceed();
    // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- proceed() can set it
    return isAdmitted ? admission : undefined;
  }

  // ——— A retry waits.

  wait(delay: number): void {
    this.#endAdmission();
    // What the attempt held can be what another request waits for, whose code can end this run.
    if (this.#left) return;
    this.#draft = this.#otherDrafts = undefined;
    const limit = maxGateDelay(this.#strategy);
    this.#waitLimit = now() + limit + (delay > limit ? delay : 0);
    this.#waitFor(delay);
  }

  /** Returns whether it waits: what subscribing to a gate's wake$ does can end the wait. */
  #waitFor(delay: number): boolean {
    // eslint-disable-next-line rxjs-x/no-ignored-error -- a timer cannot fail
    const timer = (this.#timer = longTimer(delay).subscribe(() => {
      this.wake();
    }));
    for (const gate of this.#gates) if (this.#timer === timer) gate[GATE].waits?.add(this);
    return this.#timer === timer;
  }

  #stopWaiting(): void {
    if (!this.#timer) return;
    this.#timer.unsubscribe();
    this.#timer = undefined;
    for (const gate of this.#gates) gate[GATE].waits?.remove(this);
  }

  /** The backoff is over. What servers and gates ask for now is waited for. */
  wake(): void {
    this.#stopWaiting();
    this.#hasWaited = true;
    const wait = this.#choosePlace();
    // A gate's own code can end the run.
    if (this.#left) return;
    const gate = this.#longest;
    // A timer that fires late can miss the deadline. Then no gate is to blame, and the total timeout ends the request.
    if (wait === 0 || (!gate && typeof wait === 'string')) {
      this.#enter();
      return;
    }
    const delay = typeof wait === 'string' ? Infinity : combineDelays(this.#strategy, 0, wait);
    const fits = now() + delay <= this.#waitLimit && delay < this.#places.timeLeft;
    const attempt = this.#draftFor(this.#places.peek());
    if (!fits && gate) {
      const retryAfter = retryAfterOf(gate, attempt, undefined);
      this.#refuse(attempt, new GateRejectedError({ gate: gate.name, attempt, retryAfter }), 'rejected');
      return;
    }
    // What a server asks for has been planned: only what is added to it at random can be too much.
    const isWaiting = this.#waitFor(fits ? delay : (wait as number));
    if (gate && isWaiting) this.#tellHold(attempt, gate);
  }

  // ——— Events, and the end.

  tell(event: AttemptEvent<unknown, A>): void {
    this.lease?.tell(event);
  }

  #endAdmission(): void {
    const admission = this.lease;
    this.lease = undefined;
    admission?.end();
  }

  leave(): void {
    this.#left = true;
    this.#stopWaiting();
    this.#endAdmission();
  }
}

/** The one field of an attempt that changes: it starts when it is sent, or when something happens to it before. */
function startNow(attempt: Attempt): void {
  (attempt as { startedAt: number }).startedAt = wallClock();
}

/** The longest delay of a gate that a retry waits for, in ms. A `maxRetryAfter` of 0 ignores servers, not gates. */
function maxGateDelay({ maxRetryAfter }: ResolvedStrategy): number {
  // A delay of Infinity exceeds it even if it is Infinity.
  return Math.min(maxRetryAfter || 60_000, Number.MAX_VALUE);
}

/** Returns how long a gate would hold an attempt, in ms; throws if what it returns is no time. */
function delayOf({ name, [GATE]: { definition } }: Gate, attempt: GateAttempt): number {
  if (!definition.delay) return 0;
  const delay = definition.delay(attempt);
  return delay === 0 ? 0 : checkNumber(`what the gate "${name}" returns from delay`, delay, 0, true);
}

/** How long a gate is expected to go on rejecting, in ms: its error says so, or its delay. */
function retryAfterOf(gate: Gate, attempt: Attempt, error: unknown): number | undefined {
  const stated = readProperty(error, 'retryAfter');
  if (typeof stated === 'number' && stated >= 0) return stated;
  let delay: number | undefined;
  try {
    delay = gate[GATE].definition.delay?.(attempt);
  } catch {
    // The rejection matters more.
  }
  return delay && delay > UNKNOWN_DELAY ? delay : undefined;
}
