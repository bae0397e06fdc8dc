/** Returns the candidate closest to a mistyped word, or `undefined` if more than a third of its letters differ. */
export function closestMatch(word: string, candidates: readonly string[]): string | undefined {
  const maxDistance = (candidate: string): number => Math.max(1, Math.floor(candidate.length / 3));
  const ranked = candidates
    // The distance is at least the difference in length. Computing it would take long for a very long word.
    .filter((candidate) => Math.abs(candidate.length - word.length) <= maxDistance(candidate))
    .map((candidate) => ({ candidate, distance: editDistance(word, candidate) }))
    .filter(({ candidate, distance }) => distance <= maxDistance(candidate))
    .sort((a, b) => a.distance - b.distance);
  return ranked[0]?.candidate;
}

/** Computes the Levenshtein distance, one row of the table at a time. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, i) => i);
  for (let i = 0; i < from.length; i += 1) {
    const next = [i + 1];
    for (let j = 0; j < to.length; j += 1) {
      next.push(Math.min((row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1, (row[j] ?? 0) + (from[i] === to[j] ? 0 : 1)));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
