import { TimerHeap, type VirtualTimer } from './timer-heap.js';

/** So many timers may fire at one moment. If time never advanced, a simulation would never end. */
const MAX_PER_MOMENT = 1_000_000;

/**
 * Time that passes from one timer to the next. A simulation owns one for each strategy.
 *
 * RxJS's schedulers for virtual time look through all timers, or sort them, at each step: with thousands of requests
 * under way they would take hours.
 */
export class VirtualTime {
  readonly #heap = new TimerHeap();
  /** In ms since the simulation began. */
  now = 0;

  /** Calls back after a delay, in ms; returns the timer. */
  schedule(delay: number, fire: () => void): VirtualTimer {
    const timer = { order: 0, index: -1, fire };
    this.start(timer, delay);
    return timer;
  }

  /** Starts a timer that is not pending. */
  start(timer: VirtualTimer, delay: number): void {
    this.#heap.add(timer, this.now + delay);
  }

  cancel(timer: VirtualTimer): void {
    this.#heap.remove(timer);
  }

  /** When the next timer fires; `Infinity` if none is pending. */
  get nextTime(): number {
    return this.#heap.nextTime;
  }

  /**
   * Fires all timers of the next moment, and those that they start for the same moment.
   *
   * @returns `false` if there is no end of these: time stands still
   */
  advance(): boolean {
    this.now = this.nextTime;
    for (let fired = 0; this.nextTime === this.now; fired += 1) {
      if (fired === MAX_PER_MOMENT) return false;
      const timer = this.#heap.next as VirtualTimer;
      this.#heap.remove(timer);
      timer.fire();
    }
    return true;
  }
}
