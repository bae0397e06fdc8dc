import * as fc from 'fast-check';
import { EMPTY, map, NEVER, Observable, of, type Observer, Subject, takeUntil, throwError, timer } from 'rxjs';

import { type AttemptEvent, type Outcome, retryWithStrategy, type RetryStrategy } from '../../src/index.js';
import { answer, HTTPError, HttpErrorResponse, HttpResponse } from '../support/look-alikes.js';
import { runInSteps, type VirtualClock } from '../support/run-in-steps.js';
import { chance, dateHeader, growing, retryAfterHeader, schedule } from './arbitraries.js';
import { backoffOf } from './reference-backoff.js';
import {
  INSTANT_MS,
  expectSameLines,
  formatLine,
  type StrategySpec,
  type ShouldRetryAnswer,
  referenceRun,
  type SourceStep,
  type Emission,
  type RunRecord,
} from './reference-run.js';

// ——— Arbitraries.

const status = fc.constantFrom(200, 204, 301, 404, 408, 418, 425, 429, 500, 503, 599);
const emission: fc.Arbitrary<Emission> = fc.oneof(
  fc.record({ is: fc.constantFrom('plain' as const, 'Error' as const, 'TypeError' as const, 'AbortError' as const) }),
  fc.record({
    is: fc.constantFrom('response' as const, 'look-alike' as const, 'with response' as const),
    status,
    retryAfter: fc.option(retryAfterHeader, { nil: undefined }),
    date: dateHeader,
  }),
  fc.record({
    is: fc.constant('look-alike' as const),
    status: fc.constant(0),
    retryAfter: fc.constant(undefined),
    date: fc.constant(undefined),
  }),
);
const after = fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 4 }));
const step: fc.Arbitrary<SourceStep> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ after, kind: fc.constant('value' as const), emission }) },
  { weight: 3, arbitrary: fc.record({ after, kind: fc.constant('error' as const), emission }) },
  { weight: 1, arbitrary: fc.record({ after, kind: fc.constant('complete' as const) }) },
);
const scripts = fc.array(fc.array(step, { maxLength: 4 }), { minLength: 1, maxLength: 6 });

const decisions = fc.constantFrom(true, false, undefined, undefined);
const retryAnswer: fc.Arbitrary<ShouldRetryAnswer> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      decision: decisions,
      how: fc.constantFrom('at once' as const, 'in an observable' as const, 'empty' as const),
    }),
  },
  { weight: 6, arbitrary: fc.record({ decision: decisions, how: fc.constant('later' as const), after: fc.nat(3) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      decision: decisions,
      how: fc.constantFrom('never' as const, 'throws' as const, 'errors' as const, 'nonsense' as const),
    }),
  },
);
const answers = fc.oneof(fc.constant([]), fc.array(retryAnswer, { minLength: 1, maxLength: 6 }));

/** A strategy that rarely ends a run: attempts go on, delays grow, and values reset the count. */
const lenientSpec: fc.Arbitrary<StrategySpec> = fc.record({
  attempts: fc.constantFrom(4, 6, Infinity),
  schedule: growing,
  fault: fc.constant(undefined),
  statuses: fc.constant(undefined),
  retryAllServerErrors: fc.constant(undefined),
  errors: fc.constant(undefined),
  answers: fc.constant([]),
  maxRetryAfter: fc.constantFrom(undefined, Infinity),
  resetOnSuccess: fc.constantFrom(true, undefined),
  chance,
});

const anySpec: fc.Arbitrary<StrategySpec> = fc.record({
  attempts: fc.constantFrom(undefined, 1, 2, 3, 4, 5, 7, Infinity),
  schedule,
  fault: fc.oneof(
    { weight: 8, arbitrary: fc.constant(undefined) },
    fc.record({
      call: fc.integer({ min: 1, max: 3 }),
      gives: fc.constantFrom('throws' as const, NaN, -1, Infinity, -Infinity),
    }),
  ),
  statuses: fc.constantFrom(undefined, [], [404], [204, 429]),
  retryAllServerErrors: fc.constantFrom(undefined, true, false),
  errors: fc.constantFrom(undefined, 'all' as const, 'TypeError' as const, 'none' as const),
  answers,
  maxRetryAfter: fc.constantFrom(undefined, 0, 1_000, 61_000, Infinity),
  resetOnSuccess: fc.constantFrom(undefined, true, false),
  chance,
});

const strategySpec = fc.oneof(lenientSpec, anySpec);

/** A time in ms that never equals the time of another event. */
const moment = fc.oneof(fc.constant(Infinity), fc.nat(40), fc.nat(70_000)).map((ms) => ms + INSTANT_MS / 2);

// ——— The library's inputs.

/** Creates the value or error, whose identity leads to its label. */
function createEmission(emission: Emission, kind: 'value' | 'error', label: string): unknown {
  switch (emission.is) {
    case 'plain':
      return { plain: label };
    case 'Error':
      return new Error(label);
    case 'TypeError':
      return new TypeError(label);
    case 'AbortError':
      return new DOMException(label, 'AbortError');
    default: {
      const headers = {
        ...(emission.retryAfter !== undefined && { 'Retry-After': emission.retryAfter }),
        ...(emission.date !== undefined && { Date: emission.date }),
      };
      if (emission.is === 'response') return answer(emission.status, headers);
      if (emission.is === 'with response') return new HTTPError(answer(emission.status, headers));
      return kind === 'value'
        ? new HttpResponse(label, emission.status, headers)
        : new HttpErrorResponse(emission.status, headers);
    }
  }
}

class Crash extends Error {}

function strategyOf(spec: StrategySpec): RetryStrategy {
  const backoff = backoffOf(spec.schedule);
  let [calls, asked] = [0, 0];
  const faultyBackoff: RetryStrategy['backoff'] = (context) => {
    const fault = ++calls === spec.fault?.call ? spec.fault.gives : undefined;
    if (fault === 'throws') throw new Crash();
    return fault ?? backoff(context);
  };
  const shouldRetry = (): ReturnType<NonNullable<RetryStrategy['shouldRetry']>> => {
    const retryAnswer = spec.answers[Math.min(asked++, spec.answers.length - 1)]!;
    switch (retryAnswer.how) {
      case 'at once':
        return retryAnswer.decision;
      case 'in an observable':
        return of(retryAnswer.decision, !retryAnswer.decision);
      case 'empty':
        return EMPTY;
      case 'later':
        return timer(retryAnswer.after + INSTANT_MS).pipe(map(() => retryAnswer.decision));
      case 'never':
        return NEVER;
      case 'throws':
        throw new Crash();
      case 'errors':
        return throwError(() => new Crash());
      case 'nonsense':
        return 'yes' as unknown as boolean;
    }
  };
  return {
    attempts: spec.attempts,
    backoff: spec.fault
      ? Object.assign(faultyBackoff, backoff.attempts === undefined ? {} : { attempts: backoff.attempts })
      : backoff,
    statuses: spec.statuses,
    retryAllServerErrors: spec.retryAllServerErrors,
    errors: spec.errors && { all: [Error], TypeError: [TypeError], none: [] }[spec.errors],
    shouldRetry: spec.answers.length > 0 ? shouldRetry : undefined,
    maxRetryAfter: spec.maxRetryAfter,
    resetOnSuccess: spec.resetOnSuccess,
    random: () => spec.chance,
  };
}

/**
 * When the consumer unsubscribes: at a time in ms, after a number of scheduled actions, or during the n-th
 * notification.
 */
interface Leave {
  readonly time?: number;
  readonly step?: number;
  readonly notification?: number;
}

interface Observed extends RunRecord {
  readonly lines: readonly string[];
  /** The number of notifications before it unsubscribed. */
  readonly leftAfter: number | undefined;
  readonly faults: readonly string[];
}

/**
 * Runs the strategy with the library, and records everything. `faults` are violations of rules that hold in every run.
 */
function observe(
  spec: StrategySpec,
  attempts: readonly (readonly SourceStep[])[],
  form: 'value' | 'attempts',
  { time, step: leaveStep, notification }: Leave,
): Observed {
  const lines: string[] = [];
  const faults: string[] = [];
  const subscriptions: [number, number][] = [];
  const labels = new Map<unknown, string>();
  let active = 0;
  let subscribing = false;
  let over = false;
  let leftAfter: number | undefined;
  let [now, pending] = [(): number => 0, (): number => 0];
  const nameOf = (emission: unknown): string => {
    const label = labels.get(emission);
    if (label !== undefined) return label;
    const cause = emission instanceof Error ? labels.get(emission.cause) : undefined;
    return `crash${cause === undefined ? '' : ` of ${cause}`}`;
  };

  const source = new Observable<unknown>((subscriber) => {
    const index = subscriptions.length;
    const subscription: [number, number] = [now(), NaN];
    subscriptions.push(subscription);
    active += 1;
    if (active > 1) faults.push('two attempts at once');
    if (over) faults.push('an attempt after the end');
    const script = attempts[index] ?? [{ after: 0, kind: 'complete' } as const];
    const play = (from: number, waited: boolean): void => {
      for (let place = from; place < script.length && !subscriber.closed; place += 1) {
        const step = script[place]!;
        if (step.after > 0 && !(waited && place === from)) {
          subscriber.add(
            timer(step.after).subscribe(() => {
              play(place, true);
            }),
          );
          return;
        }
        if (step.kind === 'complete') {
          subscriber.complete();
        } else {
          const emission = createEmission(step.emission, step.kind, `${index}.${place}`);
          labels.set(emission, `${index}.${place}`);
          subscriber[step.kind === 'value' ? 'next' : 'error'](emission);
        }
      }
    };
    subscribing = true;
    play(0, false);
    subscribing = false;
    // Returned at the end instead of added before, so that an unsubscription during subscribe() has to wait for it.
    return () => {
      active -= 1;
      subscription[1] = now();
    };
  });

  const left$ = new Subject<void>();
  const leave = (): void => {
    if (over) return;
    over = true;
    leftAfter = lines.length;
    left$.next();
    if (active !== 0 && !subscribing) faults.push('left, and the source is still subscribed to');
  };
  const note = (text: string, end: boolean): void => {
    if (over) faults.push(`after the end: ${text}`);
    lines.push(text);
    if (end) over = true;
    if (lines.length === notification) leave();
  };
  const observer: Observer<unknown> = {
    next: (value) => {
      note(form === 'value' ? formatLine(now(), nameOf(value)) : formatEvent(value as AttemptEvent), false);
    },
    error: (error) => {
      if (active !== 0) faults.push('an error while the source is subscribed to');
      note(formatLine(now(), `error ${nameOf(error)}`), true);
    },
    complete: () => {
      // takeUntil() also completes when the consumer unsubscribes.
      if (leftAfter === undefined) note(formatLine(now(), 'complete'), true);
    },
  };
  const formatEvent = (event: AttemptEvent): string => {
    const { attempt } = event;
    const attemptName = `${attempt.number}/${attempt.of}`;
    if ((event.type === 'retry' || event.type === 'failure' || event.type === 'start') && active !== 0) {
      faults.push(`${event.type} while the source is subscribed to`);
    }
    const nameOutcome = (outcome: Outcome): string =>
      nameOf(outcome.kind === 'error' ? outcome.error : outcome.kind === 'value' ? outcome.value : outcome.response);
    switch (event.type) {
      case 'start':
        if (attempt.startedAt !== now()) faults.push(`started at ${attempt.startedAt}`);
        return formatLine(now(), 'start', attemptName);
      case 'value':
        return formatLine(now(), 'value', attemptName, nameOf(event.value), event.elapsed);
      case 'retry':
        return formatLine(now(), 'retry', attemptName, nameOutcome(event.outcome), event.elapsed, event.delay);
      case 'failure':
        return formatLine(now(), 'failure', attemptName, nameOutcome(event.outcome), event.elapsed, event.reason);
      case 'response':
        return formatLine(now(), 'response', attemptName, nameOf(event.response), event.elapsed);
      case 'hold':
      case 'hedge':
        faults.push(`${event.type} without gates`);
        return event.type;
      default:
        return formatLine(now(), event.type, attemptName, event.elapsed);
    }
  };

  runInSteps(
    (clock: VirtualClock) => {
      ({ now, pending } = clock);
      const strategy = strategyOf(spec);
      const run: Observable<unknown> =
        form === 'value'
          ? source.pipe(retryWithStrategy(strategy))
          : source.pipe(retryWithStrategy(strategy, { observe: 'attempts' }));
      run.pipe(takeUntil(left$)).subscribe(observer);
      if (time !== undefined && time !== Infinity && !over) timer(time).subscribe(leave);
    },
    (passed) => {
      if (passed === leaveStep) leave();
      const ownTimers = time === undefined || time === Infinity || now() >= time || leftAfter !== undefined ? 0 : 1;
      if (over && active !== 0) faults.push('the source outlives the run');
      if (over && pending() > ownTimers) faults.push(`${pending()} actions are left when it is over`);
      return false;
    },
  );
  return { lines, events: [], values: [], subscriptions, leftAfter, faults };
}

// ——— The properties.

function frames({ subscriptions }: RunRecord): string[] {
  return subscriptions.map(([from, to]) => formatLine(from, '–', to));
}

/** Marks subscriptions without an end as NaN: an attempt that never ends stays subscribed if nobody unsubscribes. */
function withOpenEnds(record: RunRecord): RunRecord {
  return { ...record, subscriptions: record.subscriptions.map(([from, to]) => [from, to === Infinity ? NaN : to]) };
}

describe('retryWithStrategy, with any strategy, any attempts and any time of unsubscription,', () => {
  it('emits the events of the reference implementation, at the same times', () => {
    fc.assert(
      fc.property(scripts, strategySpec, moment, (attempts, spec, time) => {
        const expected = withOpenEnds(referenceRun(attempts, spec, time));
        const observed = observe(spec, attempts, 'attempts', { time });
        expectSameLines('the faults', observed.faults, []);
        expectSameLines('the events', observed.lines, expected.events);
        expectSameLines('the subscriptions', frames(observed), frames(expected));
      }),
      { numRuns: 400 },
    );
  });

  it('emits the values of the reference implementation, at the same times', () => {
    fc.assert(
      fc.property(scripts, strategySpec, moment, (attempts, spec, time) => {
        const expected = withOpenEnds(referenceRun(attempts, spec, time));
        const observed = observe(spec, attempts, 'value', { time });
        expectSameLines('the faults', observed.faults, []);
        expectSameLines('the values', observed.lines, expected.values);
        expectSameLines('the subscriptions', frames(observed), frames(expected));
      }),
      { numRuns: 400 },
    );
  });

  it('does nothing after an unsubscription between any two scheduled actions', () => {
    fc.assert(
      fc.property(
        scripts,
        strategySpec,
        fc.constantFrom('value' as const, 'attempts' as const),
        fc.nat(12),
        (attempts, spec, form, leaveStep) => {
          const expected = referenceRun(attempts, spec, Infinity);
          const observed = observe(spec, attempts, form, { step: leaveStep });
          expectSameLines('the faults', observed.faults, []);
          const output = form === 'value' ? expected.values : expected.events;
          expectSameLines('the output', observed.lines, output.slice(0, observed.leftAfter ?? output.length));
        },
      ),
      { numRuns: 400 },
    );
  });

  it('does nothing after an unsubscription during any notification', () => {
    fc.assert(
      fc.property(
        scripts,
        strategySpec,
        fc.constantFrom('value' as const, 'attempts' as const),
        fc.integer({ min: 1, max: 8 }),
        (attempts, spec, form, notification) => {
          const expected = referenceRun(attempts, spec, Infinity);
          const observed = observe(spec, attempts, form, { notification });
          expectSameLines('the faults', observed.faults, []);
          const output = form === 'value' ? expected.values : expected.events;
          expectSameLines('the output', observed.lines, output.slice(0, notification));
        },
      ),
      { numRuns: 400 },
    );
  });

  it('makes no more attempts than it may, and none without a start event', () => {
    fc.assert(
      fc.property(scripts, strategySpec, (attempts, spec) => {
        const { lines, subscriptions } = observe(spec, attempts, 'attempts', {});
        const starts = lines.filter((text) => text.includes(' start '));
        if (starts.length !== subscriptions.length) {
          throw new Error(`${starts.length} starts, ${subscriptions.length} subscriptions`);
        }
        const lastNumber = Math.max(...starts.map((text) => Number(text.split(' ').at(-1)!.split('/')[0])));
        const allowed = Number(starts[0]!.split('/')[1]);
        // After a reset the next attempt is the second, so a strategy with one attempt has none.
        if (lastNumber > allowed) throw new Error(`attempt ${lastNumber} of ${allowed}`);
        if (spec.resetOnSuccess !== true && starts.length > allowed) {
          throw new Error(`${starts.length} attempts of ${allowed}`);
        }
      }),
      { numRuns: 300 },
    );
  });
});
