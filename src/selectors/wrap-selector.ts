import { invalidOptionMessage } from '../util/option-rule.js';
import type { Selector, SelectorFunction } from './selector.js';

/**
 * Wraps the function with which a selector reads a response. The other methods of a resumable selector are passed on.
 *
 * @throws TypeError if `selector` is not a selector
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
    allowsIdle: selector.allowsIdle,
    open: () => {
      const reading = selector.open();
      return {
        prepare: (request) => reading.prepare?.(request) ?? request,
        handlesErrorStatus: (response) => reading.handlesErrorStatus?.(response) ?? false,
        select: wrap((response, attempt) => reading.select(response, attempt)),
        delay: () => reading.delay?.(),
        madeProgress: () => reading.madeProgress?.() ?? false,
        close: () => reading.close?.(),
      };
    },
  };
}
