import { readProperty } from '../util/foreign-object.js';
import type { Outcome } from './outcome.js';

/** What a run gave up on, with the run's number. */
const givenUp = /* @__PURE__ */ new WeakMap<object, number>();
/** What a run that gave up hands on at this moment. */
let emitting: object | undefined;
/** The outcomes that are what another run handed on. */
const nestedOutcomes = /* @__PURE__ */ new WeakSet<Outcome>();

function subjectOf(outcome: Outcome): object | undefined {
  const subject: unknown =
    outcome.kind === 'error' ? outcome.error : outcome.kind === 'response' ? outcome.response : outcome.value;
  return typeof subject === 'object' && subject !== null ? subject : undefined;
}

/** Hands on the error, or the value, that a run tries no more after. */
export function emitGivenUp(outcome: Outcome, run: number, emit: () => void): void {
  const before = emitting;
  emitting = subjectOf(outcome);
  if (emitting) givenUp.set(emitting, run);
  try {
    emit();
  } finally {
    emitting = before;
  }
}

/** Notes of an outcome, as it comes, whether another run hands it on: it may be judged only later. */
export function markIfNested(outcome: Outcome): Outcome {
  if (emitting && subjectOf(outcome) === emitting) nestedOutcomes.add(outcome);
  return outcome;
}

/**
 * Whether another run, within the current attempt, gave up on this outcome: it had retries of its own, and attempts must not multiply.
 *
 * What comes later than it was handed on (through a promise, say) is known by the run's number. That is so of responses and errors that this package
 * made for a request alone: others' errors may be thrown by several sources at once, and each is to be tried again.
 *
 * @param runsBeforeAttempt - how many runs had begun when the attempt did
 */
export function isGivenUpByNestedRun(outcome: Outcome, runsBeforeAttempt: number): boolean {
  if (nestedOutcomes.has(outcome)) return true;
  const subject = subjectOf(outcome);
  const isOfRequest = outcome.kind !== 'error' || typeof readProperty(subject, 'attempt') === 'object';
  return subject !== undefined && isOfRequest && (givenUp.get(subject) ?? 0) > runsBeforeAttempt;
}
