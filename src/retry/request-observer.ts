import { runAndReportErrors } from '../util/report-errors.js';
import type { AttemptEvent, HttpAttempt } from './attempt.js';
import type { EventSink } from './retry-delegate.js';

/** A request, as its observers get it when it is subscribed to. */
export type ObservedRequest = Pick<HttpAttempt, 'requestId' | 'method' | 'url' | 'context' | 'client'>;

/** What an observer wants to hear of one request. */
export interface RequestListener {
  /** Called for each event of the request, at once, and before `attempts$` emits it. */
  next?(event: AttemptEvent<unknown, HttpAttempt>): void;
  /**
   * Called for each part of a body that a selector reads, before the selector gets it; also for the body of a status
   * error. Copy the bytes to keep them, and do not change them.
   */
  chunk?(bytes: Uint8Array): void;
}

/**
 * Watches the requests of a client from their first moment: called once for each subscription, synchronously, before
 * gates and the first attempt. Errors that it throws are reported, and disturb no request.
 *
 * @param request - the method and the first URL, safe to show, and the context
 * @returns who hears the request's events; `undefined` for nobody
 *
 * @example
 * ```ts
 * import { type RequestObserver, RetryClient } from 'rxjs-retry-client';
 *
 * const slowRequests: RequestObserver = ({ method, url }) => ({
 *   next(event) {
 *     if ('total' in event && event.total > 1_000) console.warn(`${method} ${url} took ${event.total} ms`);
 *   },
 * });
 *
 * export const client = new RetryClient({ observers: [slowRequests] });
 * ```
 */
export type RequestObserver = (request: ObservedRequest) => RequestListener | undefined;

type Event = AttemptEvent<unknown, HttpAttempt>;
type Consumer = Parameters<EventSink<HttpAttempt>['next']>[1];

/**
 * The events of one request on their way to its listeners first, and then to everybody. All get them in the order in
 * which they happened, even if a listener ends the request about one.
 *
 *     opening ──► idle ◄──► telling
 *
 * A request whose client has observers creates one per subscription.
 */
export class ObservedEvents implements EventSink<HttpAttempt> {
  readonly #sink: EventSink<HttpAttempt>;
  readonly listeners: RequestListener[] = [];
  /** What is to happen after the events until now. */
  readonly #pending: (() => void)[] = [];
  /** While it opens, events wait, too. */
  #isTelling = false;
  /** Whether somebody hears what is read of bodies. */
  hearsBodies = false;

  /** @param sink - who gets the events after the listeners */
  constructor(sink: EventSink<HttpAttempt>) {
    this.#sink = sink;
  }

  /** Opens the observers. What happens meanwhile, the listeners of all of them hear afterwards. */
  open(observers: readonly RequestObserver[], request: ObservedRequest): void {
    this.#isTelling = true;
    for (const observer of observers) {
      runAndReportErrors(() => {
        const listener = observer(request);
        if (!listener) return;
        this.hearsBodies ||= listener.chunk !== undefined;
        this.listeners.push(listener);
      });
    }
    this.#isTelling = false;
    this.#flush();
  }

  get hasListeners(): boolean {
    // While it is opening, nobody knows yet.
    return this.listeners.length > 0 || this.#isTelling || this.#sink.hasListeners;
  }

  next(event: Event, consumer?: Consumer): void {
    // Bound, because a closure would cost more memory.
    this.after(this.#deliver.bind(this, event, consumer));
  }

  /** Runs what comes after the events until now. */
  after(action: () => void): void {
    // A listener caused it: the call that is telling goes on with it afterwards.
    if (!this.#isTelling && this.#pending.length === 0) action();
    else {
      // In the queue at once: what the flush causes comes after it.
      this.#pending.push(action);
      if (!this.#isTelling) this.#flush();
    }
  }

  /** What the consumer causes is told at once: it may end the request, whose last event comes before its error. */
  #deliver(event: Event, consumer: Consumer): void {
    this.#isTelling = true;
    this.#tell((listener) => listener.next?.(event));
    this.#isTelling = false;
    this.#sink.next(event, consumer);
    this.#flush();
  }

  #flush(): void {
    for (let action; (action = this.#pending.shift());) action();
  }

  chunk(bytes: Uint8Array): void {
    this.#tell((listener) => listener.chunk?.(bytes));
  }

  #tell(what: (listener: RequestListener) => void): void {
    for (const listener of this.listeners) {
      runAndReportErrors(() => {
        what(listener);
      });
    }
  }
}
