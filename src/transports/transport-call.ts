const CALL: unique symbol = Symbol('call');

/** An own property, so that a transport may spread what it gets; one getter for all, since with one each every object would be of a shape of its own. */
const SIGNAL_PROPERTY: PropertyDescriptor & ThisType<{ [CALL]: TransportCall | undefined }> = {
  configurable: true,
  enumerable: true,
  get() {
    return this[CALL]?.signal;
  },
  // A transport may put a signal of its own in its place.
  set(value: unknown) {
    this[CALL] = undefined;
    Object.defineProperty(this, 'signal', { configurable: true, enumerable: true, writable: true, value });
  },
};

/** One call of a transport. It lives on after the answer, for whoever has to cut the body. */
export class TransportCall {
  /** Whether it was answered: from then on only the body is left to cut. */
  answered = false;
  /** What it was answered with. */
  response: Response | undefined;
  /** Whether it has failed in a way that proves that nothing was sent. */
  provenUnsent = false;
  /** Whether its answer's connection is being freed, since another call was made after it. */
  isSuperseded = false;
  /** Whether that has cut its answer. */
  isCut = false;
  /** Whether nothing is left to cut. */
  finished = false;
  /** Called by a transport that sends a whole body in pieces: a slow upload is no silence. */
  reportActivity: (() => void) | undefined;
  /** Told of an abort, like a listener of the signal: for a transport that can do without one. */
  abortListener: EventListenerObject | undefined;
  #aborted = false;
  #controller: AbortController | undefined;

  /** What fetch gets: fetch's own options, and a signal that is made when somebody asks for it. */
  init(init: RequestInit, method: string, headers: Headers | undefined): RequestInit {
    return Object.defineProperty(
      headers ? { ...init, method, headers, [CALL]: this } : { ...init, method, [CALL]: this },
      'signal',
      SIGNAL_PROPERTY,
    );
  }

  /** An AbortSignal costs more than all else that a request is made of. */
  get signal(): AbortSignal {
    const controller = (this.#controller ??= new AbortController());
    if (this.#aborted) controller.abort();
    return controller.signal;
  }

  /** Whoever waited for the answer has left. */
  unsubscribe(): void {
    if (!this.answered) this.abort();
  }

  abort(): void {
    if (this.finished) return;
    this.#aborted = true;
    this.#controller?.abort();
    this.abortListener?.handleEvent(new Event('abort'));
  }

  /** Whether it was aborted: before it was sent, where what sends it waits for something first. */
  get aborted(): boolean {
    return this.#aborted;
  }

  /** Whether nobody has asked for the signal yet, and might have put another in its place; nor listens to this already. */
  get isSignalUnused(): boolean {
    return this.#controller === undefined && this.abortListener === undefined;
  }
}

type CallInit = RequestInit & { readonly [CALL]?: TransportCall | undefined };

/** What to call as a sign of life, for a transport that a client calls. */
export function activityListenerOf(init: CallInit): (() => void) | undefined {
  return Object.hasOwn(init, CALL) ? init[CALL]?.reportActivity : undefined;
}

/** The call whose signal a transport was given, as long as nobody has asked for that: to listen to the call itself costs nothing. */
export function abortableCallOf(init: CallInit): TransportCall | undefined {
  const call = Object.hasOwn(init, CALL) ? init[CALL] : undefined;
  return call?.isSignalUnused ? call : undefined;
}
