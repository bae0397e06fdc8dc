import { TestScheduler, type RunHelpers } from 'rxjs/testing';

/** Runs `body` in virtual time: timers, `asyncScheduler.now()` and marbles share one clock that starts at 0. */
export function inVirtualTime<T>(body: (helpers: RunHelpers) => T): T {
  const scheduler = new TestScheduler((actual: unknown, expected: unknown) => {
    expect(actual).toEqual(expected);
  });
  return scheduler.run(body);
}

/** Defines a spec that runs in virtual time. */
export function marbles(title: string, body: (helpers: RunHelpers) => void): void {
  it(title, () => {
    inVirtualTime(body);
  });
}
