import { asyncScheduler, type SchedulerAction, type Subscription } from 'rxjs';

import { now } from './clock.js';
import { MAX_TIMEOUT_MS } from './long-timer.js';

/** How late a timer may fire, in ms. A later one shows that the process was blocked, and nothing about the network. */
const MAX_TIMER_DELAY_MS = 100;

/** Is called when a limit is exceeded. */
export interface InactivityListener {
  /** @param limit - the limit that was exceeded, in ms */
  onInactive(limit: number): void;
}

/**
 * Reports inactivity: calls its listener when `limit` ms have passed without activity while it was running. `Exchange`
 * uses it for `timeout`, of 30 s by default, and `RequestLifetime` for `totalTimeout`.
 *
 *     idle ◄──► running ──► stopped
 *
 * `start()` makes it run, `pause()` makes it idle. After it has called its listener, only `start()` makes it run again.
 * Its owner creates and stops it; the listener may be another object.
 *
 * One scheduled action serves it until it fires. `touch()` only stores the time, since it is called for each chunk; the
 * action, when it fires, computes how long ago that was.
 */
export class InactivityTimer {
  readonly #limit: number;
  readonly #listener: InactivityListener;
  #since: number | undefined;
  #stopped = false;
  #isSecondCheck = false;
  /**
   * Whether the action was scheduled for all the remaining time, without activity since. Then the limit is exceeded
   * when it fires, whatever the clock says.
   */
  #untouched = false;
  #timer: Subscription | undefined;

  constructor(limit: number, listener: InactivityListener) {
    this.#limit = limit;
    this.#listener = listener;
  }

  /** Data is expected from now on. */
  start(): void {
    if (this.#stopped) return;
    this.#since = now();
    // Fake timers may leave the clock alone, and by that clock the limit would never be exceeded.
    this.#untouched = !this.#timer && this.#limit <= MAX_TIMEOUT_MS;
    this.#timer ??= asyncScheduler.schedule(runCheck, Math.min(this.#limit, MAX_TIMEOUT_MS), this);
  }

  /** Records activity; more is expected. */
  touch(): void {
    this.#untouched = false;
    if (this.#since !== undefined) this.#since = now();
  }

  /** No data is expected until the next `start()`. */
  pause(): void {
    this.#untouched = false;
    this.#since = undefined;
  }

  /** Ends it: a later `start()` does nothing. */
  stop(): void {
    this.#stopped = true;
    this.pause();
    this.#timer?.unsubscribe();
  }

  /** The time left until the limit is exceeded, in ms; `undefined` while no data is expected. */
  remaining(): number | undefined {
    if (this.#since === undefined) return undefined;
    return this.#since + this.#limit - now();
  }

  /**
   * Handles the scheduled action. If it fires late it is scheduled once more, at once: the process was blocked, and
   * data that arrived meanwhile has not been read yet.
   *
   * @returns the delay of the next action in ms; `undefined` if none is needed
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

/** The scheduled action of all timers: each timer is its state, so that no attempt needs a closure of its own. */
function runCheck(this: SchedulerAction<InactivityTimer>, timer?: InactivityTimer): void {
  const delay = timer?.checkInactivity();
  if (delay !== undefined) this.schedule(timer, delay);
}
