import { originOf } from '../http/url.js';
import { now } from '../util/clock.js';
import type { FailureReason } from './attempt.js';
import type { GateDelays } from './gate.js';
import type { Rotation } from './rotation.js';
import { combineDelays, exceedsMaxRetryAfter, maxGateDelay } from './server-delay.js';
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
    return this.#deadline - now();
  }

  /**
   * Records what the server of the failed attempt asks for, and chooses the next target. It moves past targets whose
   * cooldown exceeds `maxRetryAfter` or the deadline. A cooldown within both is waited for, even if another target has
   * none; a gate's delay is not.
   *
   * @param url - of the attempt that failed
   * @param retryAfter - the delay that its response asks for, in ms
   * @param backoff - computes the delay that the strategy, or the selector, asks for, in ms
   * @returns the delay before the next attempt, in ms; or the reason why there is none
   */
  nextDelay(
    strategy: ResolvedStrategy,
    url: string,
    retryAfter: number | undefined,
    backoff: () => number,
    gates?: GateDelays,
  ): number | FailureReason {
    const time = now();
    if (retryAfter !== undefined) this.coolDown(url, retryAfter, time);
    const wait = this.choose(strategy, time, gates);
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
  cooldownOf(url: string, time: number): number {
    const cooldown = this.#cooldowns?.get(originOf(url));
    return cooldown ? cooldown.duration - (time - cooldown.since) : 0;
  }

  /**
   * Moves to the first available target, in turn, that no gate delays, else to the one that gates delay the least.
   *
   * @param tried - targets that the attempt was rejected at; the others are available only if they need no cooldown
   * @returns how long its cooldown and gates ask to wait, in ms; or the reason why no target is available
   */
  choose(
    strategy: ResolvedStrategy,
    time: number,
    gates: GateDelays | undefined,
    tried?: ReadonlySet<Place>,
  ): number | FailureReason {
    let result: number | FailureReason = 'retry-after';
    let least: number | undefined;
    let steps = 0;
    for (let ahead = 0; ahead < this.size && least !== 0; ahead += 1) {
      const target = this.peek(ahead);
      const remaining = this.cooldownOf(target.url, time);
      if (exceedsMaxRetryAfter(strategy, remaining) || (tried && (remaining > 0 || tried.has(target)))) continue;
      const delay = gates?.delay(target) ?? 0;
      const wait = Math.max(remaining, delay);
      const isTooLong = delay > maxGateDelay(strategy);
      // Without a deadline a delay of Infinity would be said to exceed it.
      if (time + wait >= this.#deadline && !isTooLong) {
        if (least === undefined) result = 'deadline';
      } else if (!(delay >= (least as number))) {
        least = delay;
        steps = ahead;
        result = isTooLong ? 'rejected' : wait;
      }
    }
    this.skip(steps);
    return result;
  }
}
