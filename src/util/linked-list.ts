/** An item of a {@link LinkedList}, which links it with its neighbours. It is in one list at a time. */
export interface Linked<Item> {
  previous: Item | undefined;
  next: Item | undefined;
}

/**
 * A list that an item can leave from the middle in constant time. An array takes linear time for that, and so does the
 * first item of a Set after many others have left it: the Set keeps their places.
 */
export class LinkedList<Item extends Linked<Item>> {
  first: Item | undefined;
  last: Item | undefined;
  size = 0;

  push(item: Item): void {
    const { last } = this;
    item.previous = last;
    if (last) last.next = item;
    else this.first = item;
    this.last = item;
    this.size += 1;
  }

  /** Removes an item; returns `false` if it is not in the list. */
  remove(item: Item): boolean {
    const { previous, next } = item;
    if (!previous && this.first !== item) return false;
    if (previous) previous.next = next;
    else this.first = next;
    if (next) next.previous = previous;
    else this.last = previous;
    // An item that is kept must not keep its neighbours.
    item.previous = item.next = undefined;
    this.size -= 1;
    return true;
  }
}
