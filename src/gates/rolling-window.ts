/** The number of slices of a window. */
const SLICES = 10;
/** A window shorter than this, in ms, has one slice. */
const MIN_SLICED_MS = 200;

interface Slice {
  readonly start: number;
  readonly counts: number[];
}

/**
 * Counts what happened in the last so many ms, in ten slices: a slice is dropped as a whole once its start is as old as
 * the window. So what was counted is forgotten after nine to ten tenths of the window. Times come from the caller, so
 * it needs no timer.
 *
 * @see {@link https://github.com/App-vNext/Polly | Polly}'s RollingHealthMetrics, and Finagle's WindowedAdder
 */
export class RollingWindow {
  readonly #duration: number;
  readonly #sliceLength: number;
  #slices: Slice[] = [];

  /** @param duration - the length of the window, in ms */
  constructor(duration: number) {
    this.#duration = duration;
    this.#sliceLength = duration < MIN_SLICED_MS ? duration : duration / SLICES;
  }

  add(time: number, counter: number, amount = 1): void {
    let slice = this.#slices.at(-1);
    if (!slice || time < slice.start || time - slice.start >= this.#sliceLength) {
      this.#slices = this.#slices.filter((each) => this.#isCurrent(each, time));
      slice = { start: time, counts: [] };
      this.#slices.push(slice);
    }
    slice.counts[counter] = (slice.counts[counter] ?? 0) + amount;
  }

  /** Returns the sum of a counter over the window. */
  sum(time: number, counter: number): number {
    // A question: slices are dropped when another begins.
    return this.#slices.reduce(
      (sum, slice) => (this.#isCurrent(slice, time) ? sum + (slice.counts[counter] ?? 0) : sum),
      0,
    );
  }

  clear(): void {
    this.#slices = [];
  }

  /** A slice of the future is from another clock: virtual time starts again from one spec to the next. */
  #isCurrent({ start }: Slice, time: number): boolean {
    return start <= time && time - start < this.#duration;
  }
}
