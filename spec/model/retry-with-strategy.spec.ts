import * as fc from 'fast-check';
import { EMPTY, map, NEVER, Observable, of, type Observer, Subject, takeUntil, throwError, timer } from 'rxjs';

import { type AttemptEvent, type Outcome, retryWithStrategy, type RetryStrategy } from '../../src/index.js';
import { answer, HTTPError, HttpErrorResponse, HttpResponse } from '../support/look-alikes.js';
import { inSteps, type VirtualClock } from '../support/virtual-steps.js';
import { chance, dateHeader, growing, retryAfterHeader, schedule } from './arbitraries.js';
import { backoffOf } from './reference-backoff.js';
import {
  A_BIT,
  expectSame,
  line,
  type Plan,
  type Saying,
  slowRun,
  type Step,
  type Thing,
  type Told,
} from './reference-run.js';

// ——— What there is to try.

const status = fc.constantFrom(200, 204, 301, 404, 408, 418, 425, 429, 500, 503, 599);
const thing: fc.Arbitrary<Thing> = fc.oneof(
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
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ after, what: fc.constant('value' as const), thing }) },
  { weight: 3, arbitrary: fc.record({ after, what: fc.constant('error' as const), thing }) },
  { weight: 1, arbitrary: fc.record({ after, what: fc.constant('complete' as const) }) },
);
const scripts = fc.array(fc.array(step, { maxLength: 4 }), { minLength: 1, maxLength: 6 });

const says = fc.constantFrom(true, false, undefined, undefined);
const saying: fc.Arbitrary<Saying> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      says,
      how: fc.constantFrom('at once' as const, 'in an observable' as const, 'empty' as const),
    }),
  },
  { weight: 6, arbitrary: fc.record({ says, how: fc.constant('later' as const), after: fc.nat(3) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      says,
      how: fc.constantFrom('never' as const, 'throws' as const, 'errors' as const, 'nonsense' as const),
    }),
  },
);
const sayings = fc.oneof(fc.constant([]), fc.array(saying, { minLength: 1, maxLength: 6 }));

/** One that says little of its own: attempts go on, waits grow, and values start the count over. */
const patient: fc.Arbitrary<Plan> = fc.record({
  attempts: fc.constantFrom(4, 6, Infinity),
  schedule: growing,
  fault: fc.constant(undefined),
  statuses: fc.constant(undefined),
  retryAllServerErrors: fc.constant(undefined),
  errors: fc.constant(undefined),
  sayings: fc.constant([]),
  maxRetryAfter: fc.constantFrom(undefined, Infinity),
  resetOnSuccess: fc.constantFrom(true, undefined),
  chance,
});

const wild: fc.Arbitrary<Plan> = fc.record({
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
  sayings,
  maxRetryAfter: fc.constantFrom(undefined, 0, 1_000, 61_000, Infinity),
  resetOnSuccess: fc.constantFrom(undefined, true, false),
  chance,
});

const plan = fc.oneof(patient, wild);

/** In an instant in which nothing else happens. */
const moment = fc.oneof(fc.constant(Infinity), fc.nat(40), fc.nat(70_000)).map((ms) => ms + A_BIT / 2);

// ——— What is tried, for the library.

/** The thing itself, by which it is known again. */
function make(one: Thing, what: 'value' | 'error', label: string): unknown {
  switch (one.is) {
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
        ...(one.retryAfter !== undefined && { 'Retry-After': one.retryAfter }),
        ...(one.date !== undefined && { Date: one.date }),
      };
      if (one.is === 'response') return answer(one.status, headers);
      if (one.is === 'with response') return new HTTPError(answer(one.status, headers));
      return what === 'value'
        ? new HttpResponse(label, one.status, headers)
        : new HttpErrorResponse(one.status, headers);
    }
  }
}

class Crash extends Error {}

function strategyOf(what: Plan): RetryStrategy {
  const made = backoffOf(what.schedule);
  let [calls, asked] = [0, 0];
  const faulty: RetryStrategy['backoff'] = (context) => {
    const fault = ++calls === what.fault?.call ? what.fault.gives : undefined;
    if (fault === 'throws') throw new Crash();
    return fault ?? made(context);
  };
  const shouldRetry = (): ReturnType<NonNullable<RetryStrategy['shouldRetry']>> => {
    const one = what.sayings[Math.min(asked++, what.sayings.length - 1)]!;
    switch (one.how) {
      case 'at once':
        return one.says;
      case 'in an observable':
        return of(one.says, !one.says);
      case 'empty':
        return EMPTY;
      case 'later':
        return timer(one.after + A_BIT).pipe(map(() => one.says));
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
    attempts: what.attempts,
    backoff: what.fault ? Object.assign(faulty, made.attempts === undefined ? {} : { attempts: made.attempts }) : made,
    statuses: what.statuses,
    retryAllServerErrors: what.retryAllServerErrors,
    errors: what.errors && { all: [Error], TypeError: [TypeError], none: [] }[what.errors],
    shouldRetry: what.sayings.length > 0 ? shouldRetry : undefined,
    maxRetryAfter: what.maxRetryAfter,
    resetOnSuccess: what.resetOnSuccess,
    random: () => what.chance,
  };
}

/** When the consumer leaves: at a time, between two actions, or within the n-th thing it is told. */
interface Leave {
  readonly time?: number;
  readonly step?: number;
  readonly told?: number;
}

interface Observed extends Told {
  readonly lines: readonly string[];
  /** How many things it was told when it left. */
  readonly leftAfter: number | undefined;
  readonly faults: readonly string[];
}

/** Runs it with the library, and notes everything; faults are what may never be, whatever the run. */
function observe(
  what: Plan,
  attempts: readonly (readonly Step[])[],
  form: 'value' | 'attempts',
  { time, step: leaveStep, told }: Leave,
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
  const name = (one: unknown): string => {
    const label = labels.get(one);
    if (label !== undefined) return label;
    const cause = one instanceof Error ? labels.get(one.cause) : undefined;
    return `crash${cause === undefined ? '' : ` of ${cause}`}`;
  };

  const source = new Observable<unknown>((subscriber) => {
    const index = subscriptions.length;
    const subscription: [number, number] = [now(), NaN];
    subscriptions.push(subscription);
    active += 1;
    if (active > 1) faults.push('two attempts at once');
    if (over) faults.push('an attempt after the end');
    const script = attempts[index] ?? [{ after: 0, what: 'complete' } as const];
    const play = (from: number, waited: boolean): void => {
      for (let place = from; place < script.length && !subscriber.closed; place += 1) {
        const one = script[place]!;
        if (one.after > 0 && !(waited && place === from)) {
          subscriber.add(
            timer(one.after).subscribe(() => {
              play(place, true);
            }),
          );
          return;
        }
        if (one.what === 'complete') {
          subscriber.complete();
        } else {
          const given = make(one.thing, one.what, `${index}.${place}`);
          labels.set(given, `${index}.${place}`);
          subscriber[one.what === 'value' ? 'next' : 'error'](given);
        }
      }
    };
    subscribing = true;
    play(0, false);
    subscribing = false;
    // Returned, and not added before: who unsubscribes from a source that still runs must wait for this.
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
    if (lines.length === told) leave();
  };
  const observer: Observer<unknown> = {
    next: (value) => {
      note(form === 'value' ? line(now(), name(value)) : tell(value as AttemptEvent), false);
    },
    error: (error) => {
      if (active !== 0) faults.push('an error while the source is subscribed to');
      note(line(now(), `error ${name(error)}`), true);
    },
    complete: () => {
      // takeUntil() says so when it is left.
      if (leftAfter === undefined) note(line(now(), 'complete'), true);
    },
  };
  const tell = (event: AttemptEvent): string => {
    const { attempt } = event;
    const named = `${attempt.number}/${attempt.of}`;
    if ((event.type === 'retry' || event.type === 'failure' || event.type === 'start') && active !== 0) {
      faults.push(`${event.type} while the source is subscribed to`);
    }
    const outcome = (one: Outcome): string =>
      name(one.kind === 'error' ? one.error : one.kind === 'value' ? one.value : one.response);
    switch (event.type) {
      case 'start':
        if (attempt.startedAt !== now()) faults.push(`started at ${attempt.startedAt}`);
        return line(now(), 'start', named);
      case 'value':
        return line(now(), 'value', named, name(event.value), event.elapsed);
      case 'retry':
        return line(now(), 'retry', named, outcome(event.outcome), event.elapsed, event.delay);
      case 'failure':
        return line(now(), 'failure', named, outcome(event.outcome), event.elapsed, event.reason);
      default:
        return line(now(), event.type, named, event.elapsed);
    }
  };

  inSteps(
    (clock: VirtualClock) => {
      ({ now, pending } = clock);
      const strategy = strategyOf(what);
      const run: Observable<unknown> =
        form === 'value'
          ? source.pipe(retryWithStrategy(strategy))
          : source.pipe(retryWithStrategy(strategy, { observe: 'attempts' }));
      run.pipe(takeUntil(left$)).subscribe(observer);
      if (time !== undefined && time !== Infinity && !over) timer(time).subscribe(leave);
    },
    (passed) => {
      if (passed === leaveStep) leave();
      const own = time === undefined || time === Infinity || now() >= time || leftAfter !== undefined ? 0 : 1;
      if (over && active !== 0) faults.push('the source outlives the run');
      if (over && pending() > own) faults.push(`${pending()} actions are left when it is over`);
      return false;
    },
  );
  return { lines, events: [], values: [], subscriptions, leftAfter, faults };
}

// ——— What must hold.

function frames({ subscriptions }: Told): string[] {
  return subscriptions.map(([from, to]) => line(from, '–', to));
}

/** An end of time for runs in which nobody leaves: an attempt that falls silent is then still subscribed to. */
function open(told: Told): Told {
  return { ...told, subscriptions: told.subscriptions.map(([from, to]) => [from, to === Infinity ? NaN : to]) };
}

describe('retryWithStrategy, whatever the strategy, the attempts and the moment of leaving,', () => {
  it('comes to what a slow reading of its documents comes to, event by event and ms by ms', () => {
    fc.assert(
      fc.property(scripts, plan, moment, (attempts, what, time) => {
        const expected = open(slowRun(attempts, what, time));
        const observed = observe(what, attempts, 'attempts', { time });
        expectSame('the faults', observed.faults, []);
        expectSame('the events', observed.lines, expected.events);
        expectSame('the subscriptions', frames(observed), frames(expected));
      }),
      { numRuns: 400 },
    );
  });

  it('does so in the plain form too, at the same times', () => {
    fc.assert(
      fc.property(scripts, plan, moment, (attempts, what, time) => {
        const expected = open(slowRun(attempts, what, time));
        const observed = observe(what, attempts, 'value', { time });
        expectSame('the faults', observed.faults, []);
        expectSame('the values', observed.lines, expected.values);
        expectSame('the subscriptions', frames(observed), frames(expected));
      }),
      { numRuns: 400 },
    );
  });

  it('does nothing more once it is left, be that between any two instants', () => {
    fc.assert(
      fc.property(
        scripts,
        plan,
        fc.constantFrom('value' as const, 'attempts' as const),
        fc.nat(12),
        (attempts, what, form, leaveStep) => {
          const expected = slowRun(attempts, what, Infinity);
          const observed = observe(what, attempts, form, { step: leaveStep });
          expectSame('the faults', observed.faults, []);
          const whole = form === 'value' ? expected.values : expected.events;
          expectSame('what was told', observed.lines, whole.slice(0, observed.leftAfter ?? whole.length));
        },
      ),
      { numRuns: 400 },
    );
  });

  it('does nothing more once it is left within anything that it tells', () => {
    fc.assert(
      fc.property(
        scripts,
        plan,
        fc.constantFrom('value' as const, 'attempts' as const),
        fc.integer({ min: 1, max: 8 }),
        (attempts, what, form, told) => {
          const expected = slowRun(attempts, what, Infinity);
          const observed = observe(what, attempts, form, { told });
          expectSame('the faults', observed.faults, []);
          const whole = form === 'value' ? expected.values : expected.events;
          expectSame('what was told', observed.lines, whole.slice(0, told));
        },
      ),
      { numRuns: 400 },
    );
  });

  it('makes no more attempts in a row than it may, and none without a start', () => {
    fc.assert(
      fc.property(scripts, plan, (attempts, what) => {
        const { lines, subscriptions } = observe(what, attempts, 'attempts', {});
        const starts = lines.filter((text) => text.includes(' start '));
        if (starts.length !== subscriptions.length) {
          throw new Error(`${starts.length} starts, ${subscriptions.length} subscriptions`);
        }
        const most = Math.max(...starts.map((text) => Number(text.split(' ').at(-1)!.split('/')[0])));
        const allowed = Number(starts[0]!.split('/')[1]);
        // After a reset the next attempt is the second, whatever is allowed: with one attempt there is none.
        if (most > allowed) throw new Error(`attempt ${most} of ${allowed}`);
        if (what.resetOnSuccess !== true && starts.length > allowed) {
          throw new Error(`${starts.length} attempts of ${allowed}`);
        }
      }),
      { numRuns: 300 },
    );
  });
});
