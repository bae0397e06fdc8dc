import { type Observable, Subscription } from 'rxjs';

import type { AttemptEvent, HttpAttempt } from '../retry/attempt.js';
import { readProperty } from '../util/foreign-object.js';
import { checkKnownOptions } from '../util/known-options.js';
import { BOOLEAN, check, FUNCTION } from '../util/option-rule.js';
import { keepRow } from './keep-row.js';
import type { Row } from './row.js';
import { createView, VIEW_PARTS } from './view/view.js';
import { VIEW_STYLE } from './waterfall-style.js';

/** Options of `waterfall`. */
export interface WaterfallOptions {
  /**
   * The number of requests that are kept, at least 1. When there are more, the oldest that has ended is dropped.
   *
   * @default 200
   */
  readonly rows?: number;
  /**
   * Whether the picture scrolls with new requests from the start. Readers switch it by a button, or by scrolling.
   *
   * @default true
   */
  readonly follow?: boolean;
}

/**
 * Draws requests and their attempts into an element while they happen: a row for each request, a bar for each attempt,
 * and the waits, holds and hedges between. Pointing at a bar, or moving to it by keyboard, shows the whole story.
 *
 * Events go into a small model; drawing is done once in a frame, and bars only for the rows in view. The picture is in
 * a shadow tree, and fills the width of the element. Its height is that of its rows, up to the CSS property
 * `--waterfall-height` (26rem). It is light or dark as the reader prefers.
 *
 * @param element - what it is drawn into; what the element has already stays
 * @param attempts$ - `client.attempts$`, or the events of one request (`observe: 'attempts'`)
 * @returns a subscription; unsubscribing removes the picture, its listeners and timers. When `attempts$` completes, the
 *   picture stays
 * @throws TypeError if `element` is no element, or for an unknown option; RangeError for an invalid number of rows
 *
 * @example
 * ```ts no-run: needs a browser
 * import { RetryClient } from 'rxjs-retry-client';
 * import { waterfall } from 'rxjs-retry-client/waterfall';
 *
 * const client = new RetryClient();
 * const subscription = waterfall(document.querySelector('#requests')!, client.attempts$);
 * ```
 */
export function waterfall(
  element: Element,
  attempts$: Observable<AttemptEvent<unknown, HttpAttempt>>,
  options: WaterfallOptions = {},
): Subscription {
  // Not by instanceof: the element may be of another window.
  check('element', element, [undefined, 'an Element', (value) => readProperty(value, 'nodeType') === 1]);
  check('attempts$.subscribe', readProperty(attempts$, 'subscribe'), FUNCTION);
  checkKnownOptions(options, {
    rows: [0, 'a whole number of at least 1', (rows: number) => Number.isSafeInteger(rows) && rows > 0],
    follow: BOOLEAN,
  });
  const { rows: limit = 200, follow = true } = options;
  const rows = new Map<string, Row>();
  const view = createView(VIEW_PARTS, element, VIEW_STYLE, () => [...rows.values()], true, follow);
  const subscription = new Subscription(() => {
    view.remove();
  });
  subscription.add(
    // eslint-disable-next-line rxjs-x/no-ignored-error -- RxJS reports an error that nobody handles
    attempts$.subscribe((event) => {
      keepRow(rows, event, limit);
      view.changed();
    }),
  );
  return subscription;
}
