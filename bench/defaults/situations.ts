import { type Scenario, scenarios, simulate, type SimulatedStrategy } from '../../src/simulate/index.js';
import type { Outcome, Outcomes } from './score.js';

/** The same load from more clients, each of which sends less. */
function sharedBy(clients: number, scenario: Scenario): Scenario {
  const { rate, clients: before = 1 } = scenario;
  if (typeof rate !== 'function') throw new TypeError('only a rate that changes is shared');
  return { ...scenario, clients, rate: (at) => (rate(at) * before) / clients };
}

/** What a strategy is tried in. */
export interface Situation {
  readonly scenario: Scenario;
  /** How many seeds it is tried with, from 1. */
  readonly seeds: number;
}

/** Most scenarios end much the same with any seed. */
const FEW_SEEDS = 2;
/** A metastable one either comes back or does not. */
const MANY_SEEDS = 10;

/** The named scenarios, and two of them with more and smaller clients. */
export const SITUATIONS: Readonly<Record<string, Situation>> = Object.fromEntries(
  Object.entries({
    ...scenarios,
    'metastable, 10 clients': sharedBy(10, scenarios.metastable),
    'overload, 1,000 clients': sharedBy(1_000, scenarios.overload),
  }).map(([name, scenario]) => [name, { scenario, seeds: name.startsWith('metastable') ? MANY_SEEDS : FEW_SEEDS }]),
);

/** Returns what a strategy does in each situation, as the mean of its seeds. */
export function tryOut(strategy: SimulatedStrategy, situations = SITUATIONS): Outcomes {
  return Object.fromEntries(Object.entries(situations).map(([name, situation]) => [name, meanOf(situation, strategy)]));
}

function meanOf({ scenario, seeds }: Situation, strategy: SimulatedStrategy): Outcome {
  const runs = Array.from({ length: seeds }, (_, index): Outcome => {
    const { run } = simulate({ ...scenario, seed: index + 1 }, { run: strategy });
    const answered = run.series.reduce((sum, second) => sum + second.answered, 0);
    return { success: answered / run.requests, load: run.load, p99: run.latency.p99 };
  });
  const mean = (figure: keyof Outcome): number => runs.reduce((sum, run) => sum + run[figure], 0) / seeds;
  return { success: mean('success'), load: mean('load'), p99: mean('p99') };
}
