/** A mean of the first samples, and an exponential average of those after. */
export interface ExponentialAverage {
  readonly value: number;
  /** The sum of the first samples. */
  readonly sum: number;
  /** The number of the first samples until now. */
  readonly count: number;
}

/** The average of no samples. */
export const NO_AVERAGE: ExponentialAverage = { value: 0, sum: 0, count: 0 };

/**
 * Returns an average with one more sample.
 *
 * @param window - the number of samples that it looks back, about
 * @param warmUp - the number of first samples whose mean it is
 * @see {@link https://github.com/Netflix/concurrency-limits | Netflix's concurrency-limits}, ExpAvgMeasurement
 */
export function addSample(
  { value, sum, count }: ExponentialAverage,
  sample: number,
  window: number,
  warmUp: number,
): ExponentialAverage {
  if (count < warmUp) return { value: (sum + sample) / (count + 1), sum: sum + sample, count: count + 1 };
  const factor = 2 / (window + 1);
  return { value: value * (1 - factor) + sample * factor, sum, count };
}
