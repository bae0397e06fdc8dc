import { now } from '../util/clock.js';

/** What is older than this hardly counts any more, in ms. */
const WINDOW = 3_000;
/** Pieces come in bursts, which say nothing about the speed: they are counted together for so long, in ms. */
const BURST = 100;

/** How fast bytes come: a mean in which the last seconds weigh most. */
export class Speed {
  #since = now();
  #bytes = 0;
  #mean: number | undefined;

  add(bytes: number): void {
    this.#bytes += bytes;
    const at = now();
    const elapsed = at - this.#since;
    if (elapsed < BURST) return;
    const latest = this.#bytes / elapsed;
    const weight = Math.exp(-elapsed / WINDOW);
    this.#mean = this.#mean === undefined ? latest : this.#mean * weight + latest * (1 - weight);
    this.#since = at;
    this.#bytes = 0;
  }

  /** In bytes a second; 0 as long as it is not known. */
  get perSecond(): number {
    return Math.round((this.#mean ?? 0) * 1_000);
  }
}
