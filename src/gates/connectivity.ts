import { defer, finalize, Observable, Subject, type Subscriber } from 'rxjs';

import { readProperty } from '../util/foreign-object.js';

/** Reads `navigator.onLine`; `undefined` if it is none, or if no event tells of its changes. */
function readOnLine(): boolean | undefined {
  const onLine = readProperty((globalThis as { navigator?: unknown }).navigator, 'onLine');
  return typeof onLine === 'boolean' && 'ononline' in globalThis ? onLine : undefined;
}

/**
 * What is needed now. The listeners of the page hold it weakly, and so it could be collected while attempts wait for
 * it.
 */
const NEEDED = new Set<Connectivity>();

/**
 * Whether the browser has a network, as far as it tells.
 *
 *     doubted ──► online ◄──► offline
 *        └─────────────────────►
 *
 * At the start it is doubted, and counts as online, also if `navigator.onLine` is `false` then: some browsers say so
 * for as long as they run. An attempt that fails by the network ends the doubt, and so does any change.
 *
 * A change is an event, or another value of `navigator.onLine` than before: a page that was frozen gets no events.
 *
 * The gate owns it. It listens for as long as it lives, and not only while attempts are under way: an event in between
 * counts for the next attempt. The listeners do not keep it alive, since gates that are made again and again (by specs,
 * by Angular's injectors) would pile up.
 */
export class Connectivity {
  /** The latest value of `navigator.onLine`. An event can tell otherwise, if a script dispatches it. */
  #onLine: boolean;
  #isOnline: boolean;
  #isDoubted = true;
  /** A Set, because leaving an RxJS Subject takes linear time. */
  readonly #waiting = new Set<Subscriber<void>>();
  readonly #changes = new Subject<boolean>();
  #subscriptions = 0;
  /** Emits each time that the network comes back. */
  readonly back$: Observable<void> = this.#needing(
    new Observable<void>((subscriber) => {
      this.#waiting.add(subscriber);
      return () => this.#waiting.delete(subscriber);
    }),
  );
  /** Emits what `isOnline` becomes. */
  readonly changes$: Observable<boolean> = this.#needing(this.#changes);

  private constructor(onLine: boolean) {
    this.#onLine = this.#isOnline = onLine;
    listen(new WeakRef(this));
  }

  /** Returns `undefined` where the platform does not tell: in Node, and in workers without the events. */
  static create(): Connectivity | undefined {
    const onLine = readOnLine();
    return onLine === undefined ? undefined : new Connectivity(onLine);
  }

  /** Keeps this object from being collected while there are subscribers. */
  #needing<T>(source: Observable<T>): Observable<T> {
    return defer(() => {
      this.#subscriptions += 1;
      NEEDED.add(this);
      return source;
    }).pipe(
      finalize(() => {
        this.#subscriptions -= 1;
        if (this.#subscriptions === 0) NEEDED.delete(this);
      }),
    );
  }

  get #countsAsOnline(): boolean {
    return this.#isOnline || this.#isDoubted;
  }

  /** Returns whether there is a network, and changes nothing: for questions. */
  peek(): boolean {
    const onLine = readOnLine();
    return onLine === undefined || onLine === this.#onLine ? this.#countsAsOnline : onLine;
  }

  /** Returns whether there is a network, after taking note of a change that no event told of. */
  isOnline(): boolean {
    const onLine = readOnLine();
    if (onLine !== undefined && onLine !== this.#onLine) this.hear(onLine);
    return this.#countsAsOnline;
  }

  /** An attempt has failed by the network: what the browser says is believed. */
  endDoubt(): void {
    if (this.isOnline()) this.#set(this.#isOnline);
  }

  /** The browser tells of a change. */
  hear(isOnline: boolean): void {
    this.#onLine = readOnLine() ?? isOnline;
    this.#set(isOnline);
    if (!isOnline) return;
    // A copy: one that is told can wait again.
    for (const subscriber of [...this.#waiting]) subscriber.next();
  }

  #set(isOnline: boolean): void {
    const counted = this.#countsAsOnline;
    this.#isOnline = isOnline;
    this.#isDoubted = false;
    if (counted !== isOnline) this.#changes.next(isOnline);
  }
}

/** Tells an object of the events, until it is collected. */
function listen(ref: WeakRef<Connectivity>): void {
  const onEvent = ({ type }: Event): void => {
    const connectivity = ref.deref();
    if (connectivity) {
      connectivity.hear(type === 'online');
      return;
    }
    removeEventListener('offline', onEvent);
    removeEventListener('online', onEvent);
  };
  addEventListener('offline', onEvent);
  addEventListener('online', onEvent);
}
