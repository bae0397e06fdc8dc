import { median, roundOrder, ratios } from '../../bench/statistics.js';

describe('The statistics of the benchmarks', () => {
  it('take the value in the middle of unsorted values', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([4])).toBe(4);
  });

  it('take the mean of the two middle values of an even number', () => {
    expect(median([10, 1, 2, 3])).toBe(2.5);
  });

  it('do not change the order of the rounds', () => {
    const rounds = [3, 1, 2];
    median(rounds);
    expect(rounds).toEqual([3, 1, 2]);
  });

  it('reject an empty list', () => {
    expect(() => median([])).toThrowError(RangeError, 'an empty list has no median');
  });

  it('divide each round by the same round of the reference, so that a slow round does not change the ratio', () => {
    expect(ratios([2, 20, 2], [1, 10, 1])).toEqual([2, 2, 2]);
  });

  it('reject two lists of different lengths', () => {
    expect(() => ratios([1, 2], [1])).toThrowError(RangeError, 'cannot compare 2 rounds with 1');
  });

  it('reverse every other round', () => {
    const subjects = ['a', 'b', 'c'];
    expect([0, 1, 2].map((round) => roundOrder(subjects, round).join(''))).toEqual(['abc', 'cba', 'abc']);
    expect(subjects).toEqual(['a', 'b', 'c']);
  });
});
