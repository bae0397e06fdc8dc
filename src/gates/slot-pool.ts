import type { Subscriber, Subscription } from 'rxjs';

import { now } from '../util/clock.js';
import { type Linked, LinkedList } from '../util/linked-list.js';
import { check, type OptionRule } from '../util/option-rule.js';
import { runAndReportErrors } from '../util/report-errors.js';
import { sharedTimer } from '../util/request-context.js';
import type { AdaptiveLimit, LimitSample } from './limits/limit.js';

/** What a {@link SlotPool} needs to know of the options. */
export interface SlotPoolConfig<State> {
  /** Absent if the limit is fixed. */
  readonly adaptive: AdaptiveLimit<State> | undefined;
  /** The limit at the start. */
  readonly limit: number;
  /** How many attempts may wait. */
  readonly queue: number;
  /** How long each of them may wait, in ms. */
  readonly maxWait: number;
  readonly order: 'fifo' | 'lifo';
}

/** The rule for what an adaptive limit returns. */
const LIMIT: OptionRule = [1, 'a number of at least 1', (limit: number) => limit >= 1];

/** Reads the present limit from the state of an adaptive limit. */
export function limitOf<State>(adaptive: AdaptiveLimit<State>, state: State): number {
  const limit = adaptive.limit(state);
  // With a limit of NaN no attempt would be let in, ever.
  check('what max.limit(state) returns', limit, LIMIT);
  return Math.trunc(limit);
}

/** One attempt in a {@link SlotPool}, which owns the fields that are not read-only. */
export class Slot implements Linked<Slot> {
  /** Is told that the attempt is let in, or why it is rejected. */
  readonly subscriber: Subscriber<void>;
  /** A retry has waited before. */
  readonly isRetry: boolean;
  previous: Slot | undefined;
  next: Slot | undefined;
  state: 'waiting' | 'in flight' | 'left' = 'left';
  /** When its wait is too long, on the monotonic clock. */
  deadline = 0;
  /** The number of attempts in flight when it was let in, itself included. */
  inflight = 0;

  constructor(subscriber: Subscriber<void>, isRetry: boolean) {
    this.subscriber = subscriber;
    this.isRetry = isRetry;
  }
}

/**
 * The slots of one key, and the attempts that wait for one. The gate owns one for each key.
 *
 *     enter ──► waiting ──► in flight ──► left
 *       │          └──────────────────────▲
 *       └──────────────────────► in flight
 *
 * An attempt waits only while as many are in flight as the limit allows, or while those before it are let in.
 */
export class SlotPool<State> {
  readonly #config: SlotPoolConfig<State>;
  readonly #onChange: () => void;
  /** Both in the order in which their waits began. */
  readonly #retries = new LinkedList<Slot>();
  readonly #firstAttempts = new LinkedList<Slot>();
  /** Runs while attempts wait, if `maxWait` limits that: for the one that has waited longest. */
  #timer: Subscription | undefined;
  #isLettingIn = false;
  #state: State | undefined;
  limit: number;
  inFlight = 0;

  constructor(config: SlotPoolConfig<State>, onChange: () => void) {
    this.#config = config;
    this.#onChange = onChange;
    this.#state = config.adaptive?.initial;
    this.limit = config.limit;
  }

  get queued(): number {
    return this.#retries.size + this.#firstAttempts.size;
  }

  /** Whether an attempt that came now would be let in. */
  get hasRoom(): boolean {
    return this.queued === 0 && this.inFlight < this.limit;
  }

  // ——— Attempts come and go.

  /**
   * Lets an attempt in, or has it wait.
   *
   * @param waits - whether it may wait
   * @returns why it is rejected, if it is
   */
  enter(slot: Slot, waits: boolean): string | undefined {
    if (this.hasRoom) {
      this.#letIn(slot);
      return undefined;
    }
    const { queue, maxWait } = this.#config;
    if (!waits) return 'no slot is free';
    if (this.queued >= queue) return `the queue is full (queue: ${queue})`;
    if (maxWait === 0) return this.#tooLong;
    slot.state = 'waiting';
    slot.deadline = maxWait === Infinity ? Infinity : now() + maxWait;
    this.#queueOf(slot).push(slot);
    this.#startTimer();
    this.#onChange();
    return undefined;
  }

  /**
   * Lets an attempt in, for which there is room.
   *
   * @returns takes it out
   */
  take(): () => void {
    this.inFlight += 1;
    this.#onChange();
    return () => {
      this.inFlight -= 1;
      this.#onRoom();
    };
  }

  /** Takes an attempt out, whether it waits or is in flight. */
  leave(slot: Slot): void {
    const { state } = slot;
    slot.state = 'left';
    if (state === 'waiting') {
      this.#unqueue(slot);
      this.#onChange();
    } else if (state === 'in flight') {
      this.inFlight -= 1;
      this.#onRoom();
    }
  }

  /** There may be a free slot. A change that lets an attempt in is told together with that. */
  #onRoom(): void {
    if (this.queued > 0 && this.inFlight < this.limit) this.#letWaitingIn();
    else this.#onChange();
  }

  #letIn(slot: Slot): void {
    this.inFlight += 1;
    slot.state = 'in flight';
    slot.inflight = this.inFlight;
    this.#onChange();
    // Its code runs as far as it can, which may be to its end.
    runAndReportErrors(() => {
      slot.subscriber.next();
    });
  }

  /**
   * Lets attempts in as long as there are slots. An attempt that ends at once calls this again, which does nothing:
   * 100,000 of them would overflow the stack.
   */
  #letWaitingIn(): void {
    if (this.#isLettingIn) return;
    this.#isLettingIn = true;
    try {
      while (this.inFlight < this.limit) {
        const slot = this.#nextInLine();
        if (!slot) break;
        this.#unqueue(slot);
        this.#letIn(slot);
      }
    } finally {
      this.#isLettingIn = false;
    }
  }

  #nextInLine(): Slot | undefined {
    const queue = this.#retries.size > 0 ? this.#retries : this.#firstAttempts;
    return this.#config.order === 'fifo' ? queue.first : queue.last;
  }

  #queueOf({ isRetry }: Slot): LinkedList<Slot> {
    return isRetry ? this.#retries : this.#firstAttempts;
  }

  #unqueue(slot: Slot): void {
    this.#queueOf(slot).remove(slot);
    if (this.queued > 0) return;
    this.#timer?.unsubscribe();
    this.#timer = undefined;
  }

  // ——— A wait is too long.

  get #tooLong(): string {
    return `no slot became free within ${this.#config.maxWait} ms (maxWait)`;
  }

  #startTimer(): void {
    const deadline = Math.min(
      this.#retries.first?.deadline ?? Infinity,
      this.#firstAttempts.first?.deadline ?? Infinity,
    );
    if (this.#timer || deadline === Infinity) return;
    this.#timer = sharedTimer(Math.max(0, deadline - now()), () => {
      this.#timer = undefined;
      this.#rejectOverdue();
      this.#startTimer();
    });
  }

  #rejectOverdue(): void {
    const time = now();
    for (const queue of [this.#retries, this.#firstAttempts]) {
      for (let slot = queue.first; slot && slot.deadline <= time; slot = queue.first) {
        const { subscriber } = slot;
        this.leave(slot);
        runAndReportErrors(() => {
          subscriber.error(new Error(this.#tooLong));
        });
      }
    }
  }

  // ——— The limit adapts.

  /** Updates an adaptive limit. */
  addSample(sample: LimitSample): void {
    const { adaptive } = this.#config;
    if (!adaptive) return;
    const state = adaptive.update(this.#state as State, sample);
    const limit = limitOf(adaptive, state);
    this.#state = state;
    if (limit === this.limit) return;
    this.limit = limit;
    this.#onRoom();
  }
}
