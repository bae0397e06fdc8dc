import type { AttemptEvent, HttpAttempt } from '../../retry/attempt.js';
import { assertNever } from '../../util/assert-never.js';
import { safeText } from '../../util/safe-text.js';
import { formatDuration } from '../format.js';
import { describeAcceptedValue, describeFailureReason, describeOutcome } from './describe-outcome.js';

type Event = AttemptEvent<unknown, HttpAttempt>;

/** What a running request does, and what is known of its current attempt. */
interface RequestState {
  readonly attempt: HttpAttempt;
  readonly phase: 'held' | 'sent' | 'waiting';
  /** The gate that holds the attempt. */
  readonly gate?: string;
  /** The value that the attempt emitted. */
  readonly value?: string;
  /** The URL of the hedge whose response decided the attempt. */
  readonly answeredBy?: string;
}

/**
 * Returns a formatter for logs and pipes: it formats the event that ends an attempt as a line. A line also tells that a
 * gate holds the attempt, or that it is sent once more.
 *
 * ```
 * 1/3 GET http://127.0.0.1:4101/report: 503 (12 ms), next in 1.0 s
 * 2/3 GET http://127.0.0.1:4102/report: held by rate-limit
 * 2/3 GET http://127.0.0.1:4102/report: 200, 1.2 kB (290 ms)
 * ```
 *
 * @returns A function that returns the line of an event, or `undefined` for any other event.
 */
export function eventLineFormatter(): (event: Event) => string | undefined {
  const running = new Map<string, RequestState>();
  return (event) => {
    const { attempt } = event;
    const { number, of, requestId } = attempt;
    const state = running.get(requestId);
    const next = nextState(state, event);
    if (next) running.set(requestId, next);
    else running.delete(requestId);
    const text = describeEvent(state, event);
    if (text === undefined) return undefined;
    return `${number}/${of === Infinity ? '∞' : of} ${safeText(`${attempt.method} ${attempt.url}`)}: ${text}`;
  };
}

/** Returns the state of a request after one more event, or `undefined` if it has ended. */
function nextState(state: RequestState | undefined, event: Event): RequestState | undefined {
  const { attempt } = event;
  switch (event.type) {
    case 'hold':
      return { attempt, phase: 'held', gate: safeText(event.gate) };
    case 'start':
      return { attempt, phase: 'sent' };
    case 'hedge':
      return state;
    case 'response':
      return state && event.url !== attempt.url ? { ...state, answeredBy: safeText(event.url) } : state;
    case 'value':
      return { ...state, attempt, phase: 'sent', value: describeAcceptedValue(event.value) };
    case 'retry':
      return { attempt, phase: 'waiting' };
    case 'success':
    case 'failure':
    case 'cancel':
      return undefined;
    default:
      return assertNever(event);
  }
}

function describeEvent(state: RequestState | undefined, event: Event): string | undefined {
  const elapsed = 'elapsed' in event ? formatDuration(event.elapsed) : '';
  const answeredBy = state?.answeredBy === undefined ? '' : `, answered by ${state.answeredBy}`;
  switch (event.type) {
    case 'start':
    case 'response':
    case 'value':
      return undefined;
    case 'hold':
      return `held by ${safeText(event.gate)}`;
    case 'hedge':
      return `sent again${event.url === event.attempt.url ? '' : ` to ${safeText(event.url)}`} after ${elapsed}`;
    case 'retry':
      return `${describeOutcome(event.outcome)}${answeredBy} (${elapsed}), next in ${formatDuration(event.delay)}`;
    case 'success':
      return `${state?.value ?? 'ok'}${answeredBy} (${elapsed})`;
    case 'failure':
      return describeFailure(state, event, `${answeredBy} (${elapsed})`);
    case 'cancel':
      if (state?.phase === 'waiting') return 'cancelled during the wait';
      if (state?.phase === 'held') return `cancelled while held by ${state.gate} (${elapsed})`;
      return `${state?.value === undefined ? '' : `${state.value}${answeredBy}, `}cancelled (${elapsed})`;
    default:
      return assertNever(event);
  }
}

function describeFailure(state: RequestState | undefined, event: Event & { type: 'failure' }, details: string): string {
  const { attempt, outcome, reason } = event;
  const description = describeOutcome(outcome);
  if (state?.phase === 'waiting' && state.attempt === attempt) {
    return `gave up during the wait: ${describeFailureReason(event)}`;
  }
  if (state?.phase !== 'sent' && reason === 'rejected') {
    return `not sent${state?.phase === 'held' ? details : ''}, ${description}`;
  }
  const held = state?.phase === 'held' ? ` while held by ${state.gate}` : '';
  return `${description}${held}${details}, gave up: ${describeFailureReason(event)}`;
}
