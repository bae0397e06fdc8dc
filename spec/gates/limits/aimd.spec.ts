import * as fc from 'fast-check';

import { aimd } from '../../../src/index.js';
import { expectRefusal } from '../../support/expect-refusal.js';
import { limitAfterMany, limitsAfter } from '../../support/limit-samples.js';

describe('aimd()', () => {
  describe('by the vectors of Netflix/concurrency-limits, AIMDLimitTest', () => {
    it('starts at the initial limit, also at one below the default minimum', () => {
      expect(limitsAfter(aimd({ initial: 10 }))).toEqual([10]);
    });

    it('allows one more after a success', () => {
      expect(limitsAfter(aimd({ initial: 20 }), [1, 10])).toEqual([20, 21]);
    });

    it('takes a tenth away after a drop', () => {
      expect(limitsAfter(aimd({ initial: 30 }), [0, 0, true])).toEqual([30, 27]);
    });

    it('stays at the maximum', () => {
      expect(limitsAfter(aimd({ initial: 21, max: 21, min: 1 }), [1, 11])).toEqual([21, 21]);
    });
  });

  it('starts at 20, and stays between 5 and 200', () => {
    expect(limitAfterMany(aimd(), 0, [1, 1])).toBe(20);
    expect(limitAfterMany(aimd(), 300, [1, 300])).toBe(200);
    expect(limitAfterMany(aimd(), 100, [1, 20, true])).toBe(5);
    expect(limitAfterMany(aimd({ min: 20 }), 100, [1, 20, true])).toBe(20);
  });

  it('comes down to a lower minimum, and up again', () => {
    const drops = Array.from({ length: 60 }, () => [1, 20, true] as const);
    expect(limitsAfter(aimd({ min: 1 }), ...drops).at(-1)).toBe(1);
    expect(limitsAfter(aimd({ min: 1 }), ...drops, [1, 1], [1, 1], [1, 1]).slice(-3)).toEqual([2, 3, 3]);
  });

  it('cuts fractions off after a drop', () => {
    expect(limitsAfter(aimd({ initial: 21, min: 1 }), [1, 1, true], [1, 1, true], [1, 1, true])).toEqual([
      21, 18, 16, 14,
    ]);
  });

  it('grows only while at least half of the limit is in use', () => {
    expect(limitsAfter(aimd(), [1, 9], [1, 10], [1, 10], [1, 11])).toEqual([20, 20, 21, 21, 22]);
  });

  it('counts an attempt that takes more than the timeout as dropped', () => {
    expect(limitsAfter(aimd({ initial: 100 }), [5_000, 1], [5_000.1, 1])).toEqual([100, 100, 90]);
    expect(limitsAfter(aimd({ initial: 100, timeout: 50 }), [50, 1], [51, 1])).toEqual([100, 100, 90]);
  });

  it('takes the given part of the limit after a drop', () => {
    expect(limitsAfter(aimd({ initial: 100, ratio: 0.5 }), [1, 1, true], [1, 1, true])).toEqual([100, 50, 25]);
  });

  it('stays between its bounds, whatever comes', () => {
    const whole = fc.integer({ min: 1, max: 300 });
    const sample = fc.tuple(fc.double({ min: 0, max: 1e5, noNaN: true }), fc.nat(1_000), fc.boolean());
    expect(() => {
      fc.assert(
        fc.property(whole, whole, whole, fc.array(sample, { maxLength: 100 }), (a, b, c, samples) => {
          const [min = 0, initial = 0, max = 0] = [a, b, c].sort((one, other) => one - other);
          const limits = limitsAfter(aimd({ initial, min, max }), ...samples);
          return limits.every((limit) => limit >= min && limit <= max && Number.isInteger(limit));
        }),
      );
    }).not.toThrow();
  });

  it('has defaults that never contradict what is given', () => {
    expect(limitAfterMany(aimd({ max: 5 }), 100, [1, 5])).toBe(5);
    expect(limitAfterMany(aimd({ max: 5 }), 100, [1, 5, true])).toBe(5);
    expect(limitAfterMany(aimd({ min: 50 }), 100, [1, 5, true])).toBe(50);
    expect(limitAfterMany(aimd({ initial: 3 }), 100, [1, 5, true])).toBe(3);
    expect(limitAfterMany(aimd({ initial: 500 }), 100, [1, 500])).toBe(500);
    expect(limitsAfter(aimd({ initial: 10, min: 10, max: 10 }))).toEqual([10]);
  });

  it('refuses bad options', () => {
    for (const name of ['initial', 'min', 'max']) {
      for (const value of [0, -1, 1.5, NaN, Infinity]) {
        expectRefusal(() => aimd({ [name]: value }), [RangeError], name, String(value), 'a whole number of at least 1');
      }
      expectRefusal(() => aimd({ [name]: '5' }), [TypeError], name, "'5'");
    }
    for (const ratio of [0.49, 1, NaN]) expectRefusal(() => aimd({ ratio }), [RangeError], 'ratio', String(ratio));
    for (const timeout of [0, -1, NaN]) {
      expectRefusal(() => aimd({ timeout }), [RangeError], 'timeout', String(timeout));
    }
    expectRefusal(() => aimd({ initial: 5, min: 6 }), [RangeError], 'initial', 'min (6)', '5');
    expectRefusal(() => aimd({ initial: 7, max: 6 }), [RangeError], 'initial', 'max (6)', '7');
    expectRefusal(() => aimd({ min: 7, max: 6 }), [RangeError], 'min (7)', 'max (6)');
    expectRefusal(() => aimd({ backoffRatio: 0.9 } as object), [TypeError], '"backoffRatio"', 'ratio');
    expectRefusal(() => aimd(7 as never), [TypeError], '7');
  });
});
