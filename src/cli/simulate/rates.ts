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
  return Array.from({ length: points }, (_, point) => {
    const from = point * perPoint;
    if (from >= rates.length) return NaN;
    if (perPoint >= 1) {
      return mean(rates.slice(Math.floor(from), Math.max(Math.floor(from) + 1, Math.floor(from + perPoint))));
    }
    // A rate stands in the middle of its second.
    const position = Math.min(rates.length - 1, Math.max(0, from + perPoint / 2 - 0.5));
    const [left, right] = [rates[Math.floor(position)] ?? NaN, rates[Math.ceil(position)] ?? NaN];
    return left + (right - left) * (position % 1);
  });
}
