import { attemptsOf, type Schedule, slowDelay } from './reference-backoff.js';
import { slowHttpDate, slowRetryAfter } from './reference-http-date.js';

/** What a source does in an attempt, and how long after what it did before; `after` 0 is in the same call. */
export type Step = { readonly after: number } & (
  { readonly what: 'complete' } | { readonly what: 'value' | 'error'; readonly thing: Thing }
);

/** What it gives: plain, an instance of some class of errors, or something that looks like HTTP. */
export type Thing =
  | { readonly is: 'plain' | 'Error' | 'TypeError' | 'AbortError' }
  | {
      readonly is: 'response' | 'look-alike' | 'with response';
      readonly status: number;
      readonly retryAfter: string | undefined;
      readonly date: string | undefined;
    };

/** What shouldRetry says to an outcome, and how: at once, or so long after that nothing else happens in the same instant. */
export type Saying = { readonly says: boolean | undefined } & (
  | { readonly how: 'at once' | 'in an observable' | 'empty' }
  | { readonly how: 'later'; readonly after: number }
  | { readonly how: 'never' | 'throws' | 'errors' | 'nonsense' }
);

/** A strategy, as a spec writes it down. */
export interface Plan {
  readonly attempts: number | undefined;
  readonly schedule: Schedule;
  /** What the backoff gives in place of a delay in its n-th call, and what it does then. */
  readonly fault: { readonly call: number; readonly gives: number | 'throws' } | undefined;
  readonly statuses: readonly number[] | undefined;
  readonly retryAllServerErrors: boolean | undefined;
  readonly errors: 'all' | 'TypeError' | 'none' | undefined;
  /** The answers to the outcomes in turn, the last one repeating. */
  readonly sayings: readonly Saying[];
  readonly maxRetryAfter: number | undefined;
  readonly resetOnSuccess: boolean | undefined;
  readonly chance: number;
}

/** The moment in which everything is a little later than what else may happen. */
export const A_BIT = 2 ** -10;

/** A line of what happened, as both the spec and {@link slowRun} write it. */
export function line(time: number, ...words: readonly (string | number)[]): string {
  return [time, ...words].join(' ');
}

/** Sums of fractions, made in another order, differ by less than this, in ms. */
const HAIR = 1e-6;

function isSameWord(one: string, other: string | undefined): boolean {
  return one === other || Math.abs(Number(one) - Number(other)) < HAIR;
}

function isSameLine(one: string, other: string | undefined): boolean {
  const [words, others] = [one.split(' '), other?.split(' ') ?? []];
  return words.length === others.length && words.every((word, at) => isSameWord(word, others[at]));
}

/** Throws unless both tell the same, line by line. */
export function expectSame(what: string, actual: readonly string[], expected: readonly string[]): void {
  if (actual.length === expected.length && actual.every((text, at) => isSameLine(text, expected[at]))) return;
  throw new Error(`${what}:\n  ${actual.join('\n  ')}\nshould be\n  ${expected.join('\n  ')}`);
}

/** What a run comes to. */
export interface Told {
  /** The events. */
  readonly events: readonly string[];
  /** What the plain form emits. */
  readonly values: readonly string[];
  /** When the source was subscribed to, and when it was not any more (never: NaN). */
  readonly subscriptions: readonly (readonly [number, number])[];
}

type Judgement = 'retry' | 'accept' | 'permanent' | 'crash';

/**
 * What the operator's documents say a run comes to, reckoned attempt by attempt without a clock: a second implementation, for specs alone.
 *
 * @param scripts - of the attempts in turn; when they are spent an attempt completes at once
 * @param until - when the consumer leaves
 */
export function slowRun(scripts: readonly (readonly Step[])[], plan: Plan, until: number): Told {
  const of = plan.attempts ?? attemptsOf(plan.schedule) ?? 3;
  const events: string[] = [];
  const values: string[] = [];
  const subscriptions: (readonly [number, number])[] = [];
  let [clock, number, retries, previous, calls, asked] = [0, 0, 0, 0, 0, 0];

  for (let index = 0; ; index += 1) {
    if (clock >= until) return { events, values, subscriptions };
    const start = clock;
    number += 1;
    const named = `${number}/${of}`;
    events.push(line(start, 'start', named));
    const script = scripts[index] ?? [{ after: 0, what: 'complete' } as const];

    /** When the source says its steps, and when it is over by itself. */
    let at = start;
    const times = script.map((step) => (at += step.after));
    const last = script.findIndex((step) => step.what !== 'value');
    const ownEnd = last < 0 ? Infinity : times[last]!;
    const left = (time: number): void => {
      subscriptions.push([start, Math.min(time, ownEnd, until)]);
    };
    const leaveEarly = (): Told => {
      left(until);
      return { events, values, subscriptions };
    };

    let current = number;
    let next: number | undefined;
    for (const [place, step] of script.entries()) {
      clock = Math.max(clock, times[place]!);
      if (clock >= until) return leaveEarly();
      const label = `${index}.${place}`;

      if (step.what === 'complete') {
        events.push(line(clock, 'success', named, clock - start), line(clock, 'complete'));
        values.push(line(clock, 'complete'));
        left(clock);
        return { events, values, subscriptions };
      }

      const saying = plan.sayings[Math.min(asked++, plan.sayings.length - 1)];
      if (saying?.how === 'never') return leaveEarly();
      if (saying?.how === 'later') clock += saying.after + A_BIT;
      if (clock >= until) return leaveEarly();
      const judgement = judge(plan, step.what, step.thing, saying);

      if (judgement === 'accept') {
        events.push(line(clock, 'value', named, label, clock - start));
        values.push(line(clock, label));
        if (plan.resetOnSuccess === true) [current, retries, previous] = [1, 0, 0];
        continue;
      }
      const fails = (reason: string, outcome: string, error: boolean): Told => {
        events.push(
          line(clock, 'failure', named, outcome, clock - start, reason),
          line(clock, error ? `error ${outcome}` : 'complete'),
        );
        values.push(...(error ? [line(clock, `error ${outcome}`)] : [line(clock, label), line(clock, 'complete')]));
        left(clock);
        return { events, values, subscriptions };
      };
      const crash = step.what === 'error' ? `crash of ${label}` : 'crash';
      if (judgement === 'crash') return fails('permanent', crash, true);
      if (judgement === 'permanent') return fails('permanent', label, true);
      if (current >= of) return fails('attempts', label, step.what === 'error');

      retries += 1;
      const told = plan.maxRetryAfter === 0 ? undefined : waitToldBy(step.what, step.thing, clock);
      if (told !== undefined && told > (plan.maxRetryAfter ?? 60_000)) {
        return fails('retry-after', label, step.what === 'error');
      }
      calls += 1;
      if (plan.fault?.call === calls) return fails('permanent', crash, true);
      previous = slowDelay(plan.schedule, retries, previous, plan.chance);
      const delay = slowWait(previous, told ?? 0, plan.chance);
      events.push(line(clock, 'retry', named, label, clock - start, delay));
      left(clock);
      next = clock + delay;
      break;
    }
    if (next === undefined) return leaveEarly();
    number = current;
    clock = next;
  }
}

function judge(plan: Plan, kind: 'value' | 'error', thing: Thing, saying: Saying | undefined): Judgement {
  if (saying?.how === 'throws' || saying?.how === 'errors' || saying?.how === 'nonsense') return 'crash';
  const said = saying?.how === 'empty' ? undefined : saying?.says;
  if (said ?? isRetried(plan, kind, thing)) return 'retry';
  return kind === 'error' ? 'permanent' : 'accept';
}

/** An error may bear a response; a value that does is a value like any other. */
function isHttp(kind: 'value' | 'error', thing: Thing): boolean {
  return kind === 'error' || thing.is !== 'with response';
}

function isRetried(plan: Plan, kind: 'value' | 'error', thing: Thing): boolean {
  if ('status' in thing && thing.status !== 0 && isHttp(kind, thing)) {
    const listed = (plan.statuses ?? [408, 425, 429]).includes(thing.status);
    return listed || (thing.status >= 500 && plan.retryAllServerErrors !== false);
  }
  if (kind === 'value') return 'status' in thing && thing.is === 'look-alike';
  if (plan.errors === undefined) return thing.is !== 'AbortError';
  if (plan.errors === 'none') return false;
  if (plan.errors === 'TypeError') return thing.is === 'TypeError';
  // HttpErrorResponse is no Error, nor is what is thrown plain; a Response neither. A DOMException is one.
  return thing.is === 'Error' || thing.is === 'TypeError' || thing.is === 'AbortError' || thing.is === 'with response';
}

/** The longer of two waits: the backoff, and what the server asks for with its random tenth, which is a second at most. */
export function slowWait(backoff: number, told: number, chance: number): number {
  const tenth = told / 10 > 1_000 ? 1_000 : told / 10;
  const asked = told + chance * tenth;
  return told > 0 && asked > backoff ? asked : backoff;
}

function waitToldBy(kind: 'value' | 'error', thing: Thing, now: number): number | undefined {
  if (!('status' in thing) || thing.retryAfter === undefined || !isHttp(kind, thing)) return undefined;
  return slowRetryAfter(
    thing.retryAfter,
    (thing.date === undefined ? undefined : slowHttpDate(thing.date, now)) ?? now,
  );
}
