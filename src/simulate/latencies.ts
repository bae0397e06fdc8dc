/** The digits that a latency keeps. */
const DIGITS = 4;

/** Percentiles of latencies, in ms, to four digits; `max` is exact. `NaN` if there are none. */
export interface LatencyReport {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

/**
 * Counts latencies. It keeps four digits of each, so that its size does not depend on how many there are. The recorder
 * of a run owns one.
 */
export class LatencyCounts {
  readonly #counts = new Map<number, number>();
  #total = 0;
  #max = NaN;

  add(latency: number): void {
    const rounded = Number(latency.toPrecision(DIGITS));
    this.#counts.set(rounded, (this.#counts.get(rounded) ?? 0) + 1);
    this.#total += 1;
    if (!(latency <= this.#max)) this.#max = latency;
  }

  report(): LatencyReport {
    const sorted = [...this.#counts].sort(([one], [other]) => one - other);
    /** By the nearest rank. */
    const percentile = (percent: number): number => {
      const rank = Math.ceil((percent * this.#total) / 100);
      let passed = 0;
      const rounded = sorted.find(([, count]) => (passed += count) >= rank)?.[0] ?? NaN;
      return Math.min(rounded, this.#max);
    };
    return { p50: percentile(50), p90: percentile(90), p99: percentile(99), max: this.#max };
  }
}
