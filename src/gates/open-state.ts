import { map, type Observable } from 'rxjs';

import { KEY_OF_ALL, type ObservableState } from './keyed-state.js';

/** The state of `openWhen` and `whenOnline`. */
export interface OpenSnapshot {
  /** Whether an attempt that came now would pass. */
  readonly open: boolean;
}

/** Makes the observable state of a gate that has no keys: all attempts have the key `all` in common. */
export function openState(isOpen: () => boolean, changes$: Observable<boolean>): ObservableState<OpenSnapshot> {
  const read = (key?: string): OpenSnapshot | ReadonlyMap<string, OpenSnapshot> =>
    key === undefined ? new Map([[KEY_OF_ALL, { open: isOpen() }]]) : { open: isOpen() };
  return {
    snapshot: read as ObservableState<OpenSnapshot>['snapshot'],
    changes$: changes$.pipe(map((open) => ({ open, key: KEY_OF_ALL }))),
  };
}
