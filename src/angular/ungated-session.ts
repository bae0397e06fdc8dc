import type { Subscription } from 'rxjs';

import type { Attempt, AttemptEvent, FailureReason } from '../retry/attempt.js';
import type { Failover, Place } from '../retry/failover.js';
import type { GatedRun, GateInternals, GateLease, GateSession, WaitRegistry, Wakeable } from '../retry/gate.js';
import type { RetryDelegate } from '../retry/retry-delegate.js';
import { combineDelays } from '../retry/server-delay.js';
import type { ResolvedStrategy } from '../retry/strategy.js';
import { now } from '../util/clock.js';
import { longTimer } from '../util/long-timer.js';

/**
 * The session of a run that no gate limits: attempts start at once, and waits can be ended.
 *
 *     attempt ◄──► waiting
 *
 * The machinery of gates would do the same. It is several times larger, and an app without gates does not import it.
 */
export class UngatedSession<A extends Attempt> implements GateSession<A>, Wakeable {
  readonly refusedBy: undefined;
  lease: GateLease<A> | undefined;
  readonly #strategy: ResolvedStrategy;
  readonly #failover: Failover<Place>;
  readonly #run: GatedRun<A>;
  readonly #definition: GateInternals['definition'];
  readonly #waits: WaitRegistry;
  #timer: Subscription | undefined;
  /** The end of the wait, on the monotonic clock. */
  #until = 0;

  /** @param delegate - one that has a failover, as those of the client and of the interceptor do */
  constructor(
    strategy: ResolvedStrategy,
    delegate: RetryDelegate<A>,
    run: GatedRun<A>,
    definition: GateInternals['definition'],
    waits: WaitRegistry,
  ) {
    this.#strategy = strategy;
    this.#failover = delegate.failover as Failover<Place>;
    this.#run = run;
    this.#definition = definition;
    this.#waits = waits;
  }

  admit(): void {
    this.#run.startAttempt(this.#run.draft());
  }

  admitHedge(attempt: A): GateLease<A> {
    return { attempt, own: (event) => event, memoOf: () => ({}), tell: () => undefined, end: () => undefined };
  }

  planRetry(): boolean {
    return true;
  }

  /** Chooses as the failover does for a run without gates, whose delay has its random addition later. */
  choose(): number | FailureReason {
    return this.nextDelay(undefined, () => 0, { ...this.#strategy, random: () => 0 });
  }

  nextDelay(
    retryAfter: number | undefined,
    backoff: () => number,
    strategy: ResolvedStrategy = this.#strategy,
  ): number | FailureReason {
    return this.#failover.nextDelay(strategy, this.#failover.peek().url, retryAfter, backoff);
  }

  wait(delay: number): void {
    this.#until = now() + delay;
    // eslint-disable-next-line rxjs-x/no-ignored-error -- a timer cannot fail
    this.#timer = longTimer(delay).subscribe(() => {
      this.#stopWaiting();
      this.admit();
    });
    this.#waits.add(this);
  }

  #stopWaiting(): void {
    this.#timer?.unsubscribe();
    this.#timer = undefined;
    this.#waits.remove(this);
  }

  /** Ends the backoff. What the server asks for is waited for all the same, and no longer than was planned. */
  wake(): void {
    this.#stopWaiting();
    const cooldown = this.#failover.cooldownOf(this.#failover.peek().url);
    if (cooldown > 0) this.wait(Math.min(this.#until - now(), combineDelays(this.#strategy, 0, cooldown)));
    else this.admit();
  }

  tell(event: AttemptEvent<unknown, A>): void {
    this.#definition.next?.(event, {});
  }

  leave(): void {
    this.#stopWaiting();
  }
}
