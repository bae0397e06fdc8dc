import { type Observable, Subject } from 'rxjs';

import type { Attempt, AttemptEvent } from './attempt.js';
import type { EventSink } from './retry-delegate.js';

/**
 * Emits the events of attempts to all listeners in the order in which they happened.
 *
 * A plain Subject would not keep that order: a listener that ends a request about an event makes the next event happen
 * before the listeners after it have the first one.
 *
 *     open ──► completed
 *
 * A client owns one, and shares it with its extensions; it completes when the client is closed.
 */
export class AttemptEventEmitter<A extends Attempt> implements EventSink<A> {
  readonly #subject = new Subject<AttemptEvent<unknown, A>>();
  readonly events$: Observable<AttemptEvent<unknown, A>> = this.#subject.asObservable();
  /** Events that not all listeners have yet. */
  #pending: AttemptEvent<unknown, A>[] = [];
  #isFlushing = false;
  #completed = false;

  get hasListeners(): boolean {
    return this.#subject.observed;
  }

  next(event: AttemptEvent<unknown, A>, consumer?: { next(event: AttemptEvent<unknown, A>): void }): void {
    // With gates there are events that nobody else hears.
    if (!consumer && !this.hasListeners) return;
    this.#pending.push(event);
    consumer?.next(event);
    this.#flush();
  }

  complete(): void {
    this.#completed = true;
    this.#flush();
  }

  #flush(): void {
    // A listener caused this event: the flush that called it goes on to emit the event afterwards.
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    try {
      // The iteration includes events that are pushed during it.
      for (const event of this.#pending) this.#subject.next(event);
    } finally {
      this.#pending = [];
      this.#isFlushing = false;
    }
    if (this.#completed) this.#subject.complete();
  }
}
