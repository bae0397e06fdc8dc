import type { Attempt, AttemptEvent } from '../retry/attempt.js';
import type { GateAttempt } from '../retry/gate.js';
import { httpOf, type Outcome } from '../retry/outcome.js';
import { isCancellation, isNamed } from '../util/error-name.js';
import { readProperty } from '../util/foreign-object.js';

/** Reasons of failures that say nothing about the server: the request was ended from outside, or never sent. */
const EXTERNAL_REASONS: readonly string[] = ['aborted', 'closed', 'rejected'];

/**
 * Reads from a gate's events how each attempt went, once: by its first `response`, `value`, `retry`, `success` or
 * `failure`. What was cancelled, or ended from outside, has no outcome. A gate owns one.
 */
export class AttemptOutcomes {
  readonly #known = new WeakSet<Attempt>();

  /** Returns the outcome of an attempt, if the event is the first one that has it. */
  first(event: AttemptEvent<unknown, GateAttempt>): Outcome | undefined {
    const { attempt } = event;
    if (this.#known.has(attempt)) return undefined;
    const outcome = outcomeOf(event);
    if (outcome) this.#known.add(attempt);
    return outcome;
  }
}

function outcomeOf(event: AttemptEvent<unknown, GateAttempt>): Outcome | undefined {
  const { type, attempt } = event;
  switch (type) {
    case 'response':
      return { attempt, kind: 'response', response: event.response };
    case 'value':
      return { attempt, kind: 'value', value: event.value };
    case 'success':
      return { attempt, kind: 'value', value: undefined };
    case 'retry':
      return event.outcome;
    case 'failure':
      return EXTERNAL_REASONS.includes(event.reason) || isTotalTimeout(event.outcome) ? undefined : event.outcome;
    default:
      return undefined;
  }
}

function isTotalTimeout(outcome: Outcome): boolean {
  return (
    outcome.kind === 'error' &&
    isNamed(outcome.error, 'HttpTimeoutError') &&
    readProperty(outcome.error, 'scope') === 'total'
  );
}

/**
 * Whether an outcome is the failure of a server or of the network: a network error, a timeout of the attempt, a status
 * of 500 or above. A status below 500 is an answer. In the bare operator it is any error except an AbortError.
 */
export function isServerFailure(outcome: Outcome): boolean {
  const status = httpOf(outcome)?.status;
  // A status of 0 is a network error, unless fetch hides the response on purpose.
  if (status === 0) return !String(outcome.response?.type).startsWith('opaque');
  if (status !== undefined) return status >= 500;
  if (outcome.kind !== 'error') return false;
  const { error } = outcome;
  return (outcome.attempt as GateAttempt).url === undefined
    ? !isCancellation(error)
    : isNamed(error, 'HttpNetworkError') || isNamed(error, 'HttpTimeoutError');
}
