import { Observable } from 'rxjs';

/** Knows when all that was emitted is decided about. */
export interface DecisionWaiter {
  /** Calls back once that is so: now, or later. */
  whenDecided(callback: () => void): void;
}

export function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}

/**
 * The values of an async iterable, each asked for once the one before was decided about. A selector that read ahead would change its state, such
 * as the last event id, for values that are then retried.
 */
export function pullDecided<T>(values: AsyncIterable<T>, waiter: DecisionWaiter): Observable<T> {
  return new Observable((subscriber) => {
    const iterator = values[Symbol.asyncIterator]();
    const pull = (): void => {
      if (subscriber.closed) return;
      iterator.next().then(
        ({ done, value }) => {
          if (done) {
            subscriber.complete();
          } else {
            subscriber.next(value);
            waiter.whenDecided(pull);
          }
        },
        (error: unknown) => {
          subscriber.error(error);
        },
      );
    };
    pull();
    return () => {
      iterator.return?.().catch(() => undefined);
    };
  });
}
