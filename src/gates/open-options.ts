import { defer, mergeMap, type Observable, race } from 'rxjs';

import type { GateAttempt } from '../retry/gate.js';
import type { OptionRules } from '../util/known-options.js';
import { longTimer } from '../util/long-timer.js';
import { oneOf } from '../util/option-rule.js';
import { reject } from './rejection.js';

/** The options that `openWhen` and `whenOnline` have in common. */
export interface OpenOptions {
  /** Which attempts the gate holds while it is closed: all, or retries and hedges alone. @default 'attempts' */
  readonly blocks?: 'attempts' | 'retries' | undefined;
  /** The longest time that the gate holds an attempt, in ms; then it rejects the attempt. @default Infinity */
  readonly maxWait?: number | undefined;
}

/** The rules for these options. */
export const OPEN_RULES: OptionRules<OpenOptions> = {
  blocks: oneOf('attempts', 'retries'),
  maxWait: [0, 'a number of at least 0', (ms: number) => ms >= 0],
};

/** Whether a gate with this option may hold an attempt. A hedge is one more sending, as a retry is. */
export function isBlocked(blocks: OpenOptions['blocks'], { number, hedge }: GateAttempt): boolean {
  return blocks !== 'retries' || number > 1 || hedge === true;
}

/**
 * Limits how long a gate without keys holds an attempt.
 *
 * An attempt that it rejects is asked for its other places. The gate would hold it there, too, so the time is over for
 * all of them.
 */
export class HoldLimit {
  readonly #maxWait: number;
  /** The attempt that was rejected last. */
  #rejected = '';

  constructor(maxWait: number) {
    this.#maxWait = maxWait;
  }

  /** @param admitted$ - emits when the gate lets the attempt in */
  apply({ requestId, number }: GateAttempt, admitted$: Observable<unknown>): Observable<unknown> {
    const maxWait = this.#maxWait;
    if (maxWait === Infinity) return admitted$;
    const id = `${requestId} ${number}`;
    const rejection$ = defer(() => {
      this.#rejected = id;
      return reject(`it would be held for longer than ${maxWait} ms`);
    });
    // What emits at once wins: then there is no timer, and no rejection.
    return race(
      admitted$,
      maxWait === 0 || this.#rejected === id ? rejection$ : longTimer(maxWait).pipe(mergeMap(() => rejection$)),
    );
  }
}
