import { constant } from '../../../src/index.js';
import { context, delays } from '../../support/backoff-context.js';
import { expectRefusal } from '../../support/expect-refusal.js';

describe('constant()', () => {
  it('waits the same before every retry', () => {
    expect(delays(constant(250), 4)).toEqual([250, 250, 250, 250]);
    expect(constant(250)(context({ retry: 1_000_000, previousDelay: 7, random: () => 0 }))).toBe(250);
  });

  it('can be 0', () => {
    expect(constant(0)(context())).toBe(0);
  });

  it('sets no number of attempts', () => {
    expect(constant(1).attempts).toBeUndefined();
  });

  it('refuses anything except a finite number of milliseconds of at least 0', () => {
    expectRefusal(() => constant(-1), [RangeError], 'ms', '-1');
    expectRefusal(() => constant(Number.NaN), [RangeError], 'ms', 'NaN');
    expectRefusal(() => constant(Number.POSITIVE_INFINITY), [RangeError], 'ms', 'Infinity');
    expectRefusal(() => constant('250' as unknown as number), [TypeError], 'ms', '250');
    expectRefusal(() => constant(undefined as unknown as number), [TypeError], 'ms', 'undefined');
  });
});
