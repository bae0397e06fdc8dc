import { type Linked, LinkedList } from '../../util/linked-list.js';

/** How long a latency counts, in ms. */
const WINDOW_MS = 30_000;
/** The number of latencies that are kept; the oldest go. */
const MAX_SAMPLES = 1_000;
/** The number of latencies without which there is no percentile. */
const MIN_SAMPLES = 20;

interface Sample extends Linked<Sample> {
  readonly time: number;
  readonly latency: number;
}

/** Returns the index of the first number of a sorted array that is not below a value. */
function lowerBound(sorted: readonly number[], value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] as number) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * The latencies of one origin in the last 30 s, in ms. {@link hedging} owns one for each origin.
 *
 * They are kept sorted: a percentile is needed for each attempt, and inserting a number costs less than sorting.
 */
export class Latencies {
  readonly #sorted: number[] = [];
  /** In the order of time. */
  readonly #samples = new LinkedList<Sample>();

  record(time: number, latency: number): void {
    this.#expire(time);
    const { first, size } = this.#samples;
    if (first && size >= MAX_SAMPLES) this.#drop(first);
    this.#samples.push({ time, latency, previous: undefined, next: undefined });
    this.#sorted.splice(lowerBound(this.#sorted, latency), 0, latency);
  }

  /**
   * Returns a percentile (nearest rank); `undefined` if there are too few.
   *
   * @param percent - 95 for the 95th percentile
   */
  percentile(time: number, percent: number): number | undefined {
    this.#expire(time);
    const count = this.#sorted.length;
    // A rank of 7 can come to 7.000000000000001.
    const rank = Math.ceil((percent * count) / 100 - 1e-9);
    return count < MIN_SAMPLES ? undefined : this.#sorted[rank - 1];
  }

  #expire(time: number): void {
    for (let { first } = this.#samples; first && time - first.time > WINDOW_MS; { first } = this.#samples) {
      this.#drop(first);
    }
  }

  #drop(sample: Sample): void {
    this.#samples.remove(sample);
    this.#sorted.splice(lowerBound(this.#sorted, sample.latency), 1);
  }
}
