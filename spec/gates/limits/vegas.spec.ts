import * as fc from 'fast-check';

import { vegas } from '../../../src/index.js';
import { expectRefusal } from '../../support/expect-refusal.js';
import { limitAfterMany, limitsAfter, type Sample, statesAfter } from '../../support/limit-samples.js';

const many = (count: number, sample: Sample): Sample[] => Array.from({ length: count }, () => sample);
const half = (limit: number): number => limit / 2;

describe('vegas()', () => {
  describe('by the vectors of Netflix/concurrency-limits, VegasLimitTest', () => {
    const small = { initial: 10, max: 20, smoothing: 1, alpha: () => 3, beta: () => 6 };

    it('grows by beta while nothing is queued', () => {
      expect(limitsAfter(vegas(small), [10, 10], [10, 11])).toEqual([10, 10, 16]);
    });

    it('grows by more if the limit is large', () => {
      const large = vegas({ initial: 10_000, max: 20_000 });
      expect(limitsAfter(large, [10_000, 5_000], [10_000, 6_000])).toEqual([10_000, 10_000, 10_024]);
    });

    it('shrinks when too many are queued', () => {
      expect(limitsAfter(vegas(small), [10, 10], [50, 11])).toEqual([10, 10, 9]);
    });

    it('stays as it is when the queue is as it should be', () => {
      expect(limitsAfter(vegas(small), [10, 10], [14, 14])).toEqual([10, 10, 10]);
    });

    it('shrinks by a function, with smoothing', () => {
      const smooth = vegas({ decrease: half, smoothing: 0.5, initial: 100, max: 200 });
      expect(limitsAfter(smooth, [10, 100], [20, 100], [20, 100])).toEqual([100, 100, 75, 56]);
    });

    it('shrinks by a function, without smoothing', () => {
      const abrupt = vegas({ decrease: half, initial: 100, max: 200 });
      expect(limitsAfter(abrupt, [10, 100], [20, 100], [20, 100])).toEqual([100, 100, 50, 25]);
    });
  });

  it('starts at 20, and stays between 1 and 1,000', () => {
    expect(limitAfterMany(vegas(), 0, [10, 1])).toBe(20);
    expect(limitAfterMany(vegas(), 500, [10, 1_000])).toBe(1_000);
    expect(limitAfterMany(vegas(), 50, [10, 1, true])).toBe(1);
  });

  it('has defaults that never contradict what is given', () => {
    expect(limitAfterMany(vegas({ max: 5 }), 100, [10, 5])).toBe(5);
    expect(limitAfterMany(vegas({ initial: 5 }), 100, [10, 5, true])).toBe(1);
    expect(limitsAfter(vegas({ initial: 5_000 }), [10, 5_000], [10, 5_000])).toEqual([5_000, 5_000, 5_000]);
  });

  // With a limit of 100 log10 is 2: alpha is 6 and beta 12.
  it('decides by the number of queued attempts, with alpha and beta that follow the limit', () => {
    /** The round trip that shows a queue of so many attempts, without load 100 ms. */
    const after = (queued: number): number | undefined =>
      limitsAfter(vegas({ initial: 100 }), [100, 100], [100 / (1 - (queued - 0.5) / 100), 100]).at(-1);
    expect([1, 2, 3, 5, 6, 12, 13, 60].map(after)).toEqual([112, 112, 102, 102, 100, 100, 98, 98]);
  });

  it('rounds the logarithm down, and takes at least 1', () => {
    const step = (initial: number): number =>
      (limitsAfter(vegas({ initial }), [10, initial], [10, initial]).at(-1) as number) - initial;
    expect([1, 9, 10, 99, 100, 999].map(step)).toEqual([6, 6, 6, 6, 12, 1]);
    expect(limitsAfter(vegas({ initial: 999, max: 2_000 }), [10, 999], [10, 999]).at(-1)).toBe(999 + 12);
    expect(limitsAfter(vegas({ initial: 1_000, max: 2_000 }), [10, 999], [10, 999]).at(-1)).toBe(1_000 + 18);
  });

  it('takes alpha and beta as functions of the limit', () => {
    const limits: number[] = [];
    const note = (limit: number): number => limits.push(limit);
    const queue = { alpha: (limit: number) => note(limit) * 0 + 50, beta: (limit: number) => note(limit) * 0 + 60 };
    expect(limitsAfter(vegas({ initial: 100, ...queue }), [10, 100], [18, 100])).toEqual([100, 100, 102]);
    expect(limitsAfter(vegas({ initial: 100, ...queue }), [10, 100], [22, 100])).toEqual([100, 100, 100]);
    expect(limitsAfter(vegas({ initial: 100, ...queue }), [10, 100], [26, 100])).toEqual([100, 100, 98]);
    expect(new Set(limits)).toEqual(new Set([100]));
  });

  it('gives its functions whole limits', () => {
    const seen: number[] = [];
    const beta = (limit: number): number => {
      seen.push(limit);
      return 1;
    };
    statesAfter(vegas({ smoothing: 0.5, beta }), ...many(4, [10, 30]));
    expect(seen.length).toBeGreaterThan(2);
    expect(seen.every(Number.isInteger)).toBeTrue();
  });

  it('changes nothing while less than half of the limit is in use', () => {
    expect(limitsAfter(vegas(), [10, 20], [10, 9], [90, 9], [10, 10])).toEqual([20, 20, 20, 20, 26]);
  });

  it('takes a faster round trip as the one without load, and does not change the limit then', () => {
    expect(limitsAfter(vegas(), [100, 20], [50, 20], [100, 20])).toEqual([20, 20, 20, 19]);
  });

  it('measures while less than half of the limit is in use', () => {
    expect(limitsAfter(vegas(), [100, 1], [50, 1], [100, 20])).toEqual([20, 20, 20, 19]);
  });

  it('shrinks after a drop, whatever is in use', () => {
    expect(limitsAfter(vegas(), [1, 1, true], [1, 1, true])).toEqual([20, 19, 18]);
    expect(limitsAfter(vegas({ initial: 100, smoothing: 0.5 }), [1, 1, true])).toEqual([100, 99]);
  });

  it('does not take the time of a drop for a measurement, as the original does', () => {
    // Refused within 1 ms, and timed out after 30 s; then answers take 100 ms as before.
    const dropped = statesAfter(vegas(), [100, 20], [1, 20, true], [30_000, 20, true]);
    expect(dropped.at(-1)?.base).toBe(100);
    expect(limitsAfter(vegas(), [100, 20], [1, 20, true], [100, 20]).at(-1)).toBe(25);
  });

  it('does not take a round trip that is too short to be one for a measurement', () => {
    expect(limitsAfter(vegas(), [0, 20], [0.09, 20], [0, 20])).toEqual([20, 20, 20, 20]);
    expect(statesAfter(vegas(), [100, 20], [0, 20], [0.09, 20]).at(-1)?.base).toBe(100);
    expect(statesAfter(vegas(), [100, 20], [0.1, 20]).at(-1)?.base).toBe(0.1);
  });

  describe('as it probes for the round trip without load', () => {
    /** Answers that take 100 ms at first, and then 200 ms. */
    const slower = (count: number): Sample[] => [[100, 1], ...many(count, [200, 1])];

    it('takes the fastest one since the last probe, after 30 times the limit', () => {
      const bases = statesAfter(vegas(), ...slower(1_250)).map(({ base }) => base);
      expect(bases.indexOf(200)).toBe(1_200);
      expect(bases.slice(1, 1_200).every((base) => base === 100)).toBeTrue();
    });

    it('probes after another multiple of the limit', () => {
      const bases = statesAfter(vegas({ probe: 2, initial: 5 }), ...slower(30)).map(({ base }) => base);
      expect(bases.indexOf(200)).toBe(20);
    });

    it('does not take one slow answer for the round trip without load, as the original does', () => {
      // The tenth answer is the probe.
      const samples: Sample[] = [...many(9, [100, 1] as const), [5_000, 1], [100, 1]];
      const states = statesAfter(vegas({ probe: 1, initial: 10 }), ...samples);
      expect(states.at(-2)?.base).toBe(100);
    });

    it('does not change the limit then', () => {
      expect(limitsAfter(vegas({ probe: 1, initial: 2 }), [10, 2], [10, 2], [10, 2])).toEqual([2, 2, 2, 8]);
    });

    it('counts drops neither as probes nor as steps to one', () => {
      const states = statesAfter(vegas({ probe: 1, initial: 3 }), [10, 1], ...many(10, [9_000, 1, true] as const));
      expect(states.at(-1)).toEqual(jasmine.objectContaining({ base: 10, samples: 1 }));
    });
  });

  it('finds the limit of a server that queues what it cannot serve', () => {
    // The server serves 50 at a time, in 100 ms; more of them take longer, each in proportion.
    const algorithm = vegas();
    let state = algorithm.initial;
    for (let sample = 0; sample < 1_000; sample += 1) {
      const inflight = Math.trunc(algorithm.limit(state));
      state = algorithm.update(state, { rtt: 100 * Math.max(1, inflight / 50), inflight, dropped: false });
    }
    expect(algorithm.limit(state)).toBeGreaterThan(49);
    expect(algorithm.limit(state)).toBeLessThan(60);
  });

  it('stays between its bounds, whatever comes', () => {
    const sample = fc.tuple(fc.double({ min: 0, max: 1e5, noNaN: true }), fc.nat(100), fc.boolean());
    const smoothing = fc.double({ min: 0.01, max: 1, noNaN: true });
    expect(() => {
      fc.assert(
        fc.property(smoothing, fc.array(sample, { maxLength: 100 }), (factor, samples) =>
          limitsAfter(vegas({ smoothing: factor, max: 30 }), ...samples).every((limit) => limit >= 1 && limit <= 30),
        ),
      );
    }).not.toThrow();
  });

  it('refuses bad options', () => {
    for (const name of ['initial', 'max', 'probe']) {
      expectRefusal(() => vegas({ [name]: 0 }), [RangeError], name, '0', 'a whole number of at least 1');
    }
    for (const smoothing of [0, -1, 1.1, NaN]) {
      expectRefusal(() => vegas({ smoothing }), [RangeError], 'smoothing', String(smoothing));
    }
    for (const name of ['alpha', 'beta', 'decrease']) {
      expectRefusal(() => vegas({ [name]: 3 }), [TypeError], name, '3', 'a function');
    }
    expectRefusal(() => vegas({ initial: 7, max: 6 }), [RangeError], 'initial', 'max (6)', '7');
    expectRefusal(() => vegas({ min: 1 } as object), [TypeError], '"min"', 'probe');
  });
});
