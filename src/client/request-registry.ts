import { AsyncSubject, type Observable, takeUntil } from 'rxjs';

import type { HttpAttempt } from '../retry/attempt.js';
import { AttemptEventEmitter } from '../retry/event-emitter.js';
import { longTimer } from '../util/long-timer.js';
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
 *     open ──► closed, with requests that may still end ──► drained
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
  /** Completes when the last request has ended; present once the client is closed. */
  #drained: AsyncSubject<void> | undefined;

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
  remove({ registry, registryIndex }: RegisteredRequest): void {
    if (registryIndex < 0) return;
    // The last request takes the free index.
    const last = this.#running.pop();
    if (last && last.registryIndex !== registryIndex) {
      last.registryIndex = registryIndex;
      this.#running[registryIndex] = last;
    }
    for (let owner: RequestRegistry | undefined = registry; owner; owner = owner.#parent) owner.#notifyIfDrained();
  }

  /** Ends the running requests of this client and of its extensions. */
  close(error: unknown): void {
    void this.drain(Infinity);
    for (const request of this.#running.filter((running) => this.#contains(running))) {
      runAndReportErrors(() => {
        request.onClientClosed(error);
      });
    }
  }

  /**
   * Accepts no further requests, and lets those go on that are running. When the last one has ended, the events
   * complete, unless a parent owns them.
   *
   * @param timeout - the time after which those that are left are ended, in ms; `Infinity` for no limit
   * @returns what then emits and completes, also for late subscribers
   */
  drain(timeout: number): Observable<void> {
    this.#closed = true;
    const drained$ = (this.#drained ??= new AsyncSubject());
    if (timeout < Infinity) {
      longTimer(timeout)
        .pipe(takeUntil(drained$))
        // eslint-disable-next-line rxjs-x/no-ignored-error -- a timer cannot fail
        .subscribe(() => {
          this.close(closedError());
        });
    }
    this.#notifyIfDrained();
    return drained$;
  }

  #contains({ registry }: RegisteredRequest): boolean {
    let owner: RequestRegistry | undefined = registry;
    while (owner && owner !== this) owner = owner.#parent;
    return owner !== undefined;
  }

  #notifyIfDrained(): void {
    const drained$ = this.#drained;
    if (!drained$ || this.#running.some((request) => this.#contains(request))) return;
    if (!this.#parent) this.events.complete();
    drained$.next();
    drained$.complete();
  }
}

/** Returns the error of requests of a closed client: an AbortError, because AbortErrors are not retried. */
export function closedError(): DOMException {
  return new DOMException('The client is closed', 'AbortError');
}
