import * as fc from 'fast-check';

import { exponential } from '../../../src/index.js';
import { context, delays } from '../../support/backoff-context.js';
import { expectRefusal } from '../../support/expect-refusal.js';

describe('exponential()', () => {
  it('starts at 100 ms, doubles, and stays at 30 s', () => {
    expect(delays(exponential(), 11)).toEqual([
      100, 200, 400, 800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000, 30_000,
    ]);
  });

  it('takes an initial delay, a factor and a maximum', () => {
    expect(delays(exponential({ initial: 10, factor: 3, max: 500 }), 5)).toEqual([10, 30, 90, 270, 500]);
  });

  it('takes a fractional factor', () => {
    expect(delays(exponential({ initial: 16, factor: 1.5 }), 4)).toEqual([16, 24, 36, 54]);
  });

  it('stays at the maximum when the initial delay is larger', () => {
    expect(delays(exponential({ initial: 5_000, max: 1_000 }), 2)).toEqual([1_000, 1_000]);
  });

  it('does not overflow at any retry', () => {
    for (const retry of [1_024, 1_025, 100_000, Number.MAX_SAFE_INTEGER]) {
      expect(exponential()(context({ retry }))).toBe(30_000);
    }
  });

  it('stays 0 when it starts at 0, at any retry', () => {
    for (const retry of [1, 2, 5_000]) expect(exponential({ initial: 0 })(context({ retry }))).toBe(0);
  });

  it('depends on the retry only', () => {
    const backoff = exponential();
    expect(backoff(context({ retry: 4, previousDelay: 9, random: () => 0 }))).toBe(800);
    expect(backoff(context({ retry: 2, previousDelay: 7_000, random: () => 0.9 }))).toBe(200);
    expect(backoff(context({ retry: 4 }))).toBe(800);
  });

  it('does not fall, and stays between initial and max', () => {
    const bounds = fc.property(
      fc.record({
        initial: fc.integer({ min: 0, max: 100_000 }),
        factor: fc.double({ min: 1, max: 1e6, noNaN: true }),
        max: fc.integer({ min: 0, max: 1e9 }),
      }),
      fc.integer({ min: 1, max: 1_000_000 }),
      (options, retry) => {
        const backoff = exponential(options);
        const [before, after] = [backoff(context({ retry })), backoff(context({ retry: retry + 1 }))];
        return before >= Math.min(options.initial, options.max) && before <= after && after <= options.max;
      },
    );
    expect(() => {
      fc.assert(bounds);
    }).not.toThrow();
  });

  it('sets no number of attempts', () => {
    expect(exponential().attempts).toBeUndefined();
  });

  it('refuses options that are not delays or factors', () => {
    expectRefusal(() => exponential({ initial: -1 }), [RangeError], 'initial', '-1');
    expectRefusal(() => exponential({ initial: Number.NaN }), [RangeError], 'initial', 'NaN');
    expectRefusal(() => exponential({ initial: '100' as unknown as number }), [TypeError], 'initial', '100');
    expectRefusal(() => exponential({ factor: -2 }), [RangeError], 'factor', '-2');
    expectRefusal(() => exponential({ factor: Number.NaN }), [RangeError], 'factor', 'NaN');
    expectRefusal(() => exponential({ factor: Number.POSITIVE_INFINITY }), [RangeError], 'factor', 'Infinity');
    expectRefusal(() => exponential({ max: -5 }), [RangeError], 'max', '-5');
    expectRefusal(() => exponential({ max: null as unknown as number }), [TypeError], 'max', 'null');
  });
});
