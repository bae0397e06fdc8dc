import { addSample, NO_AVERAGE } from '../../../src/gates/limits/exponential-average.js';

describe('The exponential average', () => {
  it('is the mean of the first samples, then follows: the vector of Netflix/concurrency-limits', () => {
    // ExpAvgMeasurementTest: a window of 100, and a warm-up of 10.
    let average = NO_AVERAGE;
    const values = Array.from({ length: 10 }, (_, index) => {
      average = addSample(average, index + 10, 100, 10);
      return average.value;
    });
    expect(values).toEqual([10, 10.5, 11, 11.5, 12, 12.5, 13, 13.5, 14, 14.5]);
    average = addSample(average, 100, 100, 10);
    expect(average.value).toBeGreaterThan(16.1);
    expect(average.value).toBeLessThan(16.3);
    expect(average.value).toBeCloseTo(14.5 + (100 - 14.5) * (2 / 101), 10);
  });

  it('forgets in the warm-up that its value was lowered, as the original does', () => {
    const lowered = { ...addSample(NO_AVERAGE, 100, 100, 10), value: 50 };
    expect(addSample(lowered, 200, 100, 10).value).toBe(150);
  });
});
