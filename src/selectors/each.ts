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

/** Processes one value. The next value is read when its result has completed. */
export type EachFunction<T, R> = (value: T, index: number) => ObservableInput<R>;

const END = Symbol('end');

/**
 * Processes values one after the other, and pulls the next from the iterator only when the previous one is done. An
 * Observable would emit without being asked.
 */
function pullEach<T, R>(values: AsyncIterable<T>, project: EachFunction<T, R>, attempt: HttpAttempt): Observable<R> {
  if (
    typeof (values as { [Symbol.asyncIterator]?: unknown } | null | undefined)?.[Symbol.asyncIterator] !== 'function'
  ) {
    throw new TypeError(
      invalidOptionMessage(
        'the result of the selector in each()',
        values,
        'an async iterable, such as an async generator: only these are read on demand',
      ),
    );
  }
  return defer(() => {
    const iterator = values[Symbol.asyncIterator]();
    let index = 0;
    const decisions$ = pendingDecisionsOf(attempt);
    // While shouldRetry decides on a value, it may still be retried. Reading on would move the position from which the
    // retry resumes. (`repeat({ delay })` would wait as well, but came with RxJS 7.5.)
    const next$ = decisions$ ? decisions$.pipe(concatMap(() => iterator.next())) : defer(() => iterator.next());
    return next$.pipe(
      concatMap((result): ObservableInput<R | typeof END> => (result.done ? of(END) : project(result.value, index++))),
      repeat(),
      takeWhile((value): value is R => value !== END),
      finalize(() => {
        void iterator.return?.().catch(() => undefined);
      }),
    );
  });
}

/**
 * Projects each value of a selector to an Observable, one after the other, and emits their values. The next value is
 * read when the previous Observable has completed.
 *
 * It is `concatMap` with backpressure. Downstream of the client, `concatMap` would queue a body that arrives faster
 * than it is processed. Here the body waits, and through TCP so does the server. `timeout` does not count while a value
 * is processed.
 *
 * A body that breaks off before a projected Observable has emitted is read again from its beginning. If a value must
 * not be processed twice, let its Observable emit. An error of a projected Observable ends the request, and is not
 * retried.
 *
 * @param selector - a selector that reads on demand: {@link chunks}, {@link lines}, {@link ndjson},
 * {@link serverSentEvents}, or an async generator function of yours
 * @param project - processes one value, as for `concatMap`
 * @throws TypeError if `selector` is not a selector, or `project` is not a function
 *
 * @example Saving a large export row by row, in constant memory.
 * ```ts
 * import { each, ndjson, RetryClient } from 'rxjs-retry-client';
 *
 * declare function save(row: { id: number }): Promise<number>;
 *
 * const selector = each(ndjson<{ id: number }>(), (row) => save(row));
 *
 * new RetryClient().get('https://api.example.com/export', { selector }).subscribe((id) => {
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
  check('project', project, FUNCTION);
  return wrapSelector<T, R>(
    selector,
    (read) => (response, attempt) => pullEach(read(response, attempt) as AsyncIterable<T>, project, attempt),
  );
}
