import { asyncScheduler, type SchedulerAction, type Subscription } from 'rxjs';

import { now } from './clock.js';
import { MAX_TIMEOUT_MS } from './long-timer.js';

/** How late a timer may fire before it tells more of a process that stood still than of the network, in ms. */
const MAX_TIMER_DELAY_MS = 100;

/** Who wants to know of silence. */
export interface InactivityListener {
  onInactive(limit: number): void;
}

/**
 * Watches for silence: calls back when nothing has been heard for `limit` ms while somebody listened.
 *
 * One timer serves a whole attempt: a sign of life only notes the time, and the timer, when it fires, looks how long ago that was.
 */
export class InactivityTimer {
  readonly #limit: number;
  readonly #listener: InactivityListener;
  #since: number | undefined;
  #stopped = false;
  #isSecondCheck = false;
  /** Whether nothing was heard since the timer was set for all that was left: then it is over when that fires, whatever a clock says. */
  #untouched = false;
  #timer: Subscription | undefined;

  constructor(limit: number, listener: InactivityListener) {
    this.#limit = limit;
    this.#listener = listener;
  }

  /** Something is expected from now on. */
  start(): void {
    if (this.#stopped) return;
    this.#since = now();
    // Fake timers may leave the clock alone: it would never say that the time is over.
    this.#untouched = !this.#timer && this.#limit <= MAX_TIMEOUT_MS;
    this.#timer ??= asyncScheduler.schedule(look, Math.min(this.#limit, MAX_TIMEOUT_MS), this);
  }

  /** Something was heard, and more is expected. */
  touch(): void {
    this.#untouched = false;
    if (this.#since !== undefined) this.#since = now();
  }

  /** Nothing is expected for now. */
  pause(): void {
    this.#untouched = false;
    this.#since = undefined;
  }

  /** Ends it for good. */
  stop(): void {
    this.#stopped = true;
    this.pause();
    this.#timer?.unsubscribe();
  }

  /** How much longer there may be silence, in ms; `undefined` where nothing is expected. */
  remaining(): number | undefined {
    if (this.#since === undefined) return undefined;
    return this.#since + this.#limit - now();
  }

  /**
   * Its timer has fired: how long it is to run on in ms, or `undefined` where it is over.
   *
   * One that fires late looks once more: the process stood still, and what came meanwhile is not read yet.
   */
  checkInactivity(): number | undefined {
    const left = this.remaining();
    if (left !== undefined && left > 0 && !this.#untouched) {
      this.#isSecondCheck = false;
      this.#untouched = left <= MAX_TIMEOUT_MS;
      return Math.min(left, MAX_TIMEOUT_MS);
    }
    if (left !== undefined && left < -MAX_TIMER_DELAY_MS && !this.#isSecondCheck) {
      this.#isSecondCheck = true;
      return 0;
    }
    this.#timer = undefined;
    this.#isSecondCheck = false;
    if (left !== undefined) this.#listener.onInactive(this.#limit);
    return undefined;
  }
}

/** One function for all, which gets the watch as its state: an attempt should make no more of its own than it must. */
function look(this: SchedulerAction<InactivityTimer>, silence?: InactivityTimer): void {
  const left = silence?.checkInactivity();
  if (left !== undefined) this.schedule(silence, left);
}
