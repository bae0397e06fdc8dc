import { Subscriber } from 'rxjs';

/** What a stage hands its notifications to. */
export interface StageObserver {
  onValue(stage: Stage, value: unknown): void;
  onError(stage: Stage, error: unknown): void;
  onComplete(stage: Stage): void;
}

type Notice = { readonly kind: 'value'; readonly value: unknown } | { readonly kind: 'error'; readonly error: unknown } | { readonly kind: 'complete' };

/**
 * A subscription to one stage of an attempt, the source or the selector's stream, which can be paused: while it is, notifications queue.
 *
 * It extends Subscriber, and is no plain observer, so that it can be unsubscribed while a synchronous source still runs.
 */
export class Stage extends Subscriber<unknown> {
  private paused = false;
  private queue: Notice[] | undefined;

  constructor(private readonly observer: StageObserver) {
    super();
  }

  pause(): void {
    this.paused = true;
  }

  unpause(): void {
    this.paused = false;
  }

  /** Delivers what has queued, until one of it pauses the stage again. */
  flush(): void {
    while (!this.paused && !this.closed) {
      const notice = this.queue?.shift();
      if (!notice) break;
      this.deliver(notice);
    }
  }

  override unsubscribe(): void {
    this.queue = undefined;
    super.unsubscribe();
  }

  protected override _next(value: unknown): void {
    if (this.holdsBack()) this.enqueue({ kind: 'value', value });
    else this.observer.onValue(this, value);
  }

  protected override _error(error: unknown): void {
    if (this.holdsBack()) this.enqueue({ kind: 'error', error });
    else this.observer.onError(this, error);
  }

  protected override _complete(): void {
    if (this.holdsBack()) this.enqueue({ kind: 'complete' });
    else this.observer.onComplete(this);
  }

  private holdsBack(): boolean {
    return this.paused || (this.queue?.length ?? 0) > 0;
  }

  private enqueue(notice: Notice): void {
    (this.queue ??= []).push(notice);
  }

  private deliver(notice: Notice): void {
    if (notice.kind === 'value') this.observer.onValue(this, notice.value);
    else if (notice.kind === 'error') this.observer.onError(this, notice.error);
    else this.observer.onComplete(this);
  }
}
