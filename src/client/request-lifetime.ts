import type { Terminable } from '../retry/retry-delegate.js';
import { addAbortListener, removeAbortListener } from '../util/abort-listeners.js';
import { type InactivityListener, InactivityTimer } from '../util/inactivity-timer.js';
import { closedError, type RegisteredRequest, type RequestRegistry } from './request-registry.js';

/** Returns the reason of an aborted signal; a polyfilled signal has none. */
function reasonOf({ reason }: { readonly reason?: unknown }): unknown {
  return reason ?? new DOMException('The request was aborted', 'AbortError');
}

/**
 * What can end a request from outside: its signals, its total timeout, and `close()` of its client.
 *
 *     created ──► started ──► ended
 *
 * The request's delegate owns it: the delegate calls `start()` with the run, and `end()` after it. Nothing is left
 * behind then: no listener on a signal, no timer, no entry in the registry.
 */
export class RequestLifetime implements RegisteredRequest {
  readonly registry: RequestRegistry;
  registryIndex = -1;
  hasEnded = false;
  readonly #signals: readonly AbortSignal[];
  #run: Terminable | undefined;
  #onAbort: (() => void) | undefined;
  #totalTimer: InactivityTimer | undefined;

  constructor(registry: RequestRegistry, signals: readonly AbortSignal[]) {
    this.registry = registry;
    this.#signals = signals;
  }

  /**
   * Registers the request, or terminates its run at once if the client is closed or a signal is aborted.
   *
   * @param totalTimeout - in ms; `Infinity` for none
   * @param listener - called when the total timeout is over
   */
  start(run: Terminable, totalTimeout: number, listener: InactivityListener): void {
    const signals = this.#signals;
    this.#run = run;
    if (this.registry.closed) {
      this.onClientClosed(closedError());
    } else if (signals.some(({ aborted }) => aborted)) {
      this.#abort();
    } else {
      this.registry.add(this);
      if (signals.length > 0) {
        this.#onAbort = () => {
          this.#abort();
        };
        for (const signal of signals) addAbortListener(signal, this.#onAbort);
      }
      if (totalTimeout === Infinity) return;
      this.#totalTimer = new InactivityTimer(totalTimeout, listener);
      // Nothing touches or pauses it: it fires once the total time is over.
      this.#totalTimer.start();
    }
  }

  #abort(): void {
    // Not the event's target: the events of polyfilled signals have none.
    this.#run?.terminate(reasonOf(this.#signals.find(({ aborted }) => aborted) ?? {}), 'aborted');
  }

  onClientClosed(error: unknown): void {
    this.#run?.terminate(error, 'closed');
  }

  end(): void {
    if (this.#onAbort) for (const signal of this.#signals) removeAbortListener(signal, this.#onAbort);
    this.hasEnded = true;
    this.registry.remove(this);
    this.#totalTimer?.stop();
  }
}
