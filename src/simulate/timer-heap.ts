/** Something that happens at a time. It stands in one {@link TimerHeap} at most, which owns `order` and `index`. */
export interface VirtualTimer {
  /** Of timers that fire at the same time, the one that was started first is first. */
  order: number;
  /** Where it stands in the heap; -1 if it does not. */
  index: number;
  fire(): void;
}

/**
 * The timers that are pending, the next one first: a binary heap. A timer that is cancelled leaves at once, so that the
 * heap is as large as what is pending; a client cancels most of its timers, since most are timeouts.
 */
export class TimerHeap {
  readonly #timers: VirtualTimer[] = [];
  /** When each of them fires. Numbers side by side are compared faster than objects from all over the memory. */
  readonly #times: number[] = [];
  #added = 0;

  get next(): VirtualTimer | undefined {
    return this.#timers[0];
  }

  /** When the next one fires; `Infinity` if there is none. */
  get nextTime(): number {
    return this.#times[0] ?? Infinity;
  }

  /** Adds a timer that is not in the heap. */
  add(timer: VirtualTimer, time: number): void {
    this.#added += 1;
    timer.order = this.#added;
    this.#timers.push(timer);
    this.#times.push(time);
    this.#moveUp(timer, time, this.#timers.length - 1);
  }

  /** Removes a timer, which may have left already. */
  remove(timer: VirtualTimer): void {
    const { index } = timer;
    if (index < 0) return;
    timer.index = -1;
    const last = this.#timers.pop();
    const time = this.#times.pop();
    if (!last || time === undefined || last === timer) return;
    // The last one takes its place. It may be before those above that, or after those below.
    this.#moveUp(last, time, index);
    this.#moveDown(last, time, last.index);
  }

  #moveUp(timer: VirtualTimer, time: number, from: number): void {
    let index = from;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.#isBefore(timer, time, parent)) break;
      this.#put(this.#timers[parent] as VirtualTimer, this.#times[parent] as number, index);
      index = parent;
    }
    this.#put(timer, time, index);
  }

  #moveDown(timer: VirtualTimer, time: number, from: number): void {
    const { length } = this.#timers;
    let index = from;
    for (let below = 2 * index + 1; below < length; below = 2 * index + 1) {
      const right = below + 1;
      if (right < length && this.#isBefore(this.#timers[right] as VirtualTimer, this.#times[right] as number, below)) {
        below = right;
      }
      if (this.#isBefore(timer, time, below)) break;
      this.#put(this.#timers[below] as VirtualTimer, this.#times[below] as number, index);
      index = below;
    }
    this.#put(timer, time, index);
  }

  /** Whether a timer fires before the one in a place. */
  #isBefore(timer: VirtualTimer, time: number, place: number): boolean {
    const other = this.#times[place] as number;
    return time < other || (time === other && timer.order < (this.#timers[place] as VirtualTimer).order);
  }

  #put(timer: VirtualTimer, time: number, index: number): void {
    this.#timers[index] = timer;
    this.#times[index] = time;
    timer.index = index;
  }
}
