import { Observable, of } from 'rxjs';

import { check, invalidOptionMessage } from '../util/option-rule.js';
import { ROTATION, type Rotation } from './rotation.js';
import { TargetRotation } from './target-rotation.js';

/**
 * Emits one item per subscription, in turn. A retry that subscribes again gets the next server.
 *
 * The position belongs to the returned Observable. Make one per run with `defer` if runs must not share it.
 *
 * @param items - at least one
 * @param rotation - what follows the last item: `'cycle'` starts over, `'hold'` stays on it. Default: `'cycle'`
 * @throws TypeError if `items` is not an array; RangeError if it is empty, or the rotation is unknown
 *
 * @example
 * ```ts
 * import { concatMap, defer } from 'rxjs';
 * import { fromFetch } from 'rxjs/fetch';
 * import { cycle, retryWithStrategy } from 'rxjs-retry-client';
 *
 * export const response$ = defer(() =>
 *   cycle(['https://eu.example.com/', 'https://us.example.com/']).pipe(
 *     concatMap((url) => fromFetch(url)),
 *     retryWithStrategy(),
 *   ),
 * );
 * ```
 */
export function cycle<T>(items: readonly T[], rotation: Rotation = 'cycle'): Observable<T> {
  const expected = 'an array of at least one item';
  if (!Array.isArray(items)) throw new TypeError(invalidOptionMessage('items', items, expected));
  if (items.length === 0) throw new RangeError(invalidOptionMessage('items', items, expected));
  check('rotation', rotation, ROTATION);
  return new TargetRotation([...(items as readonly T[])], rotation).nextPerSubscription((item) => of(item));
}
