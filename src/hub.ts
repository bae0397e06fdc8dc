import { Subject } from 'rxjs';

import type { AttemptEvent, HttpAttempt } from './attempt.js';
import { orReport } from './or-report.js';

/** What can be ended from outside. */
export interface Closable {
  closed(error: unknown): void;
  /** Where it stands in each hub's list, by the hub's depth. */
  readonly places: number[];
}

/**
 * What a client and its requests share: the events, and which requests are under way. An extension's hub stands below its parent's.
 *
 * The list is an array without order, and no Set: Sets that are added to and deleted from leave tables behind, each of which keeps the next
 * one and what was in it from being collected young.
 */
export class Hub {
  readonly events: Subject<AttemptEvent<unknown, HttpAttempt>>;
  readonly #parent: Hub | undefined;
  readonly #running: Closable[] = [];
  readonly #depth: number;
  #closed = false;

  constructor(parent: Hub | undefined) {
    this.#parent = parent;
    this.#depth = parent ? parent.#depth + 1 : 0;
    this.events = parent?.events ?? new Subject();
  }

  get closed(): boolean {
    return this.#closed || (this.#parent?.closed ?? false);
  }

  add(request: Closable): void {
    request.places[this.#depth] = this.#running.push(request) - 1;
    this.#parent?.add(request);
  }

  remove(request: Closable): void {
    const place = request.places[this.#depth];
    const last = this.#running.at(-1);
    if (place === undefined || !last) return;
    // The last one takes its place.
    this.#running[place] = last;
    last.places[this.#depth] = place;
    this.#running.pop();
    this.#parent?.remove(request);
  }

  /** Ends what is under way here and below; the events, where they are this hub's own. */
  close(error: unknown): void {
    this.#closed = true;
    for (const request of [...this.#running]) {
      orReport(() => {
        request.closed(error);
      });
    }
    if (!this.#parent) this.events.complete();
  }
}

/** What requests of a closed client end with. Retrying would not help, and an AbortError is not retried. */
export function closedError(): DOMException {
  return new DOMException('The client is closed', 'AbortError');
}
