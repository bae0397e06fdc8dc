import { asyncScheduler, type Subscription } from 'rxjs';

import { after } from './wait.js';

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
    if (!this.#timer) this.#watch(this.#limit);
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
    this.#since = undefined;
    this.#timer?.unsubscribe();
    this.#timer = undefined;
  }

  #watch(ms: number): void {
    this.#timer = after(ms, () => {
      this.#timer = undefined;
      if (this.#since === undefined) return;
      const now = asyncScheduler.now();
      // The clock may have been set back.
      this.#since = Math.min(this.#since, now);
      const left = this.#since + this.#limit - now;
      if (left > 0) this.#watch(left);
      else this.#onSilent();
    });
  }
}
