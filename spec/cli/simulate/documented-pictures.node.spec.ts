// Holds the outputs of `simulate` that the documentation shows. With UPDATE_PICTURES=1 it writes them.
import { readFileSync, writeFileSync } from 'node:fs';

import { readArguments } from '../../../src/cli/options/read-arguments.js';
import type { Screen } from '../../../src/cli/screen/screen.js';
import { drawResults } from '../../../src/cli/simulate/draw-results.js';
import { loadScenario } from '../../../src/cli/simulate/load-scenario.js';
import { prepareSimulation } from '../../../src/cli/simulate/prepare-simulation.js';
import { simulate } from '../../../src/simulate/index.js';

/** The pictures, in the order of their pages: the command, the page, the number of the `text` block, and the screen. */
const PICTURES: readonly (readonly [command: string, page: string, block: number, screen: Partial<Screen>])[] = [
  ['metastable --compare none,plain,budget', 'overload.md', 0, { isTTY: true, columns: 95, rows: 41 }],
  ['metastable --compare plain,budget', 'command-line.md', 0, { isTTY: true, columns: 92, rows: 30 }],
  ['blip --compare none --attempts 6 --initial 300ms', 'command-line.md', 1, {}],
];

async function draw(words: string, screen: Partial<Screen>): Promise<string> {
  const command = readArguments(['simulate', ...words.split(' ')]);
  if (command.kind !== 'simulate') throw new Error(`not a simulation: ${words}`);
  const { scenario: title, values } = command;
  const { scenario, strategies } = prepareSimulation({ source: await loadScenario(title), values });
  const results = {
    reports: simulate(scenario, strategies),
    title,
    duration: scenario.duration,
    isTogether: scenario.rate === 'together',
  };
  const text = drawResults(results, { write: () => true, ...screen }, { NO_COLOR: '1' });
  return text.replace(/ +$/gm, '').trimEnd();
}

describe('The documentation of simulations', () => {
  for (const [command, page, block, screen] of PICTURES) {
    it(`shows in ${page} what "simulate ${command}" prints`, async () => {
      const url = new URL(`../../../docs/${page}`, import.meta.url);
      const text = readFileSync(url, 'utf8');
      const shown = [...text.matchAll(/(?<=^```text\n)strategy [^`]*(?=\n```$)/gm)][block]![0];
      const printed = await draw(command, screen);
      if (process.env.UPDATE_PICTURES) {
        writeFileSync(
          url,
          text.replace(shown, () => printed),
        );
      } else expect(shown).toBe(printed);
      expect(text).toContain(`npx rxjs-retry-client simulate ${command}\n`);
    });
  }
});
