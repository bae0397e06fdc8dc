import { asyncScheduler, type Observable, type Subscription } from 'rxjs';

import type { AttemptEvent } from '../../src/index.js';

/** The notifications of an Observable as lines, each with the frame in which it came. */
export interface EventLog {
  /** One line for each notification, such as `3 a`. */
  readonly lines: string[];
  /** Adds a line with the current frame. */
  readonly note: (text: string) => void;
  /** The subscription to the Observable, owned by the spec. */
  readonly subscription: Subscription;
}

/** Subscribes, and logs every notification: `3 a`, `7 error: down`, `9 complete`. */
export function watch<T>(
  source: Observable<T>,
  formatValue: (value: T) => string = String,
  lines: string[] = [],
): EventLog {
  const note = (text: string): void => {
    lines.push(`${String(asyncScheduler.now())} ${text}`);
  };
  const subscription = source.subscribe({
    next: (value) => {
      note(formatValue(value));
    },
    error: (error: unknown) => {
      note(`error: ${format(error)}`);
    },
    complete: () => {
      note('complete');
    },
  });
  return { lines, note, subscription };
}

/**
 * Formats an event: `start 1/3`, `value 1 a +2`, `retry 1 (error: down) +2 in 5`, `failure 3 (value: b) +2 attempts`.
 */
export function formatEvent(event: AttemptEvent): string {
  const { number, of } = event.attempt;
  switch (event.type) {
    case 'hold':
      return `hold ${String(number)} ${event.gate}`;
    case 'hedge':
      return `hedge ${String(number)} ${event.url} +${String(event.elapsed)}`;
    case 'response':
      return `response ${String(number)} ${String(event.response.status)} +${String(event.elapsed)}`;
    case 'start':
      return `start ${String(number)}/${String(of)}`;
    case 'value':
      return `value ${String(number)} ${format(event.value)} +${String(event.elapsed)}`;
    case 'retry':
      return `retry ${String(number)} (${formatOutcome(event)}) +${String(event.elapsed)} in ${String(event.delay)}`;
    case 'success':
      return `success ${String(number)} +${String(event.elapsed)}`;
    case 'failure':
      return `failure ${String(number)} (${formatOutcome(event)}) +${String(event.elapsed)} ${event.reason}`;
    case 'cancel':
      return `cancel ${String(number)} +${String(event.elapsed)}`;
  }
}

function formatOutcome({ outcome }: Extract<AttemptEvent, { type: 'retry' | 'failure' }>): string {
  switch (outcome.kind) {
    case 'error':
      return `error: ${format(outcome.error)}`;
    case 'value':
      return `value: ${format(outcome.value)}`;
    case 'response':
      return `response: ${String(outcome.response.status)}`;
  }
}

function format(value: unknown): string {
  return value instanceof Error ? value.message : String(value);
}
