import { median, orderOf, ratios } from '../../bench/statistics.js';

describe('The statistics of the benchmarks', () => {
  it('take the value in the middle, in whatever order they come', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([4])).toBe(4);
  });

  it('take what lies halfway between the two in the middle of an even number', () => {
    expect(median([10, 1, 2, 3])).toBe(2.5);
  });

  it('leave the rounds as they were', () => {
    const rounds = [3, 1, 2];
    median(rounds);
    expect(rounds).toEqual([3, 1, 2]);
  });

  it('refuse to make a median of nothing', () => {
    expect(() => median([])).toThrowError(RangeError, 'There is no median of nothing.');
  });

  it('set each round against the same round of the reference, so that a slow one falls out', () => {
    expect(ratios([2, 20, 2], [1, 10, 1])).toEqual([2, 2, 2]);
  });

  it('refuse to set rounds against none', () => {
    expect(() => ratios([1, 2], [1])).toThrowError(RangeError, '2 rounds cannot be set against 1.');
  });

  it('run every other round backwards', () => {
    const contestants = ['a', 'b', 'c'];
    expect([0, 1, 2].map((round) => orderOf(contestants, round).join(''))).toEqual(['abc', 'cba', 'abc']);
    expect(contestants).toEqual(['a', 'b', 'c']);
  });
});
