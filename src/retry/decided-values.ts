import { Observable } from 'rxjs';

import type { HttpAttempt } from './attempt.js';

/** Knows when all values that an attempt has emitted are decided. */
export interface DecisionWaiter {
  /** Calls back once, now or later, when that is so. */
  whenDecided(callback: () => void): void;
}

/**
 * The waiters of attempts whose values are decided asynchronously: selectors such as each() ask for values themselves.
 */
const waiters = /* @__PURE__ */ new WeakMap<HttpAttempt, DecisionWaiter>();

export function setDecisionWaiter(attempt: HttpAttempt, waiter: DecisionWaiter): void {
  waiters.set(attempt, waiter);
}

/**
 * Emits once when all values that an attempt has emitted are decided; `undefined` if they are decided synchronously.
 */
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
 * Emits the values of an async iterable, and asks for each one after the one before is decided. A selector that read
 * ahead would change its state, such as the last event id, for values that are then retried.
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
