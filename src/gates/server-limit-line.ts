import type { Observable, Subscriber, Subscription } from 'rxjs';

import { now } from '../util/clock.js';
import { type Linked, LinkedList } from '../util/linked-list.js';
import { sharedTimer } from '../util/request-context.js';
import type { LimitReport, ServerLimitPolicy } from './rate-limit-fields.js';
import { reject } from './rejection.js';
import { ServerQuotas } from './server-quotas.js';

/** The state of a `serverLimit` for one key. */
export interface ServerLimitSnapshot {
  /** How many more attempts the server allows; 0 while attempts are held; `undefined` if it has not said. */
  readonly remaining: number | undefined;
  /** How long attempts are still held, or else how long it is until the next reset, in ms; 0 if none is known. */
  readonly resetAfter: number;
  /** The limits that the server has named, as they are now. */
  readonly policies: readonly ServerLimitPolicy[];
  /** How many attempts wait. */
  readonly queued: number;
}

/** Where no rate is known, those who wait are let in over a tenth of the hold, and over at most so many ms. */
const SPREAD_DIVISOR = 10;
const MAX_SPREAD_MS = 1_000;

/** The sum of times is rounded, so that a wait of exactly `maxWait` may come out longer, by less than so many ms. */
const ROUNDING_MS = 1e-3;

/** One attempt at the gate. The {@link ServerLimitLine} owns the fields that are not read-only. */
export class Applicant implements Linked<Applicant> {
  readonly line: ServerLimitLine;
  /** Is told that the attempt is let in, or why it is rejected. */
  readonly subscriber: Subscriber<void>;
  /** When it came, on the monotonic clock. */
  readonly since: number = now();
  previous: Applicant | undefined;
  next: Applicant | undefined;
  state: 'waiting' | 'admitted' | 'answered' | 'left' = 'left';
  /** Its number among the attempts of the key, once it is admitted. */
  ordinal = 0;

  constructor(line: ServerLimitLine, subscriber: Subscriber<void>) {
    this.line = line;
    this.subscriber = subscriber;
  }
}

/**
 * The attempts of one key: those that wait, in the order in which they came, and what the server has said.
 *
 *     open ──► held ──► let in evenly ──► open
 *               ▲            │
 *               └────────────┘
 *
 * There is a timer only while attempts wait: for the first of them, which has the next turn and the earliest deadline.
 * The gate owns a line for each key.
 */
export class ServerLimitLine {
  readonly #maxWait: number;
  readonly #onChange: () => void;
  readonly #quotas = new ServerQuotas();
  readonly #waiting = new LinkedList<Applicant>();
  #timer: Subscription | undefined;
  #isLettingIn = false;
  /** The length of the hold that attempts wait for, in ms; 0 if none does. */
  #heldFor = 0;
  /** The time between attempts since the last hold, in ms, and when the next one may begin. */
  #interval = 0;
  #nextAt = -Infinity;
  /** How many attempts are admitted and not over. */
  #admitted = 0;

  constructor(maxWait: number, onChange: () => void) {
    this.#maxWait = maxWait;
    this.#onChange = onChange;
  }

  /** Whether attempts wait, or are under way. */
  get isInUse(): boolean {
    return this.#admitted > 0 || this.#waiting.size > 0;
  }

  /** Computes how long an attempt would wait that came now, in ms. It is longer if the quota does not last. */
  delay(): number {
    const time = now();
    const { remaining, duration } = this.#quotas.hold(time);
    const { size } = this.#waiting;
    if (remaining > 0) return remaining + size * this.#intervalAfter(duration, size + 1);
    // Those whose turn has come are let in, as soon as the timer fires.
    return Math.max(0, this.#nextAt - time) + size * this.#interval;
  }

  /** Whether a wait is longer than `maxWait`, in ms. */
  isTooLong(wait: number): boolean {
    return wait > this.#maxWait + ROUNDING_MS;
  }

  /** Returns what rejects an attempt that would have to wait so many ms. */
  reject(wait: number): Observable<never> {
    return reject(`the server asks for no requests for ${Math.ceil(wait)} ms`, wait);
  }

  /** Computes the time between the attempts that are let in after a hold, in ms. */
  #intervalAfter(duration: number, count: number): number {
    return this.#quotas.interval ?? Math.min(duration / SPREAD_DIVISOR, MAX_SPREAD_MS) / count;
  }

  snapshot(): ServerLimitSnapshot {
    const time = now();
    const { remaining: hold } = this.#quotas.hold(time);
    const policies = this.#quotas.policies(time);
    const resets = policies.flatMap(({ resetAfter }) => resetAfter ?? []);
    const remaining = hold > 0 ? 0 : policies.length === 0 ? undefined : Math.min(...policies.map((p) => p.remaining));
    const resetAfter = hold > 0 ? hold : resets.length === 0 ? 0 : Math.min(...resets);
    return { remaining, resetAfter, policies, queued: this.#waiting.size };
  }

  /** Admits an attempt at once, or has it wait. */
  enter(applicant: Applicant): void {
    if (this.#waiting.size === 0 && this.delay() === 0) {
      this.#admit(applicant);
      return;
    }
    applicant.state = 'waiting';
    this.#waiting.push(applicant);
    this.#onChange();
    // Those behind the first one need no timer of their own.
    if (this.#waiting.first === applicant) this.#letIn();
  }

  #admit(applicant: Applicant): void {
    applicant.state = 'admitted';
    applicant.ordinal = this.#quotas.send();
    this.#admitted += 1;
    this.#onChange();
    applicant.subscriber.next();
  }

  /** Takes what the server said in the response to an attempt, which may end or extend a hold. */
  hear(applicant: Applicant, report: LimitReport): void {
    applicant.state = 'answered';
    if (report.retryAfter === undefined && report.policies.size === 0) return;
    this.#quotas.learn(report, applicant.ordinal, now());
    this.#onChange();
    this.#letIn();
  }

  /** Gives back the place of an attempt that waits, or what it would have used up of the quota without a response. */
  leave(applicant: Applicant): void {
    const { state } = applicant;
    applicant.state = 'left';
    if (state === 'waiting') {
      const wasFirst = this.#waiting.first === applicant;
      this.#waiting.remove(applicant);
      this.#onChange();
      if (wasFirst) this.#letIn();
    } else if (state !== 'left') {
      this.#admitted -= 1;
      if (state === 'answered') return;
      this.#quotas.takeBack(applicant.ordinal);
      this.#letIn();
    }
  }

  /**
   * Lets in those whose turn has come, and rejects those that would wait too long. What they do can have others come or
   * leave, or call this again: then the outer call goes on with what is there.
   */
  #letIn(): void {
    if (this.#isLettingIn) return;
    this.#isLettingIn = true;
    let first = this.#waiting.first;
    let wait = 0;
    for (; first; first = this.#waiting.first) {
      const time = now();
      wait = this.#nextTurn(time);
      if (wait > 0 && !this.isTooLong(time - first.since + wait)) break;
      this.#waiting.remove(first);
      if (wait > 0) {
        first.state = 'left';
        this.#onChange();
        this.reject(wait).subscribe(first.subscriber);
      } else {
        this.#nextAt += this.#interval;
        this.#admit(first);
      }
    }
    this.#isLettingIn = false;
    this.#startTimer(first && wait);
  }

  /** Computes how long it is until the first attempt is let in. When a hold is over, the others follow evenly. */
  #nextTurn(time: number): number {
    const { remaining, duration } = this.#quotas.hold(time);
    if (remaining > 0) {
      this.#heldFor = duration;
      return remaining;
    }
    if (this.#heldFor > 0) {
      this.#interval = this.#intervalAfter(this.#heldFor, this.#waiting.size);
      this.#nextAt = time;
      this.#heldFor = 0;
    }
    return this.#nextAt - time;
  }

  #startTimer(wait: number | undefined): void {
    this.#timer?.unsubscribe();
    this.#timer = undefined;
    if (wait === undefined) return;
    // A timer of less than 1 ms would fire at the same time again, in virtual time for ever.
    this.#timer = sharedTimer(Math.ceil(wait), () => {
      this.#letIn();
    });
  }
}
