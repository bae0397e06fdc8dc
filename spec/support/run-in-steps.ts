import { TestScheduler } from 'rxjs/testing';

/** The virtual clock, as a spec reads it between two scheduled actions. */
export interface VirtualClock {
  /** Returns the virtual time, in ms. */
  readonly now: () => number;
  /** Returns the number of scheduled actions: timers that have neither fired nor been cancelled. */
  readonly pending: () => number;
}

/**
 * Runs scheduled actions in virtual time, one at a time, so that a spec can check and act between any two of them.
 *
 * @param start - starts the Observables to check
 * @param between - called after `start` and after each action, with the number of actions that have run; `true` ends
 * the run
 */
export function runInSteps(
  start: (clock: VirtualClock) => void,
  between: (step: number, clock: VirtualClock) => boolean,
): void {
  const scheduler = new TestScheduler(() => {
    throw new Error('marbles are not supported here');
  });
  const clock: VirtualClock = { now: () => scheduler.frame, pending: () => scheduler.actions.length };
  scheduler.run(() => {
    start(clock);
    for (let step = 0; !between(step, clock); step += 1) {
      const action = scheduler.actions.shift();
      if (!action) return;
      scheduler.frame = action.delay;
      const error: unknown = action.execute(action.state, action.delay);
      if (error !== undefined) throw new Error('an action failed', { cause: error });
      if (step > 100_000) throw new Error('no end after 100,000 actions');
    }
    for (const action of [...scheduler.actions]) action.unsubscribe();
  });
}
