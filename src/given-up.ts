import type { Outcome } from './attempt.js';

/** What a run gave up on, with the run's number. */
const givenUp = /* @__PURE__ */ new WeakMap<object, number>();

function subjectOf(outcome: Outcome): unknown {
  return outcome.kind === 'error' ? outcome.error : outcome.response;
}

/** Notes that a run tries no more after this error or response. */
export function noteGivenUp(outcome: Outcome, run: number): void {
  const subject = subjectOf(outcome);
  if (typeof subject === 'object' && subject) givenUp.set(subject, run);
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
  return (givenUp.get(subjectOf(outcome) as object) ?? 0) > begun;
}
