/** Where an axis of rates ends: numbers whose half reads well, too. */
const TOPS = [1, 1.5, 2, 3, 4, 5, 6, 8, 10];

/** Returns where an axis of rates ends: a round number of at least `max`. */
export function roundTop(max: number): number {
  if (!(max > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(max));
  const top = TOPS.find((candidate) => candidate * power >= max) ?? 10;
  // Without the digits that a power below 1 adds.
  return Number((top * power).toPrecision(2));
}

/** The distances between two labels of a time axis, in seconds. */
const STEPS = [1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1_800, 3_600];

/** Returns the shortest round step, in seconds, by which a time axis has at most so many parts. */
export function timeStep(seconds: number, maxParts: number): number {
  const step = STEPS.find((candidate) => seconds / candidate <= maxParts);
  return step ?? Math.ceil(seconds / maxParts / 3_600) * 3_600;
}

/** Returns the times of a time axis' labels, in seconds. */
export function timeTicks(seconds: number, maxParts: number): number[] {
  const step = timeStep(seconds, maxParts);
  return Array.from({ length: Math.floor(seconds / step) + 1 }, (_, index) => index * step);
}

/** Formats a time of an axis, whose labels are all of one unit. */
export function formatTick(seconds: number, step: number): string {
  if (step % 3_600 === 0) return `${seconds / 3_600} h`;
  return step % 60 === 0 ? `${seconds / 60} m` : `${seconds} s`;
}

/** Formats a rate in few characters: `40`, `2.5`, `12k`. */
export function formatRate(rate: number): string {
  if (rate >= 10_000) return `${Number((rate / 1_000).toPrecision(3))}k`;
  return String(Number(rate.toPrecision(rate >= 1_000 ? 4 : 3)));
}
