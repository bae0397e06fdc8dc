import { UsageError } from '../../../src/cli/failures/usage-error.js';
import type { OptionValues } from '../../../src/cli/options/option-values.js';
import { chooseStrategies, type StrategyMaker } from '../../../src/cli/simulate/choose-strategies.js';
import { PRESETS } from '../../../src/cli/simulate/presets.js';
import type { RetryStrategy } from '../../../src/index.js';
import type { SimulatedStrategy } from '../../../src/simulate/index.js';

const FILE: Record<string, StrategyMaker> = { mine: () => ({ attempts: 8 }), none: () => ({ attempts: 2 }) };

function names(values: Partial<OptionValues>, ofScenario = {}): string[] {
  return Object.keys(chooseStrategies(values, ofScenario));
}

function strategyOf(chosen: Record<string, SimulatedStrategy>, name: string, client = 0): RetryStrategy {
  const strategy = chosen[name];
  return typeof strategy === 'function' ? strategy(client) : {};
}

function usageError(values: Partial<OptionValues>, ofScenario = {}): string {
  try {
    chooseStrategies(values, ofScenario);
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  return 'accepted';
}

describe('The strategies that simulate compares', () => {
  it('are those of --compare, once each; or those of the scenario; or the default ones', () => {
    expect(names({ compare: ['hedge', 'none', 'hedge'] }, FILE)).toEqual(['hedge', 'none']);
    expect(names({}, FILE)).toEqual(['mine', 'none']);
    expect(names({})).toEqual(['none', 'plain', 'default']);
  });

  it('have one more, if there are options of a strategy', () => {
    const chosen = chooseStrategies({ attempts: 7, seed: 3, compare: ['none', 'yours', 'all'] }, {});

    expect(Object.keys(chosen)).toEqual(['none', 'yours', 'all']);
    expect(strategyOf(chosen, 'yours')).toEqual({ attempts: 7 });
    expect(names({ hedge: 300 })).toEqual(['none', 'plain', 'default', 'yours']);
    expect(names({ jitter: 'none' }, FILE)).toEqual(['mine', 'none', 'yours']);
    expect(names({ seed: 3, timeout: 5, 'total-timeout': 9, quiet: true })).not.toContain('yours');
  });

  it('of a scenario come before those of the same name', () => {
    expect(strategyOf(chooseStrategies({ compare: ['none'] }, FILE), 'none')).toEqual({ attempts: 2 });
    expect(strategyOf(chooseStrategies({ compare: ['none'] }, {}), 'none')).toEqual({ attempts: 1 });
  });

  it('have gates of their own for each client', () => {
    const chosen = chooseStrategies({ compare: Object.keys(PRESETS), hedge: 300 }, {});
    for (const [name, gates] of [
      ['budget', ['retry-budget']],
      ['breaker', ['circuit-breaker']],
      ['limit', ['concurrency-limit']],
      ['all', ['retry-budget', 'circuit-breaker', 'concurrency-limit']],
    ] as const) {
      const [one, other] = [strategyOf(chosen, name, 0), strategyOf(chosen, name, 1)];

      expect(one.gates?.map((gate) => gate.name)).toEqual([...gates]);
      one.gates?.forEach((gate, index) => {
        expect(other.gates?.[index]).not.toBe(gate);
      });
    }
    for (const name of ['hedge', 'yours']) {
      expect(strategyOf(chosen, name, 0).hedge).toBeDefined();
      expect(strategyOf(chosen, name, 0).hedge).not.toBe(strategyOf(chosen, name, 1).hedge);
    }
  });

  it('are refused if there is none of a name, with the closest one', () => {
    expect(usageError({ compare: ['none', 'budgt'] })).toBe("--compare: no strategy 'budgt', did you mean budget?");
    expect(usageError({ compare: ['mune'] }, FILE)).toBe("--compare: no strategy 'mune', did you mean mine?");
    expect(usageError({ compare: ['toString'] })).toBe(
      "--compare: no strategy 'toString'; there are none, plain, default, budget, breaker, limit, all, hedge",
    );
    expect(usageError({ compare: ['yours'], seed: 1 })).toBe(
      '--compare yours: expected options of a strategy, such as --attempts 5',
    );
  });

  it('are refused if options do not fit each other', () => {
    expect(usageError({ backoff: 'list', interval: 3 })).toBe(
      '--interval: --backoff list does not support it, only --delays',
    );
  });
});
