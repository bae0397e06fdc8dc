/** Returns the median: the value in the middle, or the mean of the two values in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  const below = sorted[Math.floor((sorted.length - 1) / 2)];
  const above = sorted[Math.ceil((sorted.length - 1) / 2)];
  if (below === undefined || above === undefined) throw new RangeError('an empty list has no median');
  return (below + above) / 2;
}

/**
 * Returns the ratio of each value to the reference value of the same round. A slow machine slows both in that round, so
 * the ratio stays.
 */
export function ratios(values: readonly number[], reference: readonly number[]): number[] {
  if (values.length !== reference.length) {
    throw new RangeError(`cannot compare ${values.length} rounds with ${reference.length}`);
  }
  return values.map((value, round) => value / (reference[round] ?? NaN));
}

/**
 * Returns the order of a round: every other round is reversed, so that no subject always runs first, or always after
 * the same one.
 */
export function roundOrder<T>(subjects: readonly T[], round: number): readonly T[] {
  return round % 2 === 0 ? subjects : subjects.toReversed();
}
