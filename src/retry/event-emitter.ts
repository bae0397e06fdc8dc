import { type Observable, Subject } from 'rxjs';

import type { Attempt, AttemptEvent } from './attempt.js';
import type { EventSink } from './retry-delegate.js';

/**
 * The events of attempts, for whoever listens: each listener hears them in the order in which they happened, also where one of them ends a
 * request by what it does about an event.
 */
export class AttemptEventEmitter<A extends Attempt> implements EventSink<A> {
  readonly #subject = new Subject<AttemptEvent<unknown, A>>();
  readonly events$: Observable<AttemptEvent<unknown, A>> = this.#subject.asObservable();
  /** What has happened, and not everybody has heard of. */
  #pending: AttemptEvent<unknown, A>[] = [];
  #isFlushing = false;
  #completed = false;

  get hasListeners(): boolean {
    return this.#subject.observed;
  }

  next(event: AttemptEvent<unknown, A>, consumer?: { next(event: AttemptEvent<unknown, A>): void }): void {
    this.#pending.push(event);
    consumer?.next(event);
    this.#flush();
  }

  complete(): void {
    this.#completed = true;
    this.#flush();
  }

  #flush(): void {
    // A listener has made this happen: those after it are to hear first of what it heard of.
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    try {
      // It goes on to those that are added meanwhile.
      for (const event of this.#pending) this.#subject.next(event);
    } finally {
      this.#pending = [];
      this.#isFlushing = false;
    }
    if (this.#completed) this.#subject.complete();
  }
}
