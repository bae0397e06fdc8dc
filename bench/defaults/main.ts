// Tries the defaults and reasonable values beside them in the named scenarios: `npm run defaults`. It takes minutes,
// prints what each candidate costs in each scenario, and writes the table of docs/overload.md. With `-- --option
// retryBudget` it tries the options alone whose name has that, and leaves the page as it is.
import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';

import { markdownTable, replaceSection } from '../markdown.js';
import { type Neighbourhood, NEIGHBOURHOODS } from './neighbourhoods.js';
import { rankOf, type Score, scoreAll } from './score.js';
import { SITUATIONS, tryOut } from './situations.js';

const DOCUMENT = new URL('../../docs/overload.md', import.meta.url);

type Scores = Readonly<Record<string, Score>>;

function score({ option, candidates }: Neighbourhood): Scores {
  const outcomes = Object.entries(candidates).map(([name, strategyOf]) => {
    console.error(`${option}: ${name}`);
    return [name, tryOut(strategyOf)] as const;
  });
  return scoreAll(Object.fromEntries(outcomes));
}

/** From the best to the worst. */
function sorted(scores: Scores): [string, Score][] {
  return Object.entries(scores).sort(([, one], [, other]) => one.penalty - other.penalty);
}

/** What each candidate costs in each scenario. */
function detailsOf(scores: Scores): string {
  const situations = Object.keys(SITUATIONS);
  return markdownTable({
    columns: ['', ...situations, 'mean'],
    rows: sorted(scores).map(([name, { penalties, penalty }]) => [
      name,
      ...situations.map((situation) => (penalties[situation] ?? NaN).toFixed(1)),
      penalty.toFixed(1),
    ]),
  });
}

function summaryRow({ option, byDefault }: Neighbourhood, scores: Scores): string {
  const candidates = sorted(scores).map(
    ([name, { penalty }]) => `${name === byDefault ? `**${name}**` : name} (${penalty.toFixed(1)})`,
  );
  const rank = byDefault === undefined ? '–' : `${rankOf(byDefault, scores)} of ${candidates.length}`;
  return `| ${option} | ${candidates.join(' · ')} | ${rank} |`;
}

const { values } = parseArgs({ options: { option: { type: 'string', default: '' } } });
const rows = NEIGHBOURHOODS.filter(({ option }) => option.includes(values.option)).map((neighbourhood) => {
  const scores = score(neighbourhood);
  console.log(`\n${neighbourhood.option}\n\n${detailsOf(scores)}`);
  return summaryRow(neighbourhood, scores);
});
const summary = ['| option | penalty, from the best to the worst | the default is |', '|---|---|---|', ...rows].join(
  '\n',
);
console.log(`\n${summary}`);
if (values.option === '') {
  await writeFile(DOCUMENT, replaceSection(await readFile(DOCUMENT, 'utf8'), 'defaults', summary));
}
