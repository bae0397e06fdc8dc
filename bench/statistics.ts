/** The value in the middle; of an even number of them, what lies halfway between the two. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const below = sorted[Math.floor((sorted.length - 1) / 2)];
  const above = sorted[Math.ceil((sorted.length - 1) / 2)];
  if (below === undefined || above === undefined) throw new RangeError('There is no median of nothing.');
  return (below + above) / 2;
}

/**
 * How many times the reference each value is, round by round. What slowed the machine in one round slowed both, and falls out.
 */
export function ratios(values: readonly number[], reference: readonly number[]): number[] {
  if (values.length !== reference.length) {
    throw new RangeError(`${values.length} rounds cannot be set against ${reference.length}.`);
  }
  return values.map((value, round) => value / (reference[round] ?? NaN));
}

/**
 * The order of a round: every other one is run backwards, so that whoever comes first, or after whom, comes out even.
 */
export function orderOf<T>(contestants: readonly T[], round: number): readonly T[] {
  return round % 2 === 0 ? contestants : contestants.toReversed();
}
