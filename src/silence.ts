import { asyncScheduler, type SchedulerAction, type Subscription } from 'rxjs';

import { LONGEST } from './wait.js';

/** Who wants to know of silence. */
export interface SilenceListener {
  silent(limit: number): void;
}

/**
 * Watches for silence: calls back when nothing has been heard for `limit` ms while somebody listened.
 *
 * One timer serves a whole attempt: a sign of life only notes the time, and the timer, when it fires, looks how long ago that was.
 */
export class Silence {
  readonly #limit: number;
  readonly #listener: SilenceListener;
  #since: number | undefined;
  #stopped = false;
  #timer: Subscription | undefined;

  constructor(limit: number, listener: SilenceListener) {
    this.#limit = limit;
    this.#listener = listener;
  }

  /** Something is expected from now on. */
  listen(): void {
    if (this.#stopped) return;
    this.#since = asyncScheduler.now();
    this.#timer ??= asyncScheduler.schedule(look, Math.min(this.#limit, LONGEST), this);
  }

  /** Something was heard, and more is expected. */
  touch(): void {
    if (this.#since !== undefined) this.#since = asyncScheduler.now();
  }

  /** Nothing is expected for now. */
  rest(): void {
    this.#since = undefined;
  }

  /** Ends it for good. */
  stop(): void {
    this.#stopped = true;
    this.rest();
    this.#timer?.unsubscribe();
  }

  /** How much longer there may be silence, in ms; `undefined` where nothing is expected. */
  left(): number | undefined {
    if (this.#since === undefined) return undefined;
    const now = asyncScheduler.now();
    // The clock may have been set back.
    this.#since = Math.min(this.#since, now);
    return this.#since + this.#limit - now;
  }

  /** Its timer is over. */
  expire(left: number | undefined): void {
    this.#timer = undefined;
    if (left !== undefined) this.#listener.silent(this.#limit);
  }
}

/** One function for all, which gets the watch as its state: an attempt should make no more of its own than it must. */
function look(this: SchedulerAction<Silence>, silence?: Silence): void {
  const left = silence?.left();
  if (left !== undefined && left > 0) this.schedule(silence, Math.min(left, LONGEST));
  else silence?.expire(left);
}
