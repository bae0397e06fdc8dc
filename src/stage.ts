import { type Observable, Subscriber } from 'rxjs';

import { orReport } from './or-report.js';

/** What a stage hands its notifications to. */
export interface StageObserver {
  onValue(stage: Stage, value: unknown): void;
  onError(stage: Stage, error: unknown): void;
  onComplete(stage: Stage): void;
}

type Notice = { readonly kind: 'value'; readonly value: unknown } | { readonly kind: 'error'; readonly error: unknown } | { readonly kind: 'complete' };

/**
 * A subscription to one stage of an attempt, the source or the selector's stream, which can be paused: while it is, notifications queue.
 * A stream that ends is let go of at once, whatever still waits in the queue.
 *
 * It extends Subscriber, and is no plain observer, so that it can be unsubscribed while a synchronous source still runs.
 */
// eslint-disable-next-line rxjs-x/no-subclass -- no other way to unsubscribe from a synchronous source while subscribe() still runs
export class Stage extends Subscriber<unknown> {
  readonly #observer: StageObserver;
  #paused = false;
  #flushing = false;
  #dropped = false;
  #queue: Notice[] | undefined;

  constructor(observer: StageObserver) {
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- see above
    super();
    this.#observer = observer;
  }

  /** Subscribes; a stage that was dropped meanwhile does not. */
  observe(source: Observable<unknown>): void {
    if (!this.#dropped) orReport(() => source.subscribe(this));
  }

  pause(): void {
    this.#paused = true;
  }

  unpause(): void {
    this.#paused = false;
  }

  /** Delivers what has queued, until one of it pauses the stage again. */
  flush(): void {
    // What is delivered may flush again: the outer loop goes on, rather than the stack.
    if (this.#flushing || !this.#queue) return;
    this.#flushing = true;
    let at = 0;
    for (; at < this.#queue.length && !this.#paused; at += 1) {
      const notice = this.#queue[at] as Notice;
      if (notice.kind === 'value') this.#observer.onValue(this, notice.value);
      else if (notice.kind === 'error') this.#observer.onError(this, notice.error);
      else this.#observer.onComplete(this);
    }
    this.#queue = at < this.#queue.length ? this.#queue.slice(at) : undefined;
    this.#flushing = false;
  }

  /** Unsubscribes, and forgets what has queued. */
  drop(): void {
    this.#dropped = true;
    this.#queue = this.#queue && [];
    this.#letGo();
  }

  /** A teardown that throws must not keep the run from going on. */
  #letGo(): void {
    orReport(() => {
      this.unsubscribe();
    });
  }

  protected override _next(value: unknown): void {
    if (this.#busy) this.#enqueue({ kind: 'value', value });
    else this.#observer.onValue(this, value);
  }

  protected override _error(error: unknown): void {
    this.#letGo();
    if (this.#busy) this.#enqueue({ kind: 'error', error });
    else this.#observer.onError(this, error);
  }

  protected override _complete(): void {
    if (this.#busy) this.#enqueue({ kind: 'complete' });
    else this.#observer.onComplete(this);
    this.#letGo();
  }

  get #busy(): boolean {
    return this.#paused || this.#queue !== undefined;
  }

  #enqueue(notice: Notice): void {
    if (!this.#dropped) (this.#queue ??= []).push(notice);
  }
}
