import { concatMap, defer, finalize, type Observable, type ObservableInput, of, repeat, takeWhile } from 'rxjs';

import type { HttpAttempt } from '../retry/attempt.js';
import { pendingDecisionsOf } from '../retry/decided-values.js';
import { check, FUNCTION, invalidOptionMessage } from '../util/option-rule.js';
import type {
  OnDemandSelector,
  ResumableOnDemandSelector,
  ResumableSelector,
  Selector,
  SelectorFunction,
} from './selector.js';
import { wrapSelector } from './wrap-selector.js';

/** What is done with a value: the next one is read when it has completed. */
export type EachFunction<T, R> = (value: T, index: number) => ObservableInput<R>;

const END = Symbol('end');

/** The values one by one, each when the work on the one before is done: an Observable cannot be held back, an iterator need not be asked. */
function pullEach<T, R>(values: AsyncIterable<T>, project: EachFunction<T, R>, attempt: HttpAttempt): Observable<R> {
  if (
    typeof (values as { [Symbol.asyncIterator]?: unknown } | null | undefined)?.[Symbol.asyncIterator] !== 'function'
  ) {
    throw new TypeError(
      invalidOptionMessage(
        'what the selector in each() gives',
        values,
        'an async iterable, as an async generator is: others cannot be held back',
      ),
    );
  }
  return defer(() => {
    const iterator = values[Symbol.asyncIterator]();
    let index = 0;
    const decisions$ = pendingDecisionsOf(attempt);
    return defer(() => iterator.next()).pipe(
      concatMap((result): ObservableInput<R | typeof END> => (result.done ? of(END) : project(result.value, index++))),
      // A value that is not decided about yet may be retried: to read on would change where that goes on.
      decisions$ ? repeat({ delay: () => decisions$ }) : repeat(),
      takeWhile((value): value is R => value !== END),
      finalize(() => {
        void iterator.return?.().catch(() => undefined);
      }),
    );
  });
}

/**
 * Has work done on each value that a selector reads, one after the other, and reads on only when it is done: emits what the work emits.
 *
 * It is `concatMap` with demand. Downstream of the client, `concatMap` would queue the whole of a body that comes faster than the work is
 * done; here the body waits, and with it, through TCP, the server. `timeout` does not count while work is done.
 *
 * The rule for what breaks off stays the same: until the work has emitted something, a body that breaks off is read anew from its
 * beginning, so let work that must not be done twice emit a value. An error of the work ends the request, and is not retried.
 *
 * @param selector - what reads on demand: {@link chunks}, {@link lines}, {@link ndjson}, {@link serverSentEvents}, or an async generator function of yours
 * @param project - what is done with a value, as for `concatMap`
 * @throws TypeError if one of them is not what it must be
 *
 * @example Saves a large export, row by row, in constant memory.
 * ```ts
 * import { each, ndjson, RetryClient } from 'rxjs-retry-client';
 *
 * declare function save(row: { id: number }): Promise<number>;
 *
 * new RetryClient().get('https://api.example.com/export', { selector: each(ndjson<{ id: number }>(), (row) => save(row)) }).subscribe((id) => {
 *   console.log(`${id} is saved`);
 * });
 * ```
 */
export function each<T, R>(selector: OnDemandSelector<T>, project: EachFunction<T, R>): SelectorFunction<R>;
export function each<T, R>(selector: ResumableOnDemandSelector<T>, project: EachFunction<T, R>): ResumableSelector<R>;
export function each<T, R>(
  selector: OnDemandSelector<T> | ResumableOnDemandSelector<T>,
  project: EachFunction<T, R>,
): Selector<R> {
  check('work', project, FUNCTION);
  return wrapSelector<T, R>(
    selector,
    (read) => (response, attempt) => pullEach(read(response, attempt) as AsyncIterable<T>, project, attempt),
  );
}
