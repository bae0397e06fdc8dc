import type { LimitReport, ServerLimitPolicy } from './rate-limit-fields.js';

/**
 * The longest time that a reset is obeyed, in ms; then attempts ask the server again. A wrong reset must not keep a
 * client away for hours. The figure is the IETF draft's, in its section on denial of service.
 */
const MAX_RESET_MS = 600_000;
/** The longest time that `Retry-After` is obeyed, in ms. */
const MAX_RETRY_AFTER_MS = 86_400_000;
/** How many limits of one server are known at a time. */
const MAX_POLICIES = 10;
/** The longest time between two attempts that are let in after a hold, in ms. */
const MAX_INTERVAL_MS = 1_000;

/** A time from a moment on, in ms. Kept apart, because their sum is rounded. */
interface Hold {
  readonly duration: number;
  readonly since: number;
}

/** A limit, as the response to the latest attempt had it. The ordinals count the attempts of a key. */
interface KnownPolicy {
  readonly policy: ServerLimitPolicy;
  /** Of the attempt that was answered. */
  readonly ordinal: number;
  readonly since: number;
  /** The ordinal of the last attempt that the limit allows. */
  allowed: number;
}

/**
 * What a server has said about its limits, and how much of them is used up. It has no effects, and gets the time from
 * the caller, on the monotonic clock.
 *
 * Responses come in any order, so each is numbered by its attempt: of two that have a limit, the one to the later
 * attempt counts. Attempts that began after it are taken off what it says is left.
 */
export class ServerQuotas {
  readonly #policies = new Map<string, KnownPolicy>();
  #retryAfter: Hold = { duration: 0, since: 0 };
  /** The ordinal of the latest attempt. */
  #sent = 0;

  /** Counts an attempt, and returns its ordinal. */
  send(): number {
    return (this.#sent += 1);
  }

  /** Takes back an attempt that had no response: limits that are older than the attempt allow another one. */
  takeBack(ordinal: number): void {
    for (const known of this.#policies.values()) if (known.ordinal < ordinal) known.allowed += 1;
  }

  /** Learns what the response to an attempt says. */
  learn({ retryAfter = 0, policies }: LimitReport, ordinal: number, time: number): void {
    const duration = Math.min(retryAfter, MAX_RETRY_AFTER_MS);
    if (duration > remainingOf(this.#retryAfter, time)) this.#retryAfter = { duration, since: time };
    for (const [key, policy] of policies) {
      const known = this.#policies.get(key);
      if (known && known.ordinal > ordinal) continue;
      this.#policies.delete(key);
      this.#policies.set(key, { policy, ordinal, since: time, allowed: ordinal + policy.remaining });
      const [oldest = key] = this.#policies.keys();
      if (this.#policies.size > MAX_POLICIES) this.#policies.delete(oldest);
    }
  }

  /** Returns how long the next attempt is held, in ms, and how long the whole hold is; 0 if it is not. */
  hold(time: number): { readonly remaining: number; readonly duration: number } {
    const holds = [this.#retryAfter];
    for (const { policy, since, allowed } of this.#policies.values()) {
      if (this.#sent >= allowed) holds.push({ duration: Math.min(policy.resetAfter ?? 0, MAX_RESET_MS), since });
    }
    return holds
      .map((hold) => ({ remaining: remainingOf(hold, time), duration: hold.duration }))
      .reduce((longest, hold) => (hold.remaining > longest.remaining ? hold : longest), { remaining: 0, duration: 0 });
  }

  /** Returns the time between attempts that keeps the rate of all limits, in ms; `undefined` if no rate is known. */
  get interval(): number | undefined {
    const intervals = [...this.#policies.values()].flatMap(({ policy: { limit, window, resetAfter } }) => {
      const time = window ?? resetAfter;
      return limit && time ? [Math.min(time / limit, MAX_INTERVAL_MS)] : [];
    });
    return intervals.length === 0 ? undefined : Math.min(...intervals);
  }

  /** Returns the limits whose reset has not come, as they are now. */
  policies(time: number): ServerLimitPolicy[] {
    return [...this.#policies.values()].flatMap(({ policy, since, allowed }) => {
      const resetAfter = policy.resetAfter === undefined ? undefined : policy.resetAfter - (time - since);
      const remaining = Math.max(0, allowed - this.#sent);
      return resetAfter !== undefined && resetAfter <= 0 ? [] : [{ ...policy, remaining, resetAfter }];
    });
  }
}

function remainingOf({ duration, since }: Hold, time: number): number {
  return duration - (time - since);
}
