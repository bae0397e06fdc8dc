import { safeText } from '../../util/safe-text.js';
import { UsageError } from '../failures/usage-error.js';
import type { OptionValues } from '../options/option-values.js';
import { isStrategyOption } from '../options/options.js';

/** The command to simulate strategies. */
export interface SimulateCommand {
  readonly kind: 'simulate';
  /** The name of a scenario, or the path of a JSON file. */
  readonly scenario: string;
  readonly values: Partial<OptionValues>;
}

/** The options that `simulate` supports besides those of a strategy. */
const SUPPORTED: readonly (keyof OptionValues)[] = [
  'compare',
  'html',
  'json',
  'quiet',
  'seed',
  'timeout',
  'total-timeout',
];

/**
 * Checks the words and options after `simulate`.
 *
 * @throws UsageError naming the wrong argument and what was expected
 */
export function checkSimulation(words: readonly string[], values: Partial<OptionValues>): SimulateCommand {
  const [scenario, extra] = words;
  if (scenario === undefined) {
    throw new UsageError('simulate: expected a scenario after it, such as: simulate overload');
  }
  if (extra !== undefined) throw new UsageError(`simulate: expected one scenario, got '${safeText(extra)}' as well`);
  const names = Object.keys(values) as (keyof OptionValues)[];
  const unsupported = names.find((name) => !SUPPORTED.includes(name) && !isStrategyOption(name));
  if (unsupported !== undefined) throw new UsageError(`--${unsupported}: simulate does not support it`);
  return { kind: 'simulate', scenario, values };
}
