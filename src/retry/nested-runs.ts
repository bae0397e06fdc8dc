import { readProperty } from '../util/foreign-object.js';
import type { Outcome } from './outcome.js';

/** The errors and values that runs gave up on, each with the number of its run. */
const givenUp = /* @__PURE__ */ new WeakMap<object, number>();
/** The error or value that a run emits at this moment after it gave up. */
let emitting: object | undefined;
/** The outcomes that a nested run emitted. */
const nestedOutcomes = /* @__PURE__ */ new WeakSet<Outcome>();

/** What an outcome holds, without its attempt. */
type OutcomeContent =
  | Pick<Outcome & { readonly kind: 'response' }, 'kind' | 'response'>
  | Pick<Outcome & { readonly kind: 'value' }, 'kind' | 'value'>
  | Pick<Outcome & { readonly kind: 'error' }, 'kind' | 'error'>;

function subjectOf(outcome: OutcomeContent): object | undefined {
  const subject: unknown =
    outcome.kind === 'error' ? outcome.error : outcome.kind === 'response' ? outcome.response : outcome.value;
  return typeof subject === 'object' && subject !== null ? subject : undefined;
}

/** Emits the error or value of an outcome that a run gave up on, and records that. */
export function emitGivenUp(outcome: OutcomeContent, runNumber: number, emit: () => void): void {
  const outer = emitting;
  emitting = subjectOf(outcome);
  if (emitting) givenUp.set(emitting, runNumber);
  try {
    emit();
  } finally {
    emitting = outer;
  }
}

/** Records whether a nested run emits the outcome at this moment: the outcome may be decided only later. */
export function markIfNested(outcome: Outcome): Outcome {
  if (emitting && subjectOf(outcome) === emitting) nestedOutcomes.add(outcome);
  return outcome;
}

/**
 * Whether a run within the current attempt gave up on this outcome. That run has retried already, and attempts must not
 * multiply. (`HttpDelegate` knows the errors of requests that a selector makes.)
 *
 * An outcome that comes later than it was emitted (through a promise, for example) is recognised by the number of the
 * run. That holds for responses, and for errors that this package made for one request. Several sources can throw the
 * same foreign error, and each of these sources is to be retried.
 *
 * @param runsBeforeAttempt - how many runs had started when the attempt did
 */
export function isGivenUpByNestedRun(outcome: Outcome, runsBeforeAttempt: number): boolean {
  if (nestedOutcomes.has(outcome)) return true;
  const subject = subjectOf(outcome);
  const isOfOneRequest = outcome.kind !== 'error' || typeof readProperty(subject, 'attempt') === 'object';
  return subject !== undefined && isOfOneRequest && (givenUp.get(subject) ?? 0) > runsBeforeAttempt;
}
