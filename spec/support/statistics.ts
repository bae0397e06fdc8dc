/** The arithmetic mean. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Numbers from 1 up to `count`: the seeds of so many runs. */
export function seeds(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}

/** Expects a value to be at most a share of the expected one away from it: 0.05 is five percent. */
export function expectWithin(share: number, what: string, actual: number, expected: number): void {
  expect(Math.abs(actual / expected - 1))
    .withContext(`${what} is ${actual}, and should be ${expected}`)
    .toBeLessThanOrEqual(share);
}

/** Expects a value to be at most a distance away from the expected one. */
export function expectNear(distance: number, what: string, actual: number, expected: number): void {
  expect(Math.abs(actual - expected))
    .withContext(`${what} is ${actual}, and should be ${expected}`)
    .toBeLessThanOrEqual(distance);
}

/** Returns times at random with the exponential distribution. */
export function exponentialTimes(meanMs: number): (random: () => number) => number {
  return (random) => -Math.log(1 - random()) * meanMs;
}
