import * as fc from 'fast-check';

import { decorrelatedJitter } from '../../../src/index.js';
import { context, delays } from '../../support/backoff-context.js';
import { expectRefusal } from '../../support/expect-refusal.js';

describe('decorrelatedJitter()', () => {
  it('draws the first delay between the initial 100 ms and three times as much', () => {
    expect(decorrelatedJitter()(context({ random: () => 0 }))).toBe(100);
    expect(decorrelatedJitter()(context({ random: () => 0.5 }))).toBe(200);
    expect(decorrelatedJitter()(context({ random: () => 1 - Number.EPSILON }))).toBeLessThan(300);
  });

  it('draws each later delay between the initial delay and three times the previous one', () => {
    const second = (previousDelay: number, drawn: number): number =>
      decorrelatedJitter()(context({ retry: 2, previousDelay, random: () => drawn }));
    expect(second(200, 0)).toBe(100);
    expect(second(200, 0.5)).toBe(350);
    expect(second(1_000, 0.5)).toBe(1_550);
  });

  it('draws each delay from the one before', () => {
    expect(delays(decorrelatedJitter(), 3, () => 0.5)).toEqual([200, 350, 575]);
  });

  it('is limited to 30 s by default, after the draw', () => {
    expect(decorrelatedJitter()(context({ retry: 9, previousDelay: 30_000, random: () => 0.5 }))).toBe(30_000);
    expect(decorrelatedJitter()(context({ retry: 9, previousDelay: 30_000, random: () => 0 }))).toBe(100);
    expect(decorrelatedJitter({ initial: 50, max: 80 })(context({ random: () => 0.5 }))).toBe(80);
  });

  it('starts from the initial delay when there is no previous one, also at a later retry', () => {
    expect(decorrelatedJitter()(context({ retry: 3, previousDelay: 0, random: () => 0.5 }))).toBe(200);
  });

  it('stays between initial and max for any draws', () => {
    const bounds = fc.property(
      fc.integer({ min: 1, max: 1_000 }),
      fc.integer({ min: 1_000, max: 100_000 }),
      fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), { minLength: 1, maxLength: 30 }),
      (initial, max, draws) => {
        const drawn = draws[Symbol.iterator]();
        const made = delays(decorrelatedJitter({ initial, max }), draws.length, () => drawn.next().value ?? Number.NaN);
        return made.every((delay) => delay >= initial && delay <= max);
      },
    );
    expect(() => {
      fc.assert(bounds);
    }).not.toThrow();
  });

  it('sets no number of attempts', () => {
    expect(decorrelatedJitter().attempts).toBeUndefined();
  });

  it('refuses options that are not delays', () => {
    expectRefusal(() => decorrelatedJitter({ initial: -1 }), [RangeError], 'initial', '-1');
    expectRefusal(() => decorrelatedJitter({ initial: '9' as unknown as number }), [TypeError], 'initial', '9');
    expectRefusal(() => decorrelatedJitter({ max: Number.NaN }), [RangeError], 'max', 'NaN');
  });
});
