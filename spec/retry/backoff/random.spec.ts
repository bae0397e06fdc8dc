import * as fc from 'fast-check';

import { random } from '../../../src/index.js';
import { context, delays } from '../../support/backoff-context.js';
import { expectRefusal } from '../../support/expect-refusal.js';

describe('random()', () => {
  it('draws from 100 ms up to, but not including, 3 s', () => {
    expect(random()(context({ random: () => 0 }))).toBe(100);
    expect(random()(context({ random: () => 0.5 }))).toBe(1_550);
    expect(random()(context({ random: () => 1 - Number.EPSILON }))).toBeLessThan(3_000);
  });

  it('takes both bounds', () => {
    expect(random({ min: 20, max: 60 })(context({ random: () => 0.25 }))).toBe(30);
    expect(random({ min: 0, max: 60 })(context({ random: () => 0 }))).toBe(0);
    expect(random({ min: 60, max: 60 })(context({ random: () => 0.7 }))).toBe(60);
  });

  it('draws again before every retry', () => {
    const drawn = [0.5, 0, 0.75][Symbol.iterator]();
    expect(delays(random({ min: 0, max: 100 }), 3, () => drawn.next().value ?? Number.NaN)).toEqual([50, 0, 75]);
  });

  it('stays between min and max for any draw', () => {
    const bounds = fc.property(
      fc.integer({ min: 0, max: 1e9 }),
      fc.integer({ min: 0, max: 1e9 }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (min, width, drawn) => {
        const delay = random({ min, max: min + width })(context({ random: () => drawn }));
        return delay >= min && delay <= min + width;
      },
    );
    expect(() => {
      fc.assert(bounds);
    }).not.toThrow();
  });

  it('sets no number of attempts', () => {
    expect(random().attempts).toBeUndefined();
  });

  it('refuses bounds that are not delays, or a min above max', () => {
    expectRefusal(() => random({ min: -1 }), [RangeError], 'min', '-1');
    expectRefusal(() => random({ min: '0' as unknown as number }), [TypeError], 'min', '0');
    expectRefusal(() => random({ max: Number.NaN }), [RangeError], 'max', 'NaN');
    expectRefusal(() => random({ max: Number.POSITIVE_INFINITY }), [RangeError], 'max', 'Infinity');
    expectRefusal(() => random({ min: 500, max: 400 }), [RangeError], 'min', 'max', '500', '400');
    expectRefusal(() => random({ min: 5_000 }), [RangeError], 'min', '5000');
  });
});
