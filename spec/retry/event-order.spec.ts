import * as fc from 'fast-check';
import { asyncScheduler, concatMap, delay, from, Observable, of } from 'rxjs';

import { constant, retryWithStrategy, type AttemptEvent, type RetryStrategy } from '../../src/index.js';
import { inVirtualTime } from '../support/virtual-time.js';

interface Step {
  readonly after: number;
  readonly what: 'good' | 'bad' | 'error' | 'complete';
}

/** A source whose attempt n plays the n-th script, with its counts of current and of all subscriptions. */
function playScripts(scripts: readonly (readonly Step[])[]): {
  source: Observable<string>;
  active: () => number;
  made: () => number;
} {
  let [active, made] = [0, 0];
  const source = new Observable<string>((subscriber) => {
    const script = scripts[made++ % scripts.length] ?? [];
    active++;
    subscriber.add(() => active--);
    const steps = from(script).pipe(
      concatMap((step) => (step.after === 0 ? of(step) : of(step).pipe(delay(step.after)))),
    );
    return steps.subscribe({
      next: ({ what }) => {
        if (what === 'error') subscriber.error(new Error('down'));
        else if (what === 'complete') subscriber.complete();
        else subscriber.next(what);
      },
      error: fail,
    });
  });
  return { source, active: () => active, made: () => made };
}

interface Run {
  readonly events: readonly AttemptEvent<string>[];
  readonly end: 'complete' | 'error' | 'unsubscribed' | 'none';
  readonly faults: readonly string[];
}

/** Runs with events, unsubscribes at `unsubscribeAt` ms, and returns the events, the end and the violations. */
function observe(scripts: readonly (readonly Step[])[], strategy: RetryStrategy, unsubscribeAt: number): Run {
  return inVirtualTime(({ flush }) => {
    const { source, active, made } = playScripts(scripts);
    const events: AttemptEvent<string>[] = [];
    const faults: string[] = [];
    let end: Run['end'] = 'none';
    const finish = (how: 'complete' | 'error'): void => {
      if (end !== 'none') faults.push(`${how} after ${end}`);
      if (active() !== 0 && how === 'error') faults.push('an error with the source still subscribed to');
      end = how;
    };
    const subscription = source.pipe(retryWithStrategy<string>(strategy, { observe: 'attempts' })).subscribe({
      next: (event) => {
        if (end !== 'none') faults.push(`${event.type} after ${end}`);
        if (event.type !== 'value' && event.type !== 'success' && active() !== 0) {
          faults.push(`${event.type} with the source still subscribed to`);
        }
        events.push(event);
      },
      error: () => {
        finish('error');
      },
      complete: () => {
        finish('complete');
      },
    });
    asyncScheduler.schedule(() => {
      if (end === 'none') end = 'unsubscribed';
      subscription.unsubscribe();
      if (active() !== 0) faults.push('unsubscribed with the source still subscribed to');
    }, unsubscribeAt);
    flush();
    if (active() !== 0) faults.push('the source is subscribed to in the end');
    const starts = events.filter(({ type }) => type === 'start').length;
    if (made() !== starts) faults.push(`${String(made())} attempts with ${String(starts)} starts`);
    return { events, end, faults };
  });
}

/** Lists the violations of the legal order in these events. */
function findViolations({ events, end }: Run, attempts: number): string[] {
  const faults: string[] = [];
  const expect = (holds: boolean, fault: string): void => {
    if (!holds) faults.push(fault);
  };
  let state: 'waiting' | 'running' | 'success' | 'failure' = 'waiting';
  let resumesAt = 0;
  let number = 0;
  for (const event of events) {
    const { attempt } = event;
    if (event.type === 'start') {
      expect(state === 'waiting', `start while ${state}`);
      expect(attempt.number === number + 1, `attempt ${String(attempt.number)} after ${String(number)}`);
      expect(attempt.startedAt === resumesAt, `started at ${String(attempt.startedAt)}, not at ${String(resumesAt)}`);
      state = 'running';
    } else if (event.type === 'hold' || event.type === 'hedge' || event.type === 'response') {
      expect(false, `${event.type} without gates or responses`);
    } else {
      expect(state === 'running', `${event.type} while ${state}`);
      expect(
        attempt.number === number,
        `${event.type} of attempt ${String(attempt.number)} in attempt ${String(number)}`,
      );
      expect(event.elapsed >= 0, `elapsed ${String(event.elapsed)}`);
      if (event.type === 'retry') {
        resumesAt = attempt.startedAt + event.elapsed + event.delay;
        expect(attempt.number < attempts, 'a retry after the last attempt');
        state = 'waiting';
      } else if (event.type === 'value') {
        expect(event.value === 'good', 'a bad value');
      } else if (event.type === 'failure') {
        expect(
          attempt.number === attempts && event.reason === 'attempts',
          `${event.reason} at attempt ${String(attempt.number)}`,
        );
        expect(
          end !== (event.outcome.kind === 'error' ? 'complete' : 'error'),
          `failure with ${event.outcome.kind}, then ${end}`,
        );
        state = 'failure';
      } else {
        expect(event.type === 'success', `${event.type} where the consumer is still there`);
        state = 'success';
      }
    }
    number = attempt.number;
  }
  expect(end === 'unsubscribed' || state === 'success' || state === 'failure', `${end} while ${state}`);
  expect(end !== 'unsubscribed' || state === 'waiting' || state === 'running', `nothing ended it after ${state}`);
  return faults;
}

const step = fc.record({
  after: fc.integer({ min: 0, max: 3 }),
  what: fc.constantFrom('good', 'good', 'bad', 'error', 'complete'),
});
const scripts = fc.array(fc.array(step, { maxLength: 4 }), { minLength: 1, maxLength: 4 });
const attempts = fc.integer({ min: 1, max: 4 });
const wait = fc.integer({ min: 0, max: 3 });
const unsubscribeAt = fc.integer({ min: 0, max: 40 });
const isBad: RetryStrategy['shouldRetry'] = (outcome) =>
  outcome.kind === 'value' ? outcome.value === 'bad' : undefined;
const isBadLater: RetryStrategy['shouldRetry'] = (outcome) =>
  of(outcome.kind === 'error' || (outcome.kind === 'value' && outcome.value === 'bad')).pipe(delay(1));

function expectProperty<T>(property: fc.IProperty<T>): void {
  expect(() => {
    fc.assert(property, { numRuns: 100 });
  }).not.toThrow();
}

describe('retryWithStrategy, for any attempts and any moment of unsubscribing,', () => {
  it('emits events in a legal order, and leaves no subscription behind', () => {
    expectProperty(
      fc.property(scripts, attempts, wait, unsubscribeAt, (script, of, delay, at) => {
        const run = observe(script, { attempts: of, backoff: constant(delay), shouldRetry: isBad }, at);
        const faults = [...run.faults, ...findViolations(run, of)];
        if (faults.length > 0) {
          throw new Error(`${faults.join('; ')} in ${run.events.map(({ type }) => type).join(' ')} ${run.end}`);
        }
      }),
    );
  });

  it('emits in the plain form the values and the end of the events', () => {
    expectProperty(
      fc.property(scripts, attempts, wait, unsubscribeAt, (script, of, delay, at) => {
        const strategy = { attempts: of, backoff: constant(delay), shouldRetry: isBad };
        const observed = observe(script, strategy, at);
        const fromEvents = observed.events.flatMap((event) =>
          event.type === 'value'
            ? [event.value]
            : event.type === 'failure' && event.outcome.kind === 'value'
              ? [event.outcome.value]
              : [],
        );
        const plain = inVirtualTime(({ flush }) => {
          const { source } = playScripts(script);
          const values: unknown[] = [];
          let end: Run['end'] = 'none';
          const subscription = source.pipe(retryWithStrategy(strategy)).subscribe({
            next: (value) => values.push(value),
            error: () => (end = 'error'),
            complete: () => (end = 'complete'),
          });
          asyncScheduler.schedule(() => {
            if (end === 'none') end = 'unsubscribed';
            subscription.unsubscribe();
          }, at);
          flush();
          return [...values, end];
        });
        if (plain.join() !== [...fromEvents, observed.end].join()) {
          throw new Error(`${plain.join(' ')} is not ${fromEvents.join(' ')} ${observed.end}`);
        }
      }),
    );
  });

  it('emits events in a legal order with an asynchronous shouldRetry', () => {
    expectProperty(
      fc.property(scripts, attempts, wait, unsubscribeAt, (script, of, delay, at) => {
        const run = observe(script, { attempts: of, backoff: constant(delay), shouldRetry: isBadLater }, at);
        const faults = [...run.faults, ...findViolations(run, of)];
        if (faults.length > 0) {
          throw new Error(`${faults.join('; ')} in ${run.events.map(({ type }) => type).join(' ')} ${run.end}`);
        }
      }),
    );
  });
});
