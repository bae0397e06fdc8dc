import type { HttpAttempt } from '../retry/attempt.js';
import { AttemptEventEmitter } from '../retry/event-emitter.js';
import { runAndReportErrors } from '../util/report-errors.js';

/** A running request. */
export interface RegisteredRequest {
  readonly registry: RequestRegistry;
  /** Its index in the registry's array. */
  registryIndex: number;
  onClientClosed(error: unknown): void;
}

/**
 * The running requests of a client, and the emitter of their events.
 *
 *     open ──► closed
 *
 * A client owns one. The registry of an extended client has its parent's as its parent: both share one list and one
 * emitter, and a closed parent closes it. The list is an array without order and not a Set: Sets with many additions
 * and deletions leave tables behind that keep later ones, and what was in them, from being collected young.
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
    request.registryIndex = this.#running.push(request) - 1;
  }

  /** Removes a request; does nothing for one that was never added. */
  remove({ registryIndex }: RegisteredRequest): void {
    if (registryIndex < 0) return;
    // The last request takes the free index.
    const last = this.#running.pop();
    if (!last || last.registryIndex === registryIndex) return;
    last.registryIndex = registryIndex;
    this.#running[registryIndex] = last;
  }

  /**
   * Ends the running requests of this client and of its extensions; completes the events, unless a parent owns them.
   */
  close(error: unknown): void {
    this.#closed = true;
    for (const request of this.#running.filter(({ registry }) => registry.closed)) {
      runAndReportErrors(() => {
        request.onClientClosed(error);
      });
    }
    if (!this.#parent) this.events.complete();
  }
}

/** Returns the error of requests of a closed client: an AbortError, because AbortErrors are not retried. */
export function closedError(): DOMException {
  return new DOMException('The client is closed', 'AbortError');
}
