import type { TransportCall } from '../transports/transport-call.js';
import { addAbortListener, removeAbortListener } from '../util/abort-listeners.js';

/** A signal that can go on to count for a body. The exchange that hands a response over tells it of its calls. */
export interface CallKeeper {
  keepCall?(call: TransportCall): void;
}

/** The signal of each response that was handed over. A response or its stream keeps it, and nothing else does. */
const signals = new WeakMap<object, BodySignal>();

/** Created for the first body: not every platform has it. */
let forgotten: FinalizationRegistry<() => void> | undefined;

/**
 * The signal of one request, which also counts for the body of its response: the end of a request is not the end of
 * its signal in `fetch`.
 *
 *     request under way ──► follow() ──► aborted, or the response is forgotten
 *
 * `toFetch()` creates one per request. It looks like the signal that it stands for.
 */
export class BodySignal implements CallKeeper {
  readonly #signal: AbortSignal;
  readonly #calls: TransportCall[] = [];
  /** Kept, because the signal of a Request is aborted only as long as the Request exists. */
  readonly owner: unknown;

  constructor(signal: AbortSignal, owner: unknown) {
    this.#signal = signal;
    this.owner = owner;
  }

  get aborted(): boolean {
    return this.#signal.aborted;
  }
  get reason(): unknown {
    return this.#signal.reason as unknown;
  }

  addEventListener(_: string, listener: () => void): void {
    addAbortListener(this.#signal, listener);
  }

  removeEventListener(_: string, listener: () => void): void {
    removeAbortListener(this.#signal, listener);
  }

  keepCall(call: TransportCall): void {
    this.#calls.push(call);
  }

  /** Breaks the body off when the signal aborts. The listener is removed when nobody can read the body any more. */
  follow(response: Response): Response {
    if (this.#calls.length === 0 || typeof WeakRef !== 'function') return response;
    // A response of this package reads faster without its stream, which `body` would open.
    const isPlatforms = response.constructor === globalThis.Response;
    if (isPlatforms && !response.body) return response;
    signals.set(response, this);
    // Whoever reads the stream may have forgotten the response.
    if (isPlatforms && response.body) signals.set(response.body, this);
    const ref = new WeakRef(this);
    const signal = this.#signal;
    const abort = (): void => ref.deref()?.abortBody();
    addAbortListener(signal, abort);
    forgotten ??= new FinalizationRegistry((remove) => {
      remove();
    });
    forgotten.register(this, () => {
      removeAbortListener(signal, abort);
    });
    // It may have aborted since the response was emitted.
    if (signal.aborted) abort();
    return response;
  }

  abortBody(): void {
    for (const call of this.#calls) call.abort(this.reason);
  }
}
