import type { RetryStrategy } from '../../index.js';
import type { SimulatedStrategy } from '../../simulate/simulated-strategy.js';
import { safeText } from '../../util/safe-text.js';
import { UsageError } from '../failures/usage-error.js';
import { closestMatch } from '../options/closest-match.js';
import type { OptionValues } from '../options/option-values.js';
import { isStrategyOption } from '../options/options.js';
import { toStrategy } from '../options/to-strategy.js';
import { DEFAULT_COMPARISON, PRESETS } from './presets.js';

/** The name of the strategy that the command line's options make. */
export const YOURS = 'yours';

/** Makes a strategy for one client. */
export type StrategyMaker = () => RetryStrategy;

/**
 * Chooses the strategies to compare: those that `--compare` names, or all of the scenario file, or the default ones.
 * Options of a strategy make one more.
 *
 * @param ofScenario - the strategies of the scenario file, by name
 * @throws UsageError if there is no strategy of a name, or if options do not fit each other
 */
export function chooseStrategies(
  values: Partial<OptionValues>,
  ofScenario: Readonly<Record<string, StrategyMaker>>,
): Record<string, SimulatedStrategy> {
  const { compare, seed: _, ...others } = values;
  const hasOptions = (Object.keys(others) as (keyof OptionValues)[]).some(isStrategyOption);
  // Options that do not fit each other are an error here, and not in the middle of a simulation.
  if (hasOptions) toStrategy(others);
  const known = new Map<string, StrategyMaker>([
    ...Object.entries(PRESETS).map(([name, { create }]): [string, StrategyMaker] => [name, create]),
    ...Object.entries(ofScenario),
    ...(hasOptions ? [[YOURS, () => toStrategy(others)] as const] : []),
  ]);
  const fromScenario = Object.keys(ofScenario);
  const names = compare ?? (fromScenario.length > 0 ? fromScenario : DEFAULT_COMPARISON);
  return Object.fromEntries(
    [...new Set([...names, ...(hasOptions ? [YOURS] : [])])].map((name) => {
      const create = known.get(name);
      if (!create) throw unknownStrategyError(name, [...known.keys()]);
      return [name, () => create()];
    }),
  );
}

function unknownStrategyError(name: string, known: readonly string[]): UsageError {
  if (name === YOURS) return new UsageError(`--compare ${YOURS}: expected options of a strategy, such as --attempts 5`);
  const suggestion = closestMatch(name, known);
  const hint = suggestion === undefined ? `; there are ${known.join(', ')}` : `, did you mean ${safeText(suggestion)}?`;
  return new UsageError(`--compare: no strategy '${safeText(name)}'${hint}`);
}
