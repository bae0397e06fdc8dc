import { invalidOptionMessage } from '../util/option-rule.js';
import type { Selector, SelectorFunction } from './selector.js';

/**
 * Puts something around what a selector reads; all else of one that resumes is handed on.
 *
 * @throws TypeError if it is no selector
 */
export function wrapSelector<T, R>(
  selector: Selector<T>,
  wrap: (select: SelectorFunction<T>) => SelectorFunction<R>,
): Selector<R> {
  if (typeof selector === 'function') return wrap(selector);
  if (typeof (selector as { open?: unknown } | null | undefined)?.open !== 'function') {
    throw new TypeError(invalidOptionMessage('selector', selector, 'a function, or an object with open()'));
  }
  return {
    patient: selector.patient,
    open: () => {
      const reading = selector.open();
      return {
        prepare: (request) => reading.prepare?.(request) ?? request,
        accepts: (response) => reading.accepts?.(response) ?? false,
        select: wrap((response, attempt) => reading.select(response, attempt)),
        delay: () => reading.delay?.(),
        madeProgress: () => reading.madeProgress?.() ?? false,
        close: () => reading.close?.(),
      };
    },
  };
}
