import type { Scenario } from '../../simulate/scenario.js';
import { scenarios } from '../../simulate/scenarios.js';
import type { SimulatedStrategy } from '../../simulate/simulated-strategy.js';
import { checkOptions } from '../../util/option-rule.js';
import { safeText } from '../../util/safe-text.js';
import { UsageError } from '../failures/usage-error.js';
import type { OptionValues } from '../options/option-values.js';
import { chooseStrategies, YOURS, type StrategyMaker } from './choose-strategies.js';
import type { ScenarioSource } from './load-scenario.js';
import { readScenario } from './scenario-data.js';
import { readStrategy } from './strategy-data.js';

/** What is to be simulated, as data: it can be sent to a worker, which functions cannot. */
export interface SimulationJob {
  readonly source: ScenarioSource;
  readonly values: Partial<OptionValues>;
}

/** The arguments of `simulate()`. */
export interface PreparedSimulation {
  readonly scenario: Scenario;
  readonly strategies: Record<string, SimulatedStrategy>;
}

/**
 * Makes the arguments of `simulate()` from a job. `--seed` and the time limits of the command line count more than
 * those of the scenario.
 *
 * @throws UsageError that names what is wrong with the job
 */
export function prepareSimulation({ source, values }: SimulationJob): PreparedSimulation {
  const { scenario, strategies } =
    'name' in source ? { scenario: scenarios[source.name], strategies: {} } : read(source);
  const { seed, timeout, 'total-timeout': totalTimeout } = values;
  return {
    scenario: {
      ...scenario,
      ...(seed !== undefined && { seed }),
      ...(timeout !== undefined && { timeout }),
      ...(totalTimeout !== undefined && { totalTimeout }),
    },
    strategies: chooseStrategies(values, strategies),
  };
}

function read({ file, data }: Extract<ScenarioSource, { file: string }>): {
  scenario: Scenario;
  strategies: Record<string, StrategyMaker>;
} {
  try {
    return { scenario: readScenario(data), strategies: readStrategies(data) };
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
    throw new UsageError(`${file}: ${safeText(error.message)}`);
  }
}

/** Makes each strategy once, so that an error in it is found before the simulation begins. */
function readStrategies(data: unknown): Record<string, StrategyMaker> {
  const { strategies = {} } = data as { readonly strategies?: unknown };
  const path = 'scenario.strategies';
  checkOptions(path, strategies);
  return Object.fromEntries(
    Object.entries(strategies as object).map(([name, strategy]: [string, unknown]) => {
      const create = (): ReturnType<StrategyMaker> => readStrategy(`${path}.${name}`, strategy);
      if (name === YOURS) {
        throw new TypeError(`${path}.${name} is the name of the strategy that the command line makes`);
      }
      create();
      return [name, create];
    }),
  );
}
