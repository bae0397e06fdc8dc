import { safeText } from '../../util/safe-text.js';
import { alignColumns, type Alignment } from './align-columns.js';
import { formatTick, timeStep } from './axes.js';
import { meanOfGroups, type Rates } from './rates.js';

/** The most lines of the table. */
const MAX_LINES = 24;

/**
 * Formats load and goodput per second as plain numbers: a line for each step of time, and two columns for each
 * strategy.
 */
export function formatRatesTable(rates: Readonly<Record<string, Rates>>, seconds: number): string[] {
  const step = timeStep(seconds, MAX_LINES);
  const groups = Object.entries(rates).map(([name, { load, goodput }]) => ({
    name: safeText(name),
    load: meanOfGroups(load, step),
    goodput: meanOfGroups(goodput, step),
  }));
  const format = (rate: number | undefined): string => (rate === undefined ? '' : String(Math.round(rate)));
  const lines = Array.from({ length: Math.ceil(seconds / step) }, (_, line) => [
    formatTick(line * step, step),
    ...groups.flatMap(({ load, goodput }) => [format(load[line]), format(goodput[line])]),
  ]);
  const headings = ['from', ...groups.flatMap(({ name }) => [`${name}: load`, 'goodput'])];
  const alignments = headings.map((): Alignment => 'right');
  return alignColumns([headings, ...lines], alignments);
}
