import { defer, Observable } from 'rxjs';

import { notifyWithin } from '../../util/notify-within.js';

/**
 * Recognises the requests that an Observable sends when it is subscribed to. A token's refresh sends its request
 * through the same client: that request must neither wait for the refresh nor cause one.
 *
 * RxJS has no context that could be handed on. So a request is recognised by its time: it is sent while `track()`
 * subscribes. Its retries are recognised by their key, for as long as the Observable is subscribed to.
 */
export class RequestTracker<Key> {
  /** The keys of the requests that are sent at this moment, while `track()` subscribes. */
  #recording: Set<Key> | undefined;
  readonly #known = new Set<Key>();

  /** Whether a request is one of those that a tracked Observable has sent, or sends now. */
  has(key: Key): boolean {
    this.#recording?.add(key);
    if (this.#recording) this.#known.add(key);
    return this.#known.has(key);
  }

  /** Subscribes to what `create` returns, and tracks the requests that this sends. */
  track<T>(create: () => Observable<T>): Observable<T> {
    return new Observable((output) => {
      const keys = new Set<Key>();
      output.add(() => {
        for (const key of keys) this.#known.delete(key);
      });
      this.#record(keys, () => {
        defer(create)
          .pipe(
            // What a subscriber sends when a value comes at once is its own request.
            notifyWithin((notify) => {
              this.#record(undefined, notify);
            }),
          )
          .subscribe(output);
      });
    });
  }

  #record(keys: Set<Key> | undefined, work: () => void): void {
    const outer = this.#recording;
    this.#recording = keys;
    try {
      work();
    } finally {
      this.#recording = outer;
    }
  }
}
