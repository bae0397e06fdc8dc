import * as fc from 'fast-check';

import { constant, equalJitter, exponential, list, type Backoff, type BackoffContext } from '../../../src/index.js';
import { context, delays } from '../../support/backoff-context.js';
import { expectRefusal } from '../../support/expect-refusal.js';

describe('equalJitter()', () => {
  it('keeps half of the inner backoff’s delay and draws the other half', () => {
    expect(equalJitter(constant(1_000))(context({ random: () => 0 }))).toBe(500);
    expect(equalJitter(constant(1_000))(context({ random: () => 0.5 }))).toBe(750);
    expect(equalJitter(constant(1_000))(context({ random: () => 1 - Number.EPSILON }))).toBeLessThan(1_000);
    expect(equalJitter(constant(0))(context({ random: () => 0.9 }))).toBe(0);
  });

  it('grows with the inner backoff', () => {
    expect(delays(equalJitter(exponential()), 4, () => 0.5)).toEqual([75, 150, 300, 600]);
  });

  it('keeps the inner backoff’s number of attempts', () => {
    expect(equalJitter(list([1, 2, 3])).attempts).toBe(4);
    expect(equalJitter(constant(1)).attempts).toBeUndefined();
  });

  it('passes its context to the inner backoff', () => {
    const contexts: BackoffContext[] = [];
    const inner: Backoff = (of) => {
      contexts.push(of);
      return 10;
    };
    const given = context({ retry: 3, previousDelay: 8 });
    equalJitter(inner)(given);
    expect(contexts).toEqual([given]);
  });

  it('stays between half of the inner delay and all of it', () => {
    const bounds = fc.property(
      fc.integer({ min: 0, max: 1e9 }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (inner, drawn) => {
        const delay = equalJitter(constant(inner))(context({ random: () => drawn }));
        return delay >= inner / 2 && delay <= inner;
      },
    );
    expect(() => {
      fc.assert(bounds);
    }).not.toThrow();
  });

  it('refuses an argument that is not a backoff', () => {
    expectRefusal(() => equalJitter('fast' as unknown as Backoff), [TypeError], 'backoff', 'fast');
    expectRefusal(() => equalJitter(null as unknown as Backoff), [TypeError], 'backoff', 'null');
  });
});
