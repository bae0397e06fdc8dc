import * as fc from 'fast-check';

import type { Schedule } from './reference-backoff.js';

const ms = fc.oneof(fc.nat(5), fc.nat(1_000), fc.double({ min: 0, max: 100, noNaN: true }));

/** Every kind of backoff, with any parameters. */
export const schedule: fc.Arbitrary<Schedule> = fc.letrec<{ any: Schedule; plain: Schedule; wrapped: Schedule }>(
  (tie) => ({
    any: fc.oneof({ weight: 4, arbitrary: tie('plain') }, tie('wrapped')),
    wrapped: fc.record({ kind: fc.constantFrom('full' as const, 'equal' as const), of: tie('plain') }),
    plain: fc.oneof(
      fc.record({ kind: fc.constant('constant' as const), ms }),
      fc.record({
        kind: fc.constant('exponential' as const),
        initial: ms,
        factor: fc.double({ min: 1, max: 9, noNaN: true }),
        max: ms,
      }),
      fc.record({ kind: fc.constant('fibonacci' as const), initial: ms, max: ms }),
      fc.record({ kind: fc.constant('random' as const), min: ms, width: ms }),
      fc.record({ kind: fc.constant('list' as const), delays: fc.array(ms, { minLength: 1, maxLength: 4 }) }),
      fc.record({
        kind: fc.constant('jitter' as const),
        initial: ms,
        factor: fc.integer({ min: 1, max: 3 }),
        max: ms,
        interval: ms,
      }),
      fc.record({ kind: fc.constant('decorrelated' as const), initial: ms, max: ms }),
    ),
  }),
).any;

/** A backoff whose delays often depend on the previous delay, or on the number of retries. */
export const growing: fc.Arbitrary<Schedule> = fc.oneof(
  schedule,
  fc.record({
    kind: fc.constant('decorrelated' as const),
    initial: fc.integer({ min: 1, max: 9 }),
    max: fc.constant(1_000),
  }),
  fc.record({
    kind: fc.constant('fibonacci' as const),
    initial: fc.integer({ min: 1, max: 9 }),
    max: fc.constant(1_000),
  }),
);

/** The constant result of `random`, so that the order of its calls does not matter. */
export const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

/** Values of Retry-After, valid and invalid. Dates are near the epoch, since a run starts at 0. */
export const retryAfterHeader = fc.constantFrom(
  '0',
  '1',
  '2',
  '30',
  '61',
  'soon',
  '',
  '-1',
  '1e3',
  'Thu, 01 Jan 1970 00:00:01 GMT',
  'Thursday, 01-Jan-70 00:01:10 GMT',
);

/** Values of Date, valid, invalid and missing. */
export const dateHeader = fc.constantFrom(
  undefined,
  undefined,
  'Thu, 01 Jan 1970 00:00:00 GMT',
  'Thu, 01 Jan 1970 00:00:40 GMT',
  'today',
);
