import { attemptsOf, type Schedule, referenceDelay } from './reference-backoff.js';
import { referenceHttpDate, referenceRetryAfter } from './reference-http-date.js';

/**
 * One notification of the source, and the time in ms after the one before it. With `after` 0 it comes in the same call.
 */
export type SourceStep = { readonly after: number } & (
  { readonly kind: 'complete' } | { readonly kind: 'value' | 'error'; readonly emission: Emission }
);

/** A value or error of the source: a plain object, an instance of an error class, or an object that looks like HTTP. */
export type Emission =
  | { readonly is: 'plain' | 'Error' | 'TypeError' | 'AbortError' }
  | {
      readonly is: 'response' | 'look-alike' | 'with response';
      readonly status: number;
      readonly retryAfter: string | undefined;
      readonly date: string | undefined;
    };

/**
 * The answer of shouldRetry, and how it comes. `after` is in ms; the answer never comes in the same instant as another
 * event.
 */
export type ShouldRetryAnswer = { readonly decision: boolean | undefined } & (
  | { readonly how: 'at once' | 'in an observable' | 'empty' }
  | { readonly how: 'later'; readonly after: number }
  | { readonly how: 'never' | 'throws' | 'errors' | 'nonsense' }
);

/** The description of a strategy, from which both the library's strategy and the reference run are made. */
export interface StrategySpec {
  readonly attempts: number | undefined;
  readonly schedule: Schedule;
  /** The invalid result of the backoff in its n-th call, or `throws`. */
  readonly fault: { readonly call: number; readonly gives: number | 'throws' } | undefined;
  readonly statuses: readonly number[] | undefined;
  readonly retryAllServerErrors: boolean | undefined;
  readonly errors: 'all' | 'TypeError' | 'none' | undefined;
  /** The answers to the outcomes in turn. The last one repeats. */
  readonly answers: readonly ShouldRetryAnswer[];
  readonly maxRetryAfter: number | undefined;
  readonly resetOnSuccess: boolean | undefined;
  readonly chance: number;
}

/** A fraction of a ms that is added to a time, so that it never equals another event's time. */
export const INSTANT_MS = 2 ** -10;

/** Formats an event as a line, for both the spec and {@link referenceRun}. */
export function formatLine(time: number, ...words: readonly (string | number)[]): string {
  return [time, ...words].join(' ');
}

/** Sums of fractions differ by less than this, in ms, if they are added in another order. */
const TOLERANCE_MS = 1e-6;

function isSameWord(left: string, right: string | undefined): boolean {
  return left === right || Math.abs(Number(left) - Number(right)) < TOLERANCE_MS;
}

function isSameLine(left: string, right: string | undefined): boolean {
  const [words, others] = [left.split(' '), right?.split(' ') ?? []];
  return words.length === others.length && words.every((word, at) => isSameWord(word, others[at]));
}

/** Throws unless both lists have the same lines, up to rounding errors of their numbers. */
export function expectSameLines(subject: string, actual: readonly string[], expected: readonly string[]): void {
  if (actual.length === expected.length && actual.every((text, at) => isSameLine(text, expected[at]))) return;
  throw new Error(`${subject}:\n  ${actual.join('\n  ')}\nshould be\n  ${expected.join('\n  ')}`);
}

/** The record of a run. */
export interface RunRecord {
  /** The output with `observe: 'attempts'`. */
  readonly events: readonly string[];
  /** The output without `observe`. */
  readonly values: readonly string[];
  /** The times in ms at which the source was subscribed and unsubscribed; NaN for one that never ends. */
  readonly subscriptions: readonly (readonly [number, number])[];
}

type ExpectedDecision = 'retry' | 'accept' | 'permanent' | 'crash';

/**
 * A reference implementation of the operator, for specs alone. It computes a run from the documentation, attempt by
 * attempt and without a clock.
 *
 * @param scripts - the steps of the attempts in turn; an attempt without a script completes at once
 * @param until - the time at which the consumer unsubscribes, in ms
 */
export function referenceRun(
  scripts: readonly (readonly SourceStep[])[],
  spec: StrategySpec,
  until: number,
): RunRecord {
  const of = spec.attempts ?? attemptsOf(spec.schedule) ?? 3;
  const events: string[] = [];
  const values: string[] = [];
  const subscriptions: (readonly [number, number])[] = [];
  let [clock, number, retries, previous, calls, outcomes] = [0, 0, 0, 0, 0, 0];

  for (let index = 0; ; index += 1) {
    if (clock >= until) return { events, values, subscriptions };
    const start = clock;
    number += 1;
    const attempt = `${number}/${of}`;
    events.push(formatLine(start, 'start', attempt));
    const script = scripts[index] ?? [{ after: 0, kind: 'complete' } as const];

    // The times of the source's steps, and of its own end.
    let at = start;
    const times = script.map((step) => (at += step.after));
    const last = script.findIndex((step) => step.kind !== 'value');
    const ownEnd = last < 0 ? Infinity : times[last]!;
    const unsubscribe = (time: number): void => {
      subscriptions.push([start, Math.min(time, ownEnd, until)]);
    };
    const unsubscribedNow = (): RunRecord => {
      unsubscribe(until);
      return { events, values, subscriptions };
    };

    let current = number;
    let hasEmitted = false;
    let next: number | undefined;
    for (const [place, step] of script.entries()) {
      clock = Math.max(clock, times[place]!);
      if (clock >= until) return unsubscribedNow();
      const label = `${index}.${place}`;

      if (step.kind === 'complete') {
        events.push(formatLine(clock, 'success', attempt, clock - start), formatLine(clock, 'complete'));
        values.push(formatLine(clock, 'complete'));
        unsubscribe(clock);
        return { events, values, subscriptions };
      }

      const answer = spec.answers[Math.min(outcomes++, spec.answers.length - 1)];
      if (answer?.how === 'never') return unsubscribedNow();
      if (answer?.how === 'later') clock += answer.after + INSTANT_MS;
      if (clock >= until) return unsubscribedNow();
      const decision = decide(spec, step.kind, step.emission, answer);

      if (step.kind === 'value' && step.emission.is === 'response' && !hasEmitted && decision !== 'crash') {
        events.push(formatLine(clock, 'response', attempt, label, clock - start));
      }
      if (decision === 'accept') {
        hasEmitted = true;
        events.push(formatLine(clock, 'value', attempt, label, clock - start));
        values.push(formatLine(clock, label));
        if (spec.resetOnSuccess === true) [current, retries, previous] = [1, 0, 0];
        continue;
      }
      const fail = (reason: string, outcome: string, error: boolean): RunRecord => {
        events.push(
          formatLine(clock, 'failure', attempt, outcome, clock - start, reason),
          formatLine(clock, error ? `error ${outcome}` : 'complete'),
        );
        values.push(
          ...(error
            ? [formatLine(clock, `error ${outcome}`)]
            : [formatLine(clock, label), formatLine(clock, 'complete')]),
        );
        unsubscribe(clock);
        return { events, values, subscriptions };
      };
      const crash = step.kind === 'error' ? `crash of ${label}` : 'crash';
      if (decision === 'crash') return fail('permanent', crash, true);
      if (decision === 'permanent') return fail('permanent', label, true);
      if (current >= of) return fail('attempts', label, step.kind === 'error');

      retries += 1;
      const askedDelay = spec.maxRetryAfter === 0 ? undefined : serverDelay(step.kind, step.emission, clock);
      if (askedDelay !== undefined && askedDelay > (spec.maxRetryAfter ?? 60_000)) {
        return fail('retry-after', label, step.kind === 'error');
      }
      calls += 1;
      if (spec.fault?.call === calls) return fail('permanent', crash, true);
      previous = referenceDelay(spec.schedule, retries, previous, spec.chance);
      const delay = referenceWait(previous, askedDelay ?? 0, spec.chance);
      events.push(formatLine(clock, 'retry', attempt, label, clock - start, delay));
      unsubscribe(clock);
      next = clock + delay;
      break;
    }
    if (next === undefined) return unsubscribedNow();
    number = current;
    clock = next;
  }
}

function decide(
  spec: StrategySpec,
  kind: 'value' | 'error',
  emission: Emission,
  answer: ShouldRetryAnswer | undefined,
): ExpectedDecision {
  if (answer?.how === 'throws' || answer?.how === 'errors' || answer?.how === 'nonsense') return 'crash';
  const decision = answer?.how === 'empty' ? undefined : answer?.decision;
  if (decision ?? isRetried(spec, kind, emission)) return 'retry';
  return kind === 'error' ? 'permanent' : 'accept';
}

/** Whether the operator treats it as HTTP. An error may have a response; a value with one is an ordinary value. */
function isHttp(kind: 'value' | 'error', emission: Emission): boolean {
  return kind === 'error' || emission.is !== 'with response';
}

function isRetried(spec: StrategySpec, kind: 'value' | 'error', emission: Emission): boolean {
  if ('status' in emission && emission.status !== 0 && isHttp(kind, emission)) {
    const listed = (spec.statuses ?? [408, 425, 429]).includes(emission.status);
    return listed || (emission.status >= 500 && spec.retryAllServerErrors !== false);
  }
  if (kind === 'value') return 'status' in emission && emission.is === 'look-alike';
  if (spec.errors === undefined) return emission.is !== 'AbortError';
  if (spec.errors === 'none') return false;
  if (spec.errors === 'TypeError') return emission.is === 'TypeError';
  // HttpErrorResponse, Response and plain objects are not instances of Error. A DOMException is one.
  return (
    emission.is === 'Error' ||
    emission.is === 'TypeError' ||
    emission.is === 'AbortError' ||
    emission.is === 'with response'
  );
}

/**
 * Returns the longer of two delays, in ms: the backoff, and the server's delay plus a random part of at most a tenth
 * and 1 s.
 */
export function referenceWait(backoff: number, serverDelayMs: number, chance: number): number {
  const tenth = serverDelayMs / 10 > 1_000 ? 1_000 : serverDelayMs / 10;
  const jittered = serverDelayMs + chance * tenth;
  return serverDelayMs > 0 && jittered > backoff ? jittered : backoff;
}

function serverDelay(kind: 'value' | 'error', emission: Emission, now: number): number | undefined {
  if (!('status' in emission) || emission.retryAfter === undefined || !isHttp(kind, emission)) return undefined;
  return referenceRetryAfter(
    emission.retryAfter,
    (emission.date === undefined ? undefined : referenceHttpDate(emission.date, now)) ?? now,
  );
}
