import { type Observable, Subject } from 'rxjs';

import type { AttemptEvent, HttpAttempt } from './attempt.js';
import { orReport } from './or-report.js';

/** What can be ended from outside. */
export interface Closable {
  closed(error: unknown): void;
}

/** What a client and its requests share: the events, and which requests are under way. An extension's hub stands below its parent's. */
export class Hub {
  readonly events$: Observable<AttemptEvent<unknown, HttpAttempt>>;
  readonly #events: Subject<AttemptEvent<unknown, HttpAttempt>>;
  readonly #parent: Hub | undefined;
  readonly #running = new Set<Closable>();
  #ended = false;

  constructor(parent: Hub | undefined) {
    this.#parent = parent;
    this.#events = parent ? parent.#events : new Subject();
    this.events$ = parent?.events$ ?? this.#events.asObservable();
  }

  get listened(): boolean {
    return this.#events.observed;
  }

  tell(event: AttemptEvent<unknown, HttpAttempt>): void {
    this.#events.next(event);
  }

  get closed(): boolean {
    return this.#ended || (this.#parent?.closed ?? false);
  }

  add(request: Closable): void {
    this.#running.add(request);
    this.#parent?.add(request);
  }

  remove(request: Closable): void {
    this.#running.delete(request);
    this.#parent?.remove(request);
  }

  /** Ends what is under way here and below; the events, where they are this hub's own. */
  close(error: unknown): void {
    this.#ended = true;
    for (const request of [...this.#running]) {
      orReport(() => {
        request.closed(error);
      });
    }
    if (!this.#parent) this.#events.complete();
  }
}

/** What requests of a closed client end with. Retrying would not help, and an AbortError is not retried. */
export function closedError(): DOMException {
  return new DOMException('The client is closed', 'AbortError');
}
