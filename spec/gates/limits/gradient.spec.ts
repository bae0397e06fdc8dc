import * as fc from 'fast-check';

import { gradient } from '../../../src/index.js';
import { expectRefusal } from '../../support/expect-refusal.js';
import { limitAfterMany, limitsAfter, type Sample, statesAfter } from '../../support/limit-samples.js';

const many = (count: number, sample: Sample): Sample[] => Array.from({ length: count }, () => sample);

describe('gradient()', () => {
  // Computed by hand from Netflix/concurrency-limits, Gradient2Limit, which publishes no vectors.
  it('grows while latency is steady, stays while the limit is not in use, and shrinks when latency rises', () => {
    const samples: Sample[] = [
      [100, 20],
      [100, 20],
      [100, 5],
      [300, 20],
    ];
    expect(limitsAfter(gradient(), ...samples)).toEqual([20, 20, 21, 21, 21]);
    const limits = statesAfter(gradient(), ...samples).map(({ limit }) => limit);
    [20, 20.8, 21.6, 21.6, 21.32].forEach((limit, index) => {
      expect(limits[index]).toBeCloseTo(limit, 10);
    });
  });

  it('starts at 20, and stays between 5 and 200', () => {
    expect(limitAfterMany(gradient(), 0, [10, 1])).toBe(20);
    expect(limitAfterMany(gradient(), 500, [10, 200])).toBe(200);
    expect(limitAfterMany(gradient(), 100, [10, 20, true])).toBe(5);
    expect(limitAfterMany(gradient({ min: 20 }), 100, [10, 20, true])).toBe(20);
  });

  it('has defaults that never contradict what is given', () => {
    expect(limitAfterMany(gradient({ max: 5 }), 100, [10, 5])).toBe(5);
    expect(limitAfterMany(gradient({ initial: 3 }), 100, [10, 5, true])).toBe(3);
    expect(limitsAfter(gradient({ initial: 500 }), [10, 500])).toEqual([500, 500]);
  });

  it('shrinks to at most half of the limit, before smoothing', () => {
    const abrupt = gradient({ initial: 100, smoothing: 1, queue: 0 });
    // The average of the two is 250, of which 1.5 times is tolerated.
    expect(limitsAfter(abrupt, [100, 100], [400, 100]).at(-1)).toBe(Math.trunc((100 * 1.5 * 250) / 400));
    expect(limitsAfter(abrupt, ...many(10, [100, 100]), [100_000, 100]).at(-1)).toBe(50);
  });

  it('takes tolerance, queue and smoothing', () => {
    expect(limitsAfter(gradient({ smoothing: 1 }), [100, 20])).toEqual([20, 24]);
    expect(limitsAfter(gradient({ smoothing: 1, queue: 7 }), [100, 20])).toEqual([20, 27]);
    expect(limitsAfter(gradient({ smoothing: 0.5, queue: 7 }), [100, 20])).toEqual([20, 23]);
    const tolerant = { initial: 100, smoothing: 1, queue: 0, tolerance: 2 };
    expect(limitsAfter(gradient(tolerant), [100, 100], [300, 100]).at(-1)).toBe(100);
    expect(limitsAfter(gradient({ ...tolerant, tolerance: 1 }), [100, 100], [300, 100]).at(-1)).toBe(66);
  });

  it('changes nothing while less than half of the limit is in use', () => {
    expect(limitsAfter(gradient({ smoothing: 1 }), [100, 9], [100, 10])).toEqual([20, 20, 24]);
  });

  it('measures while less than half of the limit is in use', () => {
    const [, , state] = statesAfter(gradient(), [100, 1], [200, 1]);
    expect(state?.average.value).toBe(150);
  });

  it('averages over the long window after ten round trips', () => {
    const averages = (longWindow?: number): number | undefined =>
      statesAfter(gradient(longWindow === undefined ? {} : { longWindow }), ...many(10, [100, 20]), [200, 20]).at(-1)
        ?.average.value;
    expect(averages()).toBeCloseTo(100 + (100 * 2) / 601, 10);
    expect(averages(19)).toBeCloseTo(110, 10);
  });

  it('forgets a time of high latency faster than by its window', () => {
    const recovering = statesAfter(gradient(), ...many(10, [1_000, 20]), [100, 20], [100, 20]);
    const [before = 0, after = 0] = recovering.slice(-2).map(({ average }) => average.value);
    const factor = 2 / 601;
    expect(before).toBeCloseTo((1_000 * (1 - factor) + 100 * factor) * 0.95, 10);
    expect(after).toBeCloseTo((before * (1 - factor) + 100 * factor) * 0.95, 10);
    // Twice as long is not too long.
    const steady = statesAfter(gradient({ longWindow: 1 }), ...many(10, [200, 20]), [100, 20]).at(-1);
    expect(steady?.average.value).toBe(100);
    const twice = statesAfter(gradient(), [300, 20], [100, 20]).at(-1);
    expect(twice?.average.value).toBe(200);
  });

  describe('where the original misbehaves', () => {
    it('shrinks when all attempts time out after the same time', () => {
      // https://github.com/Netflix/concurrency-limits/issues/137
      expect(limitAfterMany(gradient({ initial: 100, min: 1 }), 60, [5_000, 100, true])).toBe(1);
    });

    it('shrinks by a tenth after a drop, whatever is in use', () => {
      // https://github.com/Netflix/concurrency-limits/issues/176
      expect(limitsAfter(gradient({ initial: 100 }), [100, 1, true], [100, 1, true])).toEqual([100, 90, 81]);
      expect(limitsAfter(gradient({ initial: 100, smoothing: 1 }), [100, 1, true])).toEqual([100, 50]);
    });

    it('does not take the time of a drop for a measurement', () => {
      const [, , , state] = statesAfter(gradient(), [100, 20], [1, 20, true], [30_000, 20, true]);
      expect(state?.average.value).toBe(100);
    });

    it('does not grow while latency is beyond the tolerance', () => {
      // https://github.com/Netflix/concurrency-limits/pull/134: the slope is 0.86, so 20 · 0.86 + 4 is more than 20.
      const samples: Sample[] = [...many(9, [100, 1] as const), [200, 20]];
      expect(statesAfter(gradient(), ...samples).at(-1)?.limit).toBe(20);
      // And it does shrink where the slope takes more than the queue gives.
      const large = statesAfter(gradient({ initial: 100, smoothing: 1 }), ...samples.slice(0, 9), [200, 100]).at(-1);
      expect(large?.limit).toBeCloseTo((100 * 1.5 * 110) / 200 + 4, 10);
    });

    it('does not take a round trip that is too short to be one for a measurement', () => {
      const [, , , , state] = statesAfter(gradient(), [100, 20], [0, 20], [0.09, 20], [0.1, 1]);
      expect(state?.average).toEqual({ value: 50.05 * 0.95, sum: 100.1, count: 2 });
      expect(state?.limit).toBeCloseTo(20.8, 10);
    });
  });

  it('stays between its bounds, whatever comes', () => {
    const sample = fc.tuple(fc.double({ min: 0, max: 1e5, noNaN: true }), fc.nat(100), fc.boolean());
    const smoothing = fc.double({ min: 0.01, max: 1, noNaN: true });
    expect(() => {
      fc.assert(
        fc.property(smoothing, fc.array(sample, { maxLength: 100 }), (factor, samples) =>
          limitsAfter(gradient({ smoothing: factor, min: 3, max: 30 }), ...samples).every(
            (limit) => limit >= 3 && limit <= 30,
          ),
        ),
      );
    }).not.toThrow();
  });

  it('refuses bad options', () => {
    for (const name of ['initial', 'min', 'max', 'longWindow']) {
      expectRefusal(() => gradient({ [name]: 0 }), [RangeError], name, '0', 'a whole number of at least 1');
    }
    for (const smoothing of [0, 1.1, NaN]) {
      expectRefusal(() => gradient({ smoothing }), [RangeError], 'smoothing', String(smoothing));
    }
    for (const queue of [-1, Infinity, NaN]) {
      expectRefusal(() => gradient({ queue }), [RangeError], 'queue', String(queue));
    }
    for (const tolerance of [0.9, Infinity, NaN]) {
      expectRefusal(() => gradient({ tolerance }), [RangeError], 'tolerance', String(tolerance));
    }
    expectRefusal(() => gradient({ initial: 7, max: 6 }), [RangeError], 'initial', 'max (6)', '7');
    expectRefusal(() => gradient({ rttTolerance: 2 } as object), [TypeError], '"rttTolerance"');
    expect(() => gradient({ queue: 0, tolerance: 1, smoothing: 1, longWindow: 1 })).not.toThrow();
  });
});
