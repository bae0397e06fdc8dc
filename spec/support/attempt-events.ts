import type { Observable } from 'rxjs';

import type { AttemptEvent, HttpAttempt } from '../../src/index.js';

type Event = AttemptEvent<unknown, HttpAttempt>;

/** Subscribes, and returns a list that grows with every event. */
export function listen(attempts$: Observable<Event>): Event[] {
  const events: Event[] = [];
  attempts$.subscribe({ next: (event) => events.push(event) });
  return events;
}

/** Formats events without their times: `start 1`, `hold 2 breaker`, `retry 1`, `failure 2 attempts`. */
export function plot(events: readonly AttemptEvent[]): string[] {
  return events.map((event) => {
    const detail = event.type === 'failure' ? event.reason : event.type === 'hold' ? event.gate : undefined;
    return `${event.type} ${String(event.attempt.number)}${detail === undefined ? '' : ` ${detail}`}`;
  });
}

/** Leaves out the `response` events: for specs about something else than the order of events. */
export function withoutResponses<E extends { readonly type: string }>(
  events: readonly E[],
): Exclude<E, { readonly type: 'response' }>[] {
  return events.filter((event): event is Exclude<E, { readonly type: 'response' }> => event.type !== 'response');
}

type State = 'held' | 'running' | 'answered' | 'emitting' | 'waiting' | 'ended';

/**
 * The state of a request after an event, by the state before it. A request without events has no state. Where an event
 * has no entry, it breaks the order.
 */
const TRANSITIONS: Readonly<Record<State | 'new', Partial<Record<AttemptEvent['type'], State>>>> = {
  // What fails without a start was rejected by a gate at once.
  new: { hold: 'held', start: 'running', failure: 'ended' },
  held: { hold: 'held', start: 'running', failure: 'ended', cancel: 'ended' },
  running: {
    hedge: 'running',
    response: 'answered',
    value: 'emitting',
    retry: 'waiting',
    success: 'ended',
    failure: 'ended',
    cancel: 'ended',
  },
  answered: { value: 'emitting', retry: 'waiting', success: 'ended', failure: 'ended', cancel: 'ended' },
  emitting: { value: 'emitting', retry: 'waiting', success: 'ended', failure: 'ended' },
  waiting: { hold: 'held', start: 'running', failure: 'ended', cancel: 'ended' },
  ended: {},
};

/**
 * Returns the first event that breaks the order of a request's events, or `undefined`. Each start must be settled once,
 * a response comes at most once and before any value, and no event may follow the end.
 */
export function findSequenceViolation(events: readonly AttemptEvent[]): string | undefined {
  const states = new Map<string, { state: State; number: number; holds: Set<string> }>();
  for (const [index, event] of events.entries()) {
    const { type, attempt } = event;
    const { state, number, holds } = states.get(attempt.requestId) ?? {
      state: undefined,
      number: attempt.number,
      holds: new Set<string>(),
    };
    const next = TRANSITIONS[state ?? 'new'][type];
    const isOfNextAttempt = type === 'hold' || type === 'start';
    const mayBeUnsent = state === undefined || state === 'waiting' || state === 'held';
    if (
      next === undefined ||
      // Only a rejection ends a request whose attempt was neither held nor sent.
      (state === undefined && type === 'failure' && event.reason !== 'rejected' && event.reason !== 'permanent') ||
      (attempt.number !== number && !isOfNextAttempt && !(mayBeUnsent && type === 'failure')) ||
      (type === 'hold' && state === 'held' && holds.has(`${String(attempt.number)} ${event.gate}`))
    ) {
      return `${type} of attempt ${String(attempt.number)} at place ${String(index)}, in state ${state ?? 'unknown'}`;
    }
    if (type === 'hold') holds.add(`${String(attempt.number)} ${event.gate}`);
    else if (type === 'start') holds.clear();
    states.set(attempt.requestId, { state: next, number: attempt.number, holds });
  }
  return [...states.values()].every(({ state }) => state === 'ended') ? undefined : 'a request without an end';
}
