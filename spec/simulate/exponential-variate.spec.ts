import { exponentialVariate } from '../../src/simulate/exponential-variate.js';
import { seededRandom } from '../../src/util/seeded-random.js';
import { expectNear, mean } from '../support/statistics.js';

describe('The exponential variate', () => {
  const COUNT = 20_000;
  let values: number[] = [];

  beforeAll(() => {
    const random = seededRandom(1);
    values = Array.from({ length: COUNT }, () => exponentialVariate(random));
  });

  it('has the mean 1 and the variance 1', () => {
    const average = mean(values);

    // Three standard errors; the fourth central moment is 9.
    expectNear(3 * Math.sqrt(1 / COUNT), 'mean', average, 1);
    expectNear(3 * Math.sqrt(8 / COUNT), 'variance', mean(values.map((value) => (value - average) ** 2)), 1);
  });

  it('has the distribution 1 - exp(-x), by the test of Kolmogorov and Smirnov', () => {
    const sorted = values.toSorted((one, other) => one - other);
    const distances = sorted.map((value, index) => {
      const expected = 1 - Math.exp(-value);
      return Math.max(expected - index / COUNT, (index + 1) / COUNT - expected);
    });

    // At the level of 5 %; of another distribution the distance is ten times that.
    expect(Math.max(...distances)).toBeLessThan(1.358 / Math.sqrt(COUNT));
  });

  it('has values that do not depend on those before', () => {
    const products = values.slice(1).map((value, index) => (value - 1) * (values[index]! - 1));

    expectNear(3 / Math.sqrt(COUNT), 'correlation of neighbours', mean(products), 0);
  });

  it('ends also with a source that always returns the same', () => {
    expect(exponentialVariate(() => 0)).toBe(0);
    expect(exponentialVariate(() => 0.5)).toBe(0.5);
  });
});
