import { list } from '../../../src/index.js';
import { context, delays } from '../../support/backoff-context.js';
import { expectRefusal } from '../../support/expect-refusal.js';

describe('list()', () => {
  it('waits each of its delays in turn, the first one before retry 1', () => {
    expect(delays(list([300, 0, 100]), 3)).toEqual([300, 0, 100]);
  });

  it('repeats the last delay', () => {
    expect(delays(list([5, 10]), 4)).toEqual([5, 10, 10, 10]);
    expect(list([5, 10])(context({ retry: Number.MAX_SAFE_INTEGER }))).toBe(10);
  });

  it('sets one attempt more than it has delays', () => {
    expect(list([5]).attempts).toBe(2);
    expect(list([5, 10, 20]).attempts).toBe(4);
  });

  it('copies its array: later changes have no effect', () => {
    const given = [5, 10];
    const backoff = list(given);
    given[0] = -1;
    given.push(20);
    expect(delays(backoff, 3)).toEqual([5, 10, 10]);
    expect(backoff.attempts).toBe(3);
  });

  it('accepts a frozen array', () => {
    expect(list(Object.freeze([5]))(context())).toBe(5);
  });

  it('refuses an empty list and items that are not delays', () => {
    expectRefusal(() => list([]), [TypeError, RangeError], 'delays');
    expectRefusal(() => list([100, -1]), [RangeError], 'delays', '-1');
    expectRefusal(() => list([Number.NaN]), [RangeError], 'delays', 'NaN');
    expectRefusal(() => list([100, '200' as unknown as number]), [TypeError], 'delays', '200');
    expectRefusal(() => list(100 as unknown as number[]), [TypeError], 'delays', '100');
  });
});
