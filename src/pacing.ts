import { asyncScheduler } from 'rxjs';

import type { Attempt, FailureReason, Outcome } from './attempt.js';
import { checkNumber } from './check.js';
import type { Host } from './host.js';
import { httpOf } from './http-like.js';
import { retryAfter } from './retry-after.js';
import type { Policy } from './strategy.js';

/** How long one run waits before each of its retries. */
export class Pacing {
  #retry = 0;
  #previousDelay = 0;
  /** Until when each origin asked to be left alone. */
  #holds: Map<string, number> | undefined;

  /** Starts the backoff over. */
  reset(): void {
    this.#retry = 0;
    this.#previousDelay = 0;
  }

  /** The wait before the next attempt in ms, or why there is none. Turns the host to a place that may be asked. */
  next(policy: Policy, host: Host<Attempt>, outcome: Outcome): number | FailureReason {
    const now = asyncScheduler.now();
    const asked = policy.maxRetryAfter > 0 ? askedFor(outcome, now) : undefined;
    this.#retry += 1;
    if (asked !== undefined) (this.#holds ??= new Map()).set(host.origin, now + asked);
    const delay = this.#holds ? this.#besideHolds(this.#holds, policy, host, outcome, asked, now) : this.#backoff(policy, host, outcome);
    return typeof delay === 'number' && now + delay >= host.deadline ? 'deadline' : delay;
  }

  #besideHolds(
    holds: ReadonlyMap<string, number>,
    policy: Policy,
    host: Host<Attempt>,
    outcome: Outcome,
    asked: number | undefined,
    now: number,
  ): number | FailureReason {
    const rest = (origin: string): number => (holds.get(origin) ?? now) - now;
    const tooLong = (origin: string): boolean => rest(origin) > Math.min(policy.maxRetryAfter, Number.MAX_VALUE);
    const tooLate = (origin: string): boolean => now + rest(origin) >= host.deadline;
    if (!host.turn((origin) => tooLong(origin) || tooLate(origin))) return host.turn((origin) => tooLong(origin)) ? 'deadline' : 'retry-after';
    const next = host.nextOrigin;
    return asked !== undefined && next === host.origin ? asked : Math.max(this.#backoff(policy, host, outcome), rest(next));
  }

  #backoff({ backoff, random }: Policy, host: Host<Attempt>, outcome: Outcome): number {
    const own = host.delay();
    if (own !== undefined) return checkNumber("what the selector's delay returns", own, 0);
    const delay = backoff({ retry: this.#retry, previousDelay: this.#previousDelay, random, outcome });
    return (this.#previousDelay = checkNumber('what strategy.backoff returns', delay, 0));
  }
}

/** How long a response asks to be left alone, in ms. */
function askedFor(outcome: Outcome, now: number): number | undefined {
  const headers = (httpOf(outcome) ?? outcome.response)?.headers;
  return headers && retryAfter((name) => headers.get(name), now);
}
