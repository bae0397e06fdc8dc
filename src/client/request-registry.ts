import type { HttpAttempt } from '../retry/attempt.js';
import { AttemptEventEmitter } from '../retry/event-emitter.js';
import { runAndReportErrors } from '../util/report-errors.js';

/** A request under way. */
export interface RegisteredRequest {
  readonly hub: RequestRegistry;
  /** Where it stands in the list. */
  place: number;
  closed(error: unknown): void;
}

/**
 * What a client and its requests share: the events, and which requests are under way. An extension's hub stands below its parent's.
 *
 * There is one list for a client and all its extensions. It is an array without order, and no Set: Sets that are added to and deleted from
 * leave tables behind, each of which keeps the next one, and what was in it, from being collected young.
 */
export class RequestRegistry {
  readonly events: AttemptEventEmitter<HttpAttempt>;
  readonly #running: RegisteredRequest[];
  readonly #parent: RequestRegistry | undefined;
  #closed = false;

  constructor(parent: RequestRegistry | undefined) {
    this.#parent = parent;
    this.events = parent ? parent.events : new AttemptEventEmitter();
    this.#running = parent ? parent.#running : [];
  }

  get closed(): boolean {
    return this.#closed || (this.#parent?.closed ?? false);
  }

  add(request: RegisteredRequest): void {
    request.place = this.#running.push(request) - 1;
  }

  remove({ place }: RegisteredRequest): void {
    if (place < 0) return;
    // The last one takes its place.
    const last = this.#running.pop();
    if (!last || last.place === place) return;
    last.place = place;
    this.#running[place] = last;
  }

  /** Ends what is under way here and below; the events, where they are this hub's own. */
  close(error: unknown): void {
    this.#closed = true;
    for (const request of this.#running.filter(({ hub }) => hub.closed)) {
      runAndReportErrors(() => {
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
