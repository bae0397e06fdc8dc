import { Observable } from 'rxjs';

import type { HttpAttempt } from './attempt.js';

/** Knows when all that was emitted is decided about. */
export interface DecisionWaiter {
  /** Calls back once that is so: now, or later. */
  whenDecided(callback: () => void): void;
}

/** Who decides about the values of an attempt, where that is not at once: for selectors that ask for values themselves, as each() does. */
const waiters = /* @__PURE__ */ new WeakMap<HttpAttempt, DecisionWaiter>();

/** Says who decides about the values of an attempt. */
export function setDecisionWaiter(attempt: HttpAttempt, waiter: DecisionWaiter): void {
  waiters.set(attempt, waiter);
}

/** Emits once all that an attempt has emitted is decided about; `undefined` where that is so at once. */
export function pendingDecisionsOf(attempt: HttpAttempt): Observable<void> | undefined {
  const waiter = waiters.get(attempt);
  return (
    waiter &&
    new Observable((subscriber) => {
      waiter.whenDecided(() => {
        subscriber.next();
        subscriber.complete();
      });
    })
  );
}

export function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}

/**
 * The values of an async iterable, each asked for once the one before was decided about. A selector that read ahead would change its state, such
 * as the last event id, for values that are then retried.
 */
export function pullWhenDecided<T>(values: AsyncIterable<T>, waiter: DecisionWaiter): Observable<T> {
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
