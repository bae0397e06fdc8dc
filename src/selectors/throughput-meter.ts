import { now } from '../util/clock.js';

/** The time constant of the mean, in ms: a sample of this age counts for 1/e of a new one. */
const WINDOW_MS = 3_000;
/**
 * The shortest sample, in ms. Chunks arrive in bursts, and the time between two of a burst says nothing about the
 * throughput.
 */
const SAMPLE_MS = 100;

/**
 * Measures a throughput: an exponentially weighted mean, in which the last seconds weigh most. A download session owns
 * one.
 */
export class ThroughputMeter {
  #sampleStart = now();
  #sampleBytes = 0;
  #bytesPerMs: number | undefined;

  add(bytes: number): void {
    this.#sampleBytes += bytes;
    const time = now();
    const elapsed = time - this.#sampleStart;
    if (elapsed < SAMPLE_MS) return;
    const latest = this.#sampleBytes / elapsed;
    const weight = Math.exp(-elapsed / WINDOW_MS);
    this.#bytesPerMs = this.#bytesPerMs === undefined ? latest : this.#bytesPerMs * weight + latest * (1 - weight);
    this.#sampleStart = time;
    this.#sampleBytes = 0;
  }

  /** The throughput; 0 until the first sample. */
  get bytesPerSecond(): number {
    return Math.round((this.#bytesPerMs ?? 0) * 1_000);
  }
}
