import { Observable } from 'rxjs';

import type { Rotation } from './rotation.js';

/**
 * A list of targets and the position of the next one. Unlike {@link cycle} it shows the next target before a
 * subscription takes it, and can remove one.
 *
 * `Failover` extends it: that chooses the next target by cooldowns and deadline.
 *
 * One rotation belongs to one run: two runs that share it would skip each other's targets.
 */
export class TargetRotation<T> {
  readonly #rotation: Rotation;
  #items: readonly T[];
  #index = 0;

  constructor(items: readonly T[], rotation: Rotation) {
    this.#items = items;
    this.#rotation = rotation;
  }

  /** The number of targets that are left. */
  get size(): number {
    return this.#items.length;
  }

  /**
   * The target that the next subscription gets.
   *
   * @param ahead - how many targets to look past
   */
  peek(ahead = 0): T {
    return this.#items[this.#indexAfter(ahead)] as T;
  }

  #indexAfter(steps: number): number {
    const index = this.#index + steps;
    return index < this.size ? index : this.#rotation === 'hold' ? this.size - 1 : index - this.size;
  }

  /** Subscribes to the projection of the next target, for each subscription anew. */
  nextPerSubscription<R>(project: (item: T) => Observable<R>): Observable<R> {
    // defer() would make every waiting request hold a factory.
    return new Observable((subscriber) => {
      const item = this.peek();
      this.skip();
      return project(item).subscribe(subscriber);
    });
  }

  /** Moves past the next target, or past several. At most once around. */
  skip(steps = 1): void {
    this.#index = this.#indexAfter(steps);
  }

  /** Removes a target for the rest of the run. */
  remove(item: T): void {
    const at = this.#items.indexOf(item);
    if (at < 0) return;
    this.#items = this.#items.filter((_, index) => index !== at);
    if (at < this.#index) this.#index -= 1;
    if (this.#index >= this.#items.length) {
      this.#index = this.#rotation === 'hold' ? Math.max(0, this.#items.length - 1) : 0;
    }
  }
}
