/** Items that were taken are cut off together, once there are so many and they are the greater part. */
const MIN_TAKEN = 1_024;

/** A first-in, first-out queue that takes constant time for each item. `Array.shift` takes linear time, so a long queue would take quadratic. */
export class Fifo<T> {
  #items: T[] = [];
  #taken = 0;

  get size(): number {
    return this.#items.length - this.#taken;
  }

  push(item: T): void {
    this.#items.push(item);
  }

  /** Takes the first item; `undefined` where there is none. */
  shift(): T | undefined {
    if (this.size === 0) return undefined;
    const item = this.#items[this.#taken];
    this.#taken += 1;
    if (this.size === 0) this.clear();
    else if (this.#taken >= MIN_TAKEN && this.#taken > this.size) {
      this.#items = this.#items.slice(this.#taken);
      this.#taken = 0;
    }
    return item;
  }

  clear(): void {
    this.#items = [];
    this.#taken = 0;
  }
}
