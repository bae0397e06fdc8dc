import { Observable, of } from 'rxjs';

import { check, invalidOptionMessage } from '../util/option-rule.js';
import { ROTATION, type Rotation } from './rotation.js';

/**
 * The items of {@link cycle}, and whose turn it is: the client looks ahead, and leaves out what cannot be used.
 *
 * @internal
 */
export class TargetRotation<T> {
  readonly #rotation: Rotation;
  #items: readonly T[];
  #index = 0;

  constructor(items: readonly T[], rotation: Rotation) {
    this.#items = items;
    this.#rotation = rotation;
  }

  /** How many items are left. */
  get size(): number {
    return this.#items.length;
  }

  /** What the next subscription will emit. */
  peek(): T {
    return this.#items[this.#index] as T;
  }

  /** Gives each subscription what is made of the next item. */
  nextPerSubscription<R>(project: (item: T) => Observable<R>): Observable<R> {
    // No defer, whose factory every waiting request would hold.
    return new Observable((subscriber) => {
      const item = this.peek();
      this.skip();
      return project(item).subscribe(subscriber);
    });
  }

  /** Passes over the next item, this time. */
  skip(): void {
    const next = this.#index + 1;
    this.#index = next < this.#items.length ? next : this.#rotation === 'hold' ? this.#items.length - 1 : 0;
  }

  /** Leaves an item out for good. */
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

/**
 * Emits one item per subscription, in turn: what a retry subscribes to again gives it the next server.
 *
 * The turn belongs to the returned Observable: make one per run (with `defer`) where runs must not share it.
 *
 * @param items - at least one
 * @param rotation - after the last one: `'cycle'` starts over (the default), `'hold'` stays on it
 * @throws TypeError if `items` is no array; RangeError if it is empty or the rotation is unknown
 *
 * @example
 * ```ts
 * import { concatMap, defer } from 'rxjs';
 * import { fromFetch } from 'rxjs/fetch';
 * import { cycle, retryWithStrategy } from 'rxjs-retry-client';
 *
 * export const response$ = defer(() =>
 *   cycle(['https://eu.example.com/', 'https://us.example.com/']).pipe(concatMap((url) => fromFetch(url)), retryWithStrategy()),
 * );
 * ```
 */
export function cycle<T>(items: readonly T[], rotation: Rotation = 'cycle'): Observable<T> {
  const expected = 'an array of at least one item';
  if (!Array.isArray(items)) throw new TypeError(invalidOptionMessage('items', items, expected));
  if (items.length === 0) throw new RangeError(invalidOptionMessage('items', items, expected));
  check('rotation', rotation, ROTATION);
  return new TargetRotation([...(items as readonly T[])], rotation).nextPerSubscription((item) => of(item));
}
