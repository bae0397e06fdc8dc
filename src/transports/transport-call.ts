const CALL: unique symbol = Symbol('call');

/**
 * The property `signal` of fetch's options, which creates the signal on demand.
 *
 * It is an own property, since a transport may spread the options. All calls share one getter: a getter for each call
 * would give each options object a hidden class of its own.
 */
const SIGNAL_PROPERTY: PropertyDescriptor & ThisType<{ [CALL]: TransportCall | undefined }> = {
  configurable: true,
  enumerable: true,
  get() {
    return this[CALL]?.signal;
  },
  // A transport may assign a signal of its own.
  set(value: unknown) {
    this[CALL] = undefined;
    Object.defineProperty(this, 'signal', { configurable: true, enumerable: true, writable: true, value });
  },
};

/**
 * One call of a transport: creates fetch's options for it, and aborts it.
 *
 * The client's `Exchange` creates one for each call and owns it. The call is open until it has a response or an error
 * (`isSettled`). Then only the body can be aborted, until nothing is left to abort (`isFinished`).
 */
export class TransportCall {
  /** Whether the call has ended with a response or an error. */
  isSettled = false;
  /** The response of the transport. */
  response: Response | undefined;
  /** Whether it failed in a way that proves that nothing was sent. */
  isProvenUnsent = false;
  /** Whether the connection of its response is being freed, because an interceptor made another call. */
  isSuperseded = false;
  /** Whether freeing that connection has cut the response's body. */
  isCut = false;
  /** Whether nothing is left to abort. */
  isFinished = false;
  /**
   * Called by transports for each chunk of the request's body, so that a slow upload is not mistaken for inactivity.
   */
  reportActivity: (() => void) | undefined;
  /** Called on abort, instead of a listener of the signal: a transport that uses it needs no signal. */
  abortListener: EventListenerObject | undefined;
  #aborted = false;
  #reason: unknown;
  #controller: AbortController | undefined;

  /** Creates fetch's options for this call, with a signal that is created on demand. */
  createInit(init: RequestInit, method: string, headers: Headers | undefined): RequestInit {
    return Object.defineProperty(
      headers ? { ...init, method, headers, [CALL]: this } : { ...init, method, [CALL]: this },
      'signal',
      SIGNAL_PROPERTY,
    );
  }

  /** Creates the signal on first access: an AbortSignal costs more than all other parts of a request together. */
  get signal(): AbortSignal {
    const controller = (this.#controller ??= new AbortController());
    if (this.#aborted) controller.abort(this.#reason);
    return controller.signal;
  }

  /** Aborts the call unless it has been answered. */
  unsubscribe(): void {
    if (!this.isSettled) this.abort();
  }

  /** @param reason - what the body fails with, if somebody reads it; an AbortError by default */
  abort(reason?: unknown): void {
    if (this.isFinished) return;
    this.#aborted = true;
    this.#reason = reason;
    this.#controller?.abort(reason);
    this.abortListener?.handleEvent(new Event('abort'));
  }

  /**
   * Whether it was aborted. A transport that waits before it sends must check this: the abort may have come in between.
   */
  get aborted(): boolean {
    return this.#aborted;
  }

  /**
   * Whether the signal was not accessed yet, so that it cannot have been combined with another, and no listener is set.
   */
  get isSignalUnused(): boolean {
    return this.#controller === undefined && this.abortListener === undefined;
  }
}

type CallInit = RequestInit & { readonly [CALL]?: TransportCall | undefined };

/**
 * Returns the function to call for each chunk of the request's body; `undefined` for a transport called without a
 * client.
 */
export function activityListenerOf(init: CallInit): (() => void) | undefined {
  return Object.hasOwn(init, CALL) ? init[CALL]?.reportActivity : undefined;
}

/** Returns the call behind the options, if its signal is unused. A listener on the call spares the cost of a signal. */
export function abortableCallOf(init: CallInit): TransportCall | undefined {
  const call = Object.hasOwn(init, CALL) ? init[CALL] : undefined;
  return call?.isSignalUnused ? call : undefined;
}
