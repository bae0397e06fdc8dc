/**
 * A first-in, first-out queue with constant time per item. `Array.shift` takes linear time, so a long queue would take
 * quadratic time in all. A queue belongs to the object that created it.
 */
export class Fifo<T> {
  #incoming: T[] = [];
  /** In reverse order: the next item to take is the last one. */
  #outgoing: T[] = [];

  get size(): number {
    return this.#incoming.length + this.#outgoing.length;
  }

  push(item: T): void {
    this.#incoming.push(item);
  }

  /** Removes and returns the first item; `undefined` if the queue is empty. */
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
