import type { AttemptEvent } from '../retry/attempt.js';
import type { GateAttempt } from '../retry/gate.js';
import { httpOf, type Outcome } from '../retry/outcome.js';
import { isCancellation, isNamed } from '../util/error-name.js';
import { readProperty } from '../util/foreign-object.js';

/** Returns the outcome that an event tells of, if it is the server's doing, or the network's. */
export function outcomeOf(event: AttemptEvent<unknown, GateAttempt>): Outcome | undefined {
  const outcome = reportedOutcome(event);
  return outcome && !isExternal(outcome) ? outcome : undefined;
}

/** Returns the outcome that an event reports, except that of an attempt that the caller ended. */
export function reportedOutcome(event: AttemptEvent<unknown, GateAttempt>): Outcome | undefined {
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
      // The error of these two is the caller's own, whatever its name.
      return event.reason === 'aborted' || event.reason === 'closed' ? undefined : event.outcome;
    default:
      return undefined;
  }
}

/**
 * Whether an attempt failed without the server's doing: it was cancelled, a gate rejected a request that it made, or
 * the total timeout was over.
 */
function isExternal(outcome: Outcome): boolean {
  if (outcome.kind !== 'error') return false;
  const { error } = outcome;
  return (
    isCancellation(error) ||
    isNamed(error, 'GateRejectedError') ||
    (isNamed(error, 'HttpTimeoutError') && readProperty(error, 'scope') === 'total')
  );
}

/**
 * Whether an outcome is the failure of a server or of the network: a network error, a timeout of the attempt, a status
 * of 500 or above. A status below 500 is an answer. In the bare operator it is any error except an AbortError.
 *
 * It is the default of a gate's `isFailure`, for others to extend.
 *
 * @example
 * ```ts
 * import { circuitBreaker, isServerFailure } from 'rxjs-retry-client';
 *
 * export const breaker = circuitBreaker({
 *   isFailure: (outcome) => isServerFailure(outcome) || outcome.response?.headers.get('x-degraded') === 'true',
 * });
 * ```
 */
export function isServerFailure(outcome: Outcome): boolean {
  const status = httpOf(outcome)?.status;
  // A status of 0 is a network error, unless fetch hides the response on purpose.
  if (status === 0) return !String(outcome.response?.type).startsWith('opaque');
  if (status !== undefined) return status >= 500;
  if (outcome.kind !== 'error') return false;
  const { error } = outcome;
  return isHttpAttempt(outcome)
    ? isNamed(error, 'HttpNetworkError') || isNamed(error, 'HttpTimeoutError')
    : !isCancellation(error);
}

/**
 * Whether an outcome that is no failure shows that the server answered. An HTTP request can also fail before it is
 * sent: in an interceptor, or because `shouldRetry` threw.
 */
export function isServerAnswer(outcome: Outcome): boolean {
  return (
    outcome.kind !== 'error' ||
    !isHttpAttempt(outcome) ||
    outcome.response !== undefined ||
    httpOf(outcome) !== undefined
  );
}

function isHttpAttempt({ attempt }: Outcome): boolean {
  return (attempt as GateAttempt).url !== undefined;
}
