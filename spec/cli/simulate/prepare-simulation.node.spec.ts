import { readFile } from 'node:fs/promises';

import type { OptionValues } from '../../../src/cli/options/option-values.js';
import type { ScenarioSource } from '../../../src/cli/simulate/load-scenario.js';
import { prepareSimulation } from '../../../src/cli/simulate/prepare-simulation.js';
import { scenarios, type Scenario } from '../../../src/simulate/index.js';

const NAMED: ScenarioSource = { name: 'overload' };
const FILE: ScenarioSource = {
  file: 'mine.json',
  data: { seed: 5, duration: 10, rate: 1, timeout: '1s', totalTimeout: '2s', server: { failing: 0 } },
};

function scenarioOf(source: ScenarioSource, values: Partial<OptionValues>): Scenario {
  return prepareSimulation({ source, values }).scenario;
}

describe('A simulation that the command line prepares', () => {
  it('has the scenario of a name unchanged, if there are no options', () => {
    expect(scenarioOf(NAMED, {})).toEqual(scenarios.overload);
  });

  it('has the seed and the time limits of the command line rather than those of the scenario', () => {
    expect(scenarioOf(NAMED, { seed: 3, timeout: 500 })).toEqual({ ...scenarios.overload, seed: 3, timeout: 500 });
    expect(scenarioOf(FILE, {})).toEqual(jasmine.objectContaining({ seed: 5, timeout: 1_000, totalTimeout: 2_000 }));
    expect(scenarioOf(FILE, { seed: 0, timeout: false, 'total-timeout': false })).toEqual(
      jasmine.objectContaining({ seed: 0, timeout: false, totalTimeout: false }),
    );
  });

  it('can have the scenario file of the documentation', async () => {
    const page = await readFile(new URL('../../../docs/command-line.md', import.meta.url), 'utf8');
    const data: unknown = JSON.parse(/```json\n(\{\n {2}"seed"[^`]*)```/.exec(page)?.[1] ?? '');

    expect(Object.keys(prepareSimulation({ source: { file: 'x.json', data }, values: {} }).strategies)).toEqual([
      'hasty',
      'careful',
    ]);
  });

  it('can be sent to a worker, with all its values', () => {
    const values: Partial<OptionValues> = { attempts: Infinity, statuses: [503], timeout: false, compare: ['none'] };
    const job = { source: FILE, values };

    expect(structuredClone(job)).toEqual(job);
    expect(Object.keys(prepareSimulation(structuredClone(job)).strategies)).toEqual(['none', 'yours']);
  });
});
