import { asyncScheduler, type Observable, type Subscription } from 'rxjs';
import { TestScheduler, type RunHelpers } from 'rxjs/testing';

import type { AttemptEvent } from '../../src/index.js';

/** Runs `body` in virtual time: timers, `asyncScheduler.now()` and marbles share one clock that starts at 0. */
export function inVirtualTime<T>(body: (helpers: RunHelpers) => T): T {
  const scheduler = new TestScheduler((actual: unknown, expected: unknown) => {
    expect(actual).toEqual(expected);
  });
  return scheduler.run(body);
}

/** A spec in virtual time. */
export function marbles(title: string, body: (helpers: RunHelpers) => void): void {
  it(title, () => {
    inVirtualTime(body);
  });
}

/** What an Observable did, a line each, with the frame it did it at. */
export interface Diary {
  readonly lines: string[];
  /** Adds a line of the spec's own. */
  readonly note: (text: string) => void;
  readonly subscription: Subscription;
}

/** Subscribes and writes a diary: `3 a`, `7 error: down`, `9 complete`. */
export function watch<T>(source: Observable<T>, tell: (value: T) => string = String, diary: string[] = []): Diary {
  const note = (text: string): void => {
    diary.push(`${String(asyncScheduler.now())} ${text}`);
  };
  const subscription = source.subscribe({
    next: (value) => {
      note(tell(value));
    },
    error: (error: unknown) => {
      note(`error: ${told(error)}`);
    },
    complete: () => {
      note('complete');
    },
  });
  return { lines: diary, note, subscription };
}

/** An event in one line: `start 1/3`, `value 1 a +2`, `retry 1 (error: down) +2 in 5`, `failure 3 (value: b) +2 attempts`. */
export function brief(event: AttemptEvent): string {
  const { number, of } = event.attempt;
  switch (event.type) {
    case 'start':
      return `start ${String(number)}/${String(of)}`;
    case 'value':
      return `value ${String(number)} ${told(event.value)} +${String(event.elapsed)}`;
    case 'retry':
      return `retry ${String(number)} (${outcomeOf(event)}) +${String(event.elapsed)} in ${String(event.delay)}`;
    case 'success':
      return `success ${String(number)} +${String(event.elapsed)}`;
    case 'failure':
      return `failure ${String(number)} (${outcomeOf(event)}) +${String(event.elapsed)} ${event.reason}`;
    case 'cancel':
      return `cancel ${String(number)} +${String(event.elapsed)}`;
  }
}

function outcomeOf({ outcome }: Extract<AttemptEvent, { type: 'retry' | 'failure' }>): string {
  switch (outcome.kind) {
    case 'error':
      return `error: ${told(outcome.error)}`;
    case 'value':
      return `value: ${told(outcome.value)}`;
    case 'response':
      return `response: ${String(outcome.response.status)}`;
  }
}

function told(thing: unknown): string {
  return thing instanceof Error ? thing.message : String(thing);
}
