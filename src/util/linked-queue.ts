/** An item of a {@link LinkedQueue}, and its neighbours. The queue owns it, until it is removed. */
export interface QueueLink<T> {
  readonly item: T;
  /** @internal */
  before: QueueLink<T> | undefined;
  /** @internal */
  after: QueueLink<T> | undefined;
  /** @internal */
  isQueued: boolean;
}

/**
 * A queue whose items leave from any place in constant time. An array would move all later items, and a Set passes over
 * the places of those that left before its first item.
 */
export class LinkedQueue<T> {
  #first: QueueLink<T> | undefined;
  #last: QueueLink<T> | undefined;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get first(): QueueLink<T> | undefined {
    return this.#first;
  }

  push(item: T): QueueLink<T> {
    const before = this.#last;
    const link: QueueLink<T> = { item, before, after: undefined, isQueued: true };
    if (before) before.after = link;
    else this.#first = link;
    this.#last = link;
    this.#size += 1;
    return link;
  }

  /** Removes an item; returns `false` if it was removed before. */
  remove(link: QueueLink<T>): boolean {
    if (!link.isQueued) return false;
    const { before, after } = link;
    if (before) before.after = after;
    else this.#first = after;
    if (after) after.before = before;
    else this.#last = before;
    // A link that is kept must not keep its neighbours.
    link.before = link.after = undefined;
    link.isQueued = false;
    this.#size -= 1;
    return true;
  }
}
