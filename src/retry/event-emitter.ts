import { type Observable, Subject } from 'rxjs';

import type { Attempt, AttemptEvent } from './attempt.js';
import type { Listeners } from './retry-delegate.js';

/**
 * The events of attempts, for whoever listens: each listener hears them in the order in which they happened, also where one of them ends a
 * request by what it does about an event.
 */
export class Events<A extends Attempt> implements Listeners<A> {
  readonly #subject = new Subject<AttemptEvent<unknown, A>>();
  readonly events$: Observable<AttemptEvent<unknown, A>> = this.#subject.asObservable();
  /** What has happened, and not everybody has heard of. */
  #untold: AttemptEvent<unknown, A>[] = [];
  #telling = false;
  #completed = false;

  get observed(): boolean {
    return this.#subject.observed;
  }

  next(event: AttemptEvent<unknown, A>, consumer?: { next(event: AttemptEvent<unknown, A>): void }): void {
    this.#untold.push(event);
    consumer?.next(event);
    this.#tell();
  }

  complete(): void {
    this.#completed = true;
    this.#tell();
  }

  #tell(): void {
    // A listener has made this happen: those after it are to hear first of what it heard of.
    if (this.#telling) return;
    this.#telling = true;
    try {
      // It goes on to those that are added meanwhile.
      for (const event of this.#untold) this.#subject.next(event);
    } finally {
      this.#untold = [];
      this.#telling = false;
    }
    if (this.#completed) this.#subject.complete();
  }
}
