import * as fc from 'fast-check';

import { constant, exponential, fullJitter, list, type Backoff, type BackoffContext } from '../../../src/index.js';
import { context, delays } from '../../support/backoff-context.js';
import { expectRefusal } from '../../support/expect-refusal.js';

describe('fullJitter()', () => {
  it('draws between 0 and the inner backoff’s delay', () => {
    expect(fullJitter(constant(1_000))(context({ random: () => 0 }))).toBe(0);
    expect(fullJitter(constant(1_000))(context({ random: () => 0.25 }))).toBe(250);
    expect(fullJitter(constant(1_000))(context({ random: () => 1 - Number.EPSILON }))).toBeLessThan(1_000);
    expect(fullJitter(constant(0))(context({ random: () => 0.9 }))).toBe(0);
  });

  it('grows with the inner backoff', () => {
    expect(delays(fullJitter(exponential()), 4, () => 0.5)).toEqual([50, 100, 200, 400]);
  });

  it('keeps the inner backoff’s number of attempts', () => {
    expect(fullJitter(list([1, 2, 3])).attempts).toBe(4);
    expect(fullJitter(fullJitter(list([1]))).attempts).toBe(2);
    expect(fullJitter(constant(1)).attempts).toBeUndefined();
  });

  it('passes its context to the inner backoff', () => {
    const contexts: BackoffContext[] = [];
    const inner: Backoff = (of) => {
      contexts.push(of);
      return 10;
    };
    const given = context({ retry: 3, previousDelay: 8 });
    fullJitter(inner)(given);
    expect(contexts).toEqual([given]);
  });

  it('stays between 0 and the inner delay', () => {
    const bounds = fc.property(
      fc.integer({ min: 0, max: 1e9 }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (inner, drawn) => {
        const delay = fullJitter(constant(inner))(context({ random: () => drawn }));
        return delay >= 0 && (delay < inner || inner === 0);
      },
    );
    expect(() => {
      fc.assert(bounds);
    }).not.toThrow();
  });

  it('refuses an argument that is not a backoff', () => {
    expectRefusal(() => fullJitter(100 as unknown as Backoff), [TypeError], 'backoff', '100');
    expectRefusal(() => fullJitter(undefined as unknown as Backoff), [TypeError], 'backoff', 'undefined');
  });
});
