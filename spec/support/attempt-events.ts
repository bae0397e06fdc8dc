import type { Observable } from 'rxjs';

import type { AttemptEvent, HttpAttempt } from '../../src/index.js';

type Event = AttemptEvent<unknown, HttpAttempt>;

/** Subscribes, and returns a list that grows with every event. */
export function listen(attempts$: Observable<Event>): Event[] {
  const events: Event[] = [];
  attempts$.subscribe({ next: (event) => events.push(event) });
  return events;
}

/** Formats events without their times: `start 1`, `retry 1`, `failure 2 attempts`. */
export function plot(events: readonly AttemptEvent[]): string[] {
  return events.map(
    (event) => `${event.type} ${String(event.attempt.number)}${event.type === 'failure' ? ` ${event.reason}` : ''}`,
  );
}

/**
 * Returns the first event that breaks the order of a request's events, or `undefined`. Each start must be settled once,
 * and no event may follow the end.
 */
export function findSequenceViolation(events: readonly AttemptEvent[]): string | undefined {
  const states = new Map<string, 'running' | 'waiting' | 'ended'>();
  for (const [index, { type, attempt }] of events.entries()) {
    const state = states.get(attempt.requestId);
    const violation = `${type} of attempt ${String(attempt.number)} at place ${String(index)}, in state ${state ?? 'unknown'}`;
    if (type === 'start') {
      if (state !== undefined && state !== 'waiting') return violation;
      states.set(attempt.requestId, 'running');
    } else if (state === 'running') {
      if (type === 'retry') states.set(attempt.requestId, 'waiting');
      else if (type !== 'value') states.set(attempt.requestId, 'ended');
    } else if (state === 'waiting' && (type === 'cancel' || type === 'failure')) {
      states.set(attempt.requestId, 'ended');
    } else {
      return violation;
    }
  }
  return [...states.values()].every((state) => state === 'ended') ? undefined : 'a request without an end';
}
