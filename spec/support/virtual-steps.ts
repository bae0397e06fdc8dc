import { TestScheduler } from 'rxjs/testing';

/** What a spec sees of virtual time between two of its actions. */
export interface VirtualClock {
  /** The time, in ms. */
  readonly now: () => number;
  /** How many actions are scheduled: timers that nobody cancelled. */
  readonly pending: () => number;
}

/**
 * Runs in virtual time, one scheduled action at a time, so that a spec can look about, and act, between any two of them.
 *
 * @param begin - starts what is to be watched
 * @param between - called after `begin`, and after each action with the number of those that have run; `true` goes no further
 */
export function inSteps(
  begin: (clock: VirtualClock) => void,
  between: (step: number, clock: VirtualClock) => boolean,
): void {
  const scheduler = new TestScheduler(() => {
    throw new Error('No marbles here.');
  });
  const clock: VirtualClock = { now: () => scheduler.frame, pending: () => scheduler.actions.length };
  scheduler.run(() => {
    begin(clock);
    for (let step = 0; !between(step, clock); step += 1) {
      const action = scheduler.actions.shift();
      if (!action) return;
      scheduler.frame = action.delay;
      const error: unknown = action.execute(action.state, action.delay);
      if (error !== undefined) throw new Error('An action failed.', { cause: error });
      if (step > 100_000) throw new Error('It never ends.');
    }
    for (const action of [...scheduler.actions]) action.unsubscribe();
  });
}
