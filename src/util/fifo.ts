/** A first-in, first-out queue that takes constant time for each item. `Array.shift` takes linear time, so a long queue would take quadratic. */
export class Fifo<T> {
  #incoming: T[] = [];
  /** What is to be taken next is last. */
  #outgoing: T[] = [];

  get size(): number {
    return this.#incoming.length + this.#outgoing.length;
  }

  push(item: T): void {
    this.#incoming.push(item);
  }

  /** Takes the first item; `undefined` where there is none. */
  shift(): T | undefined {
    if (this.#outgoing.length === 0) {
      this.#outgoing = this.#incoming.reverse();
      this.#incoming = [];
    }
    return this.#outgoing.pop();
  }

  clear(): void {
    this.#incoming = [];
    this.#outgoing = [];
  }
}
