/** A timer of the virtual platform. {@link TimerHeap} owns `index`. */
export interface VirtualTimer {
  /** When it fires, in virtual ms. */
  time: number;
  /** Of timers that fire at the same time, the one that was started first is first. */
  order: number;
  /** Where it stands in the heap; -1 if it does not. */
  index: number;
  readonly fire: () => void;
}

function isBefore(one: VirtualTimer, other: VirtualTimer): boolean {
  return one.time < other.time || (one.time === other.time && one.order < other.order);
}

/**
 * The timers that are pending, the next one first: a binary heap. A timer that is cancelled leaves at once, so that the
 * heap is as large as what is pending; a client cancels most of its timers, since most are timeouts.
 */
export class TimerHeap {
  readonly #timers: VirtualTimer[] = [];

  get next(): VirtualTimer | undefined {
    return this.#timers[0];
  }

  add(timer: VirtualTimer): void {
    this.#timers.push(timer);
    this.#moveUp(timer, this.#timers.length - 1);
  }

  /** Removes a timer, which may have left already. */
  remove(timer: VirtualTimer): void {
    const { index } = timer;
    if (index < 0) return;
    timer.index = -1;
    const last = this.#timers.pop();
    if (!last || last === timer) return;
    // The last one takes its place. It may be before those above that, or after those below.
    this.#moveUp(last, index);
    this.#moveDown(last, last.index);
  }

  #moveUp(timer: VirtualTimer, from: number): void {
    let index = from;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = this.#timers[parent] as VirtualTimer;
      if (!isBefore(timer, above)) break;
      this.#put(above, index);
      index = parent;
    }
    this.#put(timer, index);
  }

  #moveDown(timer: VirtualTimer, from: number): void {
    let index = from;
    for (;;) {
      const left = this.#timers[2 * index + 1];
      const right = this.#timers[2 * index + 2];
      const below = left && right && isBefore(right, left) ? right : left;
      if (!below || !isBefore(below, timer)) break;
      const next = below.index;
      this.#put(below, index);
      index = next;
    }
    this.#put(timer, index);
  }

  #put(timer: VirtualTimer, index: number): void {
    this.#timers[index] = timer;
    timer.index = index;
  }
}
