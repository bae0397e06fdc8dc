import { asyncScheduler, type SchedulerAction, type Subscription } from 'rxjs';

import { LONGEST } from './wait.js';

/**
 * Watches for silence: calls back when nothing has been heard for `limit` ms while somebody listened.
 *
 * One timer serves a whole attempt: a sign of life only notes the time, and the timer, when it fires, looks how long ago that was.
 */
export class Silence {
  readonly #limit: number;
  readonly #onSilent: () => void;
  #since: number | undefined;
  #stopped = false;
  #timer: Subscription | undefined;

  constructor(limit: number, onSilent: () => void) {
    this.#limit = limit;
    this.#onSilent = onSilent;
  }

  /** Something is expected from now on. */
  listen(): void {
    if (this.#stopped) return;
    this.#since = asyncScheduler.now();
    const look = this.#look;
    this.#timer ??= asyncScheduler.schedule(
      function () {
        look(this);
      },
      Math.min(this.#limit, LONGEST),
    );
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

  readonly #look = (timer: SchedulerAction<unknown>): void => {
    const now = asyncScheduler.now();
    // The clock may have been set back.
    const left = this.#since === undefined ? 0 : (this.#since = Math.min(this.#since, now)) + this.#limit - now;
    if (left > 0) {
      timer.schedule(undefined, Math.min(left, LONGEST));
      return;
    }
    this.#timer = undefined;
    if (this.#since !== undefined) this.#onSilent();
  };
}
