import { readFile } from 'node:fs/promises';

import { scenarios } from '../../simulate/scenarios.js';
import { safeText } from '../../util/safe-text.js';
import { UsageError } from '../failures/usage-error.js';
import { closestMatch } from '../options/closest-match.js';

/** Where a scenario comes from. It can be sent to a worker, since it contains no function. */
export type ScenarioSource =
  { readonly name: keyof typeof scenarios } | { readonly file: string; readonly data: unknown };

/**
 * Finds a scenario by its name, or reads its file. A word that is neither a name nor looks like a path is taken for a
 * mistyped name.
 *
 * @throws UsageError if there is no such scenario, with curl's exit code 26 if its file cannot be read
 */
export async function loadScenario(word: string): Promise<ScenarioSource> {
  if (Object.hasOwn(scenarios, word)) return { name: word as keyof typeof scenarios };
  if (!/[./\\]/.test(word)) {
    const known = Object.keys(scenarios);
    const suggestion = closestMatch(word, known);
    const hint = suggestion === undefined ? `: expected ${known.join(', ')}` : `, did you mean ${suggestion}?`;
    throw new UsageError(
      `simulate: no scenario '${safeText(word)}'${hint}${suggestion === undefined ? ', or the path of a JSON file' : ''}`,
    );
  }
  const file = safeText(word);
  let text: string;
  try {
    text = await readFile(word, 'utf8');
  } catch (error) {
    throw new UsageError(`simulate ${file}: ${safeText((error as Error).message)}`, 26);
  }
  try {
    return { file, data: JSON.parse(text.replace(/^\uFEFF/, '')) };
  } catch (error) {
    throw new UsageError(`${file}: expected JSON: ${safeText((error as Error).message)}`);
  }
}
