import { checkFunction } from '../check.js';
import type { Backoff } from './backoff.js';

/** A backoff made from another one's wait and a chance in [0, 1); what the other says of `attempts` is handed on. */
export function wrap(backoff: Backoff, blend: (delay: number, chance: number) => number): Backoff {
  checkFunction('backoff', backoff);
  const wrapped: Backoff = (context) => blend(backoff(context), context.random());
  return backoff.attempts === undefined ? wrapped : Object.assign(wrapped, { attempts: backoff.attempts });
}
