import { check, FUNCTION } from '../../util/option-rule.js';
import type { Backoff, BackoffContext } from './backoff.js';

/** A backoff made from another one's wait and a chance in [0, 1); what the other says of `attempts` is handed on. */
export function wrap(backoff: Backoff, blend: (delay: number, chance: number) => number): Backoff {
  check('backoff', backoff, FUNCTION);
  const { attempts } = backoff;
  return Object.assign(
    (context: BackoffContext) => blend(backoff(context), context.random()),
    attempts && { attempts },
  );
}
