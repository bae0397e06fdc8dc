import type { Observable } from 'rxjs';

import type { AttemptEvent, HttpAttempt } from '../../src/index.js';

type Event = AttemptEvent<unknown, HttpAttempt>;

/** Collects the events of a client. */
export function listen(attempts$: Observable<Event>): Event[] {
  const events: Event[] = [];
  attempts$.subscribe({ next: (event) => events.push(event) });
  return events;
}

/** Events without their times: `start 1`, `retry 1`, `failure 2 attempts`. */
export function plot(events: readonly AttemptEvent[]): string[] {
  return events.map(
    (event) => `${event.type} ${String(event.attempt.number)}${event.type === 'failure' ? ` ${event.reason}` : ''}`,
  );
}

/** What makes a request's events illegal, or `undefined`: each start is settled once, and nothing comes after the end. */
export function illegality(events: readonly AttemptEvent[]): string | undefined {
  const states = new Map<string, 'open' | 'waiting' | 'over'>();
  for (const [index, { type, attempt }] of events.entries()) {
    const state = states.get(attempt.requestId);
    const wrong = `${type} of attempt ${String(attempt.number)} at place ${String(index)}, the request being ${state ?? 'unknown'}`;
    if (type === 'start') {
      if (state !== undefined && state !== 'waiting') return wrong;
      states.set(attempt.requestId, 'open');
    } else if (state === 'open') {
      if (type === 'retry') states.set(attempt.requestId, 'waiting');
      else if (type !== 'value') states.set(attempt.requestId, 'over');
    } else if (state === 'waiting' && (type === 'cancel' || type === 'failure')) {
      states.set(attempt.requestId, 'over');
    } else {
      return wrong;
    }
  }
  return [...states.values()].every((state) => state === 'over') ? undefined : 'a request without an end';
}
