import { SECOND_MS, type SimulationReport } from '../../simulate/recorder.js';

/** Load and goodput over time, each per second. */
export interface Rates {
  /** The messages that arrived at servers, for each second. */
  readonly load: readonly number[];
  /** The requests that succeeded, for each second. */
  readonly goodput: readonly number[];
}

/**
 * Returns the rates of a report.
 *
 * @param duration - of the scenario, in ms: its last second may be a part of one
 */
export function ratesOf({ series }: SimulationReport, duration: number): Rates {
  const perSecond = (count: number, at: number): number => (count * SECOND_MS) / Math.min(SECOND_MS, duration - at);
  return {
    load: series.map(({ at, arrived }) => perSecond(arrived, at)),
    goodput: series.map(({ at, answered }) => perSecond(answered, at)),
  };
}

/** Returns the mean of each group of so many seconds; the last group may be shorter. */
export function meanOfGroups(rates: readonly number[], seconds: number): number[] {
  const groups = Math.ceil(rates.length / seconds);
  return Array.from({ length: groups }, (_, group) => mean(rates.slice(group * seconds, (group + 1) * seconds)));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/**
 * Returns the rates at so many points of a time axis: means where the points are fewer than the seconds, and what lies
 * between two seconds' middles where they are more.
 *
 * @param seconds - what the axis spans. Points after the last rate are `NaN`.
 */
export function resample(rates: readonly number[], seconds: number, points: number): number[] {
  const perPoint = seconds / points;
  const rateAt = perPoint > 1 ? meansOf(rates, perPoint) : between(rates, perPoint);
  return Array.from({ length: points }, (_, point) => {
    const from = point * perPoint;
    return from < rates.length ? rateAt(from) : NaN;
  });
}

/** Returns a function of the mean from a time on. Of a second that two points share, each has its part. */
function meansOf(rates: readonly number[], length: number): (from: number) => number {
  const sums = [0];
  for (const [second, rate] of rates.entries()) sums.push((sums[second] ?? 0) + rate);
  const sumUntil = (time: number): number => {
    const second = Math.floor(time);
    return (sums[second] ?? 0) + (time - second) * (rates[second] ?? 0);
  };
  return (from) => {
    const to = Math.min(from + length, rates.length);
    return (sumUntil(to) - sumUntil(from)) / (to - from);
  };
}

/** Returns a function of the rate in the middle of a point. The rate of a second stands in the second's middle. */
function between(rates: readonly number[], length: number): (from: number) => number {
  return (from) => {
    const position = Math.min(rates.length - 1, Math.max(0, from + length / 2 - 0.5));
    const [left, right] = [rates[Math.floor(position)] ?? NaN, rates[Math.ceil(position)] ?? NaN];
    return left + (right - left) * (position % 1);
  };
}
