import type { Outcome } from './attempt.js';

/** What a run gave up on, with the run's number. */
const givenUp = /* @__PURE__ */ new WeakMap<object, number>();
let runs = 0;

/** Counts a run that begins. Numbers tell which of two runs began first. */
export function nextRunNumber(): number {
  runs += 1;
  return runs;
}

/** How many runs have begun until now. */
export function runsBegun(): number {
  return runs;
}

function subjectOf(outcome: Outcome): object | undefined {
  const subject = outcome.kind === 'error' ? outcome.error : outcome.response;
  return typeof subject === 'object' && subject !== null ? subject : undefined;
}

/** Notes that a run tries no more after this error or response. */
export function noteGivenUp(outcome: Outcome, run: number): void {
  const subject = subjectOf(outcome);
  if (subject) givenUp.set(subject, run);
}

/**
 * Whether another run, within the current attempt, gave up on this error or response: it had retries of its own, and attempts must not
 * multiply.
 *
 * An object that an earlier run gave up on does not count, since a source may throw the same one each time.
 *
 * @param begun - how many runs had begun when the attempt did
 */
export function isGivenUp(outcome: Outcome, begun: number): boolean {
  const subject = subjectOf(outcome);
  return subject !== undefined && (givenUp.get(subject) ?? 0) > begun;
}
