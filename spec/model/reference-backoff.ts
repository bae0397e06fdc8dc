import {
  constant,
  decorrelatedJitter,
  equalJitter,
  exponential,
  fibonacci,
  fullJitter,
  jitter,
  list,
  random,
  type Backoff,
} from '../../src/index.js';

/** The description of a backoff, from which both the library's backoff and the reference delays are computed. */
export type Schedule =
  | { readonly kind: 'constant'; readonly ms: number }
  | { readonly kind: 'exponential'; readonly initial: number; readonly factor: number; readonly max: number }
  | { readonly kind: 'fibonacci'; readonly initial: number; readonly max: number }
  | { readonly kind: 'random'; readonly min: number; readonly width: number }
  | { readonly kind: 'list'; readonly delays: readonly number[] }
  | {
      readonly kind: 'jitter';
      readonly initial: number;
      readonly factor: number;
      readonly max: number;
      readonly interval: number;
    }
  | { readonly kind: 'decorrelated'; readonly initial: number; readonly max: number }
  | { readonly kind: 'full' | 'equal'; readonly of: Schedule };

/** Creates the library's backoff. */
export function backoffOf(schedule: Schedule): Backoff {
  switch (schedule.kind) {
    case 'constant':
      return constant(schedule.ms);
    case 'exponential':
      return exponential(schedule);
    case 'fibonacci':
      return fibonacci(schedule);
    case 'random':
      return random({ min: schedule.min, max: schedule.min + schedule.width });
    case 'list':
      return list(schedule.delays);
    case 'jitter':
      return jitter(schedule);
    case 'decorrelated':
      return decorrelatedJitter(schedule);
    case 'full':
      return fullJitter(backoffOf(schedule.of));
    case 'equal':
      return equalJitter(backoffOf(schedule.of));
  }
}

/** Returns the number of attempts that the schedule implies, if it implies one. */
export function attemptsOf(schedule: Schedule): number | undefined {
  if (schedule.kind === 'list') return schedule.delays.length + 1;
  return schedule.kind === 'full' || schedule.kind === 'equal' ? attemptsOf(schedule.of) : undefined;
}

/**
 * Returns the delay before the n-th retry in ms, by the documented formula. `chance` is the result of every call of
 * `random`.
 */
export function referenceDelay(schedule: Schedule, n: number, previous: number, chance: number): number {
  const within = (from: number, to: number): number => from + chance * (to - from);
  switch (schedule.kind) {
    case 'constant':
      return schedule.ms;
    case 'exponential': {
      let delay = schedule.initial;
      for (let i = 1; i < n; i += 1) delay *= schedule.factor;
      return Math.min(schedule.max, delay);
    }
    case 'fibonacci': {
      const numbers = [1, 2];
      while (numbers.length < n) numbers.push(numbers.at(-1)! + numbers.at(-2)!);
      return Math.min(schedule.max, schedule.initial * numbers[n - 1]!);
    }
    case 'random':
      return within(schedule.min, schedule.min + schedule.width);
    case 'list':
      return schedule.delays[Math.min(n, schedule.delays.length) - 1]!;
    case 'jitter':
      return Math.min(
        schedule.max,
        referenceDelay({ ...schedule, kind: 'exponential', max: Infinity }, n, previous, chance) +
          within(0, schedule.interval),
      );
    case 'decorrelated': {
      const top = 3 * (previous === 0 ? schedule.initial : previous);
      return Math.min(schedule.max, within(schedule.initial, Math.max(schedule.initial, top)));
    }
    case 'full':
      return within(0, referenceDelay(schedule.of, n, previous, chance));
    case 'equal': {
      const delay = referenceDelay(schedule.of, n, previous, chance);
      return delay / 2 + within(0, delay / 2);
    }
  }
}
