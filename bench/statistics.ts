/** The value in the middle; of an even number of them, what lies halfway between the two. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The half of all values that lies around the median, from its least to its greatest. */
export function middleHalf(values: readonly number[]): readonly [from: number, to: number] {
  return [quantile(values, 0.25), quantile(values, 0.75)];
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  const place = (sorted.length - 1) * share;
  const below = sorted[Math.floor(place)];
  const above = sorted[Math.ceil(place)];
  if (below === undefined || above === undefined) throw new RangeError('There is no median of nothing.');
  return below + (above - below) * (place - Math.floor(place));
}

/**
 * How many times the reference each value is, round by round. What slowed the machine in one round slowed both, and falls out.
 */
export function ratios(values: readonly number[], reference: readonly number[]): number[] {
  if (values.length !== reference.length) throw new RangeError(`${values.length} rounds cannot be set against ${reference.length}.`);
  return values.map((value, round) => value / (reference[round] ?? NaN));
}

/**
 * The order of a round: every other one is run backwards, so that whoever comes first, or after whom, comes out even.
 */
export function orderOf<T>(contestants: readonly T[], round: number): readonly T[] {
  return round % 2 === 0 ? contestants : contestants.toReversed();
}
