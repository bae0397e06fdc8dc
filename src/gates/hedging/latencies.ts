/** How long a latency counts, in ms. */
const WINDOW_MS = 30_000;
/** The number of latencies that are kept; the oldest go. */
const MAX_SAMPLES = 1_000;
/** The number of latencies without which there is no percentile. */
const MIN_SAMPLES = 20;

interface Sample {
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
  /** In the order of time; those before `#first` are gone. */
  #samples: Sample[] = [];
  #first = 0;

  record(time: number, latency: number): void {
    this.#expire(time);
    if (this.#sorted.length >= MAX_SAMPLES) this.#dropOldest();
    this.#samples.push({ time, latency });
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
    for (let sample = this.#samples[this.#first]; sample && time - sample.time > WINDOW_MS;) {
      this.#dropOldest();
      sample = this.#samples[this.#first];
    }
  }

  #dropOldest(): void {
    const sample = this.#samples[this.#first] as Sample;
    this.#first += 1;
    this.#sorted.splice(lowerBound(this.#sorted, sample.latency), 1);
    // An array is not shifted for each sample: that would take linear time.
    if (this.#first >= MAX_SAMPLES) {
      this.#samples = this.#samples.slice(this.#first);
      this.#first = 0;
    }
  }
}
