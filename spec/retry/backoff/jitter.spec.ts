import * as fc from 'fast-check';

import { jitter } from '../../../src/index.js';
import { context, delays } from '../../support/backoff-context.js';
import { expectRefusal } from '../../support/expect-refusal.js';

describe('jitter()', () => {
  it('adds a random part of up to 2 s to a delay that starts at 100 ms and doubles', () => {
    expect(delays(jitter(), 4, () => 0)).toEqual([100, 200, 400, 800]);
    expect(delays(jitter(), 4, () => 0.5)).toEqual([1_100, 1_200, 1_400, 1_800]);
    expect(jitter()(context({ random: () => 1 - Number.EPSILON }))).toBeLessThan(2_100);
  });

  it('is limited to 30 s by default, including the random part', () => {
    expect(jitter()(context({ retry: 9, random: () => 0.9 }))).toBe(27_400);
    expect(jitter()(context({ retry: 10, random: () => 0.9 }))).toBe(30_000);
    expect(jitter({ initial: 900, max: 1_000 })(context({ random: () => 0.9 }))).toBe(1_000);
    expect(jitter()(context({ retry: 1_000_000, random: () => 0.1 }))).toBe(30_000);
  });

  it('takes all of its options', () => {
    expect(delays(jitter({ initial: 10, factor: 3, max: 100, interval: 20 }), 4, () => 0.5)).toEqual([
      20, 40, 100, 100,
    ]);
  });

  it('adds nothing when the interval is 0', () => {
    expect(delays(jitter({ interval: 0 }), 3, () => 0.9)).toEqual([100, 200, 400]);
  });

  it('stays between initial and max for any draw', () => {
    const bounds = fc.property(
      fc.record({
        initial: fc.integer({ min: 0, max: 1e6 }),
        max: fc.integer({ min: 0, max: 1e6 }),
        interval: fc.integer({ min: 0, max: 1e6 }),
      }),
      fc.integer({ min: 1, max: 5_000 }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (options, retry, drawn) => {
        const delay = jitter(options)(context({ retry, random: () => drawn }));
        return delay >= Math.min(options.initial, options.max) && delay <= options.max;
      },
    );
    expect(() => {
      fc.assert(bounds);
    }).not.toThrow();
  });

  it('sets no number of attempts', () => {
    expect(jitter().attempts).toBeUndefined();
  });

  it('refuses options that are not delays or factors', () => {
    expectRefusal(() => jitter({ initial: -1 }), [RangeError], 'initial', '-1');
    expectRefusal(() => jitter({ factor: Number.NaN }), [RangeError], 'factor', 'NaN');
    expectRefusal(() => jitter({ max: -2 }), [RangeError], 'max', '-2');
    expectRefusal(() => jitter({ interval: -3 }), [RangeError], 'interval', '-3');
    expectRefusal(() => jitter({ interval: '5' as unknown as number }), [TypeError], 'interval', '5');
  });
});
