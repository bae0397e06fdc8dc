import { check, FUNCTION } from '../../util/option-rule.js';
import type { Backoff, BackoffContext } from './backoff.js';

/**
 * Returns a backoff that computes its delay from another one's and a random number in [0, 1). It keeps the other's
 * `attempts`.
 */
export function wrap(backoff: Backoff, blend: (delay: number, randomNumber: number) => number): Backoff {
  check('backoff', backoff, FUNCTION);
  const { attempts } = backoff;
  return Object.assign(
    (context: BackoffContext) => blend(backoff(context), context.random()),
    attempts && { attempts },
  );
}
