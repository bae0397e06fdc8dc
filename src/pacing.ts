import { asyncScheduler } from 'rxjs';

import type { Outcome } from './attempt.js';
import { httpOf } from './http-like.js';
import { retryAfter } from './retry-after.js';
import type { Policy } from './strategy.js';

/** How long a response asks to be left alone, in ms, where the policy heeds that. */
export function askedFor({ maxRetryAfter }: Policy, outcome: Outcome): number | undefined {
  const headers = (httpOf(outcome) ?? outcome.response)?.headers;
  return maxRetryAfter > 0 && headers ? retryAfter((name) => headers.get(name), asyncScheduler.now()) : undefined;
}

/** Whether a server asks for more patience than the policy has. */
export function isTooLong({ maxRetryAfter }: Policy, asked: number): boolean {
  // One that asks for Infinity would be waited for in vain.
  return asked > Math.min(maxRetryAfter, Number.MAX_VALUE);
}
