import { Observable, of } from 'rxjs';

import { check, invalidOptionMessage } from '../util/option-rule.js';
import { ROTATION, type Rotation } from './rotation.js';
import { TargetRotation } from './target-rotation.js';

/**
 * Emits one item per subscription, in turn: what a retry subscribes to again gives it the next server.
 *
 * The turn belongs to the returned Observable: make one per run (with `defer`) where runs must not share it.
 *
 * @param items - at least one
 * @param rotation - after the last one: `'cycle'` starts over (the default), `'hold'` stays on it
 * @throws TypeError if `items` is no array; RangeError if it is empty or the rotation is unknown
 *
 * @example
 * ```ts
 * import { concatMap, defer } from 'rxjs';
 * import { fromFetch } from 'rxjs/fetch';
 * import { cycle, retryWithStrategy } from 'rxjs-retry-client';
 *
 * export const response$ = defer(() =>
 *   cycle(['https://eu.example.com/', 'https://us.example.com/']).pipe(concatMap((url) => fromFetch(url)), retryWithStrategy()),
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
