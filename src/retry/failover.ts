import { originOf } from '../http/url.js';
import { now } from '../util/clock.js';
import type { FailureReason } from './attempt.js';
import type { PlaceChooser } from './gate.js';
import type { Rotation } from './rotation.js';
import { combineDelays, exceedsMaxRetryAfter } from './server-delay.js';
import type { ResolvedStrategy } from './strategy.js';
import { TargetRotation } from './target-rotation.js';

/**
 * How long an origin asked for no requests, in ms, and when it asked, on the monotonic clock. Kept apart, because their
 * sum is rounded: a wait of exactly `maxRetryAfter` could come out longer.
 */
interface Cooldown {
  readonly duration: number;
  readonly since: number;
}

/** A destination of attempts. */
export interface Place {
  readonly url: string;
}

/**
 * Chooses the target of the next attempt and computes the delay before it: from the rotation, the cooldowns that
 * origins asked for, and the deadline. The delegate of a run owns it.
 *
 * It extends the rotation instead of holding one, since every waiting request would hold one more object.
 */
export class Failover<T extends Place> extends TargetRotation<T> {
  #deadline: number;
  /** By origin. A Map is made for the first server that asks for a delay: most never do. */
  #cooldowns: Map<string, Cooldown> | undefined;

  /** @param timeLeft - the time until the deadline, in ms; `Infinity` for none */
  constructor(targets: readonly T[], rotation: Rotation, timeLeft: number) {
    super(targets, rotation);
    // Without a limit the clock is not read: it is a large part of what a request costs.
    this.#deadline = timeLeft === Infinity ? Infinity : now() + timeLeft;
  }

  /** The time until the deadline, in ms. */
  get timeLeft(): number {
    // Without a deadline the clock is not read.
    return this.#deadline < Infinity ? this.#deadline - now() : Infinity;
  }

  /**
   * Records what the server of the failed attempt asks for, and chooses the next target. It moves past targets whose
   * cooldown exceeds `maxRetryAfter` or the deadline. A cooldown within both is waited for, even if another target has
   * none.
   *
   * @param url - of the attempt that failed
   * @param retryAfter - the delay that its response asks for, in ms
   * @param backoff - computes the delay that the strategy, or the selector, asks for, in ms
   * @param gates - choose the target instead, if there are any
   * @returns the delay before the next attempt, in ms; or the reason why there is none
   */
  nextDelay(
    strategy: ResolvedStrategy,
    url: string,
    retryAfter: number | undefined,
    backoff: () => number,
    gates?: PlaceChooser,
  ): number | FailureReason {
    const time = now();
    if (retryAfter !== undefined) this.coolDown(url, retryAfter, time);
    const wait = gates ? gates.choose(time) : this.#advanceToAvailable(strategy, time);
    if (typeof wait === 'string') return wait;
    const delay = combineDelays(strategy, backoff(), wait);
    return time + delay < this.#deadline ? delay : 'deadline';
  }

  /** Records that a server asks to be left alone for so many ms. */
  coolDown(url: string, duration: number, since: number): void {
    this.#cooldowns ??= new Map<string, Cooldown>();
    this.#cooldowns.set(originOf(url), { duration, since });
  }

  /** Returns how long a server still asks to be left alone, in ms; 0 or less if it does not. */
  cooldownOf(url: string, time?: number): number {
    const cooldown = this.#cooldowns?.get(originOf(url));
    return cooldown ? cooldown.duration - ((time ?? now()) - cooldown.since) : 0;
  }

  /** Returns the rest of the available target's cooldown, in ms; or the reason why no target is available. */
  #advanceToAvailable(strategy: ResolvedStrategy, time: number): number | FailureReason {
    let reason: FailureReason = 'retry-after';
    for (let tried = 0; tried < this.size; tried += 1) {
      const remaining = this.cooldownOf(this.peek().url, time);
      if (!exceedsMaxRetryAfter(strategy, remaining)) {
        if (time + remaining < this.#deadline) return remaining;
        reason = 'deadline';
      }
      this.skip();
    }
    return reason;
  }
}
