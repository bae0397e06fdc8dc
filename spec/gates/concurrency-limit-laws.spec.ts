import * as fc from 'fast-check';
import { catchError, defer, EMPTY, finalize, mergeMap, NEVER, Observable, takeUntil, timer } from 'rxjs';

import { aimd, type AttemptEvent, concurrencyLimit, constant, retryWithStrategy } from '../../src/index.js';
import { inVirtualTime } from '../support/virtual-time.js';

/** One request: when it begins, how long each of its attempts takes, which fail, and when it is unsubscribed. */
interface RequestPlan {
  readonly begins: number;
  readonly durations: readonly number[];
  readonly leaves: number;
}

const requestPlan: fc.Arbitrary<RequestPlan> = fc.record({
  begins: fc.nat(20),
  // All attempts but the last fail. One that takes 0 ms ends before subscribing to it returns.
  durations: fc.array(fc.nat(8), { minLength: 1, maxLength: 3 }),
  leaves: fc.oneof({ weight: 3, arbitrary: fc.constant(Infinity) }, { weight: 1, arbitrary: fc.nat(40) }),
});
const plans = fc.array(requestPlan, { maxLength: 25 });
const options = fc.record({
  max: fc.integer({ min: 1, max: 4 }),
  queue: fc.constantFrom(0, 1, 5, Infinity),
  maxWait: fc.constantFrom(0, 1, 7, Infinity),
  order: fc.constantFrom('fifo' as const, 'lifo' as const),
});

/**
 * Runs the requests through a limit, and returns what contradicts its laws.
 *
 * @param order - absent if the limit adapts: one that grows by more than 1 lets them in one after the other
 */
function violations(
  requests: readonly RequestPlan[],
  limit: ReturnType<typeof concurrencyLimit>,
  order?: 'fifo' | 'lifo',
): string[] {
  const found: string[] = [];
  const law = (isKept: boolean, violation: string): void => {
    if (!isKept) found.push(violation);
  };
  /** The requests whose attempt is held, in the order in which the holds began, and whether it is a retry. */
  const held = new Map<number, boolean>();
  let running = 0;
  let ended = 0;

  const onEvent = (index: number, { type, attempt }: AttemptEvent<number>): void => {
    const isRetry = attempt.number > 1;
    if (type === 'hold') held.set(index, isRetry);
    if (type !== 'start') return;
    const wasHeld = held.has(index);
    const sameClass = [...held.keys()].filter((other) => held.get(other) === isRetry);
    law(wasHeld || held.size === 0, 'one that was not held overtook one that is');
    law(isRetry || ![...held.values()].includes(true), 'a first attempt overtook a retry');
    if (wasHeld && order) law(sameClass.at(order === 'fifo' ? 0 : -1) === index, `the order is not ${order}`);
    held.delete(index);
  };

  inVirtualTime(({ flush }) => {
    limit.changes$.subscribe(({ limit: max, inFlight, queued }) => {
      law(inFlight >= 0 && queued >= 0, 'a count is below 0');
      law(order === undefined || queued === 0 || inFlight >= max, 'one waits although a slot is free');
      law(running <= inFlight, 'more run than hold a slot');
      law(order === undefined || inFlight <= max, 'more hold a slot than may');
    });
    requests.forEach(({ begins, durations, leaves }, index) => {
      let attempt = 0;
      const attempts$ = new Observable<number>((output) => {
        const duration = durations[attempt] ?? 0;
        attempt += 1;
        const isLast = attempt === durations.length;
        running += 1;
        output.add(() => (running -= 1));
        const end = (): void => {
          if (isLast) output.complete();
          else output.error(new Error('down'));
        };
        if (duration === 0) end();
        else output.add(timer(duration).subscribe(end));
      });
      const strategy = { gates: [limit], attempts: durations.length, backoff: constant(3) };
      const request$ = defer(() => attempts$).pipe(
        retryWithStrategy(strategy, { observe: 'attempts' }),
        finalize(() => {
          held.delete(index);
          ended += 1;
        }),
        catchError(() => EMPTY),
        takeUntil(leaves === Infinity ? NEVER : timer(leaves)),
      );
      timer(begins)
        .pipe(mergeMap(() => request$))
        .subscribe((event) => {
          onEvent(index, event);
        });
    });
    flush();
  });
  law(running === 0, 'one still runs');
  law(ended === requests.length, 'one has not ended');
  const { inFlight, queued } = limit.snapshot('all');
  law(inFlight === 0 && queued === 0, 'one still holds a slot, or waits');
  return found;
}

describe('concurrencyLimit(), whatever its requests do,', () => {
  it('lets no more than max in, keeps the order, has nobody wait for ever, and is as at the start in the end', () => {
    expect(() => {
      fc.assert(
        fc.property(plans, options, (requests, given) => {
          const limit = concurrencyLimit(given);
          expect(violations(requests, limit, given.order)).toEqual([]);
          expect(limit.snapshot('all')).toEqual({ limit: given.max, inFlight: 0, queued: 0 });
        }),
        { numRuns: 300 },
      );
    }).not.toThrow();
  });

  it('has nobody wait for ever while its limit adapts', () => {
    const bounds = fc.record({ min: fc.integer({ min: 1, max: 2 }), initial: fc.integer({ min: 2, max: 4 }) });
    expect(() => {
      fc.assert(
        fc.property(plans, options, bounds, (requests, given, { min, initial }) => {
          const limit = concurrencyLimit({ ...given, max: aimd({ min, initial, max: 6, ratio: 0.5 }) });
          expect(violations(requests, limit)).toEqual([]);
        }),
        { numRuns: 300 },
      );
    }).not.toThrow();
  });
});
