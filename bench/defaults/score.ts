/** What a strategy did in a scenario, as the mean of several seeds. */
export interface Outcome {
  /** The requests that succeeded, for each that began: from 0 to 1. One that still waits at the end has not. */
  readonly success: number;
  /** The messages that arrived at the server, for each request that began. */
  readonly load: number;
  /** In ms. */
  readonly p99: number;
}

/** By the name of the scenario. */
export type Outcomes = Readonly<Record<string, Outcome>>;

/** What a candidate costs. */
export interface Score {
  /** By the name of the scenario. */
  readonly penalties: Readonly<Record<string, number>>;
  /** The mean of all scenarios. */
  readonly penalty: number;
}

/** Twice the load costs as much as so many percentage points of success. */
const COST_OF_TWICE_THE_LOAD = 10;

/**
 * Scores candidates: success first, then load, then p99, each beside the best of all candidates in the same scenario.
 * One point is a percentage point of success. Twice the load is ten points, and twice the p99 is one.
 *
 * @returns the score of each candidate, by its name
 */
export function scoreAll(candidates: Readonly<Record<string, Outcomes>>): Record<string, Score> {
  const all = Object.values(candidates);
  const scoreOf = (outcomes: Outcomes): Score => {
    const penalties = Object.entries(outcomes).map(([scenario, { success, load, p99 }]) => {
      const others = all.map((each) => each[scenario] as Outcome);
      const best = {
        success: Math.max(...others.map((other) => other.success)),
        load: Math.min(...others.map((other) => other.load)),
        p99: Math.min(...others.map((other) => other.p99)),
      };
      const penalty =
        100 * (best.success - success) +
        COST_OF_TWICE_THE_LOAD * Math.log2(load / best.load) +
        Math.log2(p99 / best.p99);
      return [scenario, penalty] as const;
    });
    return {
      penalties: Object.fromEntries(penalties),
      penalty: penalties.reduce((sum, [, penalty]) => sum + penalty, 0) / penalties.length,
    };
  };
  return Object.fromEntries(Object.entries(candidates).map(([name, outcomes]) => [name, scoreOf(outcomes)]));
}

/**
 * Returns the place of a candidate, from 1. One that is at most half a point worse than the best is as good as that,
 * since other seeds change as much.
 */
export function rankOf(name: string, scores: Readonly<Record<string, Score>>): number {
  const penalties = Object.values(scores).map(({ penalty }) => penalty);
  const { penalty: own } = scores[name] as Score;
  return own - Math.min(...penalties) <= 0.5 ? 1 : 1 + penalties.filter((penalty) => penalty < own).length;
}
